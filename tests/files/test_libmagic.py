"""The newer libmagic is used, that of the system or that of the wheel, and no code of the wheels is run."""

import subprocess
import sys
from pathlib import Path

import pytest

from portfolio.files.conversion import machine
from portfolio.files.file_types import libmagic as module
from portfolio.files.file_types.libmagic import Libmagic, libmagic
from portfolio.wording.conversion import machine_sentences

SYSTEM = module._system()
NOTHING_RUN = """
import ctypes, os, sys
from portfolio.files.conversion.fonts import covered_signs, font_files
from portfolio.files.file_types.identify import FileTypeDetector
FileTypeDetector().warm_up()
assert font_files() and covered_signs()
run = {name for name in sys.modules if name.partition(".")[0] in {"pylibmagic", "fontpkg"}}
run |= {name for name in sys.modules if name.startswith(("fontpkg_", "noto_cjk", "manimgx"))}
assert not run, run
assert "MAGIC" not in os.environ
assert not hasattr(ctypes.CDLL, "__init_orig__")
"""


@pytest.fixture(autouse=True)
def _anew():
    libmagic.cache_clear()
    yield
    libmagic.cache_clear()


def at(version, table=None):
    return Libmagic("libmagic.so.1", table, version)


@pytest.mark.parametrize(
    ("system", "packaged", "chosen"),
    [(546, 541, 546), (539, 541, 541), (None, 541, 541), (546, None, 546), (541, 541, 541)],
)
def test_the_newer_is_chosen(monkeypatch, system, packaged, chosen):
    wheel = at(packaged, Path("/nowhere/magic.mgc")) if packaged else None
    monkeypatch.setattr(module, "_system", lambda: at(system) if system else None)
    monkeypatch.setattr(module, "_packaged", lambda: wheel)
    assert libmagic().version == chosen
    assert libmagic().is_system == (system is not None and system >= (packaged or 0))


def test_doctor_says_which_one(monkeypatch):
    said = machine_sentences(machine.machine_report())
    assert any("libmagic" in line and f"{libmagic().version // 100}." in line for line in said)
    libmagic.cache_clear()
    monkeypatch.setattr(module, "_system", lambda: None)
    told = [line for line in machine_sentences(machine.machine_report()) if "libmagic" in line]
    assert told
    assert "Installez celle du système" in told[0]
    libmagic.cache_clear()
    monkeypatch.setattr(module, "_packaged", lambda: None)
    told = [line for line in machine_sentences(machine.machine_report()) if "libmagic" in line]
    assert "absente" in told[0]


NAMED = """
import sys
from portfolio.files.file_types import libmagic as module
from tests import samples
if sys.argv[1] == "wheel":
    module._system = lambda: None
else:
    module._packaged = lambda: None
found = module.open_magic()
import magic
assert magic.version() == module.libmagic().version
heads = (samples.pdf(), samples.jpeg(), samples.wav(1), b"Bonjour\\n")
print([found.from_buffer(head) for head in heads])
"""


@pytest.mark.parametrize("chosen", ["wheel", "system"])
def test_each_names_the_same_types(chosen):
    if chosen == "system" and SYSTEM is None:
        pytest.skip("this machine has no libmagic of its own")
    said = subprocess.run(
        [sys.executable, "-c", NAMED, chosen], check=True, timeout=120, capture_output=True, text=True
    ).stdout
    assert said == "['application/pdf', 'image/jpeg', 'audio/x-wav', 'text/plain']\n"


def test_no_code_of_the_wheels_is_run():
    subprocess.run([sys.executable, "-c", NOTHING_RUN], check=True, timeout=120)
