"""A sitting found irregular before a decision has no effect: no failure, and another session hears the dossier (R10)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from portfolio.certificate.rules import GrantGround, Label
from portfolio.certificate.services import aftermath_of, explain, outcomes_of, recompute
from portfolio.certificate.services.ledger import check
from portfolio.documents import minutes_pdf
from portfolio.jury import services
from portfolio.jury.minutes import BlockDecision, Minutes
from portfolio.jury.rules import JuryRefusal, Planning
from portfolio.mail.models import Mail
from portfolio.paper.services import minutes_paper
from portfolio.paper.wording import minutes_value
from portfolio.refusal import Refusal
from tests import factories
from tests.documents.reading import words_of
from tests.jury import scene

WHY = "Madame Diallo travaille pour l’employeur de la personne, elle l’a dit ce matin."


def void(db, made, reason: str = WHY) -> Minutes:
    with db.transaction() as session:
        return services.void_sitting(session, made.hearing_id, reason, by=made.certifier.id, at=scene.ON_THE_DAY)


def test_a_sitting_without_effect_decides_nothing_counts_as_no_failure_and_lets_another_jury_hear(db):
    made = scene.scene(db)
    scene.deliberate(db, made, refused=(2,))
    void(db, made)
    with db.reader() as session:
        told = explain(session, made.candidacy_id)
        assert {one.ground for one in told.answers} == {GrantGround.AWAITING_JURY}
        assert told.result.label is Label.NONE
        assert outcomes_of(session, [made.candidacy_id]) == {}, "no list tells it as a result"
        assert session.scalars(select(BlockDecision)).all() == []
        assert (recompute(session).gaps, check(session).difference) == ((), None)
        (mail,) = [one for one in session.scalars(select(Mail)) if "une décision" in one.subject]
        assert (mail.person_id, f"/dossiers/{made.candidacy_id}/resultats" in mail.text) == (made.candidate.id, True)
        assert "effet" not in mail.text
        assert [one.reason for one in aftermath_of(session, made.candidacy_id).voids] == [WHY]
        paper = words_of(minutes_pdf(minutes_value(minutes_paper(session, made.hearing_id)))).replace("\u00a0", " ")
    for words in ("Séance sans effet. Aucune décision, aucun échec", WHY, "Hélène Roche", "Pour l’organisme certificateur"):
        assert words in paper, words
    with db.transaction() as session:
        planning = Planning(made.version_id, date(2026, 9, 10), "Lyon")
        other = services.plan_session(session, made.body_id, planning, by=made.certifier.id, at=scene.ON_THE_DAY)
        scene.seat_five(session, other.id, made.certifier.id, scene.ON_THE_DAY)
        services.add_hearing(session, other.id, made.submission_id, by=made.certifier.id, at=scene.ON_THE_DAY)


@pytest.mark.parametrize("closed", [True, False])
def test_a_sitting_is_ended_once_and_with_a_reason(db, closed):
    made = scene.scene(db)
    if closed:
        scene.deliberate(db, made)
        scene.close(db, made)
    with pytest.raises(Refusal) as refused:
        void(db, made, WHY if closed else "  ")
    assert refused.value.code is (JuryRefusal.ALREADY_CLOSED if closed else JuryRefusal.NO_REASON)


def test_the_composition_of_the_session_may_still_be_mended_for_the_others(db):
    made = scene.scene(db)
    void(db, made)
    scene.name(db, made, scene.FIVE[3], quality="Formatrice", seen=1)


def test_the_certifier_ends_it_from_the_page_of_presence_with_a_password(client, store):
    made = scene.scene(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    page = f"/jurys/{made.hearing_id}"
    assert "Déclarer la séance sans effet" in client.page(f"{page}/presence").text
    wrong = client.send(f"{page}/sans-effet", {"reason": WHY, "password": "autre"})
    assert (wrong.status_code, WHY in wrong.text) == (422, True)
    assert client.send(f"{page}/sans-effet", {"reason": WHY, "password": factories.PASSWORD}).status_code == 303
    assert "séance sans effet" in client.page(f"{page}/resultat").text
    assert client.get(f"{page}/sans-effet").status_code == 303
