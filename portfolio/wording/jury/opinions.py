"""Opinions, the interview sheet and votes, in French.

Progress of a juror's reading, and their private notes, in French.

What a member stated about a candidate, as a list tells it.
"""

from collections.abc import Mapping, Sequence

from portfolio.domain.jury.rules.enums import Declaration, FindingValue, RelationAsked, StatementKind
from portfolio.domain.jury.rules.member_status import MemberState, SignedStatement
from portfolio.domain.jury.rules.opinions import ComparedOpinions, InterviewKind, NoteKind, ReadingExtent, VoteChoice
from portfolio.french_text import count, date_fr, elide_de, enumeration
from portfolio.wording.jury.labels import PERSONAL_STATEMENTS, RECORD_READ, RELATIONS, SHORT_STATEMENTS, STATEMENTS

INTERVIEW_KINDS: Mapping[InterviewKind, str] = {
    InterviewKind.INTERVIEW: "Pendant l’entretien",
    InterviewKind.PRACTICAL_CASE: "Pendant un cas pratique ou une mise en situation",
}
SHORT_INTERVIEW_KINDS: Mapping[InterviewKind, str] = {
    InterviewKind.INTERVIEW: "entretien",
    InterviewKind.PRACTICAL_CASE: "cas pratique",
}
CHOICES: Mapping[VoteChoice, str] = {
    VoteChoice.FOR: "Pour",
    VoteChoice.AGAINST: "Contre",
    VoteChoice.ABSTAIN: "Abstention",
}
_OPINIONS: Mapping[FindingValue, tuple[str, str]] = {
    FindingValue.ACQUIRED: ("acquise", "acquise"),
    FindingValue.PARTIALLY: ("partiellement acquise", "partiellement acquise"),
    FindingValue.NOT_ACQUIRED: ("non acquise", "non acquise"),
}


def opinion_counts_message(compared: ComparedOpinions) -> str:
    """Return the counts of the opinions on one competency: « 3 avis « acquise », 2 avis « non acquise » »."""
    words = [f"{number} avis « {_OPINIONS[value][0]} »" for value, number in compared.counts]
    return enumeration(words)


def divergence_message(compared: ComparedOpinions) -> str:
    """Return whether the members agree on a competency, in two words."""
    return {0: "même avis", 1: "avis proches"}.get(compared.spread, "avis opposés")


def awaited_message(names: list[str]) -> str:
    """Return who has not given their opinions yet."""
    if not names:
        return "Chaque membre présent a remis ses avis."
    return f"Avis attendus : {enumeration(names)}."


def voted_message(voted: int, voters: int) -> str:
    """Return how many members have voted."""
    return f"{count(voted, 'membre a voté', 'membres ont voté')} sur {voters}"


NOTE_KINDS: Mapping[NoteKind, str] = {NoteKind.NOTE: "Une note", NoteKind.QUESTION: "Une question à poser"}
SHORT_NOTE_KINDS: Mapping[NoteKind, str] = {NoteKind.NOTE: "note", NoteKind.QUESTION: "question"}


def progress_message(extent: ReadingExtent, *, is_record: bool = False) -> str:
    """Return how many exhibits were opened: « 14 pièces ouvertes sur 22 »; nothing for a dossier without exhibits."""
    if not extent.total:
        return ""
    noun = "document" if is_record else "pièce"
    opened = count(
        extent.count, f"{noun} ouvert{'' if is_record else 'e'}", f"{noun}s ouvert{'' if is_record else 'e'}s"
    )
    return f"{opened} sur {extent.total}"


def days_left_message(days: int) -> str:
    """Return how much time is left before the session."""
    return {0: "le jury se réunit aujourd’hui", 1: "il reste 1 jour pour lire"}.get(
        days, f"il reste {days} jours pour lire"
    )


def little_read_message(extent: ReadingExtent, *, is_record: bool = False) -> str:
    """Return the question asked before attesting a reading of few exhibits, or of few documents of a record."""
    none, many, read = ("aucun", "documents", "lus") if is_record else ("aucune", "pièces", "lues")
    opened = f"Vous avez ouvert ici {extent.count}" if extent.count else f"Vous n’avez ouvert ici {none}"
    others = f"les autres {many}" if extent.count else f"les {many}"
    unread = f"Un jury qui n’a pas lu le {'relevé' if is_record else 'dossier'}"
    return (
        f"{opened} des {extent.total} {many}. {unread} peut voir "
        f"sa décision annulée. Ouvrez {others}, ou dites que vous les avez {read} autrement."
    )


def elsewhere_message(extent: ReadingExtent, *, is_record: bool = False) -> str:
    """Return what a member ticks who read few exhibits here: « les autres » only beside some that were opened."""
    many = "documents" if is_record else "pièces"
    others = f"les autres {many}" if extent.count else f"les {many}"
    return f"J’ai lu {others} autrement : fichiers déjà téléchargés, impression, lecture commune."


def extent_message(opened: int | None, sealed: int | None) -> str:
    """Return what an attestation of reading records: « 14 pièces ouvertes en ligne sur 22 »; nothing when it
    records none.
    """
    if opened is None or not sealed:
        return ""
    return f"{count(opened, 'pièce ouverte', 'pièces ouvertes')} en ligne sur {sealed}"


def place_message(label: str | None, exhibit: str | None, page: int | None, second: int | None) -> str:
    """Return the place a note is pinned to: « 2.1 », « B2-03, page 4 », « B2-03, à 1 min 20 s », or the
    whole dossier.
    """
    if exhibit:
        if second is not None:
            return f"{exhibit}, à {second // 60} min {second % 60:02d} s"
        return f"{exhibit}, page {page}" if page else exhibit
    return label or "Tout le dossier"


_BOTH = (StatementKind.NO_RELATION, StatementKind.READ)


def statement_words(
    kind: StatementKind, candidate: str, *, is_record: bool = False, relation: RelationAsked = RelationAsked.ANY
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
    """Say what was stated, each with its day; a declaration and a reading of one day, made the same way,
    in one line.
    """
    found = [
        (statement.kind, f"{date_fr(statement.at)}{', sur papier' if statement.on_paper else ''}{_extent(statement)}")
        for statement in statements
    ]
    if tuple(kind for kind, _when in found) == _BOTH and found[1][1].startswith(found[0][1]):
        return [f"{short_words(statements[0].kind, statements[0].relation)}, lecture attestée, le {found[1][1]}"]
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
