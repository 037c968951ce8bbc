"""Around the dossiers: an employer's group, funded hours, an arrangement, a complaint, a survey, the SI-CPF."""

from collections.abc import Iterable
from datetime import date, timedelta
from io import BytesIO
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from demo import apprentices, deadlines
from demo.builder import Stage, Walk
from demo.people import ines, karim, paul, samia, sophie
from demo.scenarios import ROOM
from portfolio.calendar import day_of
from portfolio.domain.candidacy.rules.opening import AccommodationOutcome, Arrangement, PersonInput
from portfolio.domain.candidate_group.rules import GroupInput
from portfolio.domain.candidate_group.use_cases import create_group, join_group
from portfolio.domain.complaint.rules import AnswerInput, Channel, ComplaintInput, Outcome, Subject
from portfolio.domain.complaint.use_cases import answer_complaint, record_complaint
from portfolio.domain.follow_up import use_cases as follow_up
from portfolio.domain.follow_up.models import FollowUp
from portfolio.domain.follow_up.rules import Answer, Change, Contract, Situation
from portfolio.domain.funding.rules import AppointmentInput, Commitment, FunderKind, FundingInput, Held, StepKind
from portfolio.domain.funding.use_cases import save_appointment, save_funding, sign_presence
from portfolio.domain.si_cpf.models import SiCpfFlow, SiCpfPassage
from portfolio.domain.si_cpf.rules import FlowAction, HolderIdentity, SchemaVersion, Sex
from portfolio.domain.si_cpf.use_cases import transmission

EMPLOYER = "Groupement d’employeurs du numérique de l’Ouest"
_HOLDERS = (
    (apprentices.LAST_YEAR.people[0], HolderIdentity("OLLIVIER", "Gwenaëlle", Sex.FEMALE, date(2003, 4, 17))),
    (apprentices.LAST_YEAR.people[1], HolderIdentity("MASSON", "Hugo", Sex.MALE, date(2002, 11, 2))),
)
_PAUL = HolderIdentity("GIRARD", "Paul", Sex.MALE, paul.BIRTH.on)


def funded_hours(stage: Stage) -> None:
    """Samia's hours are paid by an agreement; she has one presence to sign, and an appointment to come."""
    walk, year = stage.walks[samia.LIFE.who.email], stage.now.year
    agreement = FundingInput(
        FunderKind.TRANSITIONS_PRO, "Transitions Pro Bretagne", Commitment.GRANTED, f"TP-{year}-01845",
        day_of(stage.ago(75)), day_of(stage.ahead(150)), 24 * 60, 2_160_00,
    )  # fmt: skip
    with stage.database.transaction() as session:
        save_funding(session, walk.candidacy_id, None, agreement, by=stage.certifier, at=stage.ago(74))
    for kind, days, minutes in (
        (StepKind.DIAGNOSTIC, 70, 60), (StepKind.FEASIBILITY, 63, 60), (StepKind.INDIVIDUAL, 35, 90),
    ):  # fmt: skip
        _attended(stage, walk, kind, days, minutes)
    _attended(stage, walk, StepKind.INDIVIDUAL, 9, 90, is_signed=False)
    _planned(stage, walk, StepKind.INDIVIDUAL, 6, 90)
    _planned(stage, walk, StepKind.MOCK_INTERVIEW, 27, 60)


def employer_group(stage: Stage) -> None:
    """A group of employers sends three people: each joined by its code, and it reads their presence."""
    walks = [stage.walks[who.email] for who in (karim.LIFE.who, deadlines.OLIVIER, sophie.LIFE.who)]
    with stage.database.transaction() as session:
        written = GroupInput("Parcours collectif du Grand Ouest", EMPLOYER)
        group = create_group(session, stage.body_id, written, by=stage.certifier, at=stage.ago(140)).id
        for number, walk in enumerate(walks):
            join_group(session, walk.candidacy_id, group, by=walk.candidate_id, at=stage.ago(135 - number, 18))
    agreement = FundingInput(
        FunderKind.EMPLOYER, EMPLOYER, Commitment.GRANTED, "Plan de développement des compétences",
        day_of(stage.ago(138)), None, 12 * 60, 1_080_00,
    )  # fmt: skip
    with stage.database.transaction() as session:
        save_funding(session, walks[0].candidacy_id, None, agreement, by=stage.certifier, at=stage.ago(137))
    for kind, days, minutes in (
        (StepKind.INDIVIDUAL, 120, 120),
        (StepKind.GROUP, 60, 180),
        (StepKind.INDIVIDUAL, 14, 90),
    ):
        _attended(stage, walks[0], kind, days, minutes)
    _planned(stage, walks[2], StepKind.INDIVIDUAL, 4, 90)


def _attended(stage: Stage, walk: Walk, kind: StepKind, days: int, minutes: int, *, is_signed: bool = True) -> None:
    """An appointment was held, and the candidate signed their presence the same evening."""
    starts = stage.ago(stage.weekday_ago(days), 17, 30)
    held = AppointmentInput(kind, starts, minutes, ROOM, Held.HELD)
    with stage.database.transaction() as session:
        row = save_appointment(
            session, walk.candidacy_id, None, held, by=walk.advisor_id, at=starts + timedelta(hours=4)
        )
        session.flush()
        if is_signed:
            sign_presence(session, walk.candidacy_id, row.id, by=walk.candidate_id, at=starts + timedelta(hours=5))


