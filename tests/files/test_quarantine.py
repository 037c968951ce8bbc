"""A file sent while the antivirus is silent is kept apart, scanned later, and told to who sent it."""

import io
import re
import socket
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import bindparam, select

from portfolio import create_app
from portfolio.db.engine import UtcDateTime
from portfolio.domain.candidacy.rules.stage import Extent
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, QuarantinedFile
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.rules.rendition import QuarantineState
from portfolio.domain.dossier.use_cases.evidence import add_evidence
from portfolio.domain.dossier.use_cases.quarantine import Quarantine, claim_scan, scan_due
from portfolio.domain.dossier.use_cases.renditions import request_missing
from portfolio.domain.dossier.use_cases.reuse import list_reusable
from portfolio.domain.dossier.use_cases.uploads import load_quotas, upload_batch
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.retention.use_cases.erased_rows import erase_dossier
from portfolio.domain.submission.rules.returns import SubmissionRefusal
from portfolio.domain.submission.use_cases.submit import check_scanned
from portfolio.errors import Refusal
from portfolio.files import antivirus
from portfolio.files.file_types.types import FileRejected, RejectionReason
from portfolio.files.integrity.references import check_files, file_references
from portfolio.files.storage.local import LocalStore
from portfolio.run.doctor import examine
from portfolio.web.clock import now
from tests import factories, samples
from tests.applications import close_app
from tests.files.test_antivirus import EICAR, Daemon, _login, _send

TOO_LARGE = b"INSTREAM size limit exceeded. ERROR\0"


@pytest.fixture
def frozen(tmp_path):
    """A daemon that takes connections and never reads them, as one that is stopped by SIGSTOP."""
    path = str(tmp_path / "frozen.ctl")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(path)
        listening.listen()
        yield path
    antivirus.install("")


@contextmanager
def running(path, answer=None):
    server = Daemon(path, answer)
    server.start()
    antivirus.install(server.address)
    try:
        yield server
    finally:
        server.stop()
        antivirus.install("")


@pytest.fixture
def scene(config, tmp_path):
    """Give the application while its daemon is away, its candidate and their advisor."""
    app = create_app(replace(config, clamd=str(tmp_path / "away.ctl")))
    with app.extensions["database"].transaction() as session:
        world = factories.world(session, filled=False)
    candidate, advisor = app.test_client(), app.test_client()
    for client, person in ((candidate, world.candidate), (advisor, world.advisor)):
        client.post("/connexion", data=_login(client, person))
    yield app, world, candidate, advisor
    close_app(app)
    antivirus.install("")


def sent(client, world, content):
    """Send a file, and return the address of its piece."""
    base = f"/dossiers/{world.candidacy.id}/preuves"
    answer = _send(client, f"{base}/ajouter", content)
    assert answer.status_code == 303, answer.text
    piece = re.search("/preuves/([0-9a-f-]{36})", answer.location)
    assert piece
    return f"{base}/{piece[1]}"


def later(at=None):
    return (at or now()) + timedelta(minutes=1)


def scanned(app):
    task = claim_scan(app.extensions["database"], app.extensions["files"], later)
    assert task is not None
    task()


def the_file(app):
    with app.extensions["database"].reader() as session:
        return session.scalars(select(EvidenceFile)).one()


def letters(app):
    with app.extensions["database"].reader() as session:
        return list(session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "file_scanned")))


