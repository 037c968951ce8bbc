"""Check who takes a file away: the candidate their original, everyone else what is drawn of it, or nothing."""

import hashlib
from io import BytesIO
from urllib.parse import unquote

import pytest
from sqlalchemy import select, update

from portfolio.domain.candidacy.models import SealedFile
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import Page, Rendition
from portfolio.domain.dossier.rules.rendition import RenditionKind
from portfolio.files.file_types.types import FileType
from portfolio.run.worker import rendition_worker
from tests import factories, office_files, samples
from tests.active_pdfs import active_pdf, unpacked
from tests.calling import calling_documents
from tests.evidence.test_shared_copies import CANARY, pictures
from tests.jury import builders
from tests.partial import assert_resumes
from tests.pdf_pages import SECRET, SHOWING, UNDER_A_RECTANGLE

PHOTO = pictures()["jpg"]


@pytest.fixture
def made(app, store) -> builders.Scene:
    """A sealed dossier before its jury, whose first exhibit is a photograph that tells where it was taken."""
    made = builders.scene(store)
    put(app, store, made, PHOTO, "image/jpeg", "photo.jpg")
    return made


def put(app, store, made, content: bytes, mime: str, name: str) -> None:
    """Make the first exhibit this file, in the rows and in the store, as if it had been sent so."""
    key = exhibit(store, made)[1]
    if app.extensions["files"].exists(key):
        app.extensions["files"].delete(key)
    kept = app.extensions["files"].save(key, BytesIO(content))
    with store.engine.begin() as connection:  # behind the seal's back: the test chooses what was sealed
        guards = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'sealed_file'"
        )
        dropped = guards.all()
        for trigger, _sql in dropped:
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        facts = {"mime": mime, "name": name, "size": kept.size, "sha256": kept.sha256}
        for table in (EvidenceFile, SealedFile):
            connection.execute(update(table).where(table.key == key).values(**facts))
        for _trigger, sql in dropped:
            connection.exec_driver_sql(sql)


def exhibit(store, made) -> tuple[str, str]:
    with store.reader() as session:
        query = select(SealedFile.exhibit, SealedFile.key).where(SealedFile.submission_id == made.submission_id)
        return session.execute(query.order_by(SealedFile.exhibit)).first()


def urls(store, made) -> dict[str, str]:
    label, key = exhibit(store, made)
    with store.reader() as session:
        file = session.scalars(select(EvidenceFile).where(EvidenceFile.key == key)).one()
        return {
            "jury": f"/jurys/{made.hearing_id}/pieces/{label}/fichier",
            "sealed": f"/depots/{made.submission_id}/pieces/{label}",
            "draft": f"/dossiers/{made.candidacy_id}/preuves/{file.evidence_id}/fichier/{file.number}",
        }


PLACES = [
    ("candidate", "sealed"),
    ("candidate", "draft"),
    ("advisor", "draft"),
    ("advisor", "sealed"),
    ("president", "jury"),
    ("president", "sealed"),
]


@pytest.mark.parametrize(("who", "place"), PLACES)
def test_the_original_for_whose_it_is_a_page_without_its_place_for_others(app, client, store, made, who, place):
    client.log_in(getattr(made, who).email, factories.PASSWORD)
    answer = client.get(urls(store, made)[place])
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    if who == "candidate":
        assert hashlib.sha256(answer.data).digest() == hashlib.sha256(PHOTO).digest(), "the proof is the original"
        assert "copie" not in answer.headers["Content-Disposition"]
    else:
        assert answer.mimetype == "application/pdf"
        assert CANARY not in unpacked(answer.data)
        assert "photo%20%28copie%29.pdf" in answer.headers["Content-Disposition"]


@pytest.mark.slow
@pytest.mark.parametrize(("who", "place"), PLACES)
@pytest.mark.parametrize("kind", ["picture", "pdf that acts", "pdf", "film"])
def test_a_download_that_was_cut_goes_on(app, client, store, made, who, place, kind):
    if kind == "film":
        put(app, store, made, office_files.film(), "video/mp4", "visite.mp4")
        draw(app, store, made, None)
    elif kind != "picture":
        drawn(app, store, made, active_pdf() if kind == "pdf that acts" else SHOWING["written"])
    client.log_in(getattr(made, who).email, factories.PASSWORD)
    assert_resumes(client, urls(store, made)[place])


