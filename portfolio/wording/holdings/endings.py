"""Endings of the rights of a person, in French: what ended, since when, and what they may do; the reason follows."""

from collections.abc import Mapping
from datetime import date

from portfolio.domain.holdings.rules.status_changes import EndingKind
from portfolio.domain.holdings.use_cases.endings import Ending
from portfolio.french_text import NBSP, date_fr, enumeration

# Notices of the certifier's pages of equivalences.
RULED = "La décision est enregistrée. Elle vaut dès aujourd’hui."
TAKING_BACK_PROPOSED = (
    "La décision est proposée, car elle reprend une équivalence. Elle prend effet quand une autre personne de "
    "l’organisme la confirme."
)
TAKING_BACK_CONFIRMED = "L’équivalence est reprise. Ce qu’elle avait donné reste acquis."
TAKING_BACK_DROPPED = "La proposition est abandonnée. L’équivalence vaut toujours."

_TITLES: Mapping[EndingKind, str] = {
    EndingKind.ANNULMENT: "Une décision du jury a été annulée",
    EndingKind.WITHDRAWAL: "Un certificat a été retiré",
    EndingKind.RECTIFICATION: "Un bloc repris par erreur ne compte plus",
    EndingKind.EQUIVALENCE: "Une équivalence ne compte plus",
    EndingKind.APPEAL: "Un recours attend sa réponse",
}
_TEXTS: Mapping[EndingKind, str] = {
    EndingKind.ANNULMENT: (
        "Depuis le {on}, la décision sur {what} ne compte plus. Ce n’est pas un échec{nbsp}: un autre jury en décide."
    ),
    EndingKind.WITHDRAWAL: "Depuis le {on}, {what} {verb} plus, et le certificat ne prouve plus rien.",
    EndingKind.RECTIFICATION: (
        "Depuis le {on}, {what}{entry} {verb} plus{nbsp}: l’organisme a constaté une erreur en reprenant ce qui était "
        "acquis avant l’usage d’Acquis."
    ),
    EndingKind.EQUIVALENCE: (
        "Depuis le {on}, l’équivalence qui donnait {what} ne compte plus. Ce qu’elle avait donné reste acquis{nbsp}; "
        "ce qui est acquis depuis ne compte pas par elle, et un jury peut en décider."
    ),
}
# What the person may do in each case, beside contesting.
_CHOICES: Mapping[EndingKind, str] = {
    EndingKind.RECTIFICATION: (
        "Si ce bloc vous est dû, envoyez votre preuve à l’organisme{nbsp}; sinon, un jury peut en décider. "
    )
}
_CONTEST = "Vous pouvez contester cette décision auprès de l’organisme."


def answer_due_message(due: date | None) -> str:
    """Say by which day an appeal is answered, and what silence means; before a court there is no such day."""
    if due is None:
        return f"Le tribunal est saisi{NBSP}: il répond à la date qu’il fixe."
    return f"Réponse attendue jusqu’au {date_fr(due)}. Passé ce jour, le silence vaut rejet."


def ending_title(ending: Ending) -> str:
    """Say in a few words what ended."""
    return _TITLES[ending.kind]


def ending_message(ending: Ending, *, own: bool) -> str:
    """Say what ended and since when; to the person concerned, what they may do."""
    if ending.kind is EndingKind.APPEAL:
        return f"Il a été reçu le {date_fr(ending.decided_on)}. {answer_due_message(ending.until)}"
    several = len(ending.blocks) > 1
    numbers = enumeration([str(number) for number in ending.blocks])
    text = _TEXTS[ending.kind].format(
        on=date_fr(ending.decided_on),
        what=f"les blocs {numbers}" if several else f"le bloc{NBSP}{numbers}",
        verb="ne comptent" if several else "ne compte",
        entry=f" de {ending.entry}" if ending.entry else "",
        nbsp=NBSP,
    )
    choices = _CHOICES.get(ending.kind, "").format(nbsp=NBSP)
    return f"{text} {choices}{_CONTEST}" if own else text
