"""A delay that passed, ruled by the certifier: what it gives, what it refuses, who reads it, on both stores."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portfolio.domain.admissibility.use_cases.deadline_rulings import (
    load_deadlines_page,
    load_lapse_state,
    rule_on_deadline,
)
from portfolio.domain.admissibility.use_cases.opening import open_candidacy
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.models import LapseRuling
from portfolio.domain.candidacy.rules.deadlines import DeadlineKind, Regime
from portfolio.domain.candidacy.rules.missed_deadlines import LapseOutcome, LapseState, Ruling
from portfolio.domain.candidacy.rules.opening import CandidacyRefusal, NewCandidacy, PersonInput, Scope
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.rules.draft import GeneralText
from portfolio.domain.dossier.use_cases.texts import save_texts
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury_session.use_cases import closing as closing_use_cases
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.submission.rules.returns import SubmissionRefusal
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.errors import Refusal
from portfolio.wording.holdings.grants import grant_message
from tests import factories
from tests.holdings.status_changes import grounds, told
from tests.jury.builders import STATEMENT, Scene, close, scene

# Admissible on 2 March, opened that day, nothing until October: both readings of the six months have passed.
ADMISSIBLE = date(2026, 3, 2)
SEALED = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
DAY = date(2026, 10, 20)
ON_THE_DAY = datetime(2026, 10, 20, 14, 0, tzinfo=UTC)
SINCE = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
WHY = "Hospitalisation de mars à septembre, justifiée."


def late(db) -> Scene:
    return scene(db, held_on=DAY, sealed_at=SEALED, admissible_on=ADMISSIBLE, refused=())


def rule(db, made, outcome=LapseOutcome.LEGITIMATE, at=SINCE, kind=DeadlineKind.FIRST_STEP, why=WHY, on=None) -> None:
    with db.transaction() as session:
        said = Ruling(kind, outcome, why, on or at.date())
        rule_on_deadline(session, made.candidacy_id, said, by=made.certifier.id, at=at)


def refused(db, made, **more) -> CandidacyRefusal:
    with pytest.raises(Refusal) as found:
        rule(db, made, **more)
    return found.value.code


def counted(db, table) -> int:
    with db.reader() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_lapse_that_nobody_ruled_grants_nothing_and_says_so_before_and_after_closing(db):
    made = late(db)
    with db.reader() as session:
        answers = closing_use_cases.preview_closing(session, made.hearing_id, DAY).grants.answers
    assert "le certificateur ne s’est pas prononcé sur cette caducité" in grant_message(answers[0], before_closing=True)
    close(db, made, ON_THE_DAY)
    assert grounds(db, made.candidacy_id) == ["lapse_not_ruled"] * 4
    assert counted(db, Grant) == 0


def test_a_lapse_ruled_legitimate_before_the_jury_grants_as_any_other(db):
    made = late(db)
    rule(db, made, at=datetime(2026, 10, 19, 9, 0, tzinfo=UTC))
    close(db, made, ON_THE_DAY)
    assert grounds(db, made.candidacy_id) == ["granted"] * 4
    assert counted(db, Certificate) == 5


def test_a_ruling_after_the_minutes_grants_what_only_waited_for_it(db):
    made = late(db)
    close(db, made, ON_THE_DAY)
    rule(db, made)
    answers = told(db, made.candidacy_id).answers
    assert [(str(answer.ground), answer.act.on) for answer in answers] == [("granted", DAY)] * 4
    with db.reader() as session:
        assert {one.granted_on for one in session.scalars(select(Grant))} == {DAY}
        acts = set(session.scalars(select(LedgerEntry.record_type)))
    assert {"lapse_ruling", "block_grant", "award", "certificate"} <= acts


def test_a_lapse_ruled_before_the_jury_grants_nothing_until_it_is_ruled_otherwise(db):
    made = late(db)
    rule(db, made, LapseOutcome.LAPSED, at=datetime(2026, 10, 19, 9, 0, tzinfo=UTC))
    close(db, made, ON_THE_DAY)
    assert grounds(db, made.candidacy_id) == ["lapsed"] * 4
    rule(db, made)
    assert grounds(db, made.candidacy_id) == ["granted"] * 4


def test_a_lapse_is_not_ruled_once_a_jury_has_decided(db):
    made = late(db)
    close(db, made, ON_THE_DAY)
    assert refused(db, made, outcome=LapseOutcome.LAPSED) is CandidacyRefusal.LAPSED_AFTER_MINUTES
    assert (counted(db, LapseRuling), counted(db, OutgoingEmail)) == (0, _letters(db))


def _letters(db) -> int:
    with db.reader() as session:
        return sum("une décision vous attend" not in one for one in session.scalars(select(OutgoingEmail.subject)))


def test_what_the_minutes_saw_stands_a_delay_ruled_later_never_unmakes_a_grant(db):
    made = scene(db, refused=())
    close(db, made)
    with db.reader() as session:
        assert session.scalars(select(Minutes)).one().composition["lapse"] == "none"
        assert load_lapse_state(session, made.candidacy_id, date(2040, 1, 1)) is LapseState.NONE
        assert recompute(session).ok


def test_a_step_recorded_in_time_is_enough(db):
    with db.transaction() as session:
        world = factories.world(session)
        world.candidacy.admissible_on = ADMISSIBLE
        at = datetime(2026, 9, 29, 9, 0, tzinfo=UTC)
        save_texts(
            session, world.candidacy.id, {GeneralText.CAREER: "Dix ans en agence."}, 1, by=world.candidate.id, at=at
        )
    with db.reader() as session:
        assert load_lapse_state(session, world.candidacy.id, date(2027, 3, 1)) is LapseState.NONE
        assert [
            overrun.kind for overrun in load_deadlines_page(session, world.candidacy.id, date(2027, 3, 1)).overruns
        ] == [DeadlineKind.FIRST_STEP]


def test_a_dossier_whose_admissibility_was_ruled_to_have_lapsed_is_not_sealed_and_a_new_candidacy_opens(db):
    with db.transaction() as session:
        world = factories.world(session)
        world.candidacy.admissible_on = ADMISSIBLE
    with db.transaction() as session:
        said = Ruling(DeadlineKind.FIRST_STEP, LapseOutcome.LAPSED, "Aucune nouvelle depuis mars.", date(2026, 10, 2))
        rule_on_deadline(session, world.candidacy.id, said, by=world.certifier.id, at=SEALED)
    with pytest.raises(Refusal) as stopped, db.transaction() as session:
        submit(session, world.candidacy.id, STATEMENT, by=world.candidate.id, at=SEALED)
    assert stopped.value.code is SubmissionRefusal.LAPSED
    someone = PersonInput(world.candidate.email, world.candidate.name)
    opening = NewCandidacy(world.version.id, someone, Route.VAE, Regime.FRANCE_VAE, Scope.WHOLE, (), date(2021, 11, 12))
    with db.transaction() as session:
        opened = open_candidacy(session, world.body.id, opening, by=world.certifier.id, at=SINCE)
        assert opened.id != world.candidacy.id
    with pytest.raises(Refusal) as twice, db.transaction() as session:
        open_candidacy(session, world.body.id, opening, by=world.certifier.id, at=SINCE)
    assert twice.value.code is CandidacyRefusal.ALREADY_OPEN


def test_a_late_jury_is_ruled_with_its_reason_and_takes_nothing_from_the_candidate(db):
    made = scene(db, held_on=date(2026, 8, 20), refused=())
    close(db, made, datetime(2026, 8, 20, 14, 0, tzinfo=UTC))
    with db.reader() as session:
        page = load_deadlines_page(session, made.candidacy_id, date(2026, 9, 30))
    assert [overrun.kind for overrun in page.overruns] == [
        DeadlineKind.FIRST_STEP,
        DeadlineKind.JURY,
        DeadlineKind.NOTIFICATION,
    ]
    assert page.lapse is LapseState.NONE
    code = refused(db, made, outcome=LapseOutcome.LAPSED, kind=DeadlineKind.JURY)
    assert code is CandidacyRefusal.NOT_THE_CANDIDATES_DELAY
    rule(db, made, kind=DeadlineKind.JURY, why="Un membre était malade : la session a été reportée.")
    assert grounds(db, made.candidacy_id) == ["granted"] * 4


def test_a_delay_that_is_kept_has_nothing_to_rule(db):
    made = scene(db)
    assert refused(db, made, kind=DeadlineKind.JURY, at=datetime(2026, 5, 1, tzinfo=UTC)) is CandidacyRefusal.NO_OVERRUN


@pytest.mark.both
def test_a_ruling_is_journalled_told_without_its_content_and_never_changed(db):
    made = late(db)
    rule(db, made)
    with db.reader() as session:
        line = session.scalars(select(AuditEvent).where(AuditEvent.action == "delay_ruled")).one()
        assert line.details == {"clock": "first_step", "outcome": "legitimate"}
        letter = session.scalars(
            select(OutgoingEmail).where(OutgoingEmail.subject.contains("une décision vous attend"))
        ).one()
        assert letter.person_id == made.candidate.id
        assert "Hospitalisation" not in letter.text
        assert f"/dossiers/{made.candidacy_id}/resultats" in letter.text
    for change in ("UPDATE lapse_ruling SET reason = 'autre'", "DELETE FROM lapse_ruling"):
        with pytest.raises(DBAPIError), db.transaction() as session:
            session.execute(text(change))
