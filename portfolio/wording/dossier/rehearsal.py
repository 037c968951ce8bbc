"""The questions of a rehearsal, each from a template: nothing is written in the place of the candidate."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from portfolio.domain.dossier.rules.rehearsal import RehearsalKind, RehearsalQuestion, RehearsalRefusal

_QUESTIONS: Mapping[RehearsalKind, str] = {
    RehearsalKind.SAYS_WE: "{label} {text}. Votre récit dit « nous ». Qu’avez-vous fait, vous-même ?",
    RehearsalKind.NO_FIGURE: "{label} {text}. Quel chiffre montre le résultat : un délai, un coût, un nombre ?",
    RehearsalKind.OLD_PIECE: "Pièce {label}, « {text} ». Elle a plus de cinq ans. Que feriez-vous aujourd’hui ?",
    RehearsalKind.NO_CHOICE: "{label} {text}. Quelles autres solutions aviez-vous, et pourquoi celle-là ?",
    RehearsalKind.TELL: "{label} {text}. Racontez une situation précise, comme si le jury n’avait rien lu.",
}
QUESTION_GONE = "Votre livret a changé : cette question n’est plus posée. Choisissez-en une ci-dessous."
REFUSALS: Mapping[StrEnum, Callable[[dict[str, Any]], str]] = {
    RehearsalRefusal.NO_SOUND: lambda _: "Enregistrez votre voix, ou choisissez un fichier son (WebM, Ogg ou M4A).",
    RehearsalRefusal.TOO_LONG: lambda _: "Cette réponse dépasse trois minutes environ. Enregistrez-la en plus court.",
}

# A voice put in writing.
VOICE_BUSY = "Une autre voix est mise par écrit en ce moment. Recommencez dans une minute."
VOICE_TOO_LONG = "Cette voix dépasse trois minutes. Dites-la en plusieurs fois."
VOICE_UNREAD = "Cette voix n’a pas pu être mise par écrit. Rien n’est gardé : recommencez, ou écrivez."


def question_message(question: RehearsalQuestion) -> str:
    """Return the question, about one's own words."""
    return _QUESTIONS[question.kind].format(label=question.label, text=question.text)
