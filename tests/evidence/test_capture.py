"""Evidence from a phone: photographs, several made into one piece, what a file tells of itself, a description
in short steps.
"""

import io
from datetime import date

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import select

from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.description import EvidenceKind, proposed_kind
from portfolio.files.file_types.detect import sniff
from portfolio.files.integrity.references import check_files
from tests import factories, samples
from tests.factories import PASSWORD
from tests.page import Page

ORIENTATION, TAKEN, EXIF = 0x0112, 0x9003, 0x8769


def photo(colour: str, *, taken: str = "2021:03:12 14:05:00", turn: int = 1, size: tuple[int, int] = (80, 40)) -> bytes:
    """A photograph as a phone writes it: its day, and which way up it is."""
    image, exif, out = Image.new("RGB", size, colour), Image.Exif(), io.BytesIO()
    exif[ORIENTATION] = turn
    if taken:
        exif.get_ifd(EXIF)[TAKEN] = taken
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.fixture
def world(store):
    return factories.begin_world(store, filled=False)


@pytest.fixture
def candidate(client, world):
    client.log_in(world.candidate.email, PASSWORD)
    return client


def preuves(world) -> str:
    return f"/dossiers/{world.candidacy.id}/preuves"


def send(client, world, files=(), photos=(), **more: str):
    data = {
        "files": [(io.BytesIO(content), name) for content, name in files],
        "photos": [(io.BytesIO(content), name) for content, name in photos],
    }
    return client.send(f"{preuves(world)}/ajouter", data | more)


def pieces(store) -> list[Evidence]:
    with store.reader() as session:
        found = list(session.scalars(select(Evidence).order_by(Evidence.number)))
        for piece in found:
            piece.files  # noqa: B018 - read while the session is open
        return found


@pytest.mark.parametrize(
    ("taken", "day"),
    [
        ("2021:03:12 14:05:00", date(2021, 3, 12)),
        ("1970:01:01 00:00:00", None),
        ("0000:00:00", None),
        ("hier", None),
        ("", None),
    ],
)
def test_the_day_that_a_camera_wrote_is_read_and_a_clock_that_was_never_set_says_nothing(taken, day):
    content = photo("red", taken=taken)
    assert sniff(io.BytesIO(content), len(content)).taken_on == day


def test_a_type_proposes_a_kind_only_when_it_tells():
    assert proposed_kind("image/jpeg", is_taken=True) is EvidenceKind.PHOTO
    assert proposed_kind("image/png", is_taken=False) is EvidenceKind.SCREENSHOT
    assert proposed_kind("audio/mp4", is_taken=False) is EvidenceKind.RECORDING
    assert proposed_kind("message/rfc822", is_taken=False) is EvidenceKind.EMAIL
    assert proposed_kind("application/pdf", is_taken=False) is None


def test_photographs_of_the_camera_are_pieces_like_files(candidate, world, store):
    answer = send(candidate, world, [(samples.pdf(), "bilan.pdf")], [(photo("red"), "image.jpg")])
    assert answer.status_code == 303
    assert [piece.title for piece in pieces(store)] == ["bilan", "image"]
    assert pieces(store)[1].files[0].taken_on == date(2021, 3, 12)


def test_several_photographs_become_one_piece_upright_in_their_order(candidate, world, store, app):
    photos = [(photo("red", turn=6), "a.jpg"), (photo("lime", taken=""), "b.jpg"), (photo("blue"), "c.jpg")]
    answer = send(candidate, world, [(samples.pdf(), "bilan.pdf")], photos, joined="y")
    assert answer.status_code == 303
    joined, other = pieces(store)
    assert (joined.title, other.title) == ("Photos du 12 mars 2021", "bilan")
    [file] = joined.files
    assert (file.mime, file.pages, file.taken_on) == ("application/pdf", 3, date(2021, 3, 12))
    with app.extensions["files"].open(file.key) as content, pypdfium2.PdfDocument(content.read()) as document:
        high = [document[page].get_height() > document[page].get_width() for page in range(3)]
        middles = [
            document[page].render(scale=0.1).to_pil().convert("RGB").resize((1, 1)).getpixel((0, 0))
            for page in range(3)
        ]
    assert high == [True, False, False], "the first one was held sideways"
    assert [max(range(3), key=middle.__getitem__) for middle in middles] == [0, 1, 2]
    assert check_files(app.extensions["files"], store).ok


def test_a_photograph_that_is_damaged_does_not_stop_the_others(candidate, world, store):
    photos = [(photo("red"), "a.jpg"), (photo("blue")[:300], "b.jpg"), (photo("lime"), "c.jpg")]
    answer = send(candidate, world, photos=photos, joined="y")
    assert answer.status_code == 422
    assert "« b.jpg »" in Page(answer.text).text
    [joined] = pieces(store)
    assert joined.files[0].pages == 2


def test_a_sheet_of_a_scanner_is_joined_with_photographs(candidate, world, store):
    photos = [(photo("red"), "a.jpg"), (samples.vast_png(), "scan.png")]
    assert send(candidate, world, photos=photos, joined="y").status_code == 303
    [joined] = pieces(store)
    assert joined.files[0].pages == 2


def test_one_photograph_alone_stays_what_it_is(candidate, world, store):
    assert send(candidate, world, photos=[(photo("red"), "a.jpg")], joined="y").status_code == 303
    assert [piece.files[0].mime for piece in pieces(store)] == ["image/jpeg"]


