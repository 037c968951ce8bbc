"""Check that where the product cannot start, one French sentence says why and what to do; no trace, status 1."""

import contextlib
import errno
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from portfolio.run.supervisor import settings_or_exit
from portfolio.signing_key import load_keys
from portfolio.wording.certifying_body import STOPPED, database_message, port_message
from tests.cli.test_processes import children, until
from tools import install
from tools.cluster.__main__ import free_ports

TOP = Path(__file__).parents[2]


def refused(command: list[str], settings: dict[str, str], folder: Path = TOP) -> str:
    """Return the only line that a command says before it ends with status 1."""
    ended = subprocess.run(
        command, cwd=folder, env=os.environ | settings, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    [line] = ended.stderr.splitlines()
    return line


def start(settings: dict[str, str]) -> str:
    return refused([sys.executable, "-m", "portfolio.run.bootstrap"], {"DEMO": "0"} | settings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PORT": "abc"}, "PORT"),
        ({"PORT": "70000"}, "65535"),
        ({"PROCESSES": "abc"}, "PROCESSES"),
        ({"PROCESSES": "0"}, "1 au moins"),
        ({"UPLOAD_LIMIT_MIB": "abc"}, "UPLOAD_LIMIT_MIB"),
        ({"DATA": "/dev/null/acquis"}, "/dev/null/acquis"),
    ],
)
def test_several_machines_are_refused_before_any_of_them_starts(tmp_path, settings, said):
    command = [sys.executable, "-m", "tools.cluster"]
    assert said in refused(command, {"DATA": str(tmp_path), "DEMO": "0", **settings})
    assert not (tmp_path / "postgresql").exists()


@pytest.mark.slow
def test_several_machines_behind_a_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = {"DATA": str(tmp_path), "PORT": str(taken.getsockname()[1])}
        assert "déjà pris" in refused([sys.executable, "-m", "tools.cluster"], settings)
    assert not (tmp_path / "postgresql").exists()


@pytest.mark.slow
def test_a_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = start({"DATA": str(tmp_path), "PORT": str(port)})
    assert said.startswith(f"Le port {port} est déjà pris.")
    assert "make run PORT=" in said


@pytest.mark.slow
def test_a_database_that_is_away_before_the_first_key(tmp_path):
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "doctor"]
    away = {"DATA": str(tmp_path), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    assert "la base ne répond pas" in refused(command, away)


@pytest.mark.slow
def test_a_database_of_another_program_is_named_and_left_as_it_is(tmp_path):
    [port] = free_ports(1)
    other = tmp_path / "boutique.db"
    with contextlib.closing(sqlite3.connect(other)) as database:
        database.execute("CREATE TABLE clients (name TEXT)")
    settings = {"DATA": str(tmp_path / "data"), "PORT": str(port), "DEMO": "1", "DATABASE_URL": f"sqlite:///{other}"}
    command = [sys.executable, "-m", "portfolio.run.bootstrap"]
    ended = subprocess.run(command, cwd=TOP, env=os.environ | settings, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stdout.splitlines()[0] == f"Base de données\u00a0: {other}, d’après DATABASE_URL."
    [line] = ended.stderr.splitlines()
    assert "celle d’un autre programme (tables clients)" in line
    assert "unset DATABASE_URL" in line
    with contextlib.closing(sqlite3.connect(other)) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("clients",)]


def test_the_database_that_a_start_works_on_is_said_without_its_password():
    said = database_message(make_url("postgresql+psycopg://acquis:secret@bdd/livrets"))
    assert said == "Base de données\u00a0: PostgreSQL, «\u00a0livrets\u00a0» sur bdd, d’après DATABASE_URL."


def test_a_port_that_only_root_may_take():
    assert "à partir de 1024" in port_message("127.0.0.1", 80, OSError(errno.EACCES, "Permission denied"))


@pytest.mark.slow
def test_ctrl_c_while_the_demonstration_is_made_is_one_sentence_and_it_is_made_again(tmp_path):
    [port] = free_ports(1)
    screen = tmp_path / "screen"
    with screen.open("w") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "portfolio.run.bootstrap"], cwd=TOP, start_new_session=True,
            env=os.environ | {"DATA": str(tmp_path / "data"), "PORT": str(port), "DEMO": "1"},
            stdin=subprocess.DEVNULL, stdout=written, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        until(lambda: "3/4" in screen.read_text(), 120)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30) == 1
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    said = screen.read_text()
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("Arrêté avant la fin. Recommencez")
    again = subprocess.run(
        [sys.executable, "-m", "portfolio.run.bootstrap", "prepare"], cwd=TOP, capture_output=True, text=True,
        env=os.environ | {"DATA": str(tmp_path / "data"), "DEMO": "1"}, timeout=200,
    )  # fmt: skip
    assert "elle est refaite" in again.stdout
    assert "chapitre 1 sur" in again.stdout, again.stderr
    assert again.stdout.count("Comptes de la démonstration") == 1
    assert not (tmp_path / "data" / "demonstration.unfinished").exists()