def _planned(stage: Stage, walk: Walk, kind: StepKind, days: int, minutes: int) -> None:
    coming = AppointmentInput(kind, stage.ahead(days, 17, 30), minutes, ROOM)
    with stage.database.transaction() as session:
        save_appointment(session, walk.candidacy_id, None, coming, by=walk.advisor_id, at=stage.ago(1))


def arrangement(stage: Stage) -> None:
    """Inès hears badly: an interpreter will be there on the day of her jury."""
    asked = "Je suis malentendante. Je demande une personne interprète en langue des signes pour l’entretien."
    place = "Les membres du jury sont face à elle et parlent l’un après l’autre."
    given = Arrangement(AccommodationOutcome.GRANTED, place, 20, interpreter=True)
    apprentices.arrange(stage, stage.walks[ines.LIFE.who.email], asked, given, (stage.ago(40, 20), stage.ago(33, 10)))


def complaint(stage: Stage) -> None:
    """Sophie complained of the time that her letter took; the body answered, and promised a change."""
    walk, received = stage.walks[sophie.LIFE.who.email], stage.ago(70, 21)
    told = ComplaintInput(
        Subject.INFORMATION,
        "Personne ne m’a dit, le jour du jury, quand la décision arriverait. J’ai téléphoné trois fois.",
        day_of(received),
        Channel.ACCOUNT,
    )
    answer = AnswerInput(
        Outcome.FOUNDED,
        "Vous avez raison. La lettre est partie dans le délai, mais personne ne vous l’avait annoncé.",
        "La date d’envoi des lettres est dite à chaque candidat à la fin de l’entretien.",
    )
    with stage.database.transaction() as session:
        row = record_complaint(session, stage.body_id, walk.candidacy_id, told, by=walk.candidate_id, at=received)
        answer_complaint(session, row.id, answer, by=stage.certifier, at=stage.ago(62, 11))


def survey(stage: Stage) -> None:
    """Holders of last year are asked what became of them; one has answered."""
    secret = current_app.config["SETTINGS"].secret_key
    answer = Answer(
        Situation.EMPLOYED, in_target_job=True, contract=Contract.PERMANENT, gross_pay=2_350, is_executive=False,
        job_title="Chargée de communication digitale", employer="Office de tourisme de Rennes", change=Change.JOB,
    )  # fmt: skip
    walk = stage.walks[apprentices.LAST_YEAR.people[0].email]
    with stage.database.transaction() as session:
        follow_up.turn(session, stage.body_id, is_on=True, by=stage.certifier, at=stage.ago(210))
        follow_up.ask_holders(session, stage.body_id, secret, at=stage.ago(27, 7))
        row = session.scalars(select(FollowUp).where(FollowUp.candidacy_id == walk.candidacy_id)).one()
        follow_up.record_answer(session, row, answer, by=None, at=stage.ago(25, 20))


def si_cpf(stage: Stage) -> None:
    """Two files went to the Caisse des Dépôts, each with its receipt."""
    with stage.database.transaction() as session:
        transmission.save_settings(
            session, stage.body_id, "84512067", "MCFCER004127", SchemaVersion.V1_1_5, send_blocks=False, revision=0,
            by=stage.certifier, at=stage.ago(205),
        )  # fmt: skip
    _transmit(stage, _HOLDERS, 190)
    _transmit(stage, ((paul.LIFE.who, _PAUL),), 50)


def _transmit(stage: Stage, holders: tuple[tuple[PersonInput, HolderIdentity], ...], days: int) -> None:
    """Holders give their identity; the file is made, deposited, and its receipt read."""
    settings, made = current_app.config["SETTINGS"], stage.ago(days, 11)
    with stage.database.transaction() as session:
        for who, identity in holders:
            walk = stage.walks[who.email]
            transmission.record_identity(
                session, walk.candidacy_id, identity, settings.secret_key, by=walk.candidate_id, at=stage.ago(days + 6)
            )
        flow = transmission.prepare_flow(
            session, stage.body_id, FlowAction.CREATION, settings.address, by=stage.certifier, at=made
        )
        digest = transmission.digest_of(transmission.write_flow(session, flow, settings.secret_key))
        transmission.keep_digest(session, flow.id, digest)
        transmission.mark_deposited(session, flow, by=stage.certifier, at=made + timedelta(minutes=20))
        sent = session.scalars(select(SiCpfPassage.award_id).where(SiCpfPassage.flow_id == flow.id)).all()
        receipt = _receipt(flow, sent)
        transmission.apply_receipt(session, receipt, stage.body_id, by=stage.certifier, at=stage.ago(days - 4, 9))


def _receipt(flow: SiCpfFlow, sent: Iterable[UUID | None]) -> BytesIO:
    """Return the receipt by which the Caisse des Dépôts takes everything that a file sent."""
    taken = "".join(f"<idTechnique>{award}</idTechnique>" for award in sent)
    head = f"<idFlux>{flow.flow_id}</idFlux><idTraitement>DEMO-{flow.number}</idTraitement>"
    report = (
        f'<ns2:rapport xmlns:ns2="urn:cdc:cpf:pc5:rapport:schema">{head}<PassagesOK>{taken}</PassagesOK></ns2:rapport>'
    )
    return BytesIO(report.encode())
