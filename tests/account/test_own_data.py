"""Everything that is kept of a person goes to them in one archive; every table of the product is accounted for."""

import hashlib
import io
import json
import zipfile

import pytest

from portfolio.all_models import metadata
from portfolio.db.care import care_of, exported_tables, paths_to_person, table_care
from tests import factories


@pytest.fixture
def world(store, app):
    with store.transaction() as session:
        made = factories.world(session)
        for piece in made.pieces:
            kept = app.extensions["files"].save(piece.file.key, io.BytesIO(f"contenu {piece.number}".encode()))
            piece.file.size, piece.file.sha256 = kept.size, kept.sha256
        return made


def archive_of(app, person):
    client = app.test_client()
    client.log_in(person.email, factories.PASSWORD)
    assert client.get("/mes-donnees").status_code == 200
    answer = client.get("/mes-donnees/archive.zip")
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(answer.data))


def test_a_candidate_gets_their_texts_their_files_and_every_row(app, world):
    found = archive_of(app, world.candidate)
    data = json.loads(found.read("donnees.json"))
    assert data["account"]["email"] == world.candidate.email
    assert len(data["evidence"]) == len(world.pieces)
    assert data["narrative"]
    files = [name for name in found.namelist() if "/preuves/" in name]
    assert len(files) == len(world.pieces)
    assert found.read(files[0]).startswith(b"contenu")
    page = found.read("a-lire-d-abord.html").decode()
    assert world.candidate.name in page
    digests = dict(line.split("  ")[::-1] for line in found.read("empreintes-sha256.txt").decode().splitlines())
    assert digests[files[0]] == hashlib.sha256(found.read(files[0])).hexdigest()


def test_the_archive_holds_nothing_that_opens_an_account_and_nothing_of_others(app, world, store):
    with store.transaction() as session:
        other = factories.person(session, "Zoé Canari", "zoe.canari@exemple.fr")
    found = archive_of(app, world.candidate)
    text = found.read("donnees.json").decode()
    assert "argon2" not in text
    for name in ("password_hash", "token_digest", "leave_key", '"key"'):
        assert name not in text
    assert "Canari" not in text
    assert json.loads(archive_of(app, other).read("donnees.json"))["evidence"] == []


def test_a_table_that_leads_to_a_person_is_exported_unless_it_says_why_not():
    silent = {name for name in paths_to_person() if not table_care(metadata.tables[name]).not_exported}
    assert set(exported_tables()) == silent
    assert len(silent) > 40
    assert care_of(metadata.tables["person"].c.password_hash).is_secret