@pytest.mark.slow
def test_ctrl_c_that_reaches_what_prepares_first_is_the_same_sentence(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "portfolio.run.bootstrap"], cwd=TOP, text=True,
        env=os.environ | {"DATA": str(tmp_path), "PORT": str(free_ports(1)[0]), "DEMO": ""},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout.readline().startswith("2/4")
    [preparing] = children(process.pid)
    os.kill(preparing, signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert said == f"{STOPPED}\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PORT": "abc"}, "PORT : « abc » n’est pas un nombre entier"),
        ({"HOST": "é" * 80}, "n’est pas celle de cette machine"),
        ({"HOST": "192.0.2.1"}, "n’est pas celle de cette machine"),
        ({"LOG_FILE": "/dev/null/journal"}, "Le journal « /dev/null/journal » ne peut pas être écrit"),
    ],
)
def test_a_process_does_not_start_with_a_setting_that_cannot_be_used(tmp_path, settings, words):
    assert words in start({"DATA": str(tmp_path)} | settings)


def refused_setting(settings: dict[str, str]) -> str:
    """Return the only line that a process would say of its settings before it ends."""
    with pytest.raises(SystemExit) as ended:
        settings_or_exit(settings)
    [line] = str(ended.value.code).splitlines()
    return line


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PORT": "70000"}, "Donnez 1 au moins et 65535 au plus"),
        ({"WORKERS": "deux"}, "WORKERS : « deux » n’est pas un nombre entier"),
        ({"UPLOAD_LIMIT_MIB": "-1"}, "Donnez 0 au moins"),
        ({"BACKUP_DAYS": "9" * 5000}, "BACKUP_DAYS"),
        ({"BACKUP_HOUR": "24"}, "Donnez 0 au moins et 23 au plus"),
        ({"THREADS": "0"}, "Donnez 1 au moins"),
        ({"DEMO": "oui"}, "DEMO : « oui » ne va pas. Choisissez 1 ou 0."),
        ({"SUGGESTIONS": "non"}, "SUGGESTIONS : « non » ne va pas."),
        ({"UNCONFINED_CONVERSION": "true"}, "UNCONFINED_CONVERSION : « true » ne va pas."),
        ({"MAIL_FROM": "Acquis"}, "MAIL_FROM : « Acquis » n’est pas une adresse qui convient"),
        ({"CONTACT": "le bureau"}, "CONTACT : « le bureau » n’est pas une adresse qui convient"),
        ({"CLAMD": "localhost:clam"}, "CLAMD : « localhost:clam » n’est pas une adresse qui convient"),
        ({"SMTP_HOST": "x", "SMTP_SECURITY": "ssl"}, "Choisissez starttls ou tls ou none"),
        ({"OPENID_PROVIDERS": "proconnect"}, "Il manque OPENID_PROCONNECT_ISSUER"),
    ],
)
def test_a_setting_that_cannot_be_used(tmp_path, settings, words):
    assert words in refused_setting({"DATA": str(tmp_path)} | settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            (name, value)
            for name in ("ADDRESS", "S3_ENDPOINT", "S3_BROWSER_ENDPOINT")
            for value in ("n’importe quoi", "http://[::1", "http://", "http://a b", "http://x:99999999", "ftp://x")
        ),
        *(("FILES_URL", value) for value in ("dossier", "s3://", "http://x")),
        *(
            (name, value)
            for name in ("DATABASE_URL", "DATABASE_OWNER_URL")
            for value in ("n’importe", "mysql://x/y", "postgresql://a:secret@h:port/x")
        ),
        ("LEDGER_KEY", "abc"),
        ("LEDGER_KEY", "é" * 43),
        ("SECOND_FACTOR_FOR", "certifier chef"),
        *((name, value) for name in ("BACKUP_DAYS", "JUROR_DAYS", "EXTERNAL_MONTHS") for value in ("9" * 10, "1.5")),
    ],
)
def test_a_setting_that_would_fail_later_is_refused_in_one_sentence(tmp_path, name, value):
    said = refused_setting({"DATA": str(tmp_path), name: value})
    assert said.startswith(name)
    assert "secret" not in said


