"""The French sentences of marks, of what changed since, of why a dossier needs its advisor, and of refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from portfolio.candidacy.rules import Clock, ClockKind
from portfolio.dossier.rules import CoverageState
from portfolio.review.rules import Awaited, Cause, Change, ChangeKind, Ground, MarkValue, Order, ReviewRefusal, Rhythm, Unread
from portfolio.web.filters import NBSP, count, day

MARKS: Mapping[MarkValue, str] = {
    MarkValue.COVERED: "Couverte",
    MarkValue.PARTLY: "En partie couverte",
    MarkValue.NOT_COVERED: "Pas encore couverte",
}
MARK_HINTS: Mapping[MarkValue, str] = {
    MarkValue.COVERED: "Le récit et les preuves suffisent.",
    MarkValue.PARTLY: "Il manque quelque chose : expliquez quoi dans le commentaire.",
    MarkValue.NOT_COVERED: "Rien ne montre encore la compétence : indiquez ce qu’il faut apporter.",
}
# The glyph of each state and of each mark, as the components name them: the same on the board, the matrix and the panel.
GLYPHS: Mapping[str, str] = {
    "none": "none",
    "claimed": "said",
    "partly": "part",
    "covered": "held",
    "not_covered": "lack",
    "outdated": "old",
}
AWAITED: Mapping[Awaited, str] = {
    Awaited.ANSWER: "Ma réponse",
    Awaited.MARK: "Mon avis",
    Awaited.NUDGE: "Une relance",
    Awaited.NEXT: "Un dépôt à préparer",
    Awaited.JURY: "Le jury",
    Awaited.REST: "Rien",
}
ORDERS: Mapping[Order, str] = {
    Order.NEED: "Besoin",
    Order.DEADLINE: "Échéance",
    Order.ACTIVITY: "Silence le plus long",
    Order.NAME: "Nom",
}
DEADLINES: Mapping[ClockKind, str] = {
    ClockKind.FIRST_STEP: "Première démarche avant le {until}",
    ClockKind.JURY: "Jury avant le {until}",
    ClockKind.NOTIFICATION: "Résultat à notifier avant le {until}",
}
RHYTHMS: Mapping[Rhythm, str] = {
    Rhythm.AT_ONCE: "À chaque message",
    Rhythm.DAILY: "Une fois par jour au plus, le matin",
    Rhythm.NEVER: "Jamais",
}
WAITING = "Un message attend votre réponse."


def unread_words(unread: Unread) -> str:
    """Say what was not read: « 2 messages et 1 avis »."""
    said = [count(unread.messages, "message")] if unread.messages else []
    said += [count(unread.marks, "avis", "avis")] if unread.marks else []
    return " et ".join(said)


def all_unread_words(unread: Sequence[Unread]) -> str:
    """Say what was not read in several conversations together; nothing when everything was."""
    if not unread:
        return ""
    messages, marks = sum(one.messages for one in unread), sum(one.marks for one in unread)
    return unread_words(Unread(messages, marks, min(one.since for one in unread)))


def to_read(unread: Unread) -> str:
    """Say what waits to be read, beside a competency: « À lire : 2 messages »."""
    return f"À lire : {unread_words(unread)}"


def change_sentence(change: Change) -> str:
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


def changes_sentence(changes: Sequence[Change]) -> str:
    """Say all that changed in one sentence: « Depuis, le récit a été modifié et la pièce 4 a un nouveau fichier. »."""
    told = [change_sentence(change) for change in changes]
    listed = told[0] if len(told) == 1 else f"{', '.join(told[:-1])} et {told[-1]}"
    return f"Depuis, {listed}."


def wait_words(since: datetime, at: datetime) -> str:
    """Say how long something has lasted, in days: « depuis 3 jours »."""
    days = (at - since).days
    if days < 1:
        return "depuis moins d’un jour"
    return "depuis hier" if days == 1 else f"depuis {days} jours"


def ago_words(moment: datetime, at: datetime) -> str:
    """Say when something was, as one counts days: « hier », « il y a 12 jours »."""
    days = (at - moment).days
    if days < 2:
        return "hier" if days == 1 else "dans les dernières 24 heures"
    return f"il y a {days} jours" if days < 60 else f"le {day(moment)}"


def deadline_words(clock: Clock | None, heard_on: date | None, today: date) -> str:
    """Say the next date that counts, and whether it has passed: the jury's day when it is known, else the delay that runs."""
    if heard_on is not None and heard_on >= today:
        return f"Jury le {day(heard_on)}"
    if clock is None:
        return "Aucun délai ne court"
    passed = ", délai passé" if clock.is_over(today) else ""
    return f"{DEADLINES[clock.kind].format(until=day(clock.until))} ({clock.source}){passed}"


_COUNTED: Mapping[CoverageState, tuple[str, str]] = {
    CoverageState.NONE: ("sans preuve", "sans preuve"),
    CoverageState.CLAIMED: ("avec une preuve proposée", "avec une preuve proposée"),
    CoverageState.PARTLY: ("en partie couverte", "en partie couvertes"),
    CoverageState.COVERED: ("couverte", "couvertes"),
    CoverageState.NOT_COVERED: ("pas encore couverte", "pas encore couvertes"),
    CoverageState.OUTDATED: ("où un nouvel avis est attendu", "où un nouvel avis est attendu"),
}


