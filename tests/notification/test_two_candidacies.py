"""Two candidacies of one person decided on one day: each letter says what both acts make, in the order of the ledger,
and never tells a decision whose own letter has not left (domain §10).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certifying_body.rules import BodySettingsValue
from portfolio.domain.holdings.models.grants import Award, Certificate
from portfolio.domain.holdings.rules.completion import Label
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import EquivalenceInput
from portfolio.domain.holdings.use_cases.equivalence import declare_equivalences
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.holdings.use_cases.notified_results import find_earlier_decision
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.notification.rules.letter import Letter
from portfolio.domain.notification.use_cases.letter_data import find_minutes, load_letter
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.screens.candidate.results.queries import load_results_page
from tests import factories
from tests.holdings.closings import JUNE, SEALED_AT, STATEMENT, give_letters, hearing, minutes, sealed
from tests.holdings.status_changes import candidacy_on, second_version

FIRST = datetime(2026, 6, 18, 14, 0, tzinfo=UTC)
SECOND = FIRST + timedelta(hours=2)


@dataclass
class Two:
    """Two candidacies on two versions whose blocks count for each other, and their minutes of one day."""

    db: Database
    first: Candidacy
    second: Candidacy

    def letter(self, candidacy: Candidacy) -> Letter:
        with self.db.reader() as session:
            return load_letter(session, self._minutes(session, candidacy), BodySettingsValue(), JUNE)

    def _minutes(self, session: Session, candidacy: Candidacy) -> Minutes:
        found = find_minutes(session, candidacy.id, 1)
        assert found is not None
        return found

    def earlier(self, candidacy: Candidacy) -> str | None:
        with self.db.reader() as session:
            found = find_earlier_decision(session, self._minutes(session, candidacy))
            return found.minutes if found else None

    def page_label(self, candidacy: Candidacy) -> Label:
        """Return the result that the candidate reads on the page."""
        with self.db.reader() as session:
            return load_results_page(session, candidacy.id, on=JUNE, notified=True).explanation.result.label

    def tell(self, candidacy: Candidacy) -> None:
        with self.db.transaction() as session:
            give_letters(session, candidacy.id)


def elsewhere(session: Session, world: factories.World) -> CertificationVersion:
    """Return another entry of the same body."""
    return factories.published_version(session, world.body.id, "RNCP90009")


def sealed_again(session: Session, mine: Candidacy) -> Submission:
    """The other candidacy is filled and submitted."""
    competencies = [competency for block in mine.version.blocks for competency in block.competencies]
    factories.fill(session, mine.id, competencies)
    return submit(session, mine.id, STATEMENT, by=mine.candidate_id, at=SEALED_AT)


def two_candidacies(db: Database, *, of_another_entry: bool = False) -> Two:
    """Blocks 1 and 2 are validated under version 1 first, then blocks 3 and 4 under version 2, on the same day."""
    world = factories.begin_world(db)
    with db.transaction() as session:
        other = elsewhere(session, world) if of_another_entry else second_version(session, world.version)
        mine = candidacy_on(session, other, world.candidate.id)
        same = [
            EquivalenceInput(one.id, two.id, EquivalenceKind.IDENTICAL, "Mêmes compétences.")
            for old, new in zip(world.version.blocks, other.blocks, strict=True)
            for one, two in ((old, new), (new, old))
        ]
        declare_equivalences(session, same, by=world.certifier.id, at=factories.AT)
        old, new = world.version.blocks, other.blocks
        deposits = (sealed(session, world), sealed_again(session, mine))
        for submission, blocks, at in zip(deposits, (old[:2], new[2:]), (FIRST, SECOND), strict=True):
            heard = hearing(session, submission)
            closed = minutes(session, heard, blocks, notified=False, closed_at=at)
            grant_from_minutes(session, closed.id, by=world.certifier.id, at=at)
    return Two(db, world.candidacy, mine)


@pytest.mark.parametrize("of_another_entry", [False, True])
def test_each_letter_says_what_was_told_before_and_itself(db: Database, *, of_another_entry: bool):
    two = two_candidacies(db, of_another_entry=of_another_entry)
    first = two.letter(two.first)
    assert (first.result.label, first.whole) == (Label.PARTIAL, "")
    assert ([block.number for block in first.granted], first.held) == ([1, 2], ())
    assert [block.number for block in first.others] == [3, 4]
    assert two.earlier(two.first) is None
    assert two.earlier(two.second) == first.minutes, "the first act of the ledger is told first"
    second = two.letter(two.second)
    assert (second.result.label, second.held) == (Label.PARTIAL, ()), "it never tells what no letter told"
    two.tell(two.first)
    assert two.page_label(two.first) is Label.PARTIAL
    second = two.letter(two.second)
    assert two.earlier(two.second) is None
    assert second.result.label is Label.FULL
    assert [block.number for block in second.granted] == [3, 4]
    assert [block.number for block in second.held] == [1, 2]
    with db.reader() as session:
        of_second = select(Certificate.number).join(Certificate.award)
        assert second.whole == session.scalar(of_second.where(Award.version_id == two.second.version_id))
    two.tell(two.second)
    assert (two.page_label(two.first), two.page_label(two.second)) == (Label.FULL, Label.FULL)


def test_a_decision_of_an_entry_without_equivalence_delays_no_letter(db: Database):
    world = factories.begin_world(db)
    with db.transaction() as session:
        other = elsewhere(session, world)
        mine = candidacy_on(session, other, world.candidate.id)
        deposits = (sealed(session, world), sealed_again(session, mine))
        for submission, version, at in zip(deposits, (world.version, other), (FIRST, SECOND), strict=True):
            minutes(session, hearing(session, submission), version.blocks, notified=False, closed_at=at)
    assert Two(db, world.candidacy, mine).earlier(mine) is None
