"""The questions of a rehearsal, each from a template: nothing is written in the place of the candidate."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from portfolio.domain.dossier.rules.rehearsal import RehearsalKind, RehearsalQuestion, RehearsalRefusal

_QUESTIONS: Mapping[RehearsalKind, str] = {
    RehearsalKind.SAYS_WE: "Votre récit dit « nous ». Qu’avez-vous fait, vous-même ?",
    RehearsalKind.NO_FIGURE: "Quel chiffre montre le résultat : un délai, un coût, un nombre ?",
    RehearsalKind.OLD_PIECE: "Cette pièce a plus de cinq ans. Que feriez-vous aujourd’hui ?",
    RehearsalKind.NO_CHOICE: "Quelles autres solutions aviez-vous ? Pourquoi avez-vous choisi la vôtre ?",
    RehearsalKind.TELL: "Racontez une situation précise, comme si le jury n’avait rien lu.",
}
QUESTION_GONE = "Votre livret a changé : cette question n’est plus posée. Choisissez-en une ci-dessous."
REFUSALS: Mapping[StrEnum, Callable[[dict[str, Any]], str]] = {
    RehearsalRefusal.NO_SOUND: lambda _: "Enregistrez votre voix, ou choisissez un fichier son (WebM, Ogg ou M4A).",
    RehearsalRefusal.TOO_LONG: lambda _: (
        "Cette réponse dure plus de trois minutes. Enregistrez-la de nouveau, en plus court."
    ),
}

# A voice put in writing.
VOICE_BUSY = "Acquis écrit déjà le texte d’un autre enregistrement. Recommencez dans une minute."
VOICE_TOO_LONG = "Cet enregistrement dure plus de trois minutes. Parlez en plusieurs fois."
VOICE_UNREAD = "Acquis n’a pas pu écrire le texte de cet enregistrement. Rien n’est gardé : recommencez, ou écrivez."


def question_parts(question: RehearsalQuestion) -> tuple[str, str]:
    """Return the competency or the piece that a question is about, and the question."""
    is_piece = question.kind is RehearsalKind.OLD_PIECE
    about = f"Pièce {question.label}, « {question.text} »" if is_piece else f"{question.label} {question.text}"
    return about, _QUESTIONS[question.kind]


def question_message(question: RehearsalQuestion) -> str:
    """Return the question with what it is about, as its answer keeps it."""
    return ". ".join(question_parts(question))
