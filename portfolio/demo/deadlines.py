"""Candidacies of the France VAE regime whose delays pass or end soon, an invitation to hand over, a suspended block."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select

from portfolio.candidacy.rules import Regime, Someone, months_after
from portfolio.certificate.models import Grant
from portfolio.certificate.rules import LaterAct, LaterKind
from portfolio.certificate.services import decide_later
from portfolio.demo import judging, signing, telling, verdicts, writing
from portfolio.demo.chapters import ROOM, YANIS
from portfolio.demo.people import olivier
from portfolio.demo.stage import Stage
from portfolio.mail.models import Mail
from portfolio.mail.services import mark_handed_over

NADIA = Someone("nadia.ferrand@exemple.fr", "Nadia Ferrand")
BASTIEN = Someone("bastien.leroux@exemple.fr", "Bastien Le Roux")
LEA = Someone("lea.fontaine@exemple.fr", "Léa Fontaine")
OLIVIER = olivier.LIFE.who
FAR = (NADIA, BASTIEN, OLIVIER)
AFTER_EXPIRY = "Demande reçue avant la fin de l’enregistrement, étudiée ensuite."
SUSPENDED = (
    "Une personne du jury avait travaillé pour le prestataire cité dans le dossier. Nous vérifions si elle pouvait siéger."
)
# A letter older than this was handed over, the day after it was written.
HANDED_OVER_AFTER = timedelta(days=4)


def delays(stage: Stage) -> None:
    """Nadia took no step in six months, Bastien has a week left: their first step is awaited (R6412-4)."""
    today = stage.now.date()
    for who, days_left in ((NADIA, -40), (BASTIEN, 7)):
        admissible_on = months_after(today + timedelta(days=days_left), -6)
        opened = stage.ago((today - admissible_on).days - 2)
        stage.open(who, admissible_on, YANIS, opened, regime=Regime.FRANCE_VAE, override=AFTER_EXPIRY)


def suspended_block(stage: Stage) -> None:
    """Olivier obtains block 4, the only one he asks for; then a doubt about his jury suspends it (R10)."""
    walk = stage.open(OLIVIER, olivier.LIFE.admissible_on, YANIS, stage.ago(150), blocks=(stage.blocks[4],))
    writing.fill(stage, walk, olivier.LIFE, stage.ago(120))
    sealed = writing.seal(stage, walk, stage.ago(75, 19))
    sits = stage.weekday_ago(50)
    day = judging.plan(stage, stage.ago(sits), ROOM, stage.ago(70))
    hearing = judging.call(stage, day, sealed, stage.ago(68))
    judging.judge(stage, hearing, (4,), verdicts.WHOLE, stage.ago(sits, 10))
    signing.sign_all(stage, stage.ago(sits - 2, 16))
    telling.tell(stage, walk, 1, telling.ALL_GIVEN, stage.ago(sits - 4, 10))
    decided_on = stage.ago(6).date()
    with stage.database.transaction() as session:
        grant = session.scalars(select(Grant.id).where(Grant.person_id == walk.candidate_id)).one()
        act = LaterAct(LaterKind.SUSPENSION, SUSPENDED, decided_on)
        decide_later(session, grant, act, by=stage.certifier, at=stage.ago(6, 15))


def newly_invited(stage: Stage) -> None:
    """Léa was invited yesterday: she has no account yet, and her invitation is to hand over."""
    stage.open(LEA, date(2021, 11, 22), YANIS, stage.ago(1, 16))


def letters(stage: Stage) -> None:
    """Hand over the letters of before; those of the last days wait."""
    before: datetime = stage.now - HANDED_OVER_AFTER
    with stage.database.transaction() as session:
        for mail in session.scalars(select(Mail).where(Mail.body_id == stage.body_id, Mail.written_at < before)):
            mark_handed_over(session, mail, by=stage.certifier, at=mail.written_at + timedelta(days=1))
