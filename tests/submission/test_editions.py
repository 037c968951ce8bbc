"""The documents made of a dossier: asked for, made by the worker, taken away, checked, brought back."""

import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

import acquis_check
from portfolio.db.engine import Database
from portfolio.documents.livret.archive import entries_of, receive_archive, stream_archive
from portfolio.documents.livret.pages import SourcePdf, is_bounded
from portfolio.documents.livret.splitting import _add_summary
from portfolio.documents.typesetting import TEMPLATES
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.dossier.models.dossier import Claim, Dossier, Experience, Narrative
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, is_joined
from portfolio.domain.dossier.rules.anchors import Anchor
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.submission.models import BookEdition
from portfolio.domain.submission.rules.returns import EditionKind, EditionState, ImportRefusal
from portfolio.domain.submission.use_cases import editions
from portfolio.domain.submission.use_cases.import_archive import import_archive
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.domain.submission.use_cases.verification import load_sealed_dossier
from portfolio.errors import Refusal
from portfolio.files.conversion.fonts import font_folders
from portfolio.files.renditions.rendition_worker import RenditionWorker
from portfolio.files.storage.store import FileStore, new_key
from portfolio.on_commit import open_database
from portfolio.run.worker import edition_worker
from portfolio.wording.documents.receipt import index_values
from portfolio.wording.holdings.grants import completion_message
from tests import factories, samples
from tests.documents.livret.test_broken_pages import broken_pdf, with_a_drawing_filed_as_a_picture
from tests.documents.reading import attachments_of, pages_of
from tests.evidence.test_shared_copies import pdf_with
from tests.holdings import test_options as with_options
from tests.holdings.closings import hearing, minutes
from tests.holdings.status_changes import told
from tests.page import CheckedClient
from tests.partial import assert_resumes
from tests.pdf_readers import assert_opened_by_all
from tests.submission.verification import verify

AT = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
PAGES = 5


def content_of(rank: int) -> tuple[bytes, str, str, int | None]:
    """Return the file of the piece of this rank: PDFs, a photograph with a place, a text, an encrypted PDF that
    opens for everyone.
    """
    if rank == 1:
        return samples.jpeg((640, 480), located=True), "image/jpeg", "image", None
    if rank == 2:
        return ("Bilan de l’été.\n" * 40).encode(), "text/plain", "document", None
    if rank == 3:
        return samples.password_pdf(""), "application/pdf", "document", 1
    return samples.pdf(PAGES, f"Page de la piece {rank}"), "application/pdf", "document", PAGES


@pytest.fixture
def world(app: Flask, store: Database) -> factories.World:
    with store.transaction() as session:
        made = factories.world(session)
        for rank, file in enumerate(session.scalars(select(EvidenceFile)).all()):
            content, file.mime, file.family, file.pages = content_of(rank)
            saved = app.extensions["files"].save(new_key(), io.BytesIO(content))
            file.key, file.size, file.sha256 = saved.key, saved.size, saved.sha256
            file.name = f"piece-{rank}.{'pdf' if file.pages else 'jpg' if rank == 1 else 'txt'}"
        for claim in session.scalars(select(Claim)):
            claim.passage = "4-5" if claim.evidence.file.pages == PAGES else ""
            if claim.evidence.file.pages == PAGES:
                claim.anchors = [
                    Anchor(1, 4, (1000, 1000, 5000, 2000)).as_json(),
                    Anchor(1, 5, None, "Page de la piece", 0).as_json(),
                ]
        return made


@pytest.fixture
def drawn(app: Flask, store: Database, world: factories.World) -> None:
    RenditionWorker(store, app.extensions["files"], lambda: AT).run_all_due()


@pytest.fixture
def sealed(store: Database, world: factories.World) -> Submission:
    with store.transaction() as session:
        return submit(session, world.candidacy.id, "Je le jure.", by=world.candidate.id, at=AT)


def make(app: Flask) -> None:
    """Let the worker make what waits."""
    while task := edition_worker(app).claim():
        task()


