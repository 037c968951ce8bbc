"""A new reading of the register: what the body decided stays, dates make no block, blocks in the same words
count for each other by one confirmation.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import func, select

from portfolio.domain.admissibility.use_cases import opening
from portfolio.domain.certification.models import Block, CertificationVersion, JuryRuleRecord
from portfolio.domain.certification.readers import read_entry
from portfolio.domain.certification.rules.book_frame import BookPart, FrameSection
from portfolio.domain.certification.rules.entry import Entry, Permanence, Route
from portfolio.domain.certification.rules.entry_schema import entry_as_json
from portfolio.domain.certification.rules.jury_rule import (
    DecisionRule,
    JuryCondition,
    JuryRule,
    JuryTerm,
    ParityBasis,
    Seat,
    SeatCollege,
    SeatTerms,
)
from portfolio.domain.certification.rules.watching import carry_over_decisions, entry_changes
from portfolio.domain.certification.use_cases.drafting import open_correction
from portfolio.domain.certification.use_cases.importing import import_entry
from portfolio.domain.holdings.models.events import Equivalence
from portfolio.wording.certification.jury_rules import change_cells
from tests import factories
from tests.certification.answered import publish
from tests.certification.readers.exports import SKILLS, block_xml, entry_xml, export

READ = read_entry(export(entry_xml()), "")
LATER = read_entry(export(entry_xml().replace("31/08/2028", "31/08/2031")), "")
JURY = JuryRule(
    2,
    (Seat.PRESIDENT, Seat.MEMBER),
    seat_terms=(SeatTerms(SeatCollege.EMPLOYERS), SeatTerms()),
    conditions=(JuryCondition(JuryTerm.COLLEGE_PARITY, basis=ParityBasis.NAMED),),
    casting_vote=False,
)


def decided(entry: Entry) -> Entry:
    """Return an entry with what a body decides: jury, validity, frame, and the text of a block corrected."""
    first, *others = entry.blocks
    corrected = replace(first.competencies[0], text="Préparer une parcelle, et la clore")
    blocks = (replace(first, competencies=(corrected, *first.competencies[1:])), *others)
    return replace(
        entry,
        jury=JURY,
        permanence=Permanence.LIMITED,
        signatory="La direction",
        frame=(FrameSection(BookPart.CAREER, "Moi"),),
        blocks=tuple(replace(block, validity_months=36) for block in blocks),
    )


@pytest.fixture
def first_id(store) -> UUID:
    """A version published once the body had decided."""
    with store.transaction() as session:
        body = factories.body(session)
        version = import_entry(session, body.id, READ, by=None, at=factories.AT).version
        version.entry = entry_as_json(decided(version.to_entry()))
        return publish(session, version.id, by=None, at=factories.AT).id


def said(changes) -> list[tuple[str, ...]]:
    """Return the cells of differences, with plain spaces."""
    return [tuple(cell.replace("\u00a0", " ") for cell in change_cells(change)) for change in changes]


def import_next(session, first_id: UUID, entry: Entry) -> CertificationVersion:
    """Import another reading beside the first version."""
    body_id = session.get_one(CertificationVersion, first_id).certification.body_id
    return import_entry(session, body_id, entry, by=None, at=factories.AT).version


def test_jury_validity_frame_and_corrected_blocks_follow_an_entry_of_which_a_date_changed(store, first_id):
    with store.transaction() as session:
        before = session.get_one(CertificationVersion, first_id).to_entry()
        after = import_next(session, first_id, LATER).to_entry()
    assert after == replace(before, registrations=LATER.registrations, details=LATER.details)
    assert said(entry_changes(before, after)) == [("Enregistrement 1 : fin", "31 août 2028", "31 août 2031")]


def test_a_new_date_makes_no_block_and_asks_nothing(client, store, first_id):
    with store.transaction() as session:
        body_id = session.get_one(CertificationVersion, first_id).certification.body_id
        email = factories.certifier(session, body_id).email
        draft_id = import_next(session, first_id, LATER).id
        rows = [session.scalar(select(func.count()).select_from(one)) for one in (Block, JuryRuleRecord)]
    client.log_in(email, factories.PASSWORD)
    page = client.page(f"/certifications/versions/{draft_id}/publier")
    assert "Cette version ne change aucun bloc" in page.text
    with store.transaction() as session:
        publish(session, draft_id, by=None, at=factories.AT)
        again = [session.scalar(select(func.count()).select_from(one)) for one in (Block, JuryRuleRecord)]
        assert again == rows
    page = client.page(f"/certifications/versions/{first_id}")
    assert "Du 1er septembre 2023 au 31 août 2031" in page.text
    assert "Ouvrez une candidature sur cette version" in page.text
    assert page.all("a", href=f"/candidatures/nouvelle?certification={first_id}")
    page = client.page(f"/certifications/versions/{draft_id}")
    assert "Cette version ne change aucun bloc" in page.text
    assert str(draft_id) not in client.get("/candidatures/nouvelle").text


def test_candidacies_of_the_version_have_the_new_date_for_themselves(store, first_id):
    with store.transaction() as session:
        version = session.get_one(CertificationVersion, first_id)
        draft = import_next(session, first_id, LATER)
        publish(session, draft.id, by=None, at=factories.AT)
        known = version.certification.known_registrations()
        assert [row.until for row in known] == [date(2031, 8, 31)]
        correction = open_correction(session, first_id, by=None, at=factories.AT)
        assert correction.to_entry().registered_until == date(2031, 8, 31)
        with pytest.raises(opening.Refusal):
            opening._published(session, version.certification.body_id, draft.id)


def test_a_route_that_the_register_closes_is_closed_on_the_version_in_use(store, first_id):
    closed = replace(
        LATER,
        routes=tuple(replace(row, open=False) if row.route is Route.APPRENTICESHIP else row for row in LATER.routes),
    )
    with store.transaction() as session:
        draft = import_next(session, first_id, closed)
        publish(session, draft.id, by=None, at=factories.AT)
        routes = session.get_one(CertificationVersion, first_id).entry_now()["routes"]
        assert {row["route"]: row["open"] for row in routes}["apprenticeship"] is False
        assert not session.get_one(CertificationVersion, draft.id).is_offered


def test_the_rule_of_a_route_whose_text_did_not_change_is_kept_beside_one_that_did():
    before = decided(READ)
    routes = tuple(replace(row, jury="Deux professionnels.") if row.route is Route.VAE else row for row in LATER.routes)
    kept = carry_over_decisions(before, replace(LATER, routes=routes))
    rules = {row.route: row.rule for row in kept.routes}
    assert (kept.jury, rules[Route.APPRENTICESHIP], rules[Route.VAE]) == (JURY, None, LATER.jury)


def test_what_differs_is_told_in_words_and_a_line_added_is_one_difference():
    title = block_xml("RNCP90001BC00", "Semer", SKILLS)
    entry = entry_xml().replace("<BLOCS_COMPETENCES>", f"<BLOCS_COMPETENCES>{title}", 1)
    after = replace(decided(READ), blocks=(read_entry(export(entry), "").blocks[0], *decided(READ).blocks))
    after = replace(after, blocks=tuple(replace(block, number=rank) for rank, block in enumerate(after.blocks, 1)))
    (one,) = entry_changes(decided(READ), after)
    assert said([one]) == [("Bloc 1", "rien", "Semer (3 compétences)")]
    lines = said(entry_changes(READ, decided(READ)))
    words = " ".join(" ".join(cells) for cells in lines)
    codes = {"college_parity", "named", "employers", "career", "limited", "president", "None", "True"}
    assert not [code for code in codes if code in words.split()], words
    assert sum(place.startswith("Jury") for place, _, _ in lines) == 1
    assert ("Bloc 1 : validité, en mois", "rien", "36") in lines
    rule = replace(READ, blocks=(replace(READ.blocks[0], decision_rule=DecisionRule.MEAN), READ.blocks[1]))
    assert said(entry_changes(READ, rule))[0][2] == "La moyenne du bloc atteint un niveau"


def test_identical_blocks_of_two_versions_count_for_each_other_by_one_confirmation(client, store, first_id):
    reworded = replace(LATER, blocks=(LATER.blocks[0], replace(LATER.blocks[1], title="Vendre autrement")))
    with store.transaction() as session:
        version = session.get_one(CertificationVersion, first_id)
        email = factories.certifier(session, version.certification.body_id).email
        draft = import_next(session, first_id, reworded)
        first = version.to_entry().blocks[0]
        draft.entry = entry_as_json(replace(draft.to_entry(), blocks=(first, draft.to_entry().blocks[1])))
        second_id = publish(session, draft.id, by=None, at=factories.AT).id
        ids = {
            (row.version_id, row.number): row.id
            for row in session.scalars(select(Block).where(Block.version_id.in_([first_id, second_id])))
        }
    client.log_in(email, factories.PASSWORD)
    page = client.page(f"/certifications/versions/{second_id}")
    assert "1 bloc est identique à celui d’une autre version" in page.text
    path = f"/certifications/versions/{second_id}/equivalences/identiques"
    page = client.page(path)
    assert "Cultiver" in page.text
    assert "Vendre autrement" not in page.text
    wrong = {"sure": "y", "password": "un autre mot de passe"}
    assert client.send(path, wrong).status_code == 422
    assert client.send(path, {"sure": "y", "password": factories.PASSWORD}).status_code == 303
    pair = {ids[first_id, 1], ids[second_id, 1]}
    with store.reader() as session:
        rows = session.scalars(select(Equivalence)).all()
        assert len(rows) == 2
        assert {row.held_block_id for row in rows} == {row.granted_block_id for row in rows} == pair
    assert "Aucun bloc n’attend" in client.page(path).text
