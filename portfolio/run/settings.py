"""Read the settings of a command: what cannot be used is said in French, and ends it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from config import Config, SettingError
from portfolio.wording.certifying_body import setting_message


def settings_or_exit(env: Mapping[str, str] = os.environ) -> Config:
    """Return the settings; end this process with one sentence and status 1 when one cannot be used."""
    try:
        return Config.from_env(env)
    except SettingError as error:
        sys.exit(setting_message(error))
