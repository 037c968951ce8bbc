"""The French sentences of marks, of what changed since, of why a dossier needs its advisor, and of refusals.

French words of a candidate's own assessment of a competency.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from portfolio.calendar import day_of
from portfolio.domain.candidacy.rules.deadlines import Deadline, DeadlineKind
from portfolio.domain.dossier.rules.assessment import Assessment, Change, ChangeKind, ReviewRefusal, SelfAssessment
from portfolio.domain.dossier.rules.draft import CoverageState
from portfolio.domain.review.rules.messages import Frequency, Unread
from portfolio.domain.review.rules.priority import AttentionGround, AttentionReason, Order, WaitingFor
from portfolio.french_text import NBSP, count, date_fr, enumeration

MARKS: Mapping[Assessment, str] = {
    Assessment.COVERED: "Couverte",
    Assessment.PARTLY: "En partie couverte",
    Assessment.NOT_COVERED: "Pas encore couverte",
}
MARK_HINTS: Mapping[Assessment, str] = {
    Assessment.COVERED: "Le récit et les preuves suffisent.",
    Assessment.PARTLY: "Il manque quelque chose : expliquez quoi dans le commentaire.",
    Assessment.NOT_COVERED: "Rien ne montre encore la compétence : indiquez ce qu’il faut apporter.",
}
# The glyph of each state and of each mark, as the components name them: the same on the board, the matrix and
# the panel.
GLYPHS: Mapping[str, str] = {
    "none": "none",
    "claimed": "claimed",
    "partly": "part",
    "covered": "held",
    "not_covered": "uncovered",
    "outdated": "old",
}
AWAITED: Mapping[WaitingFor, str] = {
    WaitingFor.ANSWER: "Ma réponse",
    WaitingFor.MARK: "Mon avis",
    WaitingFor.NUDGE: "Une relance",
    WaitingFor.NEXT: "Un dépôt à préparer",
    WaitingFor.JURY: "Le jury",
    WaitingFor.REST: "Rien",
}
ORDERS: Mapping[Order, str] = {
    Order.NEED: "Besoin",
    Order.DEADLINE: "Échéance",
    Order.ACTIVITY: "Silence le plus long",
    Order.NAME: "Nom",
}
DEADLINES: Mapping[DeadlineKind, str] = {
    DeadlineKind.FIRST_STEP: "Première démarche avant le {until}",
    DeadlineKind.JURY: "Jury avant le {until}",
    DeadlineKind.NOTIFICATION: "Résultat à notifier avant le {until}",
}
RHYTHMS: Mapping[Frequency, str] = {
    Frequency.AT_ONCE: "À chaque message",
    Frequency.DAILY: "Une fois par jour au plus, le matin",
    Frequency.NEVER: "Jamais",
}
WAITING = "Un message attend votre réponse."


def unread_message(unread: Unread) -> str:
    """Say what was not read: « 2 messages et 1 avis »."""
    counts = [count(unread.messages, "message")] if unread.messages else []
    counts += [count(unread.marks, "avis", "avis")] if unread.marks else []
    return enumeration(counts)


def all_unread_message(unread: Sequence[Unread]) -> str:
    """Say what was not read in several conversations together, at least one."""
    messages, marks = (
        sum(conversation.messages for conversation in unread),
        sum(conversation.marks for conversation in unread),
    )
    return unread_message(Unread(messages, marks, min(conversation.since for conversation in unread)))


def to_read(unread: Unread) -> str:
    """Say what waits to be read, beside a competency: « À lire : 2 messages »."""
    return f"À lire : {unread_message(unread)}"


def change_message(change: Change) -> str:
    """Say one thing that the candidate changed."""
    piece = f"la pièce{NBSP}{change.piece}"
    return {
        ChangeKind.NARRATIVE: "le récit a été modifié",
        ChangeKind.CLAIM_ADDED: f"{piece} a été ajoutée à cette compétence",
        ChangeKind.CLAIM_REMOVED: f"{piece} n’est plus citée pour cette compétence",
        ChangeKind.CLAIM_REWORDED: f"le commentaire sur {piece} a été modifié",
        ChangeKind.FILE_REPLACED: f"{piece} a un nouveau fichier",
        ChangeKind.PIECE_DESCRIBED: f"la description de {piece} a été modifiée",
        ChangeKind.OTHER: "le contenu a été modifié",
    }[change.kind]


def changes_message(changes: Sequence[Change]) -> str:
    """Say all that changed in one sentence: « Depuis, le récit a été modifié et la pièce 4 a un nouveau fichier. »."""
    messages = [change_message(change) for change in changes]
    return f"Depuis, {enumeration(messages)}."


def wait_message(since: datetime, at: datetime) -> str:
    """Say how long something has lasted, in days: « depuis 3 jours »."""
    days = (at - since).days
    if days < 1:
        return "depuis moins d’un jour"
    return "depuis hier" if days == 1 else f"depuis {days} jours"


def ago_message(moment: datetime, at: datetime) -> str:
    """Say when something was, as one counts days: « hier », « il y a 12 jours »."""
    days = (at - moment).days
    if days < 2:
        return "hier" if days == 1 else "dans les dernières 24 heures"
    return f"il y a {days} jours" if days < 60 else f"le {date_fr(moment)}"


def last_activity_message(moment: datetime | None, at: datetime) -> str:
    """Say when someone last did something in their dossier."""
    return f"Activité {ago_message(moment, at)}" if moment else "Pas encore d’activité"


def sent_message(people: int) -> str:
    """Say to how many people a message was sent."""
    return f"Votre message est envoyé à {count(people, 'personne')}."


def deadline_message(clock: Deadline | None, heard_on: date | None, today: date) -> str:
    """Say the next date that counts, and whether it has passed: the jury's day when it is known, else the
    delay that runs.
    """
    if heard_on is not None and heard_on >= today:
        return f"Jury le {date_fr(heard_on)}"
    if clock is None:
        return "Aucun délai ne court"
    passed = ", délai passé" if clock.is_over(today) else ""
    return f"{DEADLINES[clock.kind].format(until=date_fr(clock.until))} ({clock.source}){passed}"


class ShownBlock(Protocol):
    """A block of a dossier: its number, whether it is held, else the state of each competency."""

    @property
    def number(self) -> int: ...
    @property
    def held(self) -> bool: ...
    @property
    def states(self) -> Sequence[CoverageState]: ...


def blocks_message(blocks: Sequence[ShownBlock]) -> str:
    """Say how many competencies of each block are covered: « bloc 1 acquis, bloc 2 : 1 sur 3 »."""
    return ", ".join(
        f"bloc{NBSP}{block.number} acquis"
        if block.held
        else f"bloc{NBSP}{block.number}{NBSP}: {block.states.count(CoverageState.COVERED)} sur {len(block.states)}"
        for block in blocks
    )


def _unanswered(ground: AttentionGround, at: datetime) -> str:
    if ground.count == 1:
        return f"Un message sur {ground.label} attend votre réponse {wait_message(ground.since, at)}."
    return (
        f"{ground.count} messages attendent votre réponse, le plus ancien {wait_message(ground.since, at)}, "
        f"sur {ground.label}."
    )


def _outdated(ground: AttentionGround, _at: datetime) -> str:
    if ground.count == 1:
        return f"Votre avis sur {ground.label} est à revoir : le dossier a changé depuis."
    return f"{ground.count} avis sont à revoir : le dossier a changé depuis. Le plus ancien porte sur {ground.label}."


def _unmarked(ground: AttentionGround, at: datetime) -> str:
    if ground.count == 1:
        return f"La compétence {ground.label} a une preuve et attend votre avis {wait_message(ground.since, at)}."
    return f"{ground.count} compétences ont une preuve et attendent votre avis. La première est {ground.label}."


def _lapse(ground: AttentionGround, at: datetime) -> str:
    if ground.day is not None and ground.day < day_of(at):
        passed = date_fr(ground.day)
        return (
            f"Rien n’est commencé, et le délai de la première démarche est passé depuis le {passed} : parlez-en vite."
        )
    return f"La recevabilité devient caduque après le {date_fr(ground.day)} si rien n’est commencé."


def _next_submission(ground: AttentionGround, _at: datetime) -> str:
    left = "un bloc reste" if ground.count == 1 else f"{ground.count} blocs restent"
    return f"Le jury s’est prononcé : {left} à présenter. Préparez ensemble le dépôt suivant."


def _jury_fixed(ground: AttentionGround, at: datetime) -> str:
    on, today = ground.day or day_of(at), day_of(at)
    if on < today:
        return f"Le jury était fixé au {date_fr(on)}. Le résultat est donné par la lettre de l’organisme."
    when = "aujourd’hui" if on == today else f"le {date_fr(on)}"
    return f"Le jury se réunit {when}. Il lit la version déposée, et elle seule."


GROUNDS: Mapping[AttentionReason, Callable[[AttentionGround, datetime], str]] = {
    AttentionReason.LAPSE: _lapse,
    AttentionReason.UNANSWERED: _unanswered,
    AttentionReason.OUTDATED: _outdated,
    AttentionReason.UNMARKED: _unmarked,
    AttentionReason.NOT_BEGUN: lambda _ground, _at: "Le dossier n’est pas commencé : un premier échange peut aider.",
    AttentionReason.QUIET: lambda ground, at: (
        f"Rien de nouveau {wait_message(ground.since, at)} : un mot de votre part peut relancer."
    ),
    AttentionReason.NEXT_SUBMISSION: _next_submission,
    AttentionReason.NOTHING: lambda _ground, _at: "Tout ce qui est proposé a votre avis.",
    AttentionReason.SUBMITTED: lambda _ground, _at: (
        "Le dossier est déposé : un jury lira cette version, et elle seule."
    ),
    AttentionReason.JURY_FIXED: _jury_fixed,
    AttentionReason.SUSPENDED: lambda _ground, _at: (
        "La séance du jury est suspendue : rien n’est attendu de vous, et rien n’est décidé."
    ),
    AttentionReason.NOT_HEARD: lambda _ground, _at: (
        "Rien n’est attendu de vous : l’entretien n’a pas eu lieu, et un autre jury sera fixé."
    ),
    AttentionReason.DELIBERATED: lambda _ground, _at: (
        "Le jury a délibéré. Le résultat est donné par la lettre de l’organisme."
    ),
    AttentionReason.COMPLETE: lambda _ground, _at: "Tous les blocs demandés sont acquis.",
}


def ground_message(ground: AttentionGround, at: datetime) -> str:
    """Say why a dossier needs its advisor, or that it does not."""
    return GROUNDS[ground.cause](ground, at)


def _changed_meanwhile(facts: dict[str, Any]) -> str:
    changes = facts.get("changes") or ()
    what = changes_message(changes) if changes else "Le contenu a été modifié."
    return f"Le dossier a changé pendant que vous le lisiez. {what} Relisez, puis enregistrez votre avis."


REFUSALS: Mapping[StrEnum, Callable[[dict[str, Any]], str]] = {
    ReviewRefusal.NOT_THE_ADVISOR: lambda _: "Seule la personne qui accompagne cette candidature peut donner un avis.",
    ReviewRefusal.NOT_IN_THE_CONVERSATION: lambda _: (
        "Cet échange est réservé à la personne candidate et à la personne qui l’accompagne."
    ),
    ReviewRefusal.OUT_OF_SCOPE: lambda _: (
        "Cette compétence n’est pas demandée dans cette candidature. Revenez au dossier pour en choisir une autre."
    ),
    ReviewRefusal.BLOCK_HELD: lambda _: "Ce bloc est acquis : il n’y a pas d’avis à donner sur ses compétences.",
    ReviewRefusal.DOSSIER_SUBMITTED: lambda _: (
        "Le dossier est déposé : les avis ne changent plus. Vous pouvez encore écrire un message ci-dessous."
    ),
    ReviewRefusal.COMMENT_MISSING: lambda _: (
        "Dites à la personne candidate ce qui manque : c’est ce qui l’aide à avancer."
    ),
    ReviewRefusal.REMARK_EMPTY: lambda _: "Écrivez votre message avant de l’envoyer.",
    ReviewRefusal.NO_SUCH_WORDS: lambda _: "Ce message n’existe pas. Revenez aux échanges.",
    ReviewRefusal.NOT_YOUR_WORDS: lambda _: (
        "Ce message n’est pas de vous : seule la personne qui l’a écrit peut le changer."
    ),
    ReviewRefusal.ALREADY_WITHDRAWN: lambda _: (
        "Ce message est déjà retiré. Écrivez-en un autre si vous avez changé d’avis."
    ),
    ReviewRefusal.ANSWERED_SINCE: lambda _: (
        "On vous a répondu depuis : ce message ne se modifie plus, sinon la réponse n’aurait plus de sens. "
        "Écrivez-en un autre pour le corriger, ou retirez celui-ci."
    ),
    ReviewRefusal.CHANGED_MEANWHILE: _changed_meanwhile,
}


QUESTION = "Où en êtes-vous ?"
LEVELS: Mapping[SelfAssessment, str] = {
    SelfAssessment.ABLE: "Je sais le faire",
    SelfAssessment.PARTLY: "Je sais en faire une partie",
    SelfAssessment.NOT_YET: "Je ne sais pas encore le faire",
}
KEPT = "Votre réponse est enregistrée. Seule la personne qui vous accompagne la voit."
