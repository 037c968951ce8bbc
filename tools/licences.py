"""Write `docs/licences.md`: every library of the lock files, its licence, its use, and what its wheel carries."""

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lock import LISTS, RELEASES, pins, version_of

TOP = Path(__file__).parents[1]
PAGE, KEPT, TEMPLATE = Path("docs/licences.md"), Path("tools/licences.toml"), Path("tools/licences.md.jinja")
SILENT_YEARS = 3
# A longer field of the metadata is the text of a licence, not its name.
_NAME_CHARACTERS = 40
_NAMED_AT_MOST = 3
_DIRECT = re.compile(r"^([\w.-]+(?:\[[\w,]+\])?)==\S+[^\S\n]*(?:#[^\S\n]*(.*))?$", re.M)
_COPYLEFT = re.compile(r"\b(AGPL|GPL|LGPL|MPL|OFL)")
# As RECORD says them: the name without the mark of its build, and a program of a million bytes or more.
_SHARED_LIBRARY = re.compile(r"^(?:.*/)?lib([^/,.]+?)(?:-[0-9a-f]{8})?\.so(?:\.[\d.]+)?,", re.M)
_LARGE_FILE = re.compile(r"^((?:.*/)?([\w-]+)),[^,]*,\d{7,}$", re.M)
_ELF = b"\x7fELF"


class Missing(Exception):  # noqa: N818 - said to a person
    """A library of which something that the page says is known nowhere."""


class Row(NamedTuple):
    """A library that is locked."""

    name: str
    version: str
    licence: str
    released: date
    purpose: str


class Copyleft(NamedTuple):
    """A copyleft licence, of a library or of what its wheel carries: `wheel` is empty for a library."""

    name: str
    licence: str
    wheel: str
    lock: str


def main() -> None:
    """Write the page, or say which library is not known well enough."""
    try:
        (TOP / PAGE).write_text(page(TOP), "utf-8")
    except Missing as missing:
        sys.exit(str(missing))


def page(top: Path) -> str:
    """Return the page that the files below a folder give; raise Missing."""
    kept, releases = kept_by_hand(top), _read(top / RELEASES)
    locks: dict[str, list[Row]] = {}
    for name in LISTS:
        known = {(row.name, row.version) for found in locks.values() for row in found}
        locks[name] = [row for row in rows(top, name, kept, releases["released"]) if row[:2] not in known]
    inside = {**kept["inside"], **kept["static"]}
    read_on: date = releases["read_on"]
    environment = jinja2.Environment(autoescape=False, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)  # noqa: S701 - Markdown
    return environment.from_string((top / TEMPLATE).read_text("utf-8")).render(
        locks=locks,
        copyleft=sorted(set(_copyleft(locks, inside, kept["inside_licences"]))),
        inside={
            name: {part: kept["inside_licences"][part] for part in parts} for name, parts in sorted(inside.items())
        },
        silent={row: reason(row.name, kept) for row in silent(locks, read_on)},
        read_on=read_on,
    )


def rows(top: Path, lock: str, kept: Mapping[str, Any], released: Mapping[str, date]) -> list[Row]:
    """Return the libraries of a lock file; raise Missing."""
    directs = {Requirement(direct): use for direct, use in _DIRECT.findall((top / f"{lock}.txt").read_text("utf-8"))}
    uses = {canonicalize_name(direct.name): use for direct, use in directs.items()}
    brought = {canonicalize_name(direct.name): _closure(direct) for direct in directs}
    found = []
    for pin in pins(top / f"{lock}.lock"):
        name, version = canonicalize_name(pin.name), version_of(pin)
        if f"{name}=={version}" not in released:
            raise Missing(f"{name} {version} : date de publication inconnue. Lancez make lock, puis make licences.")
        purpose = uses.get(name) or _brought_by(
            [direct for direct, names in brought.items() if name in names] or [*uses]
        )
        found.append(Row(name, version, licence_of(name, kept), released[f"{name}=={version}"], purpose))
    return found