def test_a_frozen_daemon_costs_a_few_seconds_and_the_file_waits_apart(scene, frozen):
    app, world, candidate, advisor = scene
    antivirus.install(frozen)
    begun = time.monotonic()
    piece = sent(candidate, world, samples.pdf() + bytes(400_000))
    assert time.monotonic() - begun < antivirus.PATIENCE + 4
    file = the_file(app)
    assert not app.extensions["files"].exists(file.key), "nothing is kept under the key that the rows name"
    for client in (candidate, advisor):
        assert "En attente de vérification par l’antivirus" in client.get(piece).text
        assert "en attente de vérification" in client.get(piece.rpartition("/")[0]).text
        assert client.get(f"{piece}/fichier/1").status_code == 503
        reader = client.get(f"{piece}/versions/1/lire").text
        assert "En attente de vérification" in reader
        assert f"{piece}/fichier/1" not in reader, "nothing is offered that answers 503"
        assert "après sa vérification par l’antivirus" in reader
        assert client.get(f"{piece}/versions/1/pages/1").status_code == 422
    with app.extensions["database"].transaction() as session:
        factories.claim(session, session.scalars(select(Evidence)).one(), world.competencies[0])
    page = advisor.get(f"/accompagnement/{world.candidacy.id}/competences/{world.competencies[0].id}").text
    assert "En attente de vérification" in page
    assert f"{piece}/fichier/1" not in page
    assert candidate.get(f"{piece}/masquer").status_code == 404
    assert b"%PDF" not in candidate.get("/mes-donnees/archive.zip").data
    store, files = app.extensions["database"], app.extensions["files"]
    with store.transaction() as session:
        assert load_quotas(session, world.candidacy.id, 1, 0).person.used == file.size
        request_missing(session, at=now())
        assert session.scalars(select(Rendition)).all() == [], "no page of it is drawn"
        with pytest.raises(Refusal, match=SubmissionRefusal.NOT_SCANNED):
            check_scanned(session, {file.key: 1})
        other = factories.candidacy(session, world.version, world.candidate, world.advisor)
        assert not list_reusable(session, other.id)
        held = session.scalars(select(QuarantinedFile)).one().held_key
        assert held in {reference.key for reference in file_references(session)}, "backed up, never swept"
    assert not check_files(files, store).findings
    assert (files.root / f"{held}.file").stat().st_mode & 0o077 == 0


def test_several_files_of_one_form_wait_for_a_silent_daemon_once(scene, frozen):
    app, world, _candidate, _advisor = scene
    antivirus.install(frozen)
    apart = Quarantine(app.extensions["database"], world.candidate.id, now)
    begun = time.monotonic()
    with upload_batch(app.extensions["files"], 10**7, apart) as batch:
        kept = [batch.store_file(f"{number}.pdf", io.BytesIO(samples.pdf(number))) for number in (1, 2, 3)]
        batch.drop(kept[0])
    assert time.monotonic() - begun < 2 * antivirus.PATIENCE
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(QuarantinedFile)).all() == [], "a form that does not end keeps nothing"


def test_a_clean_file_is_given_and_told_once_the_daemon_is_back(scene, tmp_path):
    app, world, candidate, _advisor = scene
    piece = sent(candidate, world, samples.pdf())
    with pytest.raises(OSError, match="antivirus"):
        claim_scan(app.extensions["database"], app.extensions["files"], later)
    with running(tmp_path / "back.ctl"):
        assert claim_scan(app.extensions["database"], app.extensions["files"], now) is None, "too soon"
        scanned(app)
        file = the_file(app)
        assert candidate.get(f"{piece}/fichier/1").data == samples.pdf()
        assert "En attente" not in candidate.get(piece).text
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(QuarantinedFile)).all() == []
        assert session.scalars(select(Rendition.file_id)).all() == [file.id]
    [letter] = letters(app)
    assert letter.person_id == world.candidate.id
    assert piece in letter.text
    assert "vérifié" in letter.subject
    assert list(app.extensions["files"].keys()) == [file.key]


@pytest.mark.parametrize(
    ("content", "answer", "said"),
    [
        (b"Notes de travail\n" + EICAR, None, "programme dangereux"),
        (b"Notes de travail\n" * 9, TOO_LARGE, "trop gros pour l’antivirus"),
    ],
)
def test_a_refused_file_is_destroyed_and_told(scene, tmp_path, content, answer, said):
    app, world, candidate, advisor = scene
    piece = sent(candidate, world, content)
    with running(tmp_path / "back.ctl", answer):
        scanned(app)
        assert list(app.extensions["files"].keys()) == []
        for client in (candidate, advisor):
            assert said in client.get(piece).text
            assert client.get(f"{piece}/fichier/1").status_code == 410
            assert f"{piece}/fichier/1" not in client.get(f"{piece}/versions/1/lire").text
        assert "refusée par l’antivirus" in candidate.get(piece.rpartition("/")[0]).text
    [letter] = letters(app)
    assert "refusé" in letter.subject
    assert said in letter.text
    assert not check_files(app.extensions["files"], app.extensions["database"]).findings
    with app.extensions["database"].transaction() as session:
        erase_dossier(session, world.candidacy.id, Extent.DRAFTS, by=None, at=now())
        assert session.scalars(select(QuarantinedFile)).all() == []


