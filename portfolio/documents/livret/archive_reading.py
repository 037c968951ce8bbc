"""Read the ZIP of a dossier: its manifest, then each exhibit, stored only when it is the one that was
sealed.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

from portfolio.domain.evidence.use_cases.uploads import delete_file
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.rules.manifest import UnreadableManifest, read_manifest, root_of
from portfolio.domain.submission.rules.returns import ImportRefusal
from portfolio.domain.submission.use_cases.import_archive import ReceivedArchive
from portfolio.errors import Refusal
from portfolio.files.storage.store import FileStore, StoredFile, TooLarge, new_key

MANIFEST = "manifeste.json"
MAX_MANIFEST_BYTES = 64_000_000
_EXHIBIT = re.compile(r"pieces/((?:A|B\d+)-\d+)(?: .*)?(?:\.[a-z0-9]{1,8})?")


def receive_archive(path: Path, store: FileStore) -> ReceivedArchive:
    """Store the exhibits of an archive; raise Refusal when it is none of ours, or when a file is not the one
    sealed.

    Nothing is written to disk under a name of the archive, and nothing is read beyond the sizes that the
    manifest seals.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST_BYTES:
                raise Refusal(ImportRefusal.NOT_AN_ARCHIVE)
            manifest = archive.read(MANIFEST)
            dossier = read_manifest(manifest)
            if dossier.is_record:
                raise Refusal(ImportRefusal.NOT_AN_ARCHIVE)
            return ReceivedArchive(
                dossier, manifest, root_of(manifest), _receive_files(archive, dossier, store)
            )
    except (zipfile.BadZipFile, KeyError, UnreadableManifest, OSError, zlib.error) as error:
        raise Refusal(ImportRefusal.NOT_AN_ARCHIVE) from error


def _receive_files(
    archive: zipfile.ZipFile, dossier: SealedDossier, store: FileStore
) -> dict[str, StoredFile]:
    names = {found.group(1): name for name in archive.namelist() if (found := _EXHIBIT.fullmatch(name))}
    stored: dict[str, StoredFile] = {}
    try:
        for exhibit in dossier.exhibits:
            if exhibit.label not in names:
                raise Refusal(ImportRefusal.FILE_CHANGED, exhibit=exhibit.label)
            with archive.open(names[exhibit.label]) as content:
                kept = store.save(new_key(), content, exhibit.size)  # type: ignore[arg-type]
            stored[exhibit.label] = kept
            if (kept.size, kept.sha256) != (exhibit.size, exhibit.sha256):
                raise Refusal(ImportRefusal.FILE_CHANGED, exhibit=exhibit.label)
    except (Refusal, TooLarge, zipfile.BadZipFile, zlib.error) as error:
        for stored_file in stored.values():
            delete_file(store, stored_file.key)
        if isinstance(error, Refusal):
            raise
        raise Refusal(ImportRefusal.FILE_CHANGED, exhibit=exhibit.label) from error
    return stored