def stored(app: Flask, store: Database, root: str, kind: EditionKind) -> bytes:
    with store.reader() as session:
        found = editions.find_edition(session, root, kind)
        assert found is not None
        assert found.state is EditionState.READY
        with app.extensions["files"].open(found.key) as content:
            return content.read()


def request(store: Database, submission: Submission, *kinds: EditionKind) -> None:
    with store.transaction() as session:
        printable = editions.load_printable(session, submission.id)
        for kind in kinds:
            editions.request_edition(session, printable, kind, by=None, at=AT)


def books_of(app: Flask, store: Database, world: factories.World) -> dict[EditionKind, bytes]:
    """Draw every piece, seal the dossier, and return both its books."""
    RenditionWorker(store, app.extensions["files"], lambda: AT).run_all_due()
    with store.transaction() as session:
        submission = submit(session, world.candidacy.id, "Je le jure.", by=world.candidate.id, at=AT)
    kinds = (EditionKind.READING, EditionKind.ARCHIVAL)
    request(store, submission, *kinds)
    make(app)
    return {kind: stored(app, store, submission.root, kind) for kind in kinds}


def replace_content(app: Flask, session: Session, file: EvidenceFile, content: bytes) -> None:
    """Give a piece another file of one page; what was cited of the former is cited of this one."""
    saved = app.extensions["files"].save(new_key(), io.BytesIO(content))
    file.key, file.size, file.sha256, file.pages = saved.key, saved.size, saved.sha256, 1
    for claim in session.scalars(select(Claim).where(Claim.evidence_id == file.evidence_id)):
        claim.passage, claim.anchors = "1", []


@pytest.mark.slow
def test_a_small_dossier_goes_through_every_edition(app, store, drawn, sealed):
    kinds = (EditionKind.READING, EditionKind.ARCHIVAL, EditionKind.BOOKLET, EditionKind.FRANCE_VAE)
    request(store, sealed, *kinds)
    make(app)
    reading, archival, booklet, pack = (stored(app, store, sealed.root, kind) for kind in kinds)
    _check_reading(reading, store, sealed)
    _check_archival(archival, store, sealed)
    assert 3 <= len(pages_of(booklet)) <= 2 + 4
    assert "Grille de lecture" in " ".join(pages_of(booklet)[2:])
    _check_pack(pack)


def _check_reading(pdf: bytes, store: Database, sealed: Submission) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as book:
        assert book.check_pdf_syntax() == []
        numbers = {page.obj.objgen: number for number, page in enumerate(book.pages)}
        texts = pages_of(pdf)
        with store.reader() as session:
            dossier = load_sealed_dossier(session, sealed.id)
        for exhibit in dossier.exhibits:
            for page in range(1, (exhibit.pages or 1) + 1):
                stamp = f"Pièce {exhibit.label} · p. {page}/{exhibit.pages or 1}"
                assert sum(stamp in text for text in texts) == 1, stamp
        targets = {
            numbers[link.A.D[0].objgen] if "/A" in link else numbers[link.Dest[0].objgen]
            for page in book.pages
            for link in page.obj.get("/Annots", [])
            if "/D" in link.get("/A", {}) or "/Dest" in link
        }
        cited = [number for number, text in enumerate(texts) if " · p. 4/5" in text]
        assert len(cited) == 8
        assert set(cited) <= targets
        assert sum("Page de la piece" in text for text in texts if "· p. " in text) == 8 * PAGES
        assert sum("« Page de la piece », p. 5 de la pièce" in text.replace("\u00a0", " ") for text in texts) >= 1
        marked = [number for number, page in enumerate(book.pages) if b" RG 1.4 w" in drawing_of(page)]
        assert marked == cited
        with book.open_outline() as outline:
            assert [one.title for one in outline.root][-1] == "Pièces"
        assert not book.attachments
    assert b"GPS" not in pdf


def drawing_of(page: pikepdf.Page) -> bytes:
    page.contents_coalesce()
    return page.obj.Contents.read_bytes()