def test_two_files_of_a_form_that_are_the_same_make_one_piece(candidate, world, store, app):
    answer = send(
        candidate, world, [(samples.pdf(), "bilan.pdf"), (samples.pdf(), "copie.pdf"), (samples.pdf(2), "plan.pdf")]
    )
    assert answer.status_code == 422
    assert "« copie.pdf » est le même fichier que « bilan.pdf »" in Page(answer.text).text
    assert [piece.title for piece in pieces(store)] == ["bilan", "plan"]
    assert check_files(app.extensions["files"], store).ok


def test_the_browser_may_ask_whether_the_dossier_has_a_file(candidate, world, store):
    send(candidate, world, [(samples.pdf(), "bilan.pdf")])
    [piece] = pieces(store)
    ask = f"{preuves(world)}/meme-fichier?sha256="
    known = candidate.get(ask + piece.files[0].sha256).get_json()
    assert known == {"number": 1, "title": "bilan", "address": f"{preuves(world)}/{piece.id}"}
    assert candidate.get(ask + "0" * 64).get_json() == {}
    assert candidate.get(ask + "%27").get_json() == {}


def test_the_microphone_may_be_asked_for_where_evidence_is_added_and_nowhere_else(candidate, world):
    assert "microphone=(self)" in candidate.get(f"{preuves(world)}/ajouter").headers["Permissions-Policy"]
    assert "microphone=()" in candidate.get(preuves(world)).headers["Permissions-Policy"]


def test_the_steps_propose_what_the_file_tells_and_save_only_what_is_answered(candidate, world, store):
    with store.transaction() as session:
        factories.experience(session, world.candidacy.id)
    answer = send(candidate, world, photos=[(photo("red"), "atelier.jpg")])
    [piece] = pieces(store)
    first = f"{preuves(world)}/{piece.id}/decrire/1"
    assert answer.headers["Location"] == first
    page = candidate.page(first)
    assert "Proposé d’après le type du fichier" in page.text
    assert page.all("img", alt="Première page de la pièce 1")
    assert pieces(store)[0].kind is None, "nothing is said until it is saved"
    second = candidate.send(first, {"title": "Atelier de mars", "kind": "photo", "revision": "1"})
    assert second.headers["Location"].endswith("/decrire/2")
    page = candidate.page(second.headers["Location"])
    assert page.all("input", name="dated_from", value="2021-03-12")
    assert "c’est la seule que vous avez décrite" in page.text
    assert page.all("a", href=f"{preuves(world)}/{piece.id}/decrire/3"), "a step may be skipped"
    candidate.send(
        f"{preuves(world)}/{piece.id}/decrire/3", {"own_role": "J’ai animé.", "authorship": "mine", "revision": "2"}
    )
    last = candidate.send(
        f"{preuves(world)}/{piece.id}/decrire/4",
        {"confidentiality": "open", "anonymity": "not_needed", "revision": "3"},
    )
    assert last.status_code == 303
    [said] = pieces(store)
    assert (said.title, said.kind, said.dated_from, said.own_role) == (
        "Atelier de mars",
        EvidenceKind.PHOTO,
        None,
        "J’ai animé.",
    )
    assert (said.authorship, said.confidentiality, said.anonymity) == ("mine", "open", "not_needed")


def test_a_step_keeps_what_is_wrong_in_it_and_a_stale_one_shows_both_texts(candidate, world, store):
    send(candidate, world, photos=[(photo("red"), "atelier.jpg")])
    [piece] = pieces(store)
    address = f"{preuves(world)}/{piece.id}/decrire/2"
    answer = candidate.send(address, {"dated_from": "demain", "revision": "1"})
    assert answer.status_code == 422
    assert "demain" in answer.text
    candidate.send(f"{preuves(world)}/{piece.id}/decrire/1", {"title": "Ailleurs", "revision": "1"})
    assert candidate.send(address, {"dated_from": "2020-01-02", "revision": "1"}).status_code == 409
    assert candidate.get(f"{preuves(world)}/{piece.id}/decrire/9").status_code == 404


@pytest.fixture
def second(store, world):
    """Another candidacy of the same person, in another body."""
    with store.transaction() as session:
        body = factories.body(session, "Une autre école")
        version = factories.published_version(session, body.id, "RNCP40000")
        person = session.get_one(type(world.candidate), world.candidate.id)
        return factories.candidacy(session, version, person).id


def test_a_piece_of_another_dossier_is_taken_over_from_the_library(candidate, world, second, store, app):
    send(candidate, world, [(samples.pdf(2), "bilan.pdf")])
    [piece] = pieces(store)
    library = candidate.page(f"/dossiers/{second}/preuves")
    assert library.all("a", href=f"/dossiers/{second}/preuves/reprendre")
    page = candidate.page(f"/dossiers/{second}/preuves/reprendre")
    assert "bilan" in page.text
    assert candidate.send(f"/dossiers/{second}/preuves/reprendre", {}).status_code == 422
    nonce = page.all("input", name="nonce")[0]["value"]
    for _ in range(2):  # two clicks
        answer = candidate.send(f"/dossiers/{second}/preuves/reprendre", {"pieces": [str(piece.id)], "nonce": nonce})
        assert answer.status_code == 303
    mine = [one for one in pieces(store) if one.candidacy_id == second]
    assert [(one.number, one.title, one.files[0].sha256) for one in mine] == [(1, "bilan", piece.files[0].sha256)]
    assert mine[0].files[0].key != piece.files[0].key
    assert check_files(app.extensions["files"], store).ok
    assert "Aucune pièce à reprendre" in candidate.page(f"/dossiers/{second}/preuves/reprendre").text


def test_nobody_takes_over_the_piece_of_somebody_else(candidate, world, second, store):
    with store.transaction() as session:
        other = factories.world(session)
    answer = candidate.send(f"/dossiers/{second}/preuves/reprendre", {"pieces": [str(other.pieces[0].id)]})
    assert answer.status_code == 404