def test_an_empty_setting_is_as_none_and_a_key_may_lack_its_padding(tmp_path):
    key = urlsafe_b64encode(bytes(32)).decode().rstrip("=")
    names = ("ADDRESS", "HOST", "FILES_URL", "S3_ENDPOINT", "SECOND_FACTOR_FOR", "DATABASE_URL")
    settings = settings_or_exit({"DATA": str(tmp_path), "LEDGER_KEY": key} | dict.fromkeys(names, ""))
    assert settings.address == "http://127.0.0.1:8000"
    assert load_keys(tmp_path, settings.ledger_key).signer.kid


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("a file", "c’est un fichier, pas un dossier"),
        ("a file/data", "une partie de ce chemin est un fichier"),
        ("x" * 300, "ce nom est trop long"),
    ],
)
def test_a_data_folder_that_cannot_be_made(tmp_path, place, words):
    (tmp_path / "a file").touch()
    assert words in start({"DATA": str(tmp_path / place)})


@pytest.mark.slow
def test_a_command_says_it_too():
    said = refused([sys.executable, "-m", "flask", "--app", "wsgi", "doctor"], {"DATA": "/dev/null/data"})
    assert "ne peut pas être créé" in said


@pytest.fixture
def disk(tmp_path):
    """A disk of one mebibyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_a_disk_that_is_full(disk):
    assert "est plein : Acquis n’a pas pu s’y préparer. Libérez de la place" in start({"DATA": str(disk / "data")})


@pytest.mark.slow
def test_a_disk_that_is_read_only(disk):
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    assert "il est en lecture seule" in start({"DATA": str(disk)})
    assert "ce disque est en lecture seule" in start({"DATA": str(disk / "data")})


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("is_made", [True, False])
def test_a_data_folder_of_somebody_else(tmp_path, monkeypatch, is_made):
    code = (
        "import os, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "from portfolio.run.supervisor import settings_or_exit; settings_or_exit()"
    )
    for folder in (tmp_path, *tmp_path.parents):
        if "pytest" in str(folder):
            folder.chmod(0o755)
    said = refused(
        [sys.executable, "-c", "import portfolio.run.supervisor\n" + code],
        {"DATA": str(tmp_path if is_made else tmp_path / "data")},
    )
    assert ("qui est à « root »" if is_made else "ce compte n’en a pas le droit") in said


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return what `make` reads before there is an environment."""
    (tmp_path / "tools").mkdir()
    for name in ("Makefile", "requirements.lock", "tools/install.py"):
        shutil.copy(TOP / name, tmp_path / name)
    return tmp_path


def make(project: Path, *words: str) -> str:
    """Return what `make run` says first."""
    ended = subprocess.run(
        ["make", "run", *words], cwd=project, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    return ended.stderr.splitlines()[0]


def test_a_python_that_is_too_old(project):
    old = project / "python"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.9.2\nexit 1\n')
    old.chmod(0o755)
    assert make(project, f"PYTHON={old}").startswith("Python est trop ancien ici (Python 3.9.2)")


def test_a_python_that_is_not_there(project):
    assert make(project, "PYTHON=python-introuvable").startswith("Python est introuvable")


def test_a_python_without_its_environments(project, monkeypatch):
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        install.main(project / ".venv", project / "requirements.lock")


def test_a_project_that_cannot_be_written_in(project, monkeypatch):
    monkeypatch.setattr(install.os, "access", lambda *_: False)
    with pytest.raises(SystemExit, match="Copiez le projet dans un dossier à vous"):
        install.main(project / ".venv", project / "requirements.lock")