def _check_archival(pdf: bytes, store: Database, sealed: Submission) -> None:
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert attachments_of(pdf)["manifeste.json"] == sealed.manifest
    assert acquis_check.attached_manifest(pdf) == sealed.manifest
    assert acquis_check.printed_root(pdf) == sealed.root
    words = " ".join(pages_of(pdf))
    for text in (
        "L’agence perdait des clients.",
        "J’ai préféré le mobile.",
        "J’ai choisi les sources et rédigé la synthèse.",
    ):
        assert text in words
    with pikepdf.open(io.BytesIO(pdf)) as book:
        assert book.check_pdf_syntax() == []


def _check_pack(pack: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        names = archive.namelist()
        assert names[0] == "livret-2.pdf"
        marked: list[str] = []
        listed = json.loads(archive.read("empreintes.json"))
        pages = 0
        for file in listed["files"]:
            content = archive.read(file["name"])
            assert len(content) == file["size"] <= 10 * 1024 * 1024
            with pikepdf.open(io.BytesIO(content)) as part:
                assert part.check_pdf_syntax() == []
                pages += len(part.pages)
                marked += _check_part(part, file)
        assert len(listed["files"]) <= 9
        assert pages == listed["files"][-1]["last"] + 1
        assert {"Sommaire", "Pièces"} <= set(marked)
        assert sum("B1-01" in title for title in marked) == 1


def _check_part(part: pikepdf.Pdf, file: dict[str, Any]) -> list[str]:
    """A file of the pack has its title, its tags, the numbers of the whole book; return its bookmarks."""
    is_main = file["name"] == "livret-2.pdf"
    title = str(part.docinfo["/Title"])
    assert title.startswith("Livret 2 de Samia Benali")
    assert title.endswith("" if is_main else f" – annexe {file['name'][7]}")
    labels = [page.label for page in part.pages]
    wanted = [str(number) for number in range(file["first"], file["last"] + 1)]
    assert [label for label in labels if label.isdecimal()] == wanted
    pages = {page.obj.objgen for page in part.pages}
    assert len(list(part.objects)) < 60 * len(pages) + 1500, "what is of other files stays with them"
    tagged = list(_tagged(part.Root.StructTreeRoot))
    assert tagged
    assert set(tagged) <= pages
    assert part.Root.MarkInfo.Marked
    with part.open_outline() as outline:
        return [str(one.title) for item in outline.root for one in (item, *item.children)]


def test_the_pack_says_which_sounds_and_films_it_leaves_out(tmp_path):
    for name in ("base.typ", "francevae.typ"):
        shutil.copyfile(TEMPLATES / name, tmp_path / name)
    with pikepdf.new() as main:
        main.add_blank_page()
        main.add_blank_page()
        main.save(tmp_path / "livret-2.pdf")
    film = {"label": "B2-03", "title": "Visite du chantier", "media": {"duration": "4 min 05"}}
    values = {"candidate": "Samia Benali", "root": "ab" * 32, "exhibits": [film, film | {"media": None}]}
    file = {"name": "livret-2.pdf", "first": 1, "last": 2, "exhibits": []}
    _add_summary(
        tmp_path, {"files": [file], "lighter": {}}, values, {"fonts": font_folders(), "look": {}, "timestamp": 0}
    )
    with pikepdf.open(tmp_path / "livret-2.pdf") as main:
        assert [page.label for page in main.pages] == ["1", "Composition de l’envoi", "2"]
    summary = pages_of((tmp_path / "livret-2.pdf").read_bytes())[1]
    assert "Ce qui n’est pas dans l’envoi" in summary
    assert summary.count("B2-03 Visite du chantier (4 min 05)") == 1


def _tagged(element: Any) -> Iterator[tuple[int, int]]:
    if "/Pg" in element:
        yield element.Pg.objgen
    held = element.get("/K")
    for kid in held if isinstance(held, pikepdf.Array) else [held]:
        if isinstance(kid, pikepdf.Dictionary):
            yield from _tagged(kid)


@pytest.mark.slow
def test_the_zip_is_checked_by_its_own_program_and_comes_back_under_the_same_root(
    app, store, sealed, tmp_path, client, world
):
    request(store, sealed, EditionKind.READING)
    make(app)
    client.log_in(world.candidate.email, factories.PASSWORD)
    path = tmp_path / "livret.zip"
    path.write_bytes(assert_resumes(client, f"/depots/{sealed.id}/livret.zip"))
    assert_resumes(client, f"/depots/{sealed.id}/livret/reading/fichier")
    with zipfile.ZipFile(path) as archive:
        archive.extract("acquis_check.py", tmp_path)
        pieces = [name for name in archive.namelist() if name.startswith("pieces/")]
        assert len(pieces) == 11
        index = archive.read("index.html").decode()
    assert "J’ai choisi les sources" in index
    assert "http" not in index.replace("http-equiv", "")
    program = [sys.executable, "-I", str(tmp_path / "acquis_check.py")]
    done = subprocess.run([*program, sealed.root, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout  # the manifest of the ZIP has this root: it names the exhibits
    done = subprocess.run([*program, str(path), str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, "différent" in done.stdout) == (0, False), done.stdout
    _check_changes(path, tmp_path, pieces[0], program)
    _import_elsewhere(app, store, path, sealed)


def _check_changes(path: Path, folder: Path, piece: str, program: list[str]) -> None:
    """One byte changed in an exhibit, in the book, in the manifest: the answer names which."""
    manifest = folder / "manifeste.json"
    with zipfile.ZipFile(path) as archive:
        manifest.write_bytes(archive.read("manifeste.json"))
    for name, expected in ((piece, "pièce B1-01"), ("livret-2.pdf", "livret-2.pdf"), ("manifeste.json", "candidate")):
        changed = folder / "changed.zip"
        with zipfile.ZipFile(path) as archive, zipfile.ZipFile(changed, "w") as copy:
            for one in archive.namelist():
                content = archive.read(one)
                if one == name:
                    content = (
                        content.replace(b"Samia", b"Samya", 1)
                        if name == "manifeste.json"
                        else content[:-9] + b"x" + content[-8:]
                    )
                copy.writestr(one, content)
        done = subprocess.run([*program, str(manifest), str(changed)], capture_output=True, text=True, check=False)
        different = [line for line in done.stdout.splitlines() if line.startswith("différent")]
        assert done.returncode == 1
        assert any(expected in line for line in different), done.stdout


def _import_elsewhere(app: Flask, store: Database, path: Path, sealed: Submission) -> None:
    received = receive_archive(path, app.extensions["files"])
    assert received.root == sealed.root
    with pytest.raises(Refusal) as refused, store.transaction() as session:
        import_archive(session, received, "autre@exemple.fr", at=AT)
    assert refused.value.code is ImportRefusal.HERE_ALREADY


@pytest.fixture
def empty(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """Give the database of another installation."""
    path = tmp_path / "empty.db"
    shutil.copy(sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    yield database
    database.engine.dispose()


@pytest.mark.records("dossier_imported")
def test_a_dossier_is_taken_back_into_an_empty_installation(app, store, sealed, tmp_path, empty):
    files = app.extensions["files"]
    path = exported(store, files, sealed, tmp_path)
    received = receive_archive(path, files)
    with empty.transaction() as session:
        submission_id = import_archive(session, received, "samia@exemple.fr", at=AT).id
    with empty.reader() as session:
        assert session.get_one(Submission, submission_id).root == sealed.root
        assert verify(session, files, submission_id) == []


@pytest.mark.parametrize(
    ("scope", "known"),
    [(Scope.WHOLE, False), (Scope.WHOLE, True), (Scope.BLOCKS, False)],
    ids=["empty", "other_body_knows_the_entry", "some_blocks"],
)
def test_a_dossier_with_an_option_is_taken_back_and_makes_the_whole_only_when_it_tells_it(
    app, store, tmp_path, empty, scope, known
):
    files = app.extensions["files"]
    with store.transaction() as session:
        body = factories.body(session)
        version, certifier = with_options.published(session, body.id), factories.certifier(session, body.id)
    candidacy_id = with_options.opened(store, version, certifier.id, 4, scope=scope)
    with store.transaction() as session:
        candidacy = session.get_one(Candidacy, candidacy_id)
        presented = [block.number for block in candidacy.blocks]
        factories.fill(session, candidacy_id, [each for block in candidacy.blocks for each in block.competencies])
        for file in session.scalars(select(EvidenceFile)):
            saved = files.save(new_key(), io.BytesIO(samples.pdf()))
            file.key, file.size, file.sha256 = saved.key, saved.size, saved.sha256
        sealed = submit(session, candidacy_id, "Je le jure.", by=candidacy.candidate_id, at=AT)
    path = exported(store, files, sealed, tmp_path)
    with empty.transaction() as session:
        other = factories.body(session, "Institut de l’exemple" if known else "Un autre institut")
        clerk = factories.certifier(session, other.id).id
        if known:
            with_options.published(session, other.id)
        found = import_archive(session, receive_archive(path, files), "samia@exemple.fr", at=AT)
    with empty.reader() as session:
        assert (found.root, verify(session, files, found.id)) == (sealed.root, [])
    assert not told(empty, found.candidacy_id).whole.obtained
    with empty.transaction() as session:
        received = session.get_one(Submission, found.id)
        brought = [block for block in received.candidacy.version.blocks if block.number in presented]
        jury = minutes(session, hearing(session, received), brought)
        granted = [answer.granted for answer in grant_from_minutes(session, jury.id, by=clerk, at=AT)]
    assert granted.count(True) == len(presented)
    whole = told(empty, found.candidacy_id).whole
    assert whole.obtained == (scope is Scope.WHOLE)
    assert ("ne nomme pas" in completion_message(whole)) == (scope is Scope.BLOCKS)


def exported(store: Database, files: FileStore, sealed: Submission, folder: Path) -> Path:
    """Return where the ZIP of a sealed dossier is written."""
    with store.reader() as session:
        printable = editions.load_printable(session, sealed.id)
    path = folder / "livret.zip"
    path.write_bytes(b"".join(stream_archive(entries_of(index_values, printable, files, []), AT)))
    return path


EVERYWHERE = "您好世界 日本語 한국어 😀"


@pytest.mark.slow
def test_one_broken_picture_breaks_no_book_and_every_script_is_legible_in_it(app, store, world, tmp_path):
    """The codestream of a JPEG 2000 that is cut makes Poppler end on the whole file."""
    whole = samples.image("JPEG2000", (400, 300))
    broken = pdf_with(whole[: len(whole) // 2] + b"\xff\x51" + bytes(40), "/JPXDecode")
    with store.transaction() as session:
        file = session.scalars(select(EvidenceFile).where(EvidenceFile.pages == PAGES)).first()
        replace_content(app, session, file, broken)
        file.evidence.title = f"Titre {EVERYWHERE}"
        note = session.scalars(select(EvidenceFile).where(EvidenceFile.mime == "text/plain")).first()
        saved = app.extensions["files"].save(new_key(), io.BytesIO(f"Pièce {EVERYWHERE}".encode()))
        note.key, note.size, note.sha256 = saved.key, saved.size, saved.sha256
        for narrative in session.scalars(select(Narrative)):
            narrative.situation = f"Récit {EVERYWHERE} مرحبا"
    for book in books_of(app, store, world).values():
        assert b"JPXDecode" not in book
        said = " ".join(pages_of(book))
        assert all(sign in said for sign in "您好世界日本語한국어😀")
        assert "\ufffd" not in said
        assert_opened_by_all(book, tmp_path)


@pytest.mark.slow
def test_a_page_that_breaks_its_reader_stops_no_document_of_a_sealed_dossier(app, store, world, tmp_path):
    """The drawing of the page is filed as a JBIG2 picture, which another program would have to read."""
    with store.transaction() as session:
        file = session.scalars(select(EvidenceFile).where(EvidenceFile.pages == PAGES)).first()
        replace_content(app, session, file, broken_pdf(with_a_drawing_filed_as_a_picture))
    RenditionWorker(store, app.extensions["files"], lambda: AT).run_all_due()
    with store.transaction() as session:
        submission = submit(session, world.candidacy.id, "Je le jure.", by=world.candidate.id, at=AT)
    kinds = (EditionKind.READING, EditionKind.ZIP, EditionKind.FRANCE_VAE)
    request(store, submission, *kinds)
    make(app)
    made = {kind: stored(app, store, submission.root, kind) for kind in kinds}
    assert b"JBIG2Decode" not in made[EditionKind.READING]
    assert_opened_by_all(made[EditionKind.READING], tmp_path)
    _check_pack(made[EditionKind.FRANCE_VAE])


PICTURES = {"/DCTDecode": samples.jpeg((640, 480)), "[/FlateDecode /DCTDecode]": samples.jpeg((640, 480))}


@pytest.mark.parametrize("packed", PICTURES)
def test_a_page_is_laid_as_it_is_only_when_its_pictures_are_decoded(tmp_path, packed):
    path = tmp_path / "piece.pdf"
    path.write_bytes(pdf_with(PICTURES[packed], packed))
    assert SourcePdf(path).page(1) is not None
    path.write_bytes(pdf_with(PICTURES[packed][: len(PICTURES[packed]) // 2], packed))
    assert SourcePdf(path).page(1) is None


def test_a_page_whose_drawing_swells_is_not_laid_as_it_is(tmp_path):
    for content, expected in ((samples.swollen_pdf(40_000_000), False), (samples.pdf(1), True)):
        path = tmp_path / "piece.pdf"
        path.write_bytes(content)
        with pikepdf.open(path) as pdf:
            assert is_bounded(pdf.pages[0].obj.Contents) is expected


def test_a_note_that_readers_draw_in_their_own_way_is_printed_from_its_image(tmp_path):
    path = tmp_path / "piece.pdf"
    path.write_bytes(samples.pdf(2))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Highlight,
            Rect=[0, 0, 9, 9],
            QuadPoints=[0, 0, 9, 0, 0, 9, 9, 9],
        )
        pdf.pages[1].obj.Annots = pikepdf.Array([pdf.make_indirect(note)])
        pdf.save(path)
    source = SourcePdf(path)
    assert source.page(1) is not None
    assert source.page(2) is None


def test_a_zip_whose_exhibit_changed_is_not_taken_back(app, store, sealed, tmp_path):
    from portfolio.documents.livret.archive import entries_of, stream_archive

    files = app.extensions["files"]
    with store.reader() as session:
        printable = editions.load_printable(session, sealed.id)
    whole = b"".join(stream_archive(entries_of(index_values, printable, files, []), AT))
    path = tmp_path / "changed.zip"
    with zipfile.ZipFile(io.BytesIO(whole)) as archive, zipfile.ZipFile(path, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            copy.writestr(name, content[:-1] + b"x" if name.startswith("pieces/B1-01") else content)
    with pytest.raises(Refusal) as refused:
        receive_archive(path, files)
    assert refused.value.code is ImportRefusal.FILE_CHANGED


@pytest.mark.records("edition_cancelled", "edition_requested")
def test_the_candidate_asks_follows_stops_and_takes_a_document(app, store, sealed, client: CheckedClient, world):
    client.log_in(world.candidate.email, factories.PASSWORD)
    address = f"/depots/{sealed.id}/livret"
    assert "Préparer" in client.page(address).text
    assert client.get(f"{address}/booklet/fichier").status_code == 409
    assert client.send(f"{address}/booklet", form=address).status_code == 303
    assert "En attente" in client.page(address).text
    client.send(f"{address}/booklet/arreter", form=address)
    make(app)
    assert "a été arrêtée" in client.page(address).text
    client.send(f"{address}/booklet", form=address)
    client.send(f"{address}/booklet", form=address)
    make(app)
    response = client.get(f"{address}/booklet/fichier")
    assert (response.status_code, response.data[:5]) == (200, b"%PDF-")
    with store.reader() as session:
        assert len(session.scalars(select(BookEdition)).all()) == 1
    proof = client.get(f"/depots/{sealed.id}/pieces/B1-01/preuve").get_json(force=True)
    assert acquis_check._from_proof(proof).root == sealed.root


def test_an_advisor_never_takes_the_originals(store, sealed, client: CheckedClient, world):
    client.log_in(world.advisor.email, factories.PASSWORD)
    assert "ZIP" not in client.page(f"/depots/{sealed.id}/livret").text
    assert client.get(f"/depots/{sealed.id}/livret.zip").status_code == 403
    assert client.send(f"/depots/{sealed.id}/livret/francevae", form=f"/depots/{sealed.id}/livret").status_code == 404


def test_a_draft_is_printed_at_any_time_and_marked(app, store, client: CheckedClient, world):
    client.log_in(world.candidate.email, factories.PASSWORD)
    address = f"/dossiers/{world.candidacy.id}/brouillon"
    client.send(address)
    make(app)
    pages = pages_of(client.get(f"{address}/fichier").data)
    assert all("rouillon" in page for page in pages)
    assert not any("acquis-root" in page for page in pages)


def test_whatever_is_saved_of_a_draft_gives_its_edition_another_name(store, world):
    def name() -> str:
        with store.reader() as session:
            return editions.load_draft_source(session, world.candidacy.id).root

    with store.transaction() as session:
        text = {"structure": "Atelier", "post": "Fondatrice", "changed_at": AT}
        session.add(Experience(candidacy_id=world.candidacy.id, **text))
    names = [name(), name()]
    assert names[0] == names[1], "nothing was saved between"
    for table in (Dossier, Experience, Narrative, Claim, Evidence):
        with store.transaction() as session:
            row = session.scalars(select(table).where(table.candidacy_id == world.candidacy.id)).first()
            row.revision += 1
        names.append(name())
    for change in ({"is_left_out": True}, {"removed_at": AT}):
        with store.transaction() as session:
            query = select(Evidence).where(Evidence.candidacy_id == world.candidacy.id, is_joined(Evidence))
            for attribute, value in change.items():
                setattr(session.scalars(query).first(), attribute, value)
        names.append(name())
    with store.transaction() as session:
        session.delete(session.scalars(select(Claim)).first())
    names.append(name())
    with store.transaction() as session:
        session.get_one(Person, world.candidate.id).name = "Samia Benali-Roche"
    names.append(name())
    assert len({*names}) == len(names) - 1


def test_anyone_with_the_receipt_checks_a_file_by_its_digest(store, sealed, client: CheckedClient):
    with store.reader() as session:
        exhibit = load_sealed_dossier(session, sealed.id).exhibits[0]
    given = {"root": sealed.root, "sha256": exhibit.sha256.upper()}
    assert "Identique" in client.send("/verifier-un-dossier", given).text
    assert f"la pièce {exhibit.label}" in client.send("/verifier-un-dossier", given).text
    whole = given | {"sha256": hashlib.sha256(sealed.manifest).hexdigest()}
    assert "la liste de ce qui est scellé" in client.send("/verifier-un-dossier", whole).text
    changed = given | {"sha256": "0" * 64}
    assert "n’en fait pas partie" in client.send("/verifier-un-dossier", changed).text
    assert "Différent" in client.send("/verifier-un-dossier", changed | {"label": exhibit.label.lower()}).text
    assert "Aucun dossier scellé" in client.send("/verifier-un-dossier", given | {"root": "1" * 64}).text
    assert client.send("/verifier-un-dossier", given | {"sha256": "court"}).status_code == 422
    assert client.get("/verifier-un-dossier/acquis_check.py").data == Path(acquis_check.__file__).read_bytes()


def test_the_certifying_body_takes_the_documents_and_never_opens_the_reading_room(app, store, sealed, client, world):
    client.log_in(world.certifier.email, factories.PASSWORD)
    assert f"/depots/{sealed.id}/livret" in client.get(f"/candidatures/{world.candidacy.id}").get_data(as_text=True)
    address = f"/depots/{sealed.id}/livret"
    assert "Envoi pour France VAE" in client.page(address).text
    client.send(f"{address}/reading", form=address)
    make(app)
    assert client.get(f"{address}/reading/fichier").data[:5] == b"%PDF-"
    with zipfile.ZipFile(io.BytesIO(client.get(f"{address}.zip").data)) as archive:
        assert {"livret-2.pdf", "manifeste.json", "acquis_check.py"} <= set(archive.namelist())
    assert client.get(f"/depots/{sealed.id}/lecture").status_code == 404
    assert client.get(f"/depots/{sealed.id}").status_code == 404