def coverage_words(states: Sequence[CoverageState]) -> str:
    """Say a block in words: « 1 couverte, 2 avec une preuve proposée »."""
    return ", ".join(count(states.count(state), *_COUNTED[state]) for state in CoverageState if state in states)


def _unanswered(ground: Ground, at: datetime) -> str:
    if ground.count == 1:
        return f"Un message sur {ground.label} attend votre réponse {wait_words(ground.since, at)}."
    return f"{ground.count} messages attendent votre réponse, le plus ancien {wait_words(ground.since, at)}, sur {ground.label}."


def _outdated(ground: Ground, _at: datetime) -> str:
    if ground.count == 1:
        return f"Votre avis sur {ground.label} est à revoir : le dossier a changé depuis."
    return f"{ground.count} avis sont à revoir : le dossier a changé depuis. Le plus ancien porte sur {ground.label}."


def _unmarked(ground: Ground, at: datetime) -> str:
    if ground.count == 1:
        return f"La compétence {ground.label} a une preuve et attend votre avis {wait_words(ground.since, at)}."
    return f"{ground.count} compétences ont une preuve et attendent votre avis. La première est {ground.label}."


def _lapse(ground: Ground, at: datetime) -> str:
    if ground.day is not None and ground.day < at.date():
        return f"Rien n’est commencé, et le délai de la première démarche est passé depuis le {day(ground.day)} : parlez-en vite."
    return f"La recevabilité devient caduque après le {day(ground.day)} si rien n’est commencé."


def _next_submission(ground: Ground, _at: datetime) -> str:
    left = "un bloc reste" if ground.count == 1 else f"{ground.count} blocs restent"
    return f"Le jury s’est prononcé : {left} à présenter. Préparez ensemble le dépôt suivant."


GROUNDS: Mapping[Cause, Callable[[Ground, datetime], str]] = {
    Cause.LAPSE: _lapse,
    Cause.UNANSWERED: _unanswered,
    Cause.OUTDATED: _outdated,
    Cause.UNMARKED: _unmarked,
    Cause.NOT_BEGUN: lambda _ground, _at: "Le dossier n’est pas commencé : un premier échange peut aider.",
    Cause.QUIET: lambda ground, at: f"Rien de nouveau {wait_words(ground.since, at)} : un mot de votre part peut relancer.",
    Cause.NEXT_SUBMISSION: _next_submission,
    Cause.NOTHING: lambda _ground, _at: "Tout ce qui est proposé a votre avis.",
    Cause.SUBMITTED: lambda _ground, _at: "Le dossier est déposé : le jury lit la version scellée.",
    Cause.DELIBERATED: lambda _ground, _at: "Le jury a délibéré. Le résultat est donné par la lettre de l’organisme.",
    Cause.COMPLETE: lambda _ground, _at: "Tous les blocs demandés sont acquis.",
}


def ground_sentence(ground: Ground, at: datetime) -> str:
    """Say why a dossier needs its advisor, or that it does not."""
    return GROUNDS[ground.cause](ground, at)


def _changed_meanwhile(facts: dict[str, Any]) -> str:
    changes = facts.get("changes") or ()
    what = changes_sentence(changes) if changes else "Le contenu a été modifié."
    return f"Le dossier a changé pendant que vous le lisiez. {what} Relisez, puis enregistrez votre avis."


REFUSALS: Mapping[StrEnum, Callable[[dict[str, Any]], str]] = {
    ReviewRefusal.NOT_THE_ADVISOR: lambda _: "Seule la personne qui accompagne cette candidature peut donner un avis.",
    ReviewRefusal.NOT_IN_THE_CONVERSATION: lambda _: (
        "Cet échange est réservé à la personne candidate et à la personne qui l’accompagne."
    ),
    ReviewRefusal.OUT_OF_SCOPE: lambda _: (
        "Cette compétence n’est pas demandée dans cette candidature. Revenez au dossier pour en choisir une autre."
    ),
    ReviewRefusal.BLOCK_HELD: lambda _: "Ce bloc est acquis définitivement : il n’y a plus d’avis à donner sur ses compétences.",
    ReviewRefusal.DOSSIER_SUBMITTED: lambda _: (
        "Le dossier est déposé : les avis ne changent plus. Vous pouvez encore écrire un message ci-dessous."
    ),
    ReviewRefusal.COMMENT_MISSING: lambda _: "Dites à la personne candidate ce qui manque : c’est ce qui l’aide à avancer.",
    ReviewRefusal.REMARK_EMPTY: lambda _: "Écrivez votre message avant de l’envoyer.",
    ReviewRefusal.NO_SUCH_WORDS: lambda _: "Ce message n’existe pas. Revenez aux échanges.",
    ReviewRefusal.NOT_YOUR_WORDS: lambda _: "Ce message n’est pas de vous : seule la personne qui l’a écrit peut le changer.",
    ReviewRefusal.ALREADY_WITHDRAWN: lambda _: "Ce message est déjà retiré. Écrivez-en un autre si vous avez changé d’avis.",
    ReviewRefusal.ANSWERED_SINCE: lambda _: (
        "On vous a répondu depuis : ce message ne se modifie plus, sinon la réponse n’aurait plus de sens. "
        "Écrivez-en un autre pour le corriger, ou retirez celui-ci."
    ),
    ReviewRefusal.CHANGED_MEANWHILE: _changed_meanwhile,
}