def test_a_file_that_changed_is_not_sent_in_parts_either(app, client, store, made):
    client.log_in(made.candidate.email, factories.PASSWORD)
    addresses = urls(store, made)
    key = exhibit(store, made)[1]
    app.extensions["files"].delete(key)
    app.extensions["files"].save(key, BytesIO(PHOTO[:-1] + b"x"))
    for place in ("sealed", "draft"):
        assert client.get(addresses[place], headers={"Range": "bytes=0-9"}).status_code == 409
    app.extensions["files"].delete(key)
    for place in ("sealed", "draft"):
        assert client.get(addresses[place], headers={"Range": "bytes=0-9"}).status_code == 410


CALLING = calling_documents("http://canari.example")


@pytest.mark.parametrize(("who", "place"), PLACES)
def test_a_document_that_calls_is_a_pdf_of_its_pages_for_others(app, client, store, made, who, place):
    kind, content = CALLING["linked picture"]
    put(app, store, made, content, kind.mime, "bilan.docx")
    client.log_in(getattr(made, who).email, factories.PASSWORD)
    if who != "candidate":
        answer = client.get(urls(store, made)[place])
        assert answer.status_code == 202
        assert int(answer.headers["Retry-After"]) > 0
        assert "n’est pas encore prêt" in answer.text
    draw(app, store, made, None)
    answer = client.get(urls(store, made)[place])
    assert answer.status_code == 200
    assert (answer.data == content) is (who == "candidate")
    if who != "candidate":
        assert answer.mimetype == "application/pdf"
        assert b"canari.example" not in unpacked(answer.data)
        assert "bilan%20%28copie%29.pdf" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(("who", "place"), PLACES)
def test_a_recording_is_for_others_the_one_that_is_played(app, client, store, made, who, place):
    content = office_files.film()
    put(app, store, made, content, "video/mp4", "visite.mp4")
    draw(app, store, made, None)
    client.log_in(getattr(made, who).email, factories.PASSWORD)
    answer = client.get(urls(store, made)[place])
    assert (answer.status_code, answer.mimetype) == (200, "video/mp4")
    assert (answer.data == content) is (who == "candidate")
    if place == "jury":
        assert answer.data == client.get(urls(store, made)["jury"].replace("/fichier", "/enregistrement")).data


@pytest.mark.parametrize(("who", "place"), PLACES[2:])
def test_a_document_that_cannot_be_drawn_is_given_to_nobody_else_and_no_link_says_so(
    app, client, store, made, who, place
):
    put(app, store, made, b"fLaC" + bytes(400), FileType.FLAC.mime, "voix.flac")
    draw(app, store, made, None)
    client.log_in(getattr(made, who).email, factories.PASSWORD)
    answer = client.get(urls(store, made)[place])
    assert answer.status_code == 409
    assert "n’a pas pu être vérifié en entier" in answer.text
    page = client.page(reader_of(urls(store, made)[place], place))
    assert "Le fichier ne se télécharge pas" in page.text
    assert not page.all("a", href=urls(store, made)[place])


def reader_of(file: str, place: str) -> str:
    """Return the address at which a file is read, from the one at which it is taken."""
    if place == "draft":
        return file.replace("/fichier/", "/versions/") + "/lire"
    return file.removesuffix("/fichier") + ("/lire" if place == "sealed" else "")


def test_the_reader_says_that_a_copy_is_given_and_what_the_seal_proves(client, store, made):
    client.log_in(made.president.email, factories.PASSWORD)
    page = client.page(urls(store, made)["jury"].removesuffix("/fichier"))
    assert "Télécharger une copie" in page.text
    assert "Le code scellé est celui de l’original" in page.text


def drawn(app, store, made, content: bytes, name: str = "plan.pdf") -> None:
    """Make the first exhibit this PDF, and draw its pages."""
    put(app, store, made, content, "application/pdf", name)
    draw(app, store, made, 1)


def draw(app, store, made, pages: int | None) -> None:
    """Draw the pages of the first exhibit, a file in which so many pages were counted."""
    key = exhibit(store, made)[1]
    count_pages(store, key, pages)
    workshop = rendition_worker(app)
    workshop.due()
    with store.reader() as session:
        query = select(Rendition.id).join(EvidenceFile).where(EvidenceFile.key == key)
        orders = session.scalars(query.where(Rendition.kind == RenditionKind.PAGES)).all()
    for one in orders:
        workshop.run(one)


