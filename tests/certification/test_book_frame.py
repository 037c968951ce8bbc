"""The frame of the livret 2: drafted with a version, frozen with it, followed by the candidate's pages, the
deposit and the book.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.documents.livret.book import book_of
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.book_frame import (
    DEFAULT_FRAME,
    BookPart,
    FrameSection,
    changes_outline,
    stored_frame,
    whole_frame,
)
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json, frame_from_json
from portfolio.domain.dossier.models.dossier import Dossier, Narrative
from portfolio.domain.dossier.rules.completeness import Gap
from portfolio.domain.dossier.use_cases.matrix import load_missing_items
from portfolio.domain.submission.rules.dossier import FRAME_VERSION
from portfolio.domain.submission.rules.manifest import read_manifest
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.wording.documents.livret import book_values, reading_parts
from tests import factories
from tests.page import CheckedClient

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("app")

OWN = stored_frame(
    (
        FrameSection(
            BookPart.CONCLUSION, title="Bilan réflexif", guidance="Dites ce que vous avez appris.", is_required=True
        ),
        FrameSection(BookPart.CAREER, max_pages=1),
        FrameSection(BookPart.EXPERIENCES, guidance="Un poste par page."),
        FrameSection(BookPart.BLOCKS, is_required=True, max_pages=1, guidance="Une situation par récit."),
    )
)


def test_the_usual_outline_is_kept_as_nothing():
    assert stored_frame(DEFAULT_FRAME) == ()
    assert not changes_outline(())
    assert not changes_outline(stored_frame([FrameSection(BookPart.CAREER, max_pages=2)]))
    assert [section.part for section in whole_frame(OWN)][:2] == [BookPart.CONCLUSION, BookPart.CAREER]
    assert set(BookPart) == {section.part for section in whole_frame(OWN)}


def test_an_entry_carries_its_frame_and_one_without_says_nothing_of_it():
    entry = Entry("RNCP1", "Titre", (), frame=OWN)
    written = entry_as_json(entry)
    assert entry_from_json(written) == entry
    assert frame_from_json(written["frame"]) == OWN
    assert "frame" not in entry_as_json(Entry("RNCP1", "Titre", ()))


@pytest.fixture
def world(store: Database) -> factories.World:
    """A candidate whose certification was published with a frame of its own."""
    frame = entry_as_json(Entry("RNCP1", "Titre", (), frame=OWN))["frame"]
    return factories.begin_world(store, jury={"frame": frame})


def test_a_compulsory_part_waits_and_a_long_text_is_told_with_its_words(store: Database, world: factories.World):
    with store.transaction() as session:
        dossier = session.get_one(Dossier, world.candidacy.id)
        dossier.career, dossier.conclusion = "mot " * 450, ""
        for row in session.scalars(select(Narrative).where(Narrative.candidacy_id == world.candidacy.id)):
            row.situation = row.actions = row.choices = row.result = ""
    with store.reader() as session:
        items = load_missing_items(session, world.candidacy.id)
    asked = [item for item in items if item.gap is Gap.REQUIRED_TEXT]
    assert [item.section.title for item in asked if item.section] == ["Bilan réflexif"]
    assert all(item.blocks for item in asked)
    (long,) = [item for item in items if item.gap is Gap.TOO_LONG]
    assert (long.words, long.blocks) == (450, False)


def test_the_candidate_reads_what_is_asked_beside_the_field(
    store: Database, world: factories.World, client: CheckedClient
):
    with store.transaction() as session:
        session.get_one(Dossier, world.candidacy.id).career = "mot " * 450
    client.log_in(world.candidate.email, factories.PASSWORD)
    page = client.page(f"/dossiers/{world.candidacy.id}/textes").text
    assert "Bilan réflexif" in page
    assert "Dites ce que vous avez appris." in page
    assert "450 mots" in page.replace("\u00a0", " ")
    assert "Un poste par page." in client.page(f"/dossiers/{world.candidacy.id}/experiences/ajouter").text
    told = client.page(f"/dossiers/{world.candidacy.id}/competences/{world.competencies[0].id}").text
    assert "Une situation par récit." in told
    first = client.page(f"/dossiers/{world.candidacy.id}/depot").text
    assert "Bilan réflexif" in first
    assert "50 mots de trop" in first.replace("\u00a0", " ")


def test_a_certifier_writes_the_frame_of_a_draft(store: Database, world: factories.World, client: CheckedClient):
    client.log_in(world.certifier.email, factories.PASSWORD)
    client.send(
        f"/certifications/versions/{world.version.id}/correction", form=f"/certifications/versions/{world.version.id}"
    )
    with store.reader() as session:
        draft = session.scalars(select(CertificationVersion).where(CertificationVersion.published_at.is_(None))).one()
    address = f"/certifications/versions/{draft.id}/cadre"
    places = {"conclusion": 1, "career": 2, "motivation": 3, "experiences": 4, "blocks": 5, "matrix": 6, "held": 7}
    typed = {f"{part}-place": str(place) for part, place in places.items()}
    typed |= {"conclusion-title": "Bilan", "conclusion-is_required": "y", "blocks-max_pages": "3"}
    wrong = client.send(address, {**typed, "career-place": "1"}, form=address)
    assert wrong.status_code == 422
    assert "Deux parties ont la même place" in wrong.text
    assert client.send(address, typed, form=address).status_code == 303
    with store.reader() as session:
        frame = session.get_one(CertificationVersion, draft.id).frame
    assert (frame[0].title, frame[0].is_required, frame[4].max_pages) == ("Bilan", True, 3)
    assert 'value="Bilan"' in client.get(address).get_data(as_text=True)


def test_the_book_follows_the_frame_that_the_seal_records(store: Database, world: factories.World):
    with store.transaction() as session:
        session.get_one(Dossier, world.candidacy.id).conclusion = "Ce que j’en retiens."
    with store.transaction() as session:
        submission = submit(session, world.candidacy.id, "Je le jure.", by=world.candidate.id, at=AT)
    dossier = read_manifest(submission.manifest)
    assert dossier.header.version == FRAME_VERSION
    assert (dossier.sections[0].part, dossier.sections[0].title) == (BookPart.CONCLUSION, "Bilan réflexif")
    sections = book_values(book_of(dossier, submission.root), "reading", AT)["sections"]
    assert [section["title"] for section in sections][:2] == ["Bilan réflexif", "Mon parcours"]
    usual = book_values(book_of(replace(dossier, sections=()), submission.root), "reading", AT)["sections"]
    assert [section["title"] for section in usual] == [
        "Parcours et motivation", "Expériences", "", "Tableau de correspondance", "Blocs déjà acquis", "Conclusion",
    ]  # fmt: skip


def test_the_reading_pages_follow_the_order_and_the_titles_of_the_frame(
    store: Database, world: factories.World, client: CheckedClient
):
    client.log_in(world.candidate.email, factories.PASSWORD)
    with store.transaction() as session:
        session.get_one(Dossier, world.candidacy.id).conclusion = "Ce que j’en retiens."
    assert in_order(
        client.get(f"/dossiers/{world.candidacy.id}/depot/lecture").text,
        "Bilan réflexif",
        "Mon parcours",
        "Bloc\u00a01",
    )
    with store.transaction() as session:
        submission = submit(session, world.candidacy.id, "Je le jure.", by=world.candidate.id, at=AT)
    page = client.get(f"/depots/{submission.id}/lecture").text
    assert in_order(page, "Déclaration sur l’honneur", "Bilan réflexif", "Mon parcours", "Expériences")
    assert "Parcours et motivation" not in page
    sealed = read_manifest(submission.manifest)
    titles = [part.title for part in reading_parts(sealed.sections, sealed.texts)]
    assert titles[:3] == ["Bilan réflexif", "Mon parcours", "Expériences"]


def in_order(page: str, *titles: str) -> bool:
    places = [re.search(rf"<h2[^>]*>{title.replace(chr(160), '.')}", page) for title in titles]
    found = [place.start() for place in places if place is not None]
    return len(found) == len(titles) and found == sorted(found)