def licence_of(name: str, kept: Mapping[str, Any]) -> str:
    """Return the licence of a library; raise Missing when neither the table nor the metadata names it."""
    known = kept["licences"].get(name)
    installed = _installed().get(name)
    named = known["licence"] if known else _named_licence(installed.metadata) if installed else None
    if named is None:
        raise Missing(f"{name} : ses métadonnées ne nomment pas sa licence. Écrivez-la dans {KEPT}, avec la raison.")
    return str(kept["spdx"].get(named, named))


def _named_licence(metadata: Any) -> str | None:
    text = metadata.get("License-Expression") or metadata.get("License") or ""
    if text and len(text) <= _NAME_CHARACTERS:
        return str(text)
    classifiers = [line.split(" :: ") for line in metadata.get_all("Classifier") or () if line.startswith("License")]
    names = [words[-1] for words in classifiers if words[2:]]
    return names[0] if len(names) == 1 else None


def _brought_by(directs: list[str]) -> str:
    named = ", ".join(f"`{name}`" for name in directs[:_NAMED_AT_MOST])
    return f"amenée par {named}" + (f" et {len(directs) - _NAMED_AT_MOST} de plus" if directs[_NAMED_AT_MOST:] else "")


def _closure(direct: Requirement) -> set[str]:
    """Return what a library brings, for every machine."""
    waiting, seen = [(canonicalize_name(direct.name), frozenset(direct.extras))], set()
    while waiting:
        name, extras = node = waiting.pop()
        if node not in seen and name in _installed():
            seen.add(node)
            asked = [_parsed(line) for line in _installed()[name].requires or ()]
            waiting += [
                (canonicalize_name(each.name), frozenset(each.extras)) for each in asked if _applies(each, extras)
            ]
        seen.add(node)
    return {name for name, _extras in seen}


@cache
def _parsed(line: str) -> Requirement:
    return Requirement(line)


def _applies(needed: Requirement, extras: frozenset[str]) -> bool:
    wanted = re.findall(r'extra == "([^"]+)"', str(needed.marker))
    return not wanted or bool(extras & set(wanted))


@cache
def _installed() -> dict[str, Distribution]:
    return {canonicalize_name(each.name): each for each in distributions()}


def _copyleft(
    locks: Mapping[str, list[Row]], inside: Mapping[str, list[str]], licences: Mapping[str, str]
) -> Iterator[Copyleft]:
    """Yield what has no licence to choose but a copyleft one."""
    for lock, found in locks.items():
        for row in found:
            if is_copyleft(row.licence):
                yield Copyleft(row.name, row.licence, "", lock)
            for part in inside.get(row.name, ()):
                if is_copyleft(licences[part]):
                    yield Copyleft(part, licences[part], row.name, lock)


def is_copyleft(licence: str) -> bool:
    """Return whether each of the licences that one may choose is a copyleft one."""
    return all(_COPYLEFT.search(choice) for choice in licence.split(" OR "))


def silent(locks: Mapping[str, list[Row]], read_on: date) -> list[Row]:
    """Return the libraries without a release for three years, on the day when the locks were written."""
    oldest = (read_on.year - SILENT_YEARS, read_on.month, read_on.day)
    everything = [row for found in locks.values() for row in found]
    return sorted({row.name: row for row in everything if row.released.timetuple()[:3] < oldest}.values())


def reason(name: str, kept: Mapping[str, Any]) -> str:
    """Return why a library without a recent release stays; raise Missing."""
    if name not in kept["stays"]:
        raise Missing(f"{name} : sans nouvelle version depuis trois ans. Dites pourquoi elle reste dans {KEPT}.")
    return str(kept["stays"][name])


def carried() -> dict[str, set[str]]:
    """Return the shared libraries and large programs that each installed wheel carries."""
    found = {name: set(_carried(installed)) for name, installed in _installed().items()}
    return {name: parts for name, parts in found.items() if parts}


def _carried(installed: Distribution) -> Iterator[str]:
    record = installed.read_text("RECORD") or ""
    yield from _SHARED_LIBRARY.findall(record)
    for path, name in _LARGE_FILE.findall(record):
        with Path(str(installed.locate_file(path))).open("rb") as file:
            if file.read(len(_ELF)) == _ELF:
                yield name


def kept_by_hand(top: Path) -> dict[str, Any]:
    """Return what is known of the libraries below a folder, and said nowhere else."""
    return _read(top / KEPT)


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


if __name__ == "__main__":
    main()