@pytest.mark.parametrize(("who", "place"), PLACES[2:])
def test_a_pdf_that_hides_text_is_read_here_and_given_to_nobody_else(app, client, store, made, who, place):
    drawn(app, store, made, UNDER_A_RECTANGLE)
    client.log_in(getattr(made, who).email, factories.PASSWORD)
    answer = client.get(urls(store, made)[place])
    assert answer.status_code == 409
    assert "du texte que ses pages ne montrent pas" in answer.text
    assert SECRET.encode() not in answer.data
    page = client.page(f"{reader_of(urls(store, made)[place], place)}?page=1")
    assert "Bonjour" in page.text
    assert SECRET not in page.text
    assert "Ce texte n’est pas repris ici" in page.text
    assert "Le fichier ne se télécharge pas" in page.text


def test_the_page_of_a_piece_links_no_file_that_its_reader_is_not_given(app, client, store, made):
    client.log_in(made.advisor.email, factories.PASSWORD)
    address = urls(store, made)["draft"]
    piece = address.partition("/fichier/")[0]
    assert client.page(piece).all("a", href=address)
    drawn(app, store, made, UNDER_A_RECTANGLE)
    page = client.page(piece)
    assert not page.all("a", href=address)
    assert "Le fichier ne se télécharge pas" in page.text


def test_the_owner_of_a_pdf_that_hides_text_is_warned_and_keeps_the_original(app, client, store, made):
    drawn(app, store, made, UNDER_A_RECTANGLE)
    client.log_in(made.candidate.email, factories.PASSWORD)
    page = client.page(urls(store, made)["draft"].split("/fichier/")[0])
    assert "Du texte est caché dans ce fichier" in page.text
    assert "à la page 1" in page.text
    assert client.get(urls(store, made)["draft"]).data == UNDER_A_RECTANGLE


DEFUSED = "un programme (JavaScript)"


def test_the_owner_of_a_pdf_with_a_script_is_told_what_the_others_receive(app, client, store, made):
    drawn(app, store, made, active_pdf())
    client.log_in(made.candidate.email, factories.PASSWORD)
    page = client.page(urls(store, made)["draft"].split("/fichier/")[0])
    [sentence] = [line for line in page.text.splitlines() if DEFUSED in line]
    assert "les autres personnes en reçoivent une copie sans cela" in sentence
    assert "une action qui démarre à l’ouverture" in sentence
    reader = client.page(urls(store, made)["draft"].replace("/fichier/", "/versions/") + "/lire")
    assert "une copie sans cela" not in reader.text
    assert b"canari" in unpacked(client.get(urls(store, made)["draft"]).data)


def test_who_receives_a_copy_of_a_pdf_with_a_script_is_told_what_it_does_without(app, client, store, made):
    drawn(app, store, made, active_pdf())
    client.log_in(made.president.email, factories.PASSWORD)
    page = client.page(urls(store, made)["jury"].removesuffix("/fichier"))
    assert DEFUSED in page.text
    assert "le fichier à télécharger est une copie sans cela" in page.text
    assert b"canari" not in unpacked(client.get(urls(store, made)["jury"]).data)


@pytest.mark.parametrize(
    ("who", "place", "cut"), [("candidate", "draft", "/fichier/1"), ("president", "jury", "/fichier")]
)
def test_nothing_is_told_of_a_pdf_in_which_nothing_acts(app, client, store, made, who, place, cut):
    drawn(app, store, made, SHOWING["written"])
    client.log_in(getattr(made, who).email, factories.PASSWORD)
    assert "une copie sans cela" not in client.page(urls(store, made)[place].removesuffix(cut)).text


def test_a_pdf_is_given_to_others_once_its_pages_were_looked_at(app, client, store, made):
    put(app, store, made, SHOWING["written"], "application/pdf", "plan.pdf")
    client.log_in(made.president.email, factories.PASSWORD)
    answer = client.get(urls(store, made)["jury"])
    assert answer.status_code == 202
    assert "quand toutes ses pages ont été préparées" in answer.text
    drawn(app, store, made, SHOWING["written"])
    assert client.get(urls(store, made)["jury"]).status_code == 200


