"""A file of the store changed by one byte: a juror reads a sentence, the certifier has a task; on both kinds
of store.
"""

from uuid import uuid4

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import SealedFile
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import Page, PageImage, Rendition
from portfolio.domain.integrity_checks.models import DamagedFile
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import SUFFIX
from portfolio.run.worker import integrity_checks, rendition_worker
from tests import factories, samples
from tests.files.test_verified import flip
from tests.integrity.stored_files import keep_files
from tests.jury import builders
from tests.object_store import kept_in

CONTENT = samples.pdf(2, "Bulletin de veille")


@pytest.fixture(params=["local", "s3"])
def config(request, config, sqlite_url):
    if request.param == "local":
        return config
    server = request.getfixturevalue("object_server")
    bucket = server.bucket(f"tests/{uuid4().hex}")
    return kept_in(config, bucket)


@pytest.fixture
def made(app, store: Database, monkeypatch) -> builders.Scene:
    """A sealed dossier before its jury, its files kept, the first page of the first exhibit drawn."""
    monkeypatch.setattr(factories, "CONTENT", CONTENT)
    made = builders.scene(store)
    keep_files(app, store)
    rendition_worker(app).due()
    rendition_worker(app).make(order_of(store, made), page=1)
    return made


def exhibit(store: Database, made: builders.Scene) -> tuple[str, str]:
    query = select(SealedFile.exhibit, SealedFile.key).where(SealedFile.submission_id == made.submission_id)
    with store.reader() as session:
        return session.execute(query.order_by(SealedFile.exhibit)).first()


def order_of(store: Database, made: builders.Scene):
    query = select(Rendition.id).join(EvidenceFile).where(EvidenceFile.key == exhibit(store, made)[1])
    with store.reader() as session:
        return session.scalar(query)


def image_of(store: Database, made: builders.Scene) -> list[str]:
    query = select(PageImage.key).join(Page).where(Page.rendition_id == order_of(store, made))
    with store.reader() as session:
        return list(session.scalars(query))


def change(app, key: str) -> None:
    """Change one byte of a kept file, as the owner of the store can."""
    files = app.extensions["files"]
    if isinstance(files, LocalStore):
        flip(files, key, keep_time=True)
        return
    name = files._prefix + key + SUFFIX
    content = bytearray(files._reader.get_object(Bucket=files._bucket, Key=name)["Body"].read())
    content[3] ^= 1
    files._writer.put_object(Bucket=files._bucket, Key=name, Body=bytes(content))


def damaged(store: Database) -> list[DamagedFile]:
    with store.reader() as session:
        return list(session.scalars(select(DamagedFile)))


@pytest.mark.slow
def test_a_juror_reads_a_sentence_and_the_certifier_has_a_task(app, client, made, store):
    label, key = exhibit(store, made)
    url = f"/jurys/{made.hearing_id}/pieces/{label}"
    with store.transaction() as session:
        factories.drawn(session)
    client.log_in(made.president.email, factories.PASSWORD)
    assert client.page(f"{url}?page=1").all("img"), "the page is shown while the file is intact"
    assert client.get(f"{url}/fichier").status_code == 200
    change(app, key)
    page = client.page(f"{url}?page=1")
    assert "Le fichier de cette pièce a changé depuis sa réception" in page.text
    assert not page.all("img")
    assert not page.all("a", href=f"{url}/fichier")
    assert "Texte de la page" not in page.text
    for wrong in (f"{url}/pages/1", f"{url}/fichier", f"/depots/{made.submission_id}/pieces/{label}"):
        answer = client.get(wrong)
        assert answer.status_code == 409
        assert "chang" in answer.text
        assert b"%PDF" not in answer.data
    [found] = damaged(store)
    assert (found.key, found.candidacy_id, found.body_id) == (key, made.candidacy_id, made.body_id)
    certifier = app.test_client()
    certifier.log_in(made.certifier.email, factories.PASSWORD)
    home = certifier.page("/organisme")
    assert "Un fichier du dossier de Samia Benali a changé" in home.text
    assert home.all("a", href="/organisme/verifications")
    told = certifier.page("/organisme/verifications")
    assert "flask check-all" in told.text
    assert "Dossier de Samia Benali" in told.text
    assert client.get("/healthz").json["checks"] == "failed"
    change(app, key)  # put back
    assert client.page(f"{url}?page=1").all("img")
    assert integrity_checks(app).run(whole=True).files
    assert damaged(store) == []
    assert "a changé" not in certifier.page("/organisme").text
    assert client.get("/healthz").json["checks"] == "clean"


def test_a_sealed_file_that_is_missing_is_said_where_it_is_read_asked_for_and_watched(app, client, made, store):
    label, key = exhibit(store, made)
    url = f"/jurys/{made.hearing_id}/pieces/{label}"
    with store.transaction() as session:
        factories.drawn(session)
    client.log_in(made.president.email, factories.PASSWORD)
    assert client.page(f"{url}?page=1").all("img")
    app.extensions["files"].delete(key)
    page = client.page(f"{url}?page=1")
    assert "Le fichier de cette pièce n’est plus dans le stockage" in page.text
    assert not page.all("img")
    assert not page.all("a", href=f"{url}/fichier")
    for gone in (f"{url}/pages/1", f"{url}/fichier", f"/depots/{made.submission_id}/pieces/{label}"):
        answer = client.get(gone)
        assert answer.status_code == 410
        assert "n’est plus dans le stockage" in answer.text
    [found] = damaged(store)
    assert (found.key, found.candidacy_id) == (key, made.candidacy_id)
    certifier = app.test_client()
    certifier.log_in(made.certifier.email, factories.PASSWORD)
    told = certifier.page("/organisme/verifications")
    assert "Fichiers qui ont changé ou disparu" in told.text
    assert f"(pièce {label})" in told.text


def test_a_page_image_that_changed_is_not_shown_and_is_made_again_by_the_checks(app, client, made, store):
    label, _key = exhibit(store, made)
    url = f"/jurys/{made.hearing_id}/pieces/{label}"
    for key in image_of(store, made):
        change(app, key)
    client.log_in(made.president.email, factories.PASSWORD)
    page = client.page(f"{url}?page=1")
    assert "L’image de cette page a changé" in page.text
    assert not page.all("img")
    answer = client.get(f"{url}/pages/1")
    assert (answer.status_code, answer.mimetype) == (409, "text/plain")
    assert integrity_checks(app).run(whole=True).ok
    assert damaged(store) == []
    rendition_worker(app).run(order_of(store, made))
    assert client.page(f"{url}?page=1").all("img")


def test_no_page_is_drawn_of_a_file_that_changed(app, made, store):
    _label, key = exhibit(store, made)
    change(app, key)
    rendition_worker(app).run(order_of(store, made))
    assert [damaged_file.key for damaged_file in damaged(store)] == [key]
    with store.reader() as session:
        assert session.scalars(select(Page.number).where(Page.rendition_id == order_of(store, made))).all() == [1]


def test_the_checks_of_the_night_find_a_file_that_nobody_opened(app, client, made, store):
    _label, key = exhibit(store, made)
    assert integrity_checks(app).run().ok
    change(app, key)
    found = integrity_checks(app).run()
    assert (found.ledger, found.grants, found.files) == (True, True, False)
    assert [damaged_file.key for damaged_file in damaged(store)] == [key]
    assert client.get("/healthz").json["checks"] == "failed"
