"""Commands, as people type them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portfolio.domain.account.models import CertifyingBodyMember, Person
from portfolio.domain.certification.models import CertificationVersion
from portfolio.run.cli.commands import OTHER_TABLES
from tests import factories
from tests.certification.readers.exports import entry_xml, export, zipped

TOP = Path(__file__).parents[2]
GUIDE = TOP / "docs" / "exploitation.md"


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=[str(word) for word in words])


@pytest.fixture
def body(store):
    with store.transaction() as session:
        return factories.body(session)


def how_many(store, what):
    with store.reader() as session:
        return session.scalar(select(func.count()).select_from(what))


def test_the_first_certifier_gets_a_link(run, store):
    done = run("create-certifier", "Vous@Exemple.fr", "--name", "Hélène Roche", "--body", "Institut")
    assert done.exit_code == 0
    assert "/invitation/" in done.output
    assert how_many(store, CertifyingBodyMember) == 1
    with store.reader() as session:
        assert session.scalars(select(Person.email)).all() == ["vous@exemple.fr"]


def test_a_certifier_without_an_address_is_refused(run, store):
    done = run("create-certifier", "vous")
    assert done.exit_code == 1
    assert "n’est pas une adresse" in done.stderr
    assert how_many(store, Person) == 0


@pytest.mark.parametrize(
    "words",
    [
        ("create-certifier", "vous@exemple.fr", "--name", "Hélène Roche", "--body", "Institut"),
        ("suspend-person", "vous@exemple.fr"),
        ("list-certificates",),
        ("check-ledger",),
        ("figures",),
    ],
)
def test_a_database_without_tables_is_told_in_a_sentence(run, store, words):
    with store.engine.begin() as connection:
        for name in ("outgoing_email", "ledger_entry", "certificate", "person", "certifying_body"):
            connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {name}_away")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    done = run(*words)
    assert done.exit_code == 1
    assert done.stderr.strip() == OTHER_TABLES


def test_the_real_entry_is_read_whole(run, fiches, body):
    done = run("import-certification", fiches / "rncp-16959.txt", "--json", "--dry-run")
    assert done.exit_code == 0
    entry = json.loads(done.stdout)
    assert entry["code"] == "RNCP16959"
    assert (entry["level"], entry["level_1969"], entry["registered_until"]) == ("7", "I", "2022-01-04")
    assert [len(block["competencies"]) for block in entry["blocks"]] == [2, 3, 3, 3]
    assert [one["from"] for one in entry["registrations"]] == ["2009-07-21", "2011-07-21", "2016-06-16", "2018-10-04"]
    assert sum(route["open"] is True for route in entry["routes"]) == 5
    assert sum(route["open"] is None for route in entry["routes"]) == 1
    assert entry["jury"]["size"] == 5
    assert entry["jury"]["seats"] == factories.SEATS
    assert (entry["jury"]["external_min"], entry["jury"]["representatives_min"]) == (0.4, 0.4)
    assert entry["doubts"]
    assert all(set(doubt) == {"where", "what"} and " " in doubt["what"] for doubt in entry["doubts"])


def test_a_dry_run_writes_nothing_and_an_import_writes_one_draft(run, fiches, body, store):
    assert run("import-certification", fiches / "rncp-16959.txt", "--dry-run").exit_code == 0
    assert how_many(store, CertificationVersion) == 0
    assert run("import-certification", fiches / "rncp-16959.txt").exit_code == 0
    assert run("import-certification", fiches / "rncp-16959.txt").exit_code == 0
    assert how_many(store, CertificationVersion) == 1


def test_what_is_no_entry_is_refused_with_what_was_understood(run, corpus, body, store):
    for name in ("README.md", "benign/tagged.pdf"):
        done = run("import-certification", corpus / name)
        assert done.exit_code == 1
        assert done.stderr.strip()
        assert not done.stdout.strip()
    assert how_many(store, CertificationVersion) == 0


def test_an_entry_is_chosen_in_a_whole_export_by_its_number(run, body, store, tmp_path):
    path = tmp_path / "export.zip"
    path.write_bytes(zipped(export(*(entry_xml(f"RNCP{number}", f"Métier {number}") for number in range(100, 140)))))
    asked = run("import-certification", path)
    assert asked.exit_code == 1
    assert "plusieurs fiches" in asked.stderr
    assert "RNCP100 · Métier 100" in asked.stderr
    assert "… et 20 de plus" in asked.stderr
    assert "RNCP123 · Métier 123" in run("import-certification", path, "--search", "metier 123").stderr
    assert run("import-certification", path, "--number", "RNCP999").exit_code == 1
    assert how_many(store, CertificationVersion) == 0
    done = run("import-certification", path, "--number", "RNCP123")
    assert done.exit_code == 0
    assert "RNCP123 · Métier 123 : 2 blocs, 6 compétences." in done.stdout
    assert how_many(store, CertificationVersion) == 1


def test_an_absent_file_is_said(run, body, tmp_path):
    done = run("import-certification", tmp_path / "rien.txt")
    assert done.exit_code == 1
    assert "ne peut pas être lu" in done.stderr


ABSENT, FOLDER = "absent/fichier", "un dossier"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["backup", "un fichier"], "n’est pas un dossier"),
        *((["restore", path], "Le dossier .* ne peut pas être lu") for path in (ABSENT, "un fichier")),
        *(
            ([command, path, *more], "Le fichier .* ne peut pas être lu")
            for path in (ABSENT, FOLDER)
            for command, *more in (
                ["check-consistency"],
                ["read-si-cpf-receipt"],
                ["import-livret", "--email", "a@exemple.fr"],
                ["import-certification"],
                ["watch-register"],
            )
        ),
        *(
            ([*command, path], "Le fichier .* ne peut pas être écrit")
            for path in (ABSENT, FOLDER)
            for command in (
                ["consistency-manifest"],
                ["export-si-cpf", "--to"],
                ["export-livret", "00000000-0000-4000-8000-000000000000", "--as", "zip", "--to"],
                ["export-credential", "AA", "--as", "pdf", "--to"],
            )
        ),
    ],
)  # fmt: skip
def test_a_path_that_cannot_be_used_is_said_in_a_sentence(run, tmp_path, monkeypatch, words, said):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / "un fichier").touch()
    monkeypatch.chdir(tmp_path)
    done = run(*words)
    assert done.exit_code == 1
    assert re.search(said, done.stderr), done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_unknown_candidacy_is_said(run):
    for name in ("pas-un-identifiant", "00000000-0000-4000-8000-000000000000"):
        done = run("explain-grants", name)
        assert done.exit_code == 1
        assert "n’existe pas" in done.stderr


def test_a_fresh_candidacy_grants_nothing_and_says_why(run, store):
    with store.transaction() as session:
        made = factories.world(session)
    done = run("explain-grants", made.candidacy.id, "--json")
    assert done.exit_code == 0
    answer = json.loads(done.stdout)
    assert [(line["block"], line["granted"]) for line in answer["blocks"]] == [
        (1, False),
        (2, False),
        (3, False),
        (4, False),
    ]
    assert all(line["ground"] and line["sentence"] for line in answer["blocks"])
    assert answer["whole"]["granted"] is False


def test_the_list_of_commands_is_printed_without_what_they_use(tmp_path):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "flask", "--app", "wsgi", "--help"],
        cwd=TOP, env=os.environ | {"DATA": str(tmp_path)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "check-ledger" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "portfolio.run.cli.commands" in imported
    assert imported.isdisjoint({"sqlalchemy", "portfolio.app", "portfolio.run.cli.ledger"})
    assert list(tmp_path.iterdir()) == []


def test_the_table_of_the_guide_is_that_of_the_commands(app):
    """Each command with its options, and nothing else."""
    text = GUIDE.read_text(encoding="utf-8").partition("\n## Commandes\n")[2]
    rows = re.findall(r"^\| `([^`]+)` \|", text.partition("\n## ")[0], re.M)
    told = {row.split()[0]: sorted(re.findall(r"--[a-z-]+", row)) for row in rows}
    assert len(told) == len(rows)
    real = {
        name: sorted(one for param in command.load().params for one in param.opts if one.startswith("--"))
        for name, command in app.cli.commands.items()
    }
    assert told == real