def test_pages_drawn_before_hidden_text_was_looked_for_show_no_text_and_are_drawn_again(app, client, store, made):
    drawn(app, store, made, UNDER_A_RECTANGLE)
    with store.transaction() as session:
        session.execute(update(Rendition).values(method=0))
        session.execute(update(Page).values(text=f"Bonjour {SECRET}", hidden=0))
    client.log_in(made.president.email, factories.PASSWORD)
    address = urls(store, made)["jury"].removesuffix("/fichier") + "?page=1"
    assert SECRET not in client.page(address).text
    assert client.get(urls(store, made)["jury"]).status_code == 202
    rendition_worker(app).run_all_due()
    page = client.page(address)
    assert "Bonjour" in page.text
    assert SECRET not in page.text
    assert client.get(urls(store, made)["jury"]).status_code == 409


@pytest.mark.parametrize(("who", "place"), PLACES)
def test_the_name_of_a_file_ends_as_its_content_does_and_turns_no_direction(app, client, store, made, who, place):
    drawn(app, store, made, SHOWING["written"], "facture\u202efdp.exe")
    client.log_in(getattr(made, who).email, factories.PASSWORD)
    answer = client.get(urls(store, made)[place])
    assert answer.mimetype == "application/pdf"
    name = unquote(answer.headers["Content-Disposition"].rpartition("''")[2])
    mark = "" if who == "candidate" else " (copie)"
    assert name.endswith(f"facture\ufffdfdp.exe{mark}.pdf")
    assert answer.headers["Content-Disposition"].isascii()


LONG_TABLE = "".join(f"ligne {row};valeur\n" for row in range(5_100)).encode()
BY_BOTH = (("candidate", "draft"), ("president", "jury"))
LONG_FILES = {
    # The jury reads the number of pages in the sealed manifest, which no test changes.
    "a PDF": (
        *(BY_BOTH[:1], SHOWING["written"], "application/pdf", 620),
        "Ce PDF est long : 500 pages sur 620 se lisent ici. Déposé en plusieurs fichiers, il se lit en entier.",
    ),
    "a table": (
        *(BY_BOTH, LONG_TABLE, "text/csv", None),
        "Ce fichier est long : 5 000 lignes sur 5 100 se lisent ici. Déposé en plusieurs fichiers, il se lit en entier.",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("readers", "content", "mime", "pages", "shown"), LONG_FILES.values(), ids=LONG_FILES)
def test_how_much_is_shown_of_a_long_file_is_said_and_the_file_offered(
    app, client, store, made, readers, content, mime, pages, shown
):
    put(app, store, made, content, mime, "longue.pdf" if pages else "longue.csv")
    draw(app, store, made, pages)
    for who, place in readers:
        client.log_in(getattr(made, who).email, factories.PASSWORD)
        file = urls(store, made)[place]
        page = client.page(reader_of(file, place))
        assert shown in page.text
        assert page.all("a", href=file)
        client.send("/deconnexion", form="/compte")


@pytest.mark.parametrize(("who", "place"), PLACES[2:])
def test_no_link_is_offered_to_a_scan_of_more_pages_than_a_copy_holds(app, client, store, made, who, place):
    put(app, store, made, samples.tiff(151), FileType.TIFF.mime, "archives.tif")
    draw(app, store, made, 2)
    count_pages(store, exhibit(store, made)[1], 151)
    client.log_in(getattr(made, who).email, factories.PASSWORD)
    file = urls(store, made)[place]
    assert client.get(file).status_code == 409
    page = client.page(reader_of(file, place))
    assert "Le fichier ne se télécharge pas" in page.text
    assert not page.all("a", href=file)


@pytest.mark.slow
def test_a_pdf_of_more_pages_than_are_looked_at_is_given_to_nobody_else(app, client, store, made):
    put(app, store, made, SHOWING["written"], "application/pdf", "longue.pdf")
    draw(app, store, made, 500)
    key = exhibit(store, made)[1]
    for who, place in PLACES[2:]:
        client.log_in(getattr(made, who).email, factories.PASSWORD)
        count_pages(store, key, 500)
        assert client.get(urls(store, made)[place]).data == SHOWING["written"]
        count_pages(store, key, 501)
        answer = client.get(urls(store, made)[place])
        assert answer.status_code == 409
        assert "n’a pas pu être vérifié en entier" in answer.text
        client.send("/deconnexion", form="/compte")


def count_pages(store, key: str, pages: int | None) -> None:
    """Have so many pages counted in a file, which is drawn already."""
    with store.engine.begin() as connection:
        connection.execute(update(EvidenceFile).where(EvidenceFile.key == key).values(pages=pages))
