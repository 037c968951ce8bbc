"""Files of evidence when a bucket keeps them: the same pages, and a place that stops answering."""

import io
from uuid import uuid4

import pytest
from sqlalchemy import select

from config import Config
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.dossier.models.evidence import Evidence
from tests import factories, samples
from tests.applications import config_for
from tests.object_store import ObjectServer, kept_in
from tests.page import Page
from tests.partial import assert_resumes


@pytest.fixture
def config(sqlite_url: str, tmp_path, object_server: ObjectServer) -> Config:
    bucket = object_server.bucket(f"tests/{uuid4().hex}")
    return kept_in(config_for(sqlite_url, tmp_path), bucket)


@pytest.fixture
def world(app, store):
    with store.transaction() as session:
        made = factories.world(session)
        for piece in made.pieces:
            kept = app.extensions["files"].save(piece.file.key, io.BytesIO(b"%PDF of a test"))
            piece.file.size, piece.file.sha256 = kept.size, kept.sha256
        return made


@pytest.fixture
def candidate(client, world):
    assert client.log_in(world.candidate.email, factories.PASSWORD).status_code == 303
    return client


def preuves(world) -> str:
    return f"/dossiers/{world.candidacy.id}/preuves"


def last_piece(store) -> Evidence:
    with store.reader() as session:
        return session.scalars(select(Evidence).order_by(Evidence.number.desc())).first()


def test_a_piece_sent_comes_back_the_same_as_an_attachment(candidate, world, store, app):
    content = samples.pdf(pages=3) + bytes(400_000)
    assert candidate.send(f"{preuves(world)}/ajouter", {"files": (io.BytesIO(content), "plan.pdf")}).status_code == 303
    address = f"{preuves(world)}/{last_piece(store).id}/fichier/1"
    assert assert_resumes(candidate, address) == content
    sent = candidate.get(address)
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert not (app.config["SETTINGS"].files).exists()


def test_an_exhibit_comes_from_the_bucket_too(candidate, world, store):
    assert candidate.send(f"/dossiers/{world.candidacy.id}/depot/signature", {"sworn": "y"}).status_code == 303
    with store.reader() as session:
        submission = session.scalars(select(Submission.id)).one()
    assert candidate.get(f"/depots/{submission}/pieces/B1-01").data == b"%PDF of a test"
    assert_resumes(candidate, f"/depots/{submission}/pieces/B1-01")


@pytest.mark.slow
def test_a_bucket_that_does_not_answer_is_told_with_what_was_typed_then_all_goes_on(
    candidate, world, store, object_server
):
    add, piece = f"{preuves(world)}/ajouter", f"{preuves(world)}/{world.pieces[0].id}/fichier/1"
    form = f"{add}?competence={world.competencies[3].id}"
    upload = {"files": (io.BytesIO(samples.pdf()), "plan.pdf"), "comment": "On y voit…"}
    object_server.stop()
    refused = candidate.send(add, upload, form=form)
    assert refused.status_code == 503
    page = Page(refused.text)
    assert "Les fichiers ne sont pas accessibles en ce moment, et ce n’est pas de votre fait." in page.text
    assert "On y voit…" in page.text
    assert "Les fichiers ne sont pas accessibles" in candidate.page(piece, status=503).text
    assert candidate.get(preuves(world)).status_code == 200
    object_server.start()
    upload["files"] = (io.BytesIO(samples.pdf()), "plan.pdf")
    assert candidate.send(add, upload, form=form).status_code == 303
    assert candidate.get(piece).data == b"%PDF of a test"
