"""The marks around bold words in the values of a template: characters of private use, which `filling` turns
into bold runs.
"""

from __future__ import annotations

BOLD_START, BOLD_END = "\ue000", "\ue001"
