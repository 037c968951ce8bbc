"""What a member stated about a candidate, as a list tells it."""

from __future__ import annotations

from collections.abc import Sequence

from portfolio.domain.jury.rules.enums import Declaration, RelationAsked, StatementKind
from portfolio.domain.jury.rules.member_status import MemberState, SignedStatement
from portfolio.french_text import date_fr, elide_de
from portfolio.wording.jury.labels import (
    PERSONAL_STATEMENTS,
    RECORD_READ,
    RELATIONS,
    SHORT_STATEMENTS,
    STATEMENTS,
)
from portfolio.wording.jury.reading import extent_message

_BOTH = (StatementKind.NO_RELATION, StatementKind.READ)


def statement_words(
    kind: StatementKind,
    candidate: str,
    *,
    is_record: bool = False,
    relation: RelationAsked = RelationAsked.ANY,
) -> str:
    """Return the sentence that a member signs about this candidate; `is_record`: what they read is no livret
    2; `relation`: which relations it denies.
    """
    words = RECORD_READ if is_record and kind is StatementKind.READ else STATEMENTS[kind]
    if relation is RelationAsked.PERSONAL:
        words = PERSONAL_STATEMENTS.get(kind, words)
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
        return [
            f"{short_words(statements[0].kind, statements[0].relation)}, lecture attestée, le {found[1][1]}"
        ]
    return [
        f"{short_words(statement.kind, statement.relation)}, le {when}"
        for statement, (_kind, when) in zip(statements, found, strict=True)
    ]


def short_words(kind: StatementKind, relation: RelationAsked = RelationAsked.ANY) -> str:
    """Say in a few words what was stated, with the relations that a declaration denies."""
    if kind == StatementKind.NO_RELATION:
        return f"{RELATIONS[relation]} déclaré".capitalize()
    return SHORT_STATEMENTS[kind]


def _extent(statement: SignedStatement) -> str:
    words = extent_message(statement.opened_exhibits, statement.sealed_exhibits)
    return f" ({words})" if words else ""
