"""The environment of a server: the kernel shows it as it was at the start, in /proc, with its secrets.

Read the settings of a command: what cannot be used is said in French, and ends it.

Only the account that runs the product reads its files: a data folder may have been made for everybody.

Loading: what every process of the product imports, and how.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from config import Config, SettingError, is_secret, number
from portfolio.wording.certifying_body import setting_message

if TYPE_CHECKING:
    from flask import Flask

# Where /proc/PID/stat says that the environment begins and ends, counted after the name of the program.
_BEGINS, _ENDS = 47, 48


def hide_secrets() -> None:
    """Empty the secrets in what the kernel shows of this process, which keeps them in its own memory."""
    for name in filter(is_secret, tuple(os.environ)):
        os.environ[name] = os.environ[name]  # the C library has a copy from now on
    try:
        stat = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        begins, ends = int(stat[_BEGINS]), int(stat[_ENDS])
    except (OSError, IndexError, ValueError):  # no Linux
        return
    place = begins
    for entry in ctypes.string_at(begins, ends - begins).split(b"\0") if 0 < begins < ends else ():
        named, _, value = entry.partition(b"=")
        if is_secret(os.fsdecode(named)):
            ctypes.memset(place + len(named) + 1, 0, len(value))
        place += len(entry) + 1


def settings_or_exit(env: Mapping[str, str] = os.environ) -> Config:
    """Return the settings; end this process with one sentence and status 1 when one cannot be used."""
    try:
        return Config.from_env(env)
    except SettingError as error:
        sys.exit(setting_message(error))


def number_or_exit(env: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    """Return a setting of one program that is a whole number; end this process as `settings_or_exit` does."""
    try:
        return number(env, name, default, least=least, most=most)
    except SettingError as error:
        sys.exit(setting_message(error))


PRIVATE_UMASK = 0o077
# What the product makes at the top of its data folder; other files that lie there are not its own.
_OWN = ("acquis.*", "queue.db*", "*.key", "ledger.jwks.json", "files", "incoming", "heads", "pages")


def restrict_umask(data: Path) -> None:
    """Have this process make files that only its account reads, and take the rights of others from those
    made before.
    """
    os.umask(PRIVATE_UMASK)
    for pattern in _OWN:
        for path in data.glob(pattern):
            with suppress(OSError):  # gone meanwhile, or of another account: its owner decides
                path.chmod(path.stat().st_mode & ~PRIVATE_UMASK)


# What the web process and the worker load, beside the screens.
_MODULES = ("portfolio.app", "portfolio.run.worker", "portfolio.server.run")


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Load modules without looking for garbage meanwhile: everything stays, and looking takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def load_application(config: Config) -> Flask:
    """Import what every process of the product needs, and return the application that each fork gives its stores;
    nothing of it makes a thread, a connection or a socket.
    """
    with without_garbage_collection():
        for name in _MODULES:
            import_module(name)
        app: Flask = import_module("portfolio.app").wire_app(config)
    gc.freeze()  # a collection in a fork would write to memory that all of them share
    return app


def tell_of_walls(config: Config) -> None:
    """Say on the error output that this machine does not isolate what opens a file; nothing when it does."""
    from portfolio.files.conversion.machine import walls_of_machine
    from portfolio.wording.conversion import walls_sentence

    sentence = walls_sentence(are_closed=walls_of_machine().are_closed, is_accepted=config.unconfined_conversion)
    if sentence:
        print(sentence, file=sys.stderr)
