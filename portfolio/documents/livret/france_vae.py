"""The France VAE pack: a main file and at most eight annexes of at most 10 MiB each, in one ZIP with their
digests.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portfolio.documents.livret.editions import Progress, run_watched
from portfolio.documents.typesetting import TEMPLATES
from portfolio.domain.submission.use_cases.editions import PrintableDossier

_SPLITTING = "portfolio.documents.livret.splitting"
_CHUNK_BYTES = 1024 * 1024
DIGESTS = "empreintes.json"


def made_pack(
    folder: Path, printable: PrintableDossier, progress: Progress
) -> tuple[Path, Mapping[str, Any]]:
    """Split the book of a folder, and return the ZIP of its files with what was done."""
    shutil.copyfile(TEMPLATES / "francevae.typ", folder / "francevae.typ")
    answer = run_watched(_SPLITTING, folder, lambda done: progress(done, max(done, 1)))
    for file in answer["files"]:
        path = folder / file["name"]
        file["size"], file["sha256"] = path.stat().st_size, _digest(path)
    contents = {"format": "acquis-france-vae-pack", "root": printable.root, **answer}
    pack = folder / "pack.zip"
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_STORED) as archive:
        for file in answer["files"]:
            archive.write(folder / file["name"], file["name"])
        archive.writestr(DIGESTS, json.dumps(contents, ensure_ascii=False, indent=2))
    return pack, contents


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while chunk := content.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
