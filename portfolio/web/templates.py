"""The environment of the templates, and what it keeps of those that it has compiled."""

import sys
from collections.abc import MutableMapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from pickle import PickleError
from typing import Any

from flask.templating import Environment
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from jinja2.bccache import Bucket


class Templates(Environment):
    """Templates whose globals are one plain dictionary: every import compares names, and a chain of them is
    slow to list.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what a template knows without being given it."""
        return {**self.globals, **(d or {})}


class CompiledTemplates(FileSystemBytecodeCache):
    """Compiled templates kept beside their source, as Python keeps modules; a disk that is full keeps none.

    A template is compiled again when its source or Jinja has changed. A filter of ours may change freely: none is
    computed at that time.
    """

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read a template; leave one that cannot be read to be compiled."""
        try:
            super().load_bytecode(bucket)
        except (OSError, EOFError, ValueError, PickleError):
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template; leave it where it cannot be written."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def compiled_templates(folder: Path) -> BytecodeCache | None:
    """Return the compiled templates of a folder of templates; none where Python keeps no compiled module either."""
    kept = folder / "__pycache__"
    if sys.dont_write_bytecode:
        return None
    with suppress(OSError):
        kept.mkdir(exist_ok=True)
        return CompiledTemplates(str(kept), f"{sys.implementation.cache_tag}-{version('jinja2')}-%s.pyc")
    return None
