"""Acquisitions by other routes and equivalences between versions (R2)."""

from datetime import date

import pytest

from portfolio.calendar import day_of
from portfolio.domain.admissibility.use_cases.opening import open_candidacy
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import NewCandidacy, PersonInput, Scope
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.holdings.rules.completion import Label
from portfolio.domain.holdings.use_cases.equivalence import load_equivalences_page
from portfolio.errors import Refusal
from tests import factories
from tests.holdings.closings import JUNE, sealed
from tests.holdings.edges import WITHDRAWAL, act, counted, jury, sentences
from tests.holdings.status_changes import LATER, acquire, candidacy_on, equate, grounds, second_version, told


def test_an_acquisition_by_another_route_counts_as_a_jury_does_and_completes_the_whole(db, world):
    jury(db, world, wins=(1, 2, 3), loses=(4,))
    acquire(db, world.candidacy.id, world.version.blocks[3], world.certifier.id)
    explanation = told(db, world.candidacy.id)
    assert (explanation.whole.on, explanation.result.label, counted(db)) == (JUNE, Label.FULL, [4, 1, 5])
    assert "par une autre voie" in sentences(db, world)[3]


def test_a_block_before_a_jury_or_already_held_is_not_acquired_again(db, world):
    with db.transaction() as session:
        sealed(session, world)
    with pytest.raises(Refusal, match="acquired_waiting"):
        acquire(db, world.candidacy.id, world.version.blocks[0], world.certifier.id)
    with db.transaction() as session:
        second = second_version(session, world.version)
        other = candidacy_on(session, second, world.candidate.id)
    acquire(db, other.id, second.blocks[0], world.certifier.id)
    for block, code in ((second.blocks[0], "acquired_held"), (world.version.blocks[0], "acquired_foreign")):
        with pytest.raises(Refusal, match=code):
            acquire(db, other.id, block, world.certifier.id)


def test_an_acquisition_withdrawn_takes_its_equivalence_with_it(db, world):
    with db.transaction() as session:
        second = second_version(session, world.version)
        other = candidacy_on(session, second, world.candidate.id)
    acquire(db, world.candidacy.id, world.version.blocks[0], world.certifier.id)
    equate(db, world.version.blocks[0], second.blocks[0], "identical", world.certifier.id)
    assert grounds(db, other.id)[0] == "granted"
    act(db, world, WITHDRAWAL, 1)
    assert (grounds(db, world.candidacy.id)[0], grounds(db, other.id)[0]) == ("withdrawn", "not_presented")


def test_a_later_ruling_replaces_an_equivalence_and_takes_nothing_from_who_holds_by_it(db, world):
    jury(db, world, wins=(1,), loses=(2, 3, 4))
    with db.transaction() as session:
        second = second_version(session, world.version)
        other = candidacy_on(session, second, world.candidate.id)
    one, two = world.version.blocks[0], second.blocks[0]
    equate(db, one, two, "partial", world.certifier.id)
    assert grounds(db, other.id)[0] == "partial_equivalence"
    equate(db, one, two, "identical", world.certifier.id)
    equate(db, one, two, "none", world.certifier.id)
    assert grounds(db, other.id)[0] == "granted"
    with db.reader() as session:
        page = load_equivalences_page(session, second.id)
    lines = {str(line.kind): line.until for line in page.lines}
    assert lines == {"none": None, "identical": day_of(LATER), "partial": day_of(LATER)}
    with pytest.raises(Refusal, match="equivalence_declared"):
        equate(db, one, two, "none", world.certifier.id)


def test_a_block_of_another_entry_of_the_same_body_may_count(db, world):
    jury(db, world, wins=(1,), loses=(2, 3, 4))
    with db.transaction() as session:
        elsewhere = factories.published_version(session, world.body.id, code="RNCP40000")
        other = candidacy_on(session, elsewhere, world.candidate.id)
    assert grounds(db, other.id)[0] == "not_presented"
    equate(db, world.version.blocks[0], elsewhere.blocks[0], "identical", world.certifier.id)
    assert grounds(db, other.id)[0] == "granted"


def test_blocks_of_two_bodies_are_never_equated(db, world):
    with db.transaction() as session:
        foreign = factories.published_version(session, factories.body(session).id, code="RNCP40001")
    with pytest.raises(Refusal, match="equivalence_elsewhere"):
        equate(db, world.version.blocks[0], foreign.blocks[0], "identical", world.certifier.id)


def test_a_candidacy_opened_on_a_version_whose_blocks_are_all_held_by_equivalence_makes_the_whole_at_once(db, world):
    jury(db, world, wins=(1, 2, 3, 4))
    with db.transaction() as session:
        second = second_version(session, world.version)
    for one, two in zip(world.version.blocks, second.blocks, strict=True):
        equate(db, one, two, "identical", world.certifier.id)
    assert counted(db)[1] == 1
    with db.transaction() as session:
        someone = PersonInput(world.candidate.email, world.candidate.name)
        opening = NewCandidacy(second.id, someone, Route.VAE, Regime.FRANCE_VAE, Scope.WHOLE, (), date(2027, 2, 20))
        opened = open_candidacy(session, world.body.id, opening, by=world.certifier.id, at=LATER)
    assert counted(db)[1] == 2
    assert told(db, opened.id).whole.obtained
