"""A sitting found irregular before a decision has no effect: no failure, and another session hears the
dossier (R10).
"""

from datetime import date

import pytest
from sqlalchemy import select

from portfolio.documents.minutes import minutes_pdf
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.holdings.rules.completion import Label
from portfolio.domain.holdings.rules.granting import GrantGround
from portfolio.domain.holdings.use_cases.recompute import explain, recompute
from portfolio.domain.holdings.use_cases.status_history import load_outcomes, load_status_history
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury_session.use_cases import former_jury
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.domain.notification.use_cases.document_data import find_minutes_data
from portfolio.errors import Refusal
from portfolio.wording.documents import minutes_value
from tests import factories
from tests.documents.reading import words_of
from tests.jury import builders

WHY = "Madame Diallo travaille pour l’employeur de la personne, elle l’a dit ce matin."


def void(db, made, reason: str = WHY) -> Minutes:
    with db.transaction() as session:
        return former_jury.void_hearing(session, made.hearing_id, reason, by=made.certifier.id, at=builders.ON_THE_DAY)


@pytest.mark.records("hearing_added", "sitting_voided")
def test_a_sitting_without_effect_decides_nothing_counts_as_no_failure_and_lets_another_jury_hear(db):
    made = builders.scene(db, refused=(2,))
    void(db, made)
    with db.reader() as session:
        told = explain(session, made.candidacy_id, on=date.max)
        assert {answer.ground for answer in told.answers} == {GrantGround.AWAITING_JURY}
        assert told.result.label is Label.NONE
        assert load_outcomes(session, [made.candidacy_id]) == {}, "no list tells it as a result"
        assert session.scalars(select(RecordedDecision)).all() == []
        assert (recompute(session).gaps, check(session).difference) == ((), None)
        (mail,) = [one for one in session.scalars(select(OutgoingEmail)) if "une décision" in one.subject]
        assert (mail.person_id, f"/dossiers/{made.candidacy_id}/resultats" in mail.text) == (made.candidate.id, True)
        assert "effet" not in mail.text
        assert [hearing.reason for hearing in load_status_history(session, made.candidacy_id).voids] == [WHY]
        paper = words_of(minutes_pdf(minutes_value(find_minutes_data(session, made.hearing_id)))).replace("\u00a0", " ")
    for words in (
        "Séance sans effet. Aucune décision, aucun échec",
        WHY,
        "Hélène Roche",
        "Pour l’organisme certificateur",
    ):
        assert words in paper, words
    with db.transaction() as session:
        planning = Planning(made.version_id, date(2026, 9, 10), "Lyon")
        other = planning_use_cases.plan_session(
            session, made.body_id, planning, by=made.certifier.id, at=builders.ON_THE_DAY
        )
        builders.seat_five(session, other.id, made.certifier.id, builders.ON_THE_DAY)
        planning_use_cases.add_hearing(
            session, other.id, made.submission_id, by=made.certifier.id, at=builders.ON_THE_DAY
        )


@pytest.mark.parametrize("closed", [True, False])
def test_a_sitting_is_ended_once_and_with_a_reason(db, closed):
    made = builders.scene(db)
    if closed:
        builders.deliberate(db, made)
        builders.close(db, made)
    with pytest.raises(Refusal) as refused:
        void(db, made, WHY if closed else "  ")
    assert refused.value.code is (JuryRefusal.ALREADY_CLOSED if closed else JuryRefusal.NO_REASON)


def test_the_composition_of_the_session_may_still_be_mended_for_the_others(db):
    made = builders.scene(db)
    void(db, made)
    builders.name(db, made, builders.FIVE[3], quality="Formatrice", seen=1)


def test_the_certifier_ends_it_from_the_page_of_presence_with_a_password(client, store):
    made = builders.scene(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    page = f"/jurys/{made.hearing_id}"
    assert "Déclarer la séance sans effet" in client.page(f"{page}/presence").text
    wrong = client.send(f"{page}/sans-effet", {"reason": WHY, "password": "autre"})
    assert (wrong.status_code, WHY in wrong.text) == (422, True)
    assert client.send(f"{page}/sans-effet", {"reason": WHY, "password": factories.PASSWORD}).status_code == 303
    assert "séance sans effet" in client.page(f"{page}/resultat").text
    assert client.get(f"{page}/sans-effet").status_code == 303
