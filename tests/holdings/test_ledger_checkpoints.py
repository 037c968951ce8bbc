"""The heads in their second place, what anyone can check with the published key, and the command that checks it all."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import delete

from portfolio.db.engine import Database
from portfolio.domain.holdings.models.grants import Certificate
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.ledger.checkpoints import (
    HEADS_FILE,
    checkpoint_covering,
    has_signed,
    latest_checkpoint,
    write_checkpoints,
)
from portfolio.domain.ledger.rules.chain import read_checkpoints
from portfolio.french_text import count
from portfolio.run.maintenance import HEADS_EVERY, HeadExport
from tests.applications import config_for
from tests.holdings.insider import insider, table
from tests.holdings.ledger_builders import KEYS, closings_in, entries_in, heads_in, heard, signing
from tests.jury.builders import ON_THE_DAY, close

pytestmark = pytest.mark.both

# Where two closings end: 26 entries each, behind what the members stated of two candidates.


@pytest.fixture
def db(database_url):
    database = signing(database_url)
    yield database
    database.engine.dispose()


def copy(db: Database, folder: Path) -> int:
    with db.reader() as session:
        return write_checkpoints(session, folder)


def lines(folder: Path) -> list[str]:
    return (folder / HEADS_FILE).read_text().splitlines()


def test_a_database_says_that_it_holds_signatures_before_any_key_is_made(database_url, tmp_path):
    assert not has_signed(f"sqlite:///{tmp_path / 'absent.db'}")
    assert not (tmp_path / "absent.db").exists()
    assert not has_signed(database_url)
    database = signing(database_url)
    [scene] = heard(database, 1)
    close(database, scene)
    database.engine.dispose()
    assert has_signed(database_url)


def test_before_the_first_closing_there_is_no_head_and_all_is_well(db, tmp_path):
    with db.reader() as session:
        assert latest_checkpoint(session) is None
        assert check(session, KEYS).ok
    assert copy(db, tmp_path) == 0


@pytest.mark.slow
def test_each_head_is_copied_once_however_often_the_sweep_passes(db, tmp_path):
    one, two = heard(db, 2)
    close(db, one)
    assert [copy(db, tmp_path), copy(db, tmp_path)] == [heads_in(db), 0]
    before = heads_in(db)
    close(db, two)
    assert [copy(db, tmp_path), copy(db, tmp_path)] == [heads_in(db) - before, 0]
    with db.reader() as session:
        assert read_checkpoints((tmp_path / HEADS_FILE).read_text())[-1] == latest_checkpoint(session)
        assert check(session, KEYS, read_checkpoints((tmp_path / HEADS_FILE).read_text())).ok


def test_what_a_crash_left_unfinished_is_written_again(db, tmp_path):
    one, two = heard(db, 2)
    close(db, one)
    close(db, two)
    copy(db, tmp_path)
    whole = (tmp_path / HEADS_FILE).read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) // 2 + 1, len(whole) - 1):
        (tmp_path / HEADS_FILE).write_bytes(whole[:length])
        copy(db, tmp_path)
        assert (tmp_path / HEADS_FILE).read_bytes() == whole, length


@pytest.mark.slow
def test_two_servers_that_share_the_place_copy_each_head_once(db, tmp_path):
    for made in heard(db, 3):
        close(db, made)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: copy(db, tmp_path), range(8))) == heads_in(db)
    assert len(lines(tmp_path)) == heads_in(db)


def test_only_the_owner_reads_the_copy(db, tmp_path):
    copy(db, tmp_path / "new")
    assert (tmp_path / "new" / HEADS_FILE).stat().st_mode & 0o077 == 0
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_a_ledger_cut_behind_its_heads_is_told_in_the_log_and_the_copy_is_kept(db, tmp_path, capfd):
    one, two = heard(db, 2)
    close(db, one)
    close(db, two)
    copy(db, tmp_path)
    before = lines(tmp_path)
    (_begin, first), _second = closings_in(db)
    with insider(db) as session:
        session.execute(delete(table("ledger_checkpoint")).where(table("ledger_checkpoint").c.seq > first))
        assert write_checkpoints(session, tmp_path) == 0
    assert lines(tmp_path) == before
    out, err = capfd.readouterr()
    assert "ledger_disagrees_with_its_checkpoints" in out + err


def test_the_worker_copies_a_new_head_at_once_and_compares_the_second_place_every_minute(db, tmp_path):
    config = config_for(str(db.engine.url), tmp_path).with_changes(ledger_heads=tmp_path / "elsewhere")
    moment = [ON_THE_DAY]
    export, made = HeadExport(db, config, lambda: moment[0]), heard(db, 2)
    export.claim()()
    for scene in made:
        close(db, scene)
        export.claim()()
        assert len(lines(tmp_path / "elsewhere")) == heads_in(db)
        assert export.claim() is None, "there is no other head to copy"
    moment[0] += HEADS_EVERY
    assert export.claim() is not None


@pytest.mark.slow
def test_heads_that_could_not_be_copied_are_copied_by_the_next_claim(db, tmp_path):
    close(db, heard(db, 1)[0])
    (tmp_path / "elsewhere").write_text("a file where the folder has to be")
    config = config_for(str(db.engine.url), tmp_path).with_changes(ledger_heads=tmp_path / "elsewhere")
    export = HeadExport(db, config, lambda: ON_THE_DAY)
    with pytest.raises(FileExistsError):
        export.claim()()
    (tmp_path / "elsewhere").unlink()
    export.claim()()
    assert len(lines(tmp_path / "elsewhere")) == heads_in(db)


def test_the_head_of_a_certificate_is_the_one_signed_when_it_was_granted(db):
    one, two = heard(db, 2)
    close(db, one)
    close(db, two)
    with db.reader() as session:
        heads = {checkpoint_covering(session, "certificate", one.id).seq for one in session.query(Certificate)}
    assert heads == {last for _begin, last in closings_in(db)}


# The application: key, page, command.


def opened(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@pytest.fixture
def closed(app, store):
    """Return the application after two closings."""
    for made in heard(store, 2):
        close(store, made)
    return store


@pytest.mark.slow
def test_anyone_checks_a_head_with_the_published_key_alone(app, closed):
    published = app.test_client().get("/.well-known/jwks.json")
    assert published.mimetype == "application/json"
    with closed.reader() as session:
        head, payload, signature = latest_checkpoint(session).token.split(".")
    named = json.loads(opened(head))
    jwk = next(one for one in published.json["keys"] if one["kid"] == named["kid"])
    assert (jwk["kty"], jwk["crv"], jwk["alg"], named["alg"]) == ("OKP", "Ed25519", "EdDSA", "EdDSA")
    assert "d" not in jwk
    key = Ed25519PublicKey.from_public_bytes(opened(jwk["x"]))
    key.verify(opened(signature), f"{head}.{payload}".encode())
    with pytest.raises(InvalidSignature):
        key.verify(opened(signature), f"{head}.{payload}A".encode())
    assert json.loads(opened(payload))["seq"] == entries_in(closed)


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=["check-ledger", *map(str, arguments)])


def test_the_command_says_that_the_ledger_is_whole(app, closed, tmp_path):
    copy(closed, tmp_path)
    answer = run(app, "--head", tmp_path / HEADS_FILE)
    assert answer.exit_code == 0
    assert count(entries_in(closed), "entrée vérifiée", "entrées vérifiées") in answer.output
    assert f"{heads_in(closed)}\u00a0têtes gardées ailleurs concordent" in answer.output
    assert "--head" in run(app).output


def test_the_command_names_the_first_row_that_differs(app, closed):
    with closed.transaction() as session:
        session.connection().exec_driver_sql("DROP TRIGGER block_grant_no_update")
        session.connection().exec_driver_sql("UPDATE block_grant SET granted_on = '2020-01-01'")
    answer = run(app)
    assert answer.exit_code == 1
    assert "attribution d’un bloc" in answer.output
    assert "« granted_on »".replace(" ", "\u00a0") in answer.output
    told = json.loads(run(app, "--json").output)
    assert (told["ok"], told["first_difference"]["kind"], told["first_difference"]["column"]) == (
        False,
        "column_changed",
        "granted_on",
    )
    assert run(app, "--json").exit_code == 1


def test_the_command_speaks_json_when_all_is_well(app, closed):
    answer = run(app, "--json")
    told = json.loads(answer.output)
    assert (answer.exit_code, told["ok"], told["entries"], told["first_difference"]) == (
        0,
        True,
        entries_in(closed),
        None,
    )
    assert told["head"]["seq"] == entries_in(closed)


def test_the_command_finds_a_cut_tail_with_a_head_printed_earlier(app, closed, tmp_path):
    with closed.reader() as session:
        (tmp_path / "tete.txt").write_text(latest_checkpoint(session).token)
    (_begin, first), _second = closings_in(closed)
    with closed.transaction() as session:
        for name in ("ledger_checkpoint", "ledger_entry"):
            session.connection().exec_driver_sql(f"DROP TRIGGER {name}_no_delete")
        session.connection().exec_driver_sql(f"DELETE FROM ledger_checkpoint WHERE seq > {first}")
        session.connection().exec_driver_sql(f"DELETE FROM ledger_salt WHERE seq > {first}")
        session.connection().exec_driver_sql(f"DELETE FROM ledger_entry WHERE seq > {first}")
    answer = run(app, "--head", tmp_path / "tete.txt")
    assert answer.exit_code == 1
    assert "Coupé" in answer.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "ne peut pas être lu"),
        (b"\xff\xfe", "ne peut pas être lu"),
        (b"", "aucune tête"),
        (b"bonjour\n", "La ligne 1"),
    ],
)
def test_a_file_that_holds_no_head_is_refused_and_never_taken_for_a_proof(app, closed, tmp_path, content, said):
    if content is not None:
        (tmp_path / "tete").write_bytes(content)
    answer = run(app, "--head", tmp_path / "tete")
    assert answer.exit_code == 1
    assert said in answer.output


def test_closings_through_the_application_are_all_signed(app, closed):
    with closed.reader() as session:
        assert check(session, app.extensions["keys"]).ok
