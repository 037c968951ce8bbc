"""The French sentences about the day of a session: its hours, its summons, its move, its cancellation.

What the command line says of the jury that a candidacy awaits.

The French sentences about a jury proposed from the pool.

Sentences of the minutes on the course of a deliberation: votes, suspensions, departures.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from portfolio.calendar import PARIS, is_sunday, public_holiday
from portfolio.domain.candidacy.rules.deadlines import Deadline
from portfolio.domain.jury.rules.closing import Suspension
from portfolio.domain.jury.rules.composition import PredicateAnswer
from portfolio.domain.jury.rules.day_proposal import Impossible, ImpossibleReason, Place
from portfolio.domain.jury.rules.deliberation import Votes
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal, Outcome
from portfolio.domain.jury.rules.member_status import voters_recorded
from portfolio.domain.jury.rules.opinions import BallotResult, TieBreak
from portfolio.domain.jury.rules.passage import ScheduleRefusal, SendingReason, Slot, SummonsEvent, SummonsObstacle
from portfolio.french_text import NBSP, count, date_fr, datetime_fr, elide_de, enumeration, hour_fr
from portfolio.wording.jury.deliberation import REFUSALS as JURY_REFUSALS
from portfolio.wording.jury.deliberation import ballot_message, vote_question, votes_message
from portfolio.wording.jury.labels import OF_SEAT, SHORT_ATTENDANCES
from portfolio.wording.jury.predicates import QUESTIONS, predicate_message, remedy_message, source_message

SENDINGS = {
    SendingReason.FIRST: "convocation",
    SendingReason.CHANGED: "convocation modifiée",
    SendingReason.CANCELLED: "annulation",
    SendingReason.REMINDER: "rappel",
}
REFUSALS: dict[ScheduleRefusal, Callable[[dict[str, Any]], str]] = {
    ScheduleRefusal.REVERSED: lambda _facts: "Une fin est avant son début. Corrigez les heures.",
    ScheduleRefusal.NO_INTERVIEW: lambda _facts: "Donnez la durée d’un passage, en minutes, de 1 à 480.",
    ScheduleRefusal.NO_ROOM: lambda facts: (
        f"Ces heures tiennent {count(facts['places'], 'passage')}, et "
        f"{count(facts['candidates'], 'candidat est inscrit', 'candidats sont inscrits')}. "
        "Allongez la journée, raccourcissez les passages, ou reportez un candidat à une autre session."
    ),
    ScheduleRefusal.ALREADY_CLOSED: lambda facts: (
        "Un procès-verbal de cette session est clos depuis le "
        f"{date_fr(date.fromisoformat(facts['closed_on']))}. Le jour et les heures ne changent plus. "
        "Reportez un à un les candidats qui restent à entendre."
    ),
    ScheduleRefusal.CANCELLED: lambda facts: (
        f"La session du {date_fr(date.fromisoformat(facts['day']))} est annulée. Planifiez une autre session."
    ),
    ScheduleRefusal.PAST_DAY: lambda _facts: "Cette date est passée. Choisissez aujourd’hui ou un jour à venir.",
    ScheduleRefusal.PAST_HOUR: lambda facts: (
        f"La séance commencerait aujourd’hui à {hour_fr(facts['minute'])}, et cette heure est passée. "
        "Donnez une heure à venir, ou un autre jour."
    ),
    ScheduleRefusal.SEALED_LATER: lambda facts: (
        f"Le dossier {elide_de(facts['candidate'])} a été déposé après ce jour. Choisissez un jour plus tardif."
    ),
    ScheduleRefusal.UNKNOWN_ORDER: lambda _facts: "La liste des candidats a changé. Relisez-la, puis changez l’ordre.",
    ScheduleRefusal.NOTHING_TO_SUMMON_TO: lambda _facts: (
        "Fixez d’abord les heures et le lieu de la session : une convocation les donne."
    ),
    ScheduleRefusal.IRREGULAR_JURY: lambda _facts: (
        "La composition du jury n’est pas régulière. Relisez ce qui manque avant d’écrire les convocations."
    ),
}


def passage_message(start: int | None, end: int | None) -> str:
    """Say when a candidate is heard, as a list of the day tells it: « 9 h – 9 h 45 »; nothing while it is not fixed."""
    return "" if start is None or end is None else f"{hour_fr(start)} – {hour_fr(end)}"


def former_hours_message(former: Any) -> str:
    """Say which hours a new session may take from an earlier one."""
    each = count(former.interview_minutes, "minute")
    hours = hours_message(former.start_minute, former.end_minute)
    return f"Mêmes heures que la session du {date_fr(former.held_on)}{NBSP}: {hours}, {each} par passage"


def stand_in_message(holder: str, candidates: Sequence[str] = ()) -> str:
    """Say in whose place a substitute sits, and for which candidates when it is not for each of them."""
    return f"siège à la place {elide_de(holder)}" + (f" pour {enumeration(candidates)}" if candidates else "")


def obstacle_message(dossier: Any, day: date) -> str:
    """Say why a session of that day cannot hear a dossier that waits."""
    if dossier.obstacle is JuryRefusal.NOT_WAITING:
        return "Ce dossier a déjà été inscrit à cette session, sans décision : inscrivez-le à une autre session."
    facts = {"name": dossier.who, "candidate": dossier.candidate, "day": day.isoformat()}
    return JURY_REFUSALS[dossier.obstacle](facts)


def waiting_message(dossier: Any) -> str:
    """Say which blocks a dossier that waits presents, and since when it is sealed."""
    blocks = "Bloc " if len(dossier.blocks) == 1 else "Blocs "
    sealed = "relevé d’évaluation arrêté le" if dossier.is_record else "déposé le"
    return f"{blocks}{enumeration([str(each) for each in dossier.blocks])} · {sealed} {date_fr(dossier.submitted_at)}"


def waiting_label(dossier: Any, slot: Slot | None, *, has_hours: bool) -> str:
    """Name a candidate who may join a session, with the hour that they would have."""
    full = " · plus d’heure libre ce jour-là" if has_hours else ""
    hour = f" · {passage_message(slot.start, slot.end)}" if slot else full
    return f"{dossier.candidate}{hour} · {waiting_message(dossier)}"


def listed_message(hearings: Sequence[Any]) -> str:
    """Say how many people joined the list of a session, and for how many no hour is free or fixed."""
    said = count(len(hearings), "personne est inscrite à cette session.", "personnes sont inscrites à cette session.")
    hourless = sum(hearing.start_minute is None for hearing in hearings)
    if not hourless:
        return said
    return f"{said} {count(hourless, 'personne n’a pas encore d’heure.', 'personnes n’ont pas encore d’heure.')}"


def order_message(*, by_deposit: bool, may_change: bool = True) -> str:
    """Say how the order of passage of a session was made, and how it is changed while it may."""
    made = (
        "les dépôts les plus anciens passent d’abord"
        if by_deposit
        else "ce n’est plus celui des dépôts : l’organisme l’a changé, ou une personne inscrite "
        "ensuite a pris la première heure libre"
    )
    change = f" «{NBSP}Passer avant{NBSP}» et «{NBSP}Passer après{NBSP}» le changent." if may_change else ""
    return f"Ordre de passage{NBSP}: {made}.{change}"


def hours_message(start: int | None, end: int | None) -> str:
    """Say when something begins and ends."""
    return "heure à fixer" if start is None or end is None else f"de {hour_fr(start)} à {hour_fr(end)}"


def summons_due_message(people: Sequence[Any]) -> str:
    """Say who has no summons yet, and whose summons is no longer true; `people`: each with `name` and `held`."""
    first = [person.name for person in people if not person.held]
    changed = [person.name for person in people if person.held]
    says = [f"Aucune convocation n’est encore écrite pour {enumeration(first)}."] if first else []
    if changed:
        says.append(
            f"La convocation {elide_de(enumeration(changed))} ne donne plus le bon jour, la bonne heure ou le bon lieu."
        )
    return " ".join(says)


def event_message(event: SummonsEvent) -> str:
    """Say the day, the hours and the place that a summons gave."""
    start, end = (moment.astimezone(PARIS) for moment in (event.starts_at, event.ends_at))
    minutes = (None, None) if event.is_whole_day else (minute_of_day(start), minute_of_day(end))
    return f"le {date_fr(start)}, {hours_message(*minutes)}, {event.place}"


def minute_of_day(moment: datetime) -> int:
    """Return the minutes since midnight of a local moment."""
    return moment.hour * 60 + moment.minute


def day_off_message(day: date) -> str:
    """Say that a session falls on a Sunday or on a public holiday, '' on any other day."""
    names = ["un dimanche"] if is_sunday(day) else []
    if holiday := public_holiday(day):
        names.append(f"un jour férié ({holiday})")
    return f"Le {date_fr(day)} est {enumeration(names)}." if names else ""


def day_to_fix(obstacles: Collection[SummonsObstacle]) -> str:
    """Name what a day lacks before its summons: « les heures », « le lieu » or both."""
    named = {SummonsObstacle.HOURS: "les heures", SummonsObstacle.PLACE: "le lieu"}
    return enumeration([words for obstacle, words in named.items() if obstacle in obstacles])


def deadline_message(deadline: Deadline, held_on: date) -> str:
    """Say how many days are left between a session and the end of the delay of a candidate, or that it
    comes too late.
    """
    days = (deadline.until - held_on).days
    limit = f"délai de {deadline.source}, jusqu’au {date_fr(deadline.until)}"
    if days < 0:
        return f"{limit}, dépassé de {-days} jour{'s' if days < -1 else ''} à cette session"
    return f"{limit}, soit {days} jour{'s' if days > 1 else ''} après cette session"


def awaited_to_json(held_on: date, prevented_by: Sequence[PredicateAnswer]) -> dict[str, Any]:
    """Return the jury of a day, and each predicate that prevents it from deciding, with its sentence,
    mend and source.
    """
    return {
        "held_on": held_on.isoformat(),
        "regular": not prevented_by,
        "prevented_by": [
            {
                "id": str(predicate_answer.id),
                "sentence": predicate_message(predicate_answer),
                "mend": remedy_message(predicate_answer),
                "source": source_message(predicate_answer.source),
            }
            for predicate_answer in prevented_by
        ],
        "sentence": _sentence(held_on, prevented_by),
    }


def _sentence(held_on: date, prevented_by: Sequence[PredicateAnswer]) -> str:
    if not prevented_by:
        return f"Jury du {date_fr(held_on)} : composition régulière."
    reasons = " ".join(f"{answer.id} : {predicate_message(answer)} {remedy_message(answer)}" for answer in prevented_by)
    return f"Jury du {date_fr(held_on)} : il ne peut pas encore délibérer. {reasons}"


def seat_of(place: Place | None) -> str:
    """Name a seat after « siège »."""
    if place is None:
        return ""
    return OF_SEAT[place[0]] + (f" n°{NBSP}{place[1]}" if place[1] > 1 else "")


def impossible_message(answer: Impossible, names: Mapping[UUID, str]) -> tuple[str, str]:
    """Return why no jury can be proposed, and what to do about it."""
    who = enumeration([names[candidate] for candidate in answer.candidates if candidate in names])
    seat = seat_of(answer.place)
    asked = enumeration([QUESTIONS[predicate].lower() for predicate in answer.predicates])
    messages = {
        ImpossibleReason.NO_SEATS: (
            "La certification ne dit pas quels sièges a le jury.",
            "Complétez la règle de jury de la certification.",
        ),
        ImpossibleReason.NOBODY_FITS: (
            f"Personne, dans la liste des jurés, ne peut tenir le siège {seat}.",
            "Ajoutez une personne pour ce siège, ou complétez les fiches.",
        ),
        ImpossibleReason.NOBODY_FREE: (
            (
                f"Personne ne peut tenir le siège {seat} pour {who}{NBSP}: lien avec cette personne, ou pas "
                "disponible ce jour-là."
            ),
            f"Ajoutez une personne pour ce siège, ou reportez l’audition {elide_de(who)}.",
        ),
        ImpossibleReason.TOO_FEW: (
            f"Il n’y a pas assez de personnes différentes pour remplir tous les sièges pour {who}.",
            "Ajoutez des jurés.",
        ),
        ImpossibleReason.PREDICATES: (
            (f"Aucune composition n’est régulière pour {who}. Une condition n’est jamais remplie{NBSP}: {asked}."),
            "Complétez les fiches, par exemple les liens et les qualifications, ou ajoutez des jurés.",
        ),
        ImpossibleReason.LEAVE_OUT: (
            f"Chaque candidat a un jury possible, mais pas le même jour avec {who}.",
            f"Reportez l’audition {elide_de(who)} à une autre session{NBSP}: un jury existe pour les autres.",
        ),
        ImpossibleReason.NO_COMMON_JURY: (
            "Chaque candidat a un jury possible, mais aucun jury ne convient à tous.",
            "Répartissez les candidats sur deux sessions.",
        ),
        ImpossibleReason.SEARCH_STOPPED: (
            "La recherche a été arrêtée avant de trouver un jury.",
            "Nommez d’abord une ou deux personnes, puis demandez la suite.",
        ),
    }
    return messages[answer.reason]


Recorded = Mapping[str, Any]


def vote_messages(composition: Recorded, block: int, votes: Votes, outcome: Outcome) -> tuple[str, ...]:
    """Say every vote on a block as the minutes recorded it: the question, the counts, the outcome.

    `votes` and `outcome` are those of the decision: without a ballot, the counts that the presidency noted.
    """
    ballots = [held for held in composition.get("course", {}).get("ballots", ()) if held["block"] == block]
    if ballots:
        return tuple(_ballot(held, number, len(ballots)) for number, held in enumerate(ballots, 1))
    voters, casting_vote = voters_recorded(composition["members"]), composition.get("casting_vote", True)
    counts = votes_message(votes, voters, outcome, casting_vote=casting_vote)
    return (f"{vote_question(block)} {counts}.",) if counts else ()


def _ballot(held: Recorded, number: int, total: int) -> str:
    which = f"Vote n° {number} : " if total > 1 else ""
    question = f"{which}{vote_question(held['block'])}"
    if "closed_at" not in held:
        return f"{question} Vote ouvert le {_moment(held['opened_at'])}, non terminé."
    ended = f"terminé le {_moment(held['closed_at'])}"
    if "outcome" not in held:
        return f"{question} Vote {ended}."
    votes = Votes(held["in_favour"], held["against"], held["abstained"])
    settled = TieBreak(held["tie_break"]) if "tie_break" in held else None
    result = BallotResult(votes, Outcome(held["outcome"]), settled)
    return f"{question} {ballot_message(result)} (vote {ended})."


def suspension_message(suspension: Suspension) -> str:
    """Say since when a sitting is suspended, and when it resumes as far as that is known."""
    until = (
        f"Reprise prévue le {date_fr(suspension.resumes_on)}."
        if suspension.resumes_on
        else "Le jour de la reprise n’est pas encore fixé."
    )
    return f"Séance suspendue depuis le {date_fr(suspension.since)}. {until}"


def course_messages(composition: Recorded) -> tuple[str, ...]:
    """Say what happened to the sitting, in its order: suspended, why and until when; who left, who came."""
    course = composition.get("course", {})
    told = [(stop["at"], _adjournment(stop)) for stop in course.get("adjournments", ())]
    told += [(move["at"], _move(move)) for move in course.get("attendance_changes", ())]
    return tuple(message for _at, message in sorted(told))


def _adjournment(stop: Recorded) -> str:
    planned = stop.get("resumes_on")
    until = f" Reprise prévue le {date_fr(date.fromisoformat(planned))}." if planned else ""
    resumed = stop.get("resumed_at")
    end = f" Séance reprise le {_moment(resumed)}." if resumed else " La séance n’a pas été reprise."
    return f"Séance suspendue le {_moment(stop['at'])} : {stop['reason'].rstrip('.')}.{until}{end}"


def _move(move: Recorded) -> str:
    noted = "présence notée" if move["present"] else "départ ou absence noté"
    reason = f" Motif de la correction : {move['reason'].rstrip('.')}." if move.get("reason") else ""
    if "candidate" in move:
        said = SHORT_ATTENDANCES[Attendance(move["candidate"])]
        return f"Personne candidate, correction du {_moment(move['at'])} : « {said} ».{reason}"
    return f"{move['name']} : {noted} le {_moment(move['at'])}.{reason}"


def _moment(written: str) -> str:
    return datetime_fr(datetime.fromisoformat(written))
