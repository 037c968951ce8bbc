"""Compare the lock files with advisories in the OSV format (https://ossf.github.io/osv-schema), from a file, a folder
or a ZIP archive: no network.

pip-audit and `uv audit` ask a service; neither reads a file.
"""

import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tools.lock import LISTS, pins, version_of

_HOW = (
    "Aucun avis n’a été lu. Donnez un fichier, un dossier ou une archive ZIP d’avis au format OSV, par exemple "
    "l’export « PyPI » de la base OSV : make audit ADVISORIES=chemin"
)
_UNREADABLE = "Les avis ne peuvent pas être lus : {reason}"
_ECOSYSTEM = "PyPI"
# Versions of before PEP 440 come before all others.
_OLDEST = Version("0.dev0")


class Unreadable(Exception):  # noqa: N818 - said to a person
    """The file holds no advisories."""


class Package(msgspec.Struct, frozen=True):
    ecosystem: str = ""
    name: str = ""


class Range(msgspec.Struct):
    type: str
    events: list[dict[str, str]] = []


class Affected(msgspec.Struct):
    package: Package = Package()
    ranges: list[Range] = []
    versions: list[str] = []


class Advisory(msgspec.Struct):
    """The part of an advisory that is read here."""

    id: str
    withdrawn: str | None = None
    aliases: list[str] = []
    summary: str = ""
    details: str = ""
    affected: list[Affected] = []


class Library(NamedTuple):
    """A version that lock files pin."""

    name: str
    version: Version
    locks: tuple[str, ...]


class Finding(NamedTuple):
    """A library that an advisory concerns, and the first later version that mends it, where one does."""

    library: Library
    names: frozenset[str]
    mended_by: Version | None
    summary: str


def main(path: str) -> int:
    """Print what is concerned; return 1 when something is, 2 when no advisory can be read."""
    if not path:
        print(_HOW)
        return 2
    libraries = locked(Path())
    try:
        read = list(advisories(Path(path)))
        findings = concerned(libraries, read)
    except (OSError, Unreadable, zipfile.BadZipFile) as error:
        print(_UNREADABLE.format(reason=error))
        return 2
    for finding in findings:
        print(_sentence(finding))
    many = f"{len(libraries)} bibliothèques verrouillées, {len(read)} avis lus"
    print(f"{many} : {len(findings)} à mettre à jour." if findings else f"{many} : aucune n’est concernée.")
    return 1 if findings else 0


def locked(top: Path) -> list[Library]:
    """Return every version that the lock files of a folder pin, with those that pin it."""
    places: dict[tuple[str, Version], list[str]] = {}
    for lock in LISTS:
        for pin in pins(top / f"{lock}.lock"):
            places.setdefault((canonicalize_name(pin.name), Version(version_of(pin))), []).append(f"{lock}.lock")
    return [Library(name, version, tuple(locks)) for (name, version), locks in sorted(places.items())]


def advisories(path: Path) -> Iterator[Advisory]:
    """Yield the advisories that a file, the JSON files of a folder or of an archive hold; raise Unreadable."""
    is_empty = True
    for name, text in _texts(path):
        is_empty = False
        try:
            content = msgspec.json.decode(text, type=Advisory | list[Advisory])
        except msgspec.DecodeError as error:
            raise Unreadable(f"« {name} » n’est pas un avis au format OSV ({error}).") from error
        yield from content if isinstance(content, list) else [content]
    if is_empty:
        raise Unreadable(f"« {path} » ne contient aucun fichier JSON.")


def _texts(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        yield from ((str(file), file.read_bytes()) for file in sorted(path.rglob("*.json")))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            yield from ((name, archive.read(name)) for name in archive.namelist() if name.endswith(".json"))
    else:
        yield str(path), path.read_bytes()


def concerned(libraries: Iterable[Library], read: Iterable[Advisory]) -> list[Finding]:
    """Return what the advisories say of the libraries: one finding for those that are the same by another name."""
    by_name: dict[str, list[Library]] = {}
    for library in libraries:
        by_name.setdefault(library.name, []).append(library)
    found: list[Finding] = []
    for advisory in read:
        entries = (
            [] if advisory.withdrawn else [each for each in advisory.affected if each.package.ecosystem == _ECOSYSTEM]
        )
        for entry in entries:
            for library in by_name.get(canonicalize_name(entry.package.name), ()):
                if is_affected(library.version, entry):
                    _add(found, _finding(library, advisory, entry))
    return sorted(found, key=lambda finding: (finding.library, sorted(finding.names)))


def _finding(library: Library, advisory: Advisory, entry: Affected) -> Finding:
    names = frozenset([advisory.id, *advisory.aliases])
    summary = re.split(r"\n|(?<=\.) ", (advisory.summary or advisory.details).strip(), maxsplit=1)[0]
    return Finding(library, names, first_mended(library.version, entry), summary)


def _add(found: list[Finding], finding: Finding) -> None:
    """Add a finding to the others, or to those that say the same by another name."""
    same = [other for other in found if other.library == finding.library and other.names & finding.names]
    for other in same:
        found.remove(other)
        known = [version for version in (other.mended_by, finding.mended_by) if version]
        finding = Finding(
            finding.library, finding.names | other.names, max(known, default=None), other.summary or finding.summary
        )
    found.append(finding)


def is_affected(version: Version, entry: Affected) -> bool:
    """Return whether an entry of an advisory names a version, in its list or between the bounds of a range; one that
    says neither names all.
    """
    if not entry.ranges and not entry.versions:
        return True
    return any(_version(text) == version for text in entry.versions) or any(
        _is_within(version, bounds) for bounds in _ranges(entry)
    )


def _ranges(entry: Affected) -> list[Range]:
    return [bounds for bounds in entry.ranges if bounds.type == "ECOSYSTEM"]


def _is_within(version: Version, bounds: Range) -> bool:
    """Return whether a version is in a range, by the evaluation that the OSV schema describes."""
    affected = False
    events = _events(bounds)
    for bound, kind in events:
        if kind == "introduced" and version >= bound:
            affected = True
        elif (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound):
            affected = False
    limits = [bound for bound, kind in events if kind == "limit"]
    return affected and (not limits or any(version < limit for limit in limits))


def first_mended(version: Version, entry: Affected) -> Version | None:
    """Return the first version after this one that an entry says to be mended."""
    fixed = {bound for bounds in _ranges(entry) for bound, kind in _events(bounds) if kind == "fixed"}
    return min((bound for bound in fixed if bound > version and not is_affected(bound, entry)), default=None)


def _events(bounds: Range) -> list[tuple[Version, str]]:
    """Return the bounds of a range by version, a mending before what the same version brings again."""
    return sorted((_version(text), kind) for event in bounds.events for kind, text in event.items() if text != "*")


def _version(text: str) -> Version:
    try:
        return _OLDEST if text == "0" else Version(text)
    except InvalidVersion:
        return _OLDEST


def _sentence(finding: Finding) -> str:
    library = finding.library
    mended = f"la version {finding.mended_by} la répare" if finding.mended_by else "aucune version ne la répare encore"
    where, names = ", ".join(library.locks), ", ".join(sorted(finding.names))
    return f"{library.name} {library.version} ({where}) : {mended}. {names} : {finding.summary or 'sans résumé'}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
