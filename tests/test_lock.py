"""Check that what both commands install is locked: every library that the lists bring, with its version and its
hashes.
"""

import re
from collections.abc import Iterator
from importlib.metadata import distribution, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools.lock import pins, version_of

TOP = Path(__file__).parents[1]
LISTS = ("requirements", "requirements-dev")
# Installed beside the first, by whoever wants it.
OPTIONAL = ("requirements-voice",)


def listed(name: str) -> list[Requirement]:
    """Return the libraries of a list and of those that it includes."""
    lines = [line.split(" #")[0].split("#")[0].strip() for line in (TOP / f"{name}.txt").read_text().splitlines()]
    included = [line.removeprefix("-r ").removesuffix(".txt") for line in lines if line.startswith("-r ")]
    own = [Requirement(line) for line in lines if line and not line.startswith("-r ")]
    return own + [one for other in included for one in listed(other)]


def locked(name: str) -> dict[str, str]:
    """Return the versions of a lock file that this Python installs."""
    return {
        canonicalize_name(pin.name): version_of(pin)
        for pin in pins(TOP / f"{name}.lock")
        if pin.marker is None or pin.marker.evaluate()
    }


def brought(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield what a library asks for when it is asked for with these extras."""
    for line in distribution(name).requires or ():
        needed = Requirement(line)
        if needed.marker is None or any(needed.marker.evaluate({"extra": one}) for one in {"", *extras}):
            yield canonicalize_name(needed.name), frozenset(needed.extras)


def closure(wanted: list[Requirement]) -> set[str]:
    """Every library that a list brings, by what is installed here."""
    waiting = [(canonicalize_name(one.name), frozenset(one.extras)) for one in wanted]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += brought(*one)
    return {name for name, _ in seen}


@pytest.mark.parametrize("name", LISTS)
def test_a_lock_holds_what_its_list_brings_and_nothing_else(name):
    assert set(locked(name)) == closure(listed(name)), "make lock"


@pytest.mark.parametrize("name", LISTS + OPTIONAL)
def test_a_lock_has_the_versions_of_its_list(name):
    wanted = {canonicalize_name(one.name): version_of(one) for one in listed(name)}
    assert wanted == {library: locked(name)[library] for library in wanted}, "make lock"


def test_what_is_installed_here_is_what_is_locked():
    installed = {library: Version(version(library)) for library in locked("requirements-dev")}
    assert installed == {library: Version(text) for library, text in locked("requirements-dev").items()}


@pytest.mark.parametrize("name", OPTIONAL)
def test_what_is_installed_beside_changes_no_version(name):
    product = locked("requirements")
    assert not {pin for pin in locked(name).items() if pin[0] in product and product[pin[0]] != pin[1]}, "make lock"


@pytest.mark.parametrize("name", LISTS + OPTIONAL)
def test_a_lock_has_hashes_and_names_no_place(name):
    text = (TOP / f"{name}.lock").read_text()
    for entry in text.replace("\\\n", " ").splitlines():
        assert entry.startswith("#") or re.search(r"==\S+.* --hash=sha256:[0-9a-f]{64}", entry), entry
    assert "//" not in text
    assert "index" not in text
