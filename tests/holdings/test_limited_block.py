"""A block whose validity has ended counts no more for the whole, and a later jury grants it anew (R6, R7, R13)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Submission, SubmittedBlock
from portfolio.domain.candidacy.rules.stage import Stage
from portfolio.domain.candidacy_listing.models import CandidacyListing
from portfolio.domain.certification.models import Block, CertificationVersion
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.completion import Label, event_on
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.granting import GrantGround, granting_events
from portfolio.domain.holdings.rules.status_changes import EquivalenceInput, GrantStatus
from portfolio.domain.holdings.use_cases.equivalence import declare_equivalence
from portfolio.domain.holdings.use_cases.facts import load_history
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes, list_award_blocks
from portfolio.domain.holdings.use_cases.holdings import held_blocks, load_held_blocks_by_person
from portfolio.domain.holdings.use_cases.recompute import DiscrepancyKind, recompute
from portfolio.domain.holdings.use_cases.status import load_certificate_status, load_statuses
from portfolio.domain.notification.use_cases.notifying import prepare_notification
from portfolio.domain.submission.use_cases.verification import load_sealed_dossier
from portfolio.errors import Refusal
from portfolio.screens.candidate.results.queries import load_results_page
from portfolio.wording.holdings.status_changes import discrepancy_message
from tests import factories
from tests.guards import drop_statements
from tests.holdings.closings import SEALED_AT, give_letters, hearing, minutes
from tests.holdings.status_changes import LATER, acquire, equate, second_version
from tests.holdings.test_two_sessions import SECOND_DAY, THEN, second_session
from tests.jury.builders import (
    ACQUIRED,
    DAY,
    NOT_VALIDATED,
    REFUSED,
    VALIDATED,
    Scene,
    close,
    decide,
    deliberate,
    find,
    scene,
)


def limited(db: Database, months: int) -> Scene:
    """A candidate of a version whose first block stays acquired some months only."""
    made = scene(db)
    with db.transaction() as session:
        dialect = session.get_bind().dialect.name
        for statement in drop_statements(dialect):
            session.connection().exec_driver_sql(statement)
        session.execute(update(Block).where(Block.id == made.blocks[0].id).values(validity_months=months))
    return made


def heard_again(db: Database, made: Scene, *, refused: tuple[int, ...] = ()) -> list[int]:
    """Hear the candidate a second time for what is left, and refuse these; return the blocks that they presented."""
    again = second_session(db, made)
    with db.reader() as session:
        presented = [block.number for block in load_sealed_dossier(session, again.submission_id).blocks]
    for block in made.blocks:
        if block.number in presented:
            is_refused = block.number in refused
            for competency in block.competencies:
                find(db, again, competency, REFUSED if is_refused else ACQUIRED)
            decide(db, again, block, NOT_VALIDATED if is_refused else VALIDATED)
    close(db, again, THEN)
    return presented


@pytest.mark.parametrize(
    ("months", "presented", "grants", "awards"), [(3, [2, 3], 4, 0), (2, [1, 2, 3], 5, 1), (24, [2, 3], 4, 1)]
)
def test_a_block_whose_validity_has_ended_is_presented_again_and_makes_no_whole_before(
    db, months, presented, grants, awards
):
    made = limited(db, months)
    deliberate(db, made, refused=(2, 3))
    close(db, made)

    assert heard_again(db, made) == presented
    with db.reader() as session:
        assert [session.scalar(select(func.count()).select_from(kind)) for kind in (Grant, Award)] == [grants, awards]
        held = held_blocks(session, made.candidate.id, made.version_id, on=SECOND_DAY)
        assert (made.blocks[0].id in held) == bool(awards)
        labels = (
            session.scalars(select(Certificate).join(Grant).where(Grant.block_id == made.blocks[0].id))
            .first()
            .printed_text
        )
        assert labels["validity"]["months"] == months
        assert recompute(session).ok
        if months == 2:
            assert held[made.blocks[0].id].granted_on == SECOND_DAY
        assert DAY < SECOND_DAY


def test_a_letter_written_after_the_end_of_a_block_lists_it_as_no_longer_valid(db):
    made = limited(db, 24)
    deliberate(db, made, refused=(2, 3))
    close(db, made)
    heard_again(db, made)
    with db.reader() as session:
        until = held_blocks(session, made.candidate.id, made.version_id, on=SECOND_DAY)[made.blocks[0].id].until
        before, after = (
            prepare_notification(session, made.candidacy_id, 2, day).letter
            for day in (until, until + timedelta(days=1))
        )
    assert [held.number for held in before.held if held.number == 1] == [1]
    assert [held.number for held in after.held if held.number == 1] == []
    assert [(each.number, each.ground, each.valid_until) for each in after.others] == [
        (1, GrantGround.VALIDITY_ENDED, until)
    ]


LONG_AFTER = date(2027, 1, 15)
FROM_THE_START = datetime(2026, 1, 5, tzinfo=UTC)


def test_a_lapsed_block_that_a_jury_refuses_stays_lapsed_and_its_holder_reads_why(db):
    made = limited(db, 2)
    deliberate(db, made, refused=(2, 3))
    close(db, made)
    assert heard_again(db, made, refused=(1,)) == [1, 2, 3]

    with db.transaction() as session:
        give_letters(session, made.candidacy_id)
    with db.reader() as session:
        page = load_results_page(session, made.candidacy_id, on=LONG_AFTER, notified=True)
        assert recompute(session).ok
        assert session.scalar(select(func.count()).select_from(Award)) == 0
    first = page.blocks[0]
    assert (first.held, first.answer.ground) == (None, GrantGround.NOT_VALIDATED)
    assert first.answer.lapsed.on == DAY
    assert first.reason
    assert first.recommendation
    assert page.explanation.result.label is Label.PARTIAL
    assert [answer.block.number for answer in page.explanation.blocks_to_submit] == [1]
    assert [block.number for block in page.explanation.whole.missing] == [1]
    with db.reader() as session:
        listed = session.get_one(CandidacyListing, made.candidacy_id)
        assert (listed.stage, listed.outcome.split()[0]) == (Stage.DECIDED, "partial")


def test_an_equivalence_declared_after_the_end_gives_neither_the_block_nor_the_whole(db):
    made = limited(db, 2)
    deliberate(db, made, refused=(2, 3))
    close(db, made)
    heard_again(db, made, refused=(1,))
    with db.transaction() as session:
        with session.no_autoflush:
            second = second_version(session, session.get_one(CertificationVersion, made.version_id))
        candidacy = factories.candidacy(session, second, session.get_one(Person, made.candidate.id))
        new = [session.get_one(Block, block.id) for block in second.blocks]
    for old, block in zip(made.blocks, new, strict=True):
        equate(db, old, block, "identical", made.certifier.id)
    with db.reader() as session:
        held = held_blocks(session, made.candidate.id, second.id, on=None)
        assert [block.block_number for block in held.values()] == [2, 3, 4]
        assert session.scalar(select(func.count()).select_from(Award)) == 0
        assert recompute(session).ok

    acquire(db, candidacy.id, new[0], made.certifier.id, LONG_AFTER)
    with db.reader() as session:
        (award,) = session.scalars(select(Award)).all()
        assert (award.version_id, award.obtained_on) == (second.id, LATER.date())
        assert recompute(session).ok


def test_a_lapsed_block_is_acquired_again_by_another_route(db):
    made = limited(db, 2)
    deliberate(db, made)
    close(db, made)
    acquire(db, made.candidacy_id, made.blocks[0], made.certifier.id, LONG_AFTER)
    with pytest.raises(Refusal):
        acquire(db, made.candidacy_id, made.blocks[1], made.certifier.id, LONG_AFTER)
    with db.reader() as session:
        held = held_blocks(session, made.candidate.id, made.version_id, on=LONG_AFTER)
        assert held[made.blocks[0].id].granted_on == LONG_AFTER
        assert session.scalar(select(func.count()).select_from(Award)) == 1
        assert recompute(session).ok


def test_a_whole_recorded_when_a_block_had_lapsed_stays_as_it_is_and_is_told(db):
    """What an older rule gave is never changed in silence: its page stays, and the check names the block."""
    made = limited(db, 2)
    deliberate(db, made, refused=(2, 3))
    close(db, made)
    heard_again(db, made, refused=(1,))
    with db.transaction() as session:
        grant = session.scalars(select(Grant).where(Grant.block_id == made.blocks[2].id)).one()
        award = Award(
            person_id=made.candidate.id, version_id=made.version_id, completed_by=grant.id,
            obtained_on=SECOND_DAY, recorded_at=THEN,
        )  # fmt: skip
        session.add(award)
        session.flush()
        labels = session.scalars(select(Certificate.printed_text).where(Certificate.grant_id == grant.id)).one()
        whole = Certificate(number="AAAA-BBBB-CCCC-DDDD", award_id=award.id, issued_at=THEN, printed_text=labels)
        session.add(whole)
        session.flush()
        (gap,) = [gap for gap in recompute(session).gaps if gap.gap is DiscrepancyKind.AWARD_LAPSED]
        assert (gap.block, gap.row_id) == (1, award.id)
        assert "validité de ce bloc avait pris fin" in discrepancy_message(gap).replace("\xa0", " ")
        assert load_certificate_status(session, whole).status is GrantStatus.HELD
        assert load_statuses(session, [whole]) == {whole.id: GrantStatus.HELD}
        assert len(list_award_blocks(session, whole)) == 4


def test_a_permanent_block_validated_again_renews_what_an_equivalence_gives_for_a_time(db):
    """Each validation is a granting event: it counts through an equivalence, under the one certificate."""
    made = scene(db)
    deliberate(db, made)
    with db.transaction() as session:
        with session.no_autoflush:
            second = second_version(session, session.get_one(CertificationVersion, made.version_id))
        for statement in drop_statements(session.get_bind().dialect.name):
            session.connection().exec_driver_sql(statement)
        session.execute(update(Block).where(Block.id == second.blocks[0].id).values(validity_months=3))
        factories.candidacy(session, second, session.get_one(Person, made.candidate.id))
        other = factories.candidacy(
            session, session.get_one(CertificationVersion, made.version_id), session.get_one(Person, made.candidate.id)
        )
        waiting = Submission(candidacy=other, number=1, submitted_at=SEALED_AT, manifest=b"[]", root="00" * 32)
        session.add(waiting)
        session.flush()
        session.add(SubmittedBlock(submission_id=waiting.id, block_id=made.blocks[0].id))
        old, new = made.blocks[0], session.get_one(Block, second.blocks[0].id)
    close(db, made)
    with db.transaction() as session:
        give_letters(session, made.candidacy_id)
        heard = hearing(session, session.get_one(Submission, waiting.id), SECOND_DAY)
        again = minutes(session, heard, [session.get_one(Block, old.id)])
        grant_from_minutes(session, again.id, by=made.certifier.id, at=THEN)
        equivalence = EquivalenceInput(old.id, new.id, EquivalenceKind.IDENTICAL, "Même référentiel.")
        declare_equivalence(session, equivalence, by=made.certifier.id, at=FROM_THE_START)

    with db.reader() as session:
        grants = session.scalars(select(Grant).where(Grant.block_id == old.id)).all()
        assert [grant.granted_on for grant in grants] == [DAY]
        acts = granting_events(load_history(session, made.candidate.id))[new.id]
        assert event_on(SECOND_DAY, acts).on == SECOND_DAY
        for held in (
            held_blocks(session, made.candidate.id, second.id, on=SECOND_DAY)[new.id],
            held_blocks(session, made.candidate.id, second.id, on=SECOND_DAY, notified=True)[new.id],
        ):
            assert (held.granted_on, held.until) == (SECOND_DAY, date(2027, 3, 10))
            assert held.number == held_blocks(session, made.candidate.id, made.version_id, on=None)[old.id].number
        by_person = load_held_blocks_by_person(session, [made.candidate.id], on=SECOND_DAY)
        assert new.id in by_person[made.candidate.id]
        assert recompute(session).ok
