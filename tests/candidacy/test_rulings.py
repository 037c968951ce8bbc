"""A delay that passed, ruled by the certifier: what it gives, what it refuses, who reads it, on both stores."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portfolio.candidacy.models import LapseRuling
from portfolio.candidacy.rules import (
    CandidacyRefusal,
    ClockKind,
    LapseOutcome,
    LapseState,
    Opening,
    Regime,
    Route,
    Ruling,
    Scope,
    Someone,
)
from portfolio.candidacy.services import delays_page, lapse_state, open_candidacy, rule_on_delay
from portfolio.certificate.ledger import LedgerEntry
from portfolio.certificate.models import Certificate, Grant
from portfolio.certificate.services import recompute
from portfolio.certificate.wording import sentence
from portfolio.dossier.rules import OwnText
from portfolio.dossier.services import save_texts
from portfolio.journal.models import JournalLine
from portfolio.jury import services
from portfolio.jury.minutes import Minutes
from portfolio.mail.models import Mail
from portfolio.refusal import Refusal
from portfolio.submission.rules import SubmissionRefusal
from portfolio.submission.services import submit
from tests import factories
from tests.certificate.later import grounds, told
from tests.jury.scene import STATEMENT, Scene, close, deliberate, scene

# Admissible on 2 March, opened that day, nothing until October: both readings of the six months have passed.
ADMISSIBLE = date(2026, 3, 2)
SEALED = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
DAY = date(2026, 10, 20)
ON_THE_DAY = datetime(2026, 10, 20, 14, 0, tzinfo=UTC)
SINCE = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
WHY = "Hospitalisation de mars à septembre, justifiée."


def late(db) -> Scene:
    made = scene(db, held_on=DAY, sealed_at=SEALED, admissible_on=ADMISSIBLE)
    deliberate(db, made)
    return made


def rule(db, made, outcome=LapseOutcome.LEGITIMATE, at=SINCE, kind=ClockKind.FIRST_STEP, why=WHY, on=None) -> None:
    with db.transaction() as session:
        said = Ruling(kind, outcome, why, on or at.date())
        rule_on_delay(session, made.candidacy_id, said, by=made.certifier.id, at=at)


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
        answers = services.preview(session, made.hearing_id, DAY).grants.answers
    assert "le certificateur ne s’est pas prononcé sur cette caducité" in sentence(answers[0], before_closing=True)
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
    assert [(str(one.ground), one.act.on) for one in answers] == [("granted", DAY)] * 4
    with db.reader() as session:
        assert {one.granted_on for one in session.scalars(select(Grant))} == {DAY}
        acts = set(session.scalars(select(LedgerEntry.act)))
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
    assert (counted(db, LapseRuling), counted(db, Mail)) == (0, _letters(db))


def _letters(db) -> int:
    with db.reader() as session:
        return sum("une décision vous attend" not in one for one in session.scalars(select(Mail.subject)))


def test_what_the_minutes_saw_stands_a_delay_ruled_later_never_unmakes_a_grant(db):
    made = scene(db)
    deliberate(db, made)
    close(db, made)
    with db.reader() as session:
        assert session.scalars(select(Minutes)).one().composition["lapse"] == "none"
        assert lapse_state(session, made.candidacy_id, date(2040, 1, 1)) is LapseState.NONE
        assert recompute(session).ok


def test_a_step_recorded_in_time_is_enough(db):
    with db.transaction() as session:
        world = factories.world(session)
        world.candidacy.admissible_on = ADMISSIBLE
        at = datetime(2026, 9, 29, 9, 0, tzinfo=UTC)
        save_texts(session, world.candidacy.id, {OwnText.CAREER: "Dix ans en agence."}, 1, by=world.candidate.id, at=at)
    with db.reader() as session:
        assert lapse_state(session, world.candidacy.id, date(2027, 3, 1)) is LapseState.NONE
        assert [one.kind for one in delays_page(session, world.candidacy.id, date(2027, 3, 1)).overruns] == [ClockKind.FIRST_STEP]


def test_a_dossier_whose_admissibility_was_ruled_to_have_lapsed_is_not_sealed_and_a_new_candidacy_opens(db):
    with db.transaction() as session:
        world = factories.world(session)
        world.candidacy.admissible_on = ADMISSIBLE
    with db.transaction() as session:
        said = Ruling(ClockKind.FIRST_STEP, LapseOutcome.LAPSED, "Aucune nouvelle depuis mars.", date(2026, 10, 2))
        rule_on_delay(session, world.candidacy.id, said, by=world.certifier.id, at=SEALED)
    with pytest.raises(Refusal) as stopped, db.transaction() as session:
        submit(session, world.candidacy.id, STATEMENT, by=world.candidate.id, at=SEALED)
    assert stopped.value.code is SubmissionRefusal.LAPSED
    someone = Someone(world.candidate.email, world.candidate.name)
    opening = Opening(world.version.id, someone, Route.VAE, Regime.FRANCE_VAE, Scope.WHOLE, (), date(2021, 11, 12))
    with db.transaction() as session:
        opened = open_candidacy(session, world.body.id, opening, by=world.certifier.id, at=SINCE)
        assert opened.id != world.candidacy.id
    with pytest.raises(Refusal) as twice, db.transaction() as session:
        open_candidacy(session, world.body.id, opening, by=world.certifier.id, at=SINCE)
    assert twice.value.code is CandidacyRefusal.ALREADY_OPEN


def test_a_late_jury_is_ruled_with_its_reason_and_takes_nothing_from_the_candidate(db):
    made = scene(db, held_on=date(2026, 8, 20))
    deliberate(db, made)
    close(db, made, datetime(2026, 8, 20, 14, 0, tzinfo=UTC))
    with db.reader() as session:
        page = delays_page(session, made.candidacy_id, date(2026, 9, 30))
    assert [one.kind for one in page.overruns] == [ClockKind.FIRST_STEP, ClockKind.JURY, ClockKind.NOTIFICATION]
    assert page.lapse is LapseState.NONE
    code = refused(db, made, outcome=LapseOutcome.LAPSED, kind=ClockKind.JURY)
    assert code is CandidacyRefusal.NOT_THE_CANDIDATES_DELAY
    rule(db, made, kind=ClockKind.JURY, why="Un membre était malade : la session a été reportée.")
    assert grounds(db, made.candidacy_id) == ["granted"] * 4


def test_a_delay_that_is_kept_has_nothing_to_rule(db):
    made = scene(db)
    assert refused(db, made, kind=ClockKind.JURY, at=datetime(2026, 5, 1, tzinfo=UTC)) is CandidacyRefusal.NO_OVERRUN


def test_a_ruling_is_journalled_told_without_its_content_and_never_changed(db):
    made = late(db)
    rule(db, made)
    with db.reader() as session:
        line = session.scalars(select(JournalLine).where(JournalLine.verb == "delay_ruled")).one()
        assert line.facts == {"clock": "first_step", "outcome": "legitimate"}
        letter = session.scalars(select(Mail).where(Mail.subject.contains("une décision vous attend"))).one()
        assert letter.person_id == made.candidate.id
        assert "Hospitalisation" not in letter.text
        assert f"/dossiers/{made.candidacy_id}/resultats" in letter.text
    for change in ("UPDATE lapse_ruling SET reason = 'autre'", "DELETE FROM lapse_ruling"):
        with pytest.raises(DBAPIError), db.transaction() as session:
            session.execute(text(change))
