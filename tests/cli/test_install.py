"""`make run` installs its libraries once, and again when the environment can no longer serve; a small lock file."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
LOCK = "# nothing\n"
PRODUCT = "import sys; print('started', sys.flags.safe_path, sys.stdout.encoding)"


def write_project(folder: Path) -> Path:
    """Make what `make run` needs before the product, and in the product's place one line that says it starts."""
    for name in ("tools", "portfolio/run"):
        (folder / name).mkdir(parents=True)
    for name in ("Makefile", "tools/install.py"):
        shutil.copy(TOP / name, folder / name)
    (folder / "requirements.lock").write_text(LOCK)
    (folder / "portfolio/run/bootstrap.py").write_text(PRODUCT)
    return folder


def start(project: Path, *words: str) -> subprocess.Popen[str]:
    env = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}}
    named = dict(word.split("=", 1) for word in words if not word.startswith("VENV"))
    return subprocess.Popen(
        ["make", "run", *(word for word in words if word.startswith("VENV"))], cwd=project, env=env | named,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def run(project: Path, *words: str) -> list[str]:
    """Return what `make run` says, from a good start."""
    process = start(project, *words)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return said.splitlines()


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """Return a project whose libraries are there."""
    project = write_project(tmp_path_factory.mktemp("installed") / "essai d'été")
    assert run(project)[-1] == "started False utf-8"
    return project


@pytest.fixture
def project(installed, tmp_path) -> Path:
    """Return a copy elsewhere: a folder that has moved since its first start."""
    return Path(shutil.copytree(installed, tmp_path / "moved", symlinks=True))


@pytest.mark.slow
def test_what_is_installed_is_not_installed_again(project):
    assert run(project) == ["started False utf-8"]


@pytest.mark.slow
@pytest.mark.parametrize("python", ["/nonexistent/python3", "/bin/false"])
def test_an_environment_whose_python_is_gone_is_made_again(project, python):
    program = project / ".venv" / "bin" / "python"
    program.unlink()
    program.symlink_to(python)
    said = run(project)
    assert said[0] == "1/4 Bibliothèques : un environnement à part…"
    assert said[-1] == "started False utf-8"


@pytest.mark.slow
def test_an_environment_of_another_release_is_made_again(project):
    """Debian's next release puts another Python behind the same link: none of the libraries is there for it."""
    record = project / ".venv" / "acquis.installed"
    release, _, rest = record.read_text().partition("\n")
    record.write_text(f"{release.replace('3', '2')}\n{rest}")
    assert "1/4 Bibliothèques : les 0 sont là." in run(project)


@pytest.mark.slow
def test_a_lock_file_that_says_more_is_installed(project):
    (project / "requirements.lock").write_text(LOCK + "# and more\n")
    assert "1/4 Bibliothèques : les 0 sont là." in run(project)
    assert run(project) == ["started False utf-8"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "setting",
    ["PYTHONHOME=/usr", "PYTHONSAFEPATH=1", "PYTHONIOENCODING=ascii", "PIP_USER=1", "PIP_TARGET=/nonexistent/target"],
)
def test_settings_of_another_project_change_nothing(project, setting):
    (project / ".venv" / "acquis.installed").unlink()
    assert run(project, setting)[-1] == "started False utf-8"


@pytest.mark.slow
def test_modules_of_another_project_are_not_read(project, tmp_path):
    for name in ("subprocess", "click"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('of another project')")
    (project / ".venv" / "acquis.installed").unlink()
    assert run(project, f"PYTHONPATH={tmp_path}")[-1] == "started False utf-8"


@pytest.mark.slow
def test_two_first_starts_at_once_wait_for_each_other(tmp_path):
    project = write_project(tmp_path / "two")
    both = [start(project), start(project)]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("un environnement à part" in words for words in said) == 1, said


def test_the_environment_may_have_a_space_in_its_name(installed, tmp_path):
    shutil.copytree(installed / ".venv", tmp_path / "mon environnement", symlinks=True)
    assert run(installed, f"VENV={tmp_path}/mon environnement") == ["started False utf-8"]


def test_a_folder_with_a_colon_is_told(tmp_path):
    project = write_project(tmp_path / "a:b")
    process = start(project)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said.startswith("Python ne fait pas d’environnement dans")
    assert "Traceback" not in said
