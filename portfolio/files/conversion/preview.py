"""The sandboxed process that takes the preview out of a document of Apple: `input` gives `inner-0`."""

import json
from pathlib import Path
from zipfile import ZipFile

from portfolio.files.conversion.contents import MAX_INNER_BYTES
from portfolio.files.file_types.formats.container import PREVIEWS


def main() -> None:
    """Take the best preview out; the process fails when there is none within the bounds."""
    with ZipFile("input") as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        name = next(preview for preview in PREVIEWS if 0 < sizes.get(preview, 0) <= MAX_INNER_BYTES)
        Path("inner-0").write_bytes(archive.read(name))
    Path("answer.json").write_text(json.dumps({"name": name}), "utf-8")
