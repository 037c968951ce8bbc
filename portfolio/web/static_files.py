"""Static files at an address that changes with their content: a browser keeps them for a year.

One version stands for all of them, in the folder of the address: modules and style sheets name each other by
relative addresses.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flask import Flask

_VERSION = re.compile(r"^v-[0-9a-f]{12}/")
_MOUNTED = re.compile(r'data-module="([^"]+)"')
# In static/js/main.js, the file of a module; in each, what it imports.
_FILE_OF_MODULE = re.compile(r'"?([\w-]+)"?: \(\) => import\("\./([\w-]+\.js)"\)')
_IMPORTED = re.compile(r'from "\./([\w-]+\.js)"')
_MAIN = "main.js"


class StaticFiles:
    """The static files of a folder, served under an address; read once."""

    def __init__(self, folder: Path, address: str) -> None:
        """Read every file: their version is the digest of all of them."""
        digest = hashlib.sha256()
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"{path.relative_to(folder)}\n".encode() + path.read_bytes())
        self.prefix = f"{address}/v-{digest.hexdigest()[:12]}/"
        self._imports = {
            path.name: [*_IMPORTED.findall(path.read_text())] for path in (folder / "js").glob("*.js")
        }
        main = (folder / "js" / _MAIN).read_text()
        self._modules: Mapping[str, str] = dict(_FILE_OF_MODULE.findall(main))
        self.asset = cache(self.prefix.__add__)

    def is_current(self, path: str) -> bool:
        """Return whether an address names the content that is served here."""
        return path.startswith(self.prefix)

    def modules_of(self, body: str) -> list[str]:
        """Return the files of the modules that a page mounts, and what they import, to be fetched at once."""
        names = {name for found in set(_MOUNTED.findall(body)) for name in found.split()}
        waiting = sorted(self._modules[name] for name in names if name in self._modules)
        found: dict[str, None] = {}
        while waiting:
            file = waiting.pop(0)
            if file not in found and file != _MAIN:
                found[file] = None
                waiting += self._imports.get(file, [])
        return [self.asset(f"js/{file}") for file in found]


def init_app(app: Flask) -> None:
    """Give templates the addresses of static files; serve each, whatever version its address bears."""
    files = StaticFiles(Path(app.static_folder or ""), app.static_url_path or "")
    app.view_functions["static"] = lambda filename: app.send_static_file(_VERSION.sub("", filename))
    app.extensions["static_files"] = files
    app.jinja_env.globals.update(asset=files.asset, modules_of=files.modules_of)
