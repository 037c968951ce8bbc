"""What each reading hint says."""

from __future__ import annotations

from portfolio.domain.submission.rules.readability import Hint, HintKind, ReadingEffort
from portfolio.french_text import NBSP, count


def effort_sentence(effort: ReadingEffort) -> str:
    """Say how much there is to read."""
    amount = f"{count(effort.words, 'mot')} et {count(effort.pages, 'page')} de pièces"
    return f"Le jury aura {amount} à lire{NBSP}: environ {_duration(effort.minutes)}."


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes}{NBSP}minutes"
    return f"{hours}{NBSP}h{NBSP}{rest:02d}" if rest else count(hours, "heure")


def hint_sentence(hint: Hint) -> str:
    """Say what was noticed, with its figures, and what to do."""
    if hint.kind is HintKind.SHORT_BLOCK:
        said = count(hint.count, "mot") if hint.count else "aucun mot"
        return (
            f"Bloc {hint.block}{NBSP}: {said} en tout, bien moins que les autres blocs. "
            "Relisez ce qui manque au jury pour comprendre."
        )
    if hint.kind is HintKind.UNCOMMENTED:
        many = "Une pièce citée" if hint.count == 1 else f"{hint.count} pièces citées"
        return (
            f"Compétence {hint.competency}{NBSP}: {many} sans commentaire. Dites ce que le jury doit y voir."
        )
    if hint.kind is HintKind.OVERUSED_PIECE:
        return (
            f"{hint.exhibit} est citée pour {hint.count} compétences. "
            "Le jury croit plus facilement plusieurs pièces, chacune pour ce qu’elle montre bien."
        )
    return (
        f"Compétence {hint.competency}{NBSP}: «{NBSP}nous{NBSP}» {hint.count} fois, «{NBSP}je{NBSP}» "
        f"{hint.other} fois. Le jury cherche ce que vous avez fait, vous."
    )
