"""What a member stated about a candidate, as a list tells it."""

from __future__ import annotations

from collections.abc import Sequence

from portfolio.domain.jury.rules.enums import Declaration, StatementKind
from portfolio.domain.jury.rules.member_status import MemberState, SignedStatement
from portfolio.french_text import date_fr, elide_de
from portfolio.wording.jury.labels import RECORD_READ, SHORT_STATEMENTS, STATEMENTS
from portfolio.wording.jury.reading import extent_message

_BOTH = (StatementKind.NO_RELATION, StatementKind.READ)


def statement_words(kind: StatementKind, candidate: str, *, is_record: bool = False) -> str:
    """Return the sentence that a member signs about this candidate; `is_record`: what they read is no livret
    2.
    """
    words = RECORD_READ if is_record and kind is StatementKind.READ else STATEMENTS[kind]
    return words.format(candidate=candidate, of_candidate=elide_de(candidate))


def vacancy_message(member: MemberState) -> str:
    """Say why the holder of a seat does not sit for one candidate, without a full stop."""
    cause = "Récusation" if member.declaration is Declaration.RELATED else "Lien connu"
    return f"{cause} {elide_de(member.member.name)} pour ce candidat, sans suppléant"


def statement_messages(statements: Sequence[SignedStatement]) -> list[str]:
    """Say what was stated, each with its day; a declaration and a reading of one day, made the same way, in
    one line.
    """
    found = [
        (
            statement.kind,
            f"{date_fr(statement.at)}{', sur papier' if statement.on_paper else ''}{_extent(statement)}",
        )
        for statement in statements
    ]
    if tuple(kind for kind, _when in found) == _BOTH and found[1][1].startswith(found[0][1]):
        return [f"Aucun lien déclaré, lecture attestée, le {found[1][1]}"]
    return [f"{SHORT_STATEMENTS[kind]}, le {when}" for kind, when in found]


def _extent(statement: SignedStatement) -> str:
    words = extent_message(statement.opened_exhibits, statement.sealed_exhibits)
    return f" ({words})" if words else ""