def test_an_answer_that_is_no_answer_puts_the_scan_off(scene, tmp_path):
    app, world, candidate, _advisor = scene
    sent(candidate, world, samples.pdf())
    with running(tmp_path / "odd.ctl", b"Can't allocate memory ERROR\0"):
        scanned(app)
    with app.extensions["database"].reader() as session:
        found = session.scalars(select(QuarantinedFile)).one()
    assert found.state is QuarantineState.WAITING
    assert found.run_after > later() + timedelta(minutes=3)
    assert not letters(app)


def test_without_an_antivirus_any_more_what_waited_is_given_and_told(scene):
    app, world, candidate, advisor = scene
    piece = sent(candidate, world, samples.pdf())
    antivirus.install("")  # as after a new start with CLAMD emptied
    scanned(app)
    assert candidate.get(f"{piece}/fichier/1").data == samples.pdf()
    for client in (candidate, advisor):
        assert "En attente" not in client.get(piece).text
    [letter] = letters(app)
    assert "n’attend plus" in letter.subject
    assert "sans cette vérification" in letter.text
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(QuarantinedFile)).all() == []


def test_doctor_names_a_daemon_that_is_away_and_files_that_wait_too_long(scene):
    app, world, candidate, _advisor = scene

    def said(at):
        return [found.reason for found in examine(app, at) if found.check == "antivirus"]

    assert said(now()) == ["away"]
    antivirus.install("")
    assert said(now()) == ["none"]
    antivirus.install(app.config["SETTINGS"].clamd)
    sent(candidate, world, samples.pdf())
    antivirus.install("")
    assert said(now()) == ["none"]
    assert said(now() + timedelta(hours=2)) == ["waiting"]


def test_both_stores_lease_a_scan_once_and_forget_what_no_form_named(db, tmp_path):
    store = LocalStore(tmp_path / "files")
    with running(tmp_path / "clamd.ctl"):
        antivirus.install(str(tmp_path / "away.ctl"))
        with db.transaction() as session:
            world = factories.world(session, filled=False)
        apart = Quarantine(db, world.candidate.id, now)
        with upload_batch(store, 10**7, apart) as batch:
            received = batch.store_file("bulletin.pdf", io.BytesIO(samples.pdf()))
            with db.transaction() as session:
                add_evidence(session, world.candidacy.id, [received], by=world.candidate.id, at=now())
            batch.keep()
        apart.hold("ab/cd", replace(store.save("ef/01", io.BytesIO(b"x")), key="ef/02"))
        antivirus.install(str(tmp_path / "clamd.ctl"))
        with db.reader() as session:
            due = select(scan_due(bindparam("now", later(), UtcDateTime())))
            assert session.scalar(due)
        tasks = [claim_scan(db, store, later) for _ in range(3)]
        assert [task is not None for task in tasks] == [True, True, False], "each is leased once"
        for task in tasks[:2]:
            task()
        with db.reader() as session:
            assert session.scalars(select(QuarantinedFile)).all() == []
            assert len(session.scalars(select(Rendition)).all()) == 1
            assert session.scalars(select(Evidence)).one().file.key == received.key
        assert store.exists(received.key)


def test_without_a_place_apart_a_file_is_refused(tmp_path):
    antivirus.install(str(tmp_path / "away.ctl"))
    with upload_batch(LocalStore(tmp_path / "files"), 10**7) as batch:
        with pytest.raises(FileRejected) as refused:
            batch.store_file("bulletin.pdf", io.BytesIO(samples.pdf()))
        assert refused.value.code is RejectionReason.NOT_SCANNED
        assert batch.store_file("attestation.pdf", io.BytesIO(samples.pdf()), is_ours=True).key
