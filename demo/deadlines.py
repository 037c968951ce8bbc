"""Candidacies of the France VAE regime whose delays pass or end soon, an invitation to hand over, a suspended block."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from demo import fill_dossier, jury_sessions, notifications, sample_decisions, signatures
from demo.builder import Stage
from demo.people import olivier
from demo.scenarios import ROOM, YANIS
from portfolio.calendar import day_of
from portfolio.domain.candidacy.rules.deadlines import Regime, months_after
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import mark_handed_over
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.status_changes import StatusChange, StatusChangeKind
from portfolio.domain.holdings.use_cases.status_changes import change_status

NADIA = PersonInput("nadia.ferrand@exemple.fr", "Nadia Ferrand")
BASTIEN = PersonInput("bastien.leroux@exemple.fr", "Bastien Le Roux")
LEA = PersonInput("lea.fontaine@exemple.fr", "Léa Fontaine")
OLIVIER = olivier.LIFE.who
FAR = (NADIA, BASTIEN, OLIVIER)
AFTER_EXPIRY = "Demande reçue avant la fin de l’enregistrement, étudiée ensuite."
SUSPENDED = (
    "Une personne du jury avait travaillé pour le prestataire cité dans le dossier. Nous vérifions si elle "
    "pouvait siéger."
)
# A letter older than this was handed over, the day after it was written.
HANDED_OVER_AFTER = timedelta(days=4)


def delays(stage: Stage) -> None:
    """Nadia took no step in six months, Bastien has a week left: their first step is awaited (R6412-4)."""
    today = day_of(stage.now)
    for who, days_left in ((NADIA, -40), (BASTIEN, 7)):
        admissible_on = months_after(today + timedelta(days=days_left), -6)
        opened = stage.ago((today - admissible_on).days - 2)
        stage.open(who, admissible_on, YANIS, opened, regime=Regime.FRANCE_VAE, override=AFTER_EXPIRY)


def suspended_block(stage: Stage) -> None:
    """Olivier obtains block 4, the only one he asks for; then a doubt about his jury suspends it (R10)."""
    walk = stage.open(OLIVIER, olivier.LIFE.admissible_on, YANIS, stage.ago(150), blocks=(stage.blocks[4],))
    fill_dossier.fill(stage, walk, olivier.LIFE, stage.ago(120))
    sealed = fill_dossier.seal(stage, walk, stage.ago(75, 19))
    sits = stage.weekday_ago(50)
    day = jury_sessions.plan(stage, stage.ago(sits), ROOM, stage.ago(70))
    hearing = jury_sessions.call(stage, day, sealed, stage.ago(68))
    jury_sessions.judge(stage, hearing, (4,), sample_decisions.WHOLE, stage.ago(sits, 10))
    signatures.sign_all(stage, stage.ago(sits - 2, 16))
    notifications.tell(stage, walk, 1, notifications.ALL_GIVEN, stage.ago(sits - 4, 10))
    decided_on = day_of(stage.ago(6))
    with stage.database.transaction() as session:
        grant = session.scalars(select(Grant.id).where(Grant.person_id == walk.candidate_id)).one()
        act = StatusChange(StatusChangeKind.SUSPENSION, SUSPENDED, decided_on)
        change_status(session, grant, act, by=stage.certifier, at=stage.ago(6, 15))


def newly_invited(stage: Stage) -> None:
    """Léa was invited yesterday: she has no account yet, and her invitation is to hand over."""
    stage.open(LEA, date(2021, 11, 22), YANIS, stage.ago(1, 16))


def letters(stage: Stage) -> None:
    """Hand over the letters of before; those of the last days wait."""
    before: datetime = stage.now - HANDED_OVER_AFTER
    with stage.database.transaction() as session:
        for mail in session.scalars(
            select(OutgoingEmail).where(OutgoingEmail.body_id == stage.body_id, OutgoingEmail.created_at < before)
        ):
            mark_handed_over(session, mail, by=stage.certifier, at=mail.created_at + timedelta(days=1))
