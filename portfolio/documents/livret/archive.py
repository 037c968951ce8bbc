"""The ZIP of a sealed dossier, streamed: editions, exhibits under readable names, manifest, and the program that checks
them.

Read the ZIP of a dossier: its manifest, then each exhibit, stored only when it is the one that was sealed.
"""

import hashlib
import json
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path, PurePath
from typing import Any, BinaryIO, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import acquis_check
from portfolio.domain.dossier.rules.texts import formatted_html
from portfolio.domain.dossier.use_cases.uploads import delete_file
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.rules.manifest import UnreadableManifest, read_manifest, root_of
from portfolio.domain.submission.rules.returns import ImportRefusal
from portfolio.domain.submission.use_cases.editions import PrintableDossier, PrintableFile
from portfolio.domain.submission.use_cases.import_archive import ReceivedArchive
from portfolio.errors import Refusal
from portfolio.files.filenames import download_name_of
from portfolio.files.storage.store import FileStore, StoredFile, TooLarge, new_key
from portfolio.files.zip_stream import ZipMember, stream_zip

CHECKER = Path(acquis_check.__file__)
CHUNK_BYTES = 1024 * 1024
DIGESTS = "empreintes.json"
_TEMPLATES = Path(__file__).parents[3] / "templates" / "submission" / "archive"
_REFUSED = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')


class Opens(Protocol):
    """Open the content of an entry."""

    def __call__(self) -> BinaryIO:
        """Return the content, to be closed by the caller."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the ZIP: its name in it, its size in bytes, its SHA-256, and its content in the store or in memory."""

    name: str
    size: int
    sha256: str
    content: bytes | None = None
    opens: Opens | None = None

    def chunks(self) -> Iterator[bytes]:
        """Yield the content."""
        if self.content is not None:
            yield self.content
        elif self.opens is not None:
            with closing(self.opens()) as file:
                while chunk := file.read(CHUNK_BYTES):
                    yield chunk


@dataclass(frozen=True, slots=True)
class MadeEdition:
    """An edition that is kept, put in the ZIP under this name."""

    name: str
    key: str
    size: int
    sha256: str


def archive_name(dossier: SealedDossier) -> str:
    """Return the name of the ZIP."""
    return f"livret-2-{_plain(dossier.candidate)}-{dossier.header.number}.zip"


# The values of the index: of a dossier, its root, the names of its files and of its editions.
IndexWords = Callable[[SealedDossier, str, Mapping[str, str], Sequence[str]], dict[str, Any]]


def entries_of(
    words: IndexWords, printable: PrintableDossier, store: FileStore, editions: Sequence[MadeEdition]
) -> list[Entry]:
    """Return the files of the ZIP, in the order in which they are sent; the list of their digests comes last."""
    items = json.loads(printable.manifest)
    names = exhibit_names(printable)
    entries = [
        *(
            Entry(edition.name, edition.size, edition.sha256, opens=partial(store.open, edition.key))
            for edition in editions
        ),
        _in_memory("manifeste.json", printable.manifest),
        *(
            Entry(names[file.label], file.size, file.sha256, opens=partial(store.open, file.key))
            for file in printable.files
        ),
        *_proofs(items, [file.label for file in printable.files]),
        _in_memory("acquis_check.py", CHECKER.read_bytes()),
        _in_memory("index.css", (_TEMPLATES / "index.css").read_bytes()),
    ]
    entries.insert(0, _in_memory("index.html", _index(words, printable, names, editions)))
    return [*entries, _in_memory(DIGESTS, _digests(printable.root, entries))]


def _proofs(items: list[dict[str, object]], labels: Iterable[str]) -> Iterator[Entry]:
    """Yield the proof of each exhibit; the digests of the tree are computed once."""
    for label in labels:
        proof = acquis_check.proof_of(items, f"exhibit:{label}")
        yield _in_memory(f"preuves/{label}.json", json.dumps(proof, ensure_ascii=False, indent=1).encode())


def _in_memory(name: str, content: bytes) -> Entry:
    return Entry(name, len(content), hashlib.sha256(content).hexdigest(), content)


def _digests(root: str, entries: Sequence[Entry]) -> bytes:
    files = [{"name": entry.name, "size": entry.size, "sha256": entry.sha256} for entry in entries]
    return json.dumps(
        {"format": "acquis-livret-archive", "root": root, "files": files}, ensure_ascii=False, indent=1
    ).encode()


def exhibit_names(printable: PrintableDossier) -> dict[str, str]:
    """Return the readable name of each exhibit: its label, then its title, then the extension of its file."""
    return {file.label: _exhibit_name(file, printable.dossier) for file in printable.files}


def _exhibit_name(file: PrintableFile, dossier: SealedDossier) -> str:
    exhibit = dossier.exhibit(file.label)
    title = _REFUSED.sub(" ", unicodedata.normalize("NFC", exhibit.title if exhibit else "")).strip(" .")
    title = "".join(sign for sign in title if unicodedata.category(sign)[0] != "C")[:80].strip(" .")
    suffix = PurePath(download_name_of(file.name, file.mime)).suffix.lower()
    suffix = suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ""
    return f"pieces/{file.label} {title}".strip() + suffix


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:60] or "dossier"


def _index(
    words: IndexWords, printable: PrintableDossier, names: dict[str, str], editions: Sequence[MadeEdition]
) -> bytes:
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, autoescape=True)
    environment.filters["formatted"] = lambda text: Markup(formatted_html(text))  # noqa: S704 - it escapes what was typed  # nosec B704
    values = words(printable.dossier, printable.root, names, [edition.name for edition in editions])
    return environment.get_template("index.html").render(values).encode("utf-8")


def stream_archive(entries: Iterable[Entry], at: datetime) -> Iterator[bytes]:
    """Yield the bytes of a ZIP of these files, as they are, without a temporary copy; memory stays flat."""
    return stream_zip(members_of(entries), at=at)


def members_of(entries: Iterable[Entry]) -> Iterator[ZipMember]:
    """Yield the files of the ZIP as its writer takes them: exhibits are compressed already, or not worth it."""
    return (ZipMember(entry.name, entry.chunks, entry.size, is_stored=True) for entry in entries)


MANIFEST = "manifeste.json"
MAX_MANIFEST_BYTES = 64_000_000
_EXHIBIT = re.compile(r"pieces/((?:A|B\d+)-\d+)(?: .*)?(?:\.[a-z0-9]{1,8})?")


def receive_archive(path: Path, store: FileStore) -> ReceivedArchive:
    """Store the exhibits of an archive; raise Refusal when it is none of ours, or when a file is not the one sealed.

    Nothing is written to disk under a name of the archive, and nothing is read beyond the sizes that the manifest
    seals.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST_BYTES:
                raise Refusal(ImportRefusal.NOT_AN_ARCHIVE)
            manifest = archive.read(MANIFEST)
            dossier = read_manifest(manifest)
            if dossier.is_record:
                raise Refusal(ImportRefusal.NOT_AN_ARCHIVE)
            return ReceivedArchive(dossier, manifest, root_of(manifest), _receive_files(archive, dossier, store))
    except (zipfile.BadZipFile, KeyError, UnreadableManifest, OSError, zlib.error) as error:
        raise Refusal(ImportRefusal.NOT_AN_ARCHIVE) from error


def _receive_files(archive: zipfile.ZipFile, dossier: SealedDossier, store: FileStore) -> dict[str, StoredFile]:
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
