"""Changes between two sealed versions of one dossier, from their two manifests alone.

Texts are compared word by word, pieces by their number in the draft (« Pièce 7 »), which never changes, and
claims by the piece and the competency that they bind. Labels (« B2-03 ») may move from one version to the
next without anything having changed.

The words that were added and removed between two texts.

Paragraphs are compared first, then the words of those that changed: a text of thousands of words is compared
in milliseconds, and a paragraph that moved is told as removed and added.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from enum import StrEnum

from portfolio.domain.dossier.rules.texts import without_marks
from portfolio.domain.submission.rules.dossier import (
    SealedAnchor,
    SealedClaim,
    SealedCompetency,
    SealedDossier,
    SealedExhibit,
    SealedExperience,
)

_WORDS = re.compile(r"\S+|\n")
# Beyond so many words on both sides, a changed passage is told as removed and added: comparing it would take
# seconds.
MAX_WORDS = 6000


class RunKind(StrEnum):
    """Kinds of runs of words: whether they stand in both texts, in the second one only, or in the first one only."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Run:
    """Words next to each other of one kind; line ends are kept, other spaces are one space."""

    kind: RunKind
    text: str


def word_diff(before: str, after: str) -> tuple[Run, ...]:
    """Return the runs of words of two texts, in the order in which a person reads them: what goes, then what
    comes instead. Words are compared as they are read: without the asterisks of bold ones.
    """
    old, new = without_marks(before).splitlines(), without_marks(after).splitlines()
    pieces: list[tuple[RunKind, list[str]]] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append((RunKind.SAME, _words(old[i:j])))
        else:
            pieces += _compare(_words(old[i:j]), _words(new[k:m]))
    runs = list(_merged(pieces))
    if runs:
        runs[-1] = Run(runs[-1].kind, runs[-1].text.rstrip("\n"))
    return tuple(run for run in runs if run.text)


def _words(lines: Sequence[str]) -> list[str]:
    """Split lines into words, each line ended by a line end."""
    return [word for line in lines for word in (*_WORDS.findall(line), "\n")]


def _compare(old: list[str], new: list[str]) -> Iterator[tuple[RunKind, list[str]]]:
    if len(old) + len(new) > MAX_WORDS:
        yield RunKind.REMOVED, old
        yield RunKind.ADDED, new
        return
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield RunKind.SAME, old[i:j]
        else:
            yield RunKind.REMOVED, old[i:j]
            yield RunKind.ADDED, new[k:m]


def _merged(pieces: Sequence[tuple[RunKind, list[str]]]) -> Iterator[Run]:
    merged: list[tuple[RunKind, list[str]]] = []
    for kind, words in pieces:
        if not words:
            continue
        if merged and merged[-1][0] is kind:
            merged[-1][1].extend(words)
        else:
            merged.append((kind, [*words]))
    for kind, words in merged:
        yield Run(kind, _joined(words))


def _joined(words: Sequence[str]) -> str:
    return " ".join(words).replace(" \n ", "\n").replace(" \n", "\n").replace("\n ", "\n")


def excerpt(runs: Sequence[Run], around: int = 12) -> tuple[Run, ...]:
    """Shorten the words that did not change to a few around each change, with « … » where some are left out."""
    shown = []
    for place, run in enumerate(runs):
        words = run.text.split(" ")
        is_first, is_last = place == 0, place == len(runs) - 1
        keep = around if is_first or is_last else 2 * around
        if run.kind is not RunKind.SAME or len(words) <= keep + 1:
            shown.append(run)
            continue
        head = [] if is_first else words[:around]
        tail = [] if is_last else words[-around:]
        shown.append(Run(RunKind.SAME, " ".join([*head, "…", *tail])))
    return tuple(shown)


GENERAL_TEXTS = ("career", "motivation", "conclusion")
PROMPTS = ("situation", "actions", "choices", "result")
_EXPERIENCE_TEXTS = ("context", "perimeter", "responsibilities")
# What says where an exhibit is kept or stands, rather than what it is.
_PLACES = frozenset(
    {"label", "piece", "name", "mime", "family", "pages", "size", "sha256", "file_version", "experience"}
)
DESCRIBED = tuple(field.name for field in fields(SealedExhibit) if field.name not in _PLACES)


class Change(StrEnum):
    """Differences of a thing from one version to the next."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class TextChange:
    """A text that changed: the name of its field, and its words."""

    name: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """A claim that was added, removed or changed; `passage` is None when it names the same pages."""

    change: Change
    piece: int
    title: str
    label: str
    comment: tuple[Run, ...] = ()
    passage: tuple[str, str] | None = None
    anchors_added: int = 0
    anchors_removed: int = 0


@dataclass(frozen=True, slots=True)
class CompetencyChange:
    """Changes of one competency; a competency of a block that is no longer, or newly presented, is not told here."""

    number: str
    text: str
    told: tuple[TextChange, ...]
    claims: tuple[ClaimChange, ...]


@dataclass(frozen=True, slots=True)
class ExperienceChange:
    """An experience that was added, removed or changed."""

    change: Change
    name: str
    texts: tuple[TextChange, ...] = ()
    has_other_dates: bool = False


@dataclass(frozen=True, slots=True)
class ExhibitChange:
    """An exhibit that was added, removed or changed: its file, or what it says of itself."""

    change: Change
    piece: int
    title: str
    label: str
    has_new_file: bool = False
    described: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs between two sealed versions."""

    before: int
    after: int
    blocks_added: tuple[int, ...]
    blocks_removed: tuple[int, ...]
    texts: tuple[TextChange, ...]
    experiences: tuple[ExperienceChange, ...]
    competencies: tuple[CompetencyChange, ...]
    exhibits: tuple[ExhibitChange, ...]

    @property
    def is_empty(self) -> bool:
        """Return whether both say the same."""
        parts = (self.blocks_added, self.blocks_removed, self.texts, self.experiences, self.competencies, self.exhibits)
        return not any(parts)

    @property
    def text_count(self) -> int:
        """Return how many texts changed, comments of claims included."""
        told = sum(
            len(competency.told) + sum(bool(claim.comment) for claim in competency.claims)
            for competency in self.competencies
        )
        return len(self.texts) + told + sum(len(experience.texts) for experience in self.experiences)

    def exhibits_of(self, change: Change) -> tuple[ExhibitChange, ...]:
        """Return the exhibits that were added, removed or changed."""
        return tuple(exhibit for exhibit in self.exhibits if exhibit.change is change)


def compare(before: SealedDossier, after: SealedDossier) -> Comparison:
    """Return everything that differs between two sealed versions of one dossier."""
    old_blocks, new_blocks = ({block.number for block in dossier.blocks} for dossier in (before, after))
    old_pieces = {exhibit.label: exhibit for exhibit in before.exhibits}
    new_pieces = {exhibit.label: exhibit for exhibit in after.exhibits}
    return Comparison(
        before=before.header.number,
        after=after.header.number,
        blocks_added=tuple(sorted(new_blocks - old_blocks)),
        blocks_removed=tuple(sorted(old_blocks - new_blocks)),
        texts=_texts(before.texts, after.texts, GENERAL_TEXTS),
        experiences=_experiences(before.experiences, after.experiences),
        competencies=tuple(_competencies(before, after, old_pieces, new_pieces)),
        exhibits=tuple(_exhibits(before, after)),
    )


def _texts(old: object, new: object, names: Iterable[str]) -> tuple[TextChange, ...]:
    pairs = ((name, getattr(old, name), getattr(new, name)) for name in names)
    return tuple(TextChange(name, word_diff(former, now)) for name, former, now in pairs if former != now)


def _experiences(old: Sequence[SealedExperience], new: Sequence[SealedExperience]) -> tuple[ExperienceChange, ...]:
    """Compare experiences by their post and structure, then those left by their place: a renamed post is
    the same post.
    """
    former = list(old)
    pairs: list[tuple[SealedExperience | None, SealedExperience | None]] = []
    left = []
    for experience in new:
        same = next(
            (known for known in former if (known.structure, known.post) == (experience.structure, experience.post)),
            None,
        )
        if same is None:
            left.append(experience)
        else:
            former.remove(same)
            pairs.append((same, experience))
    for experience in left:
        same = next(
            (known for known in former if known.began_on is not None and known.began_on == experience.began_on), None
        )
        if same is not None:
            former.remove(same)
        pairs.append((same, experience))
    pairs += [(known, None) for known in former]
    return tuple(change for before, after in pairs if (change := _experience(before, after)) is not None)


def _experience(before: SealedExperience | None, after: SealedExperience | None) -> ExperienceChange | None:
    if before is None or after is None:
        experience = before or after
        assert experience is not None
        return ExperienceChange(
            Change.ADDED if before is None else Change.REMOVED, f"{experience.post}, {experience.structure}"
        )
    texts = _texts(before, after, ("post", "structure", *_EXPERIENCE_TEXTS))
    has_other_dates = (before.began_on, before.ended_on) != (after.began_on, after.ended_on)
    if not texts and not has_other_dates:
        return None
    return ExperienceChange(Change.CHANGED, f"{after.post}, {after.structure}", texts, has_other_dates)


def _competencies(
    before: SealedDossier, after: SealedDossier, old: Mapping[str, SealedExhibit], new: Mapping[str, SealedExhibit]
) -> Iterable[CompetencyChange]:
    for block in after.blocks:
        for competency in block.competencies:
            former = before.competency(competency.number)
            if former is None:
                continue
            told = _texts(former.narrative, competency.narrative, PROMPTS)
            claims = tuple(_claims(former, competency, old, new))
            if told or claims:
                yield CompetencyChange(competency.number, competency.text, told, claims)


def _claims(
    former: SealedCompetency, now: SealedCompetency, old: Mapping[str, SealedExhibit], new: Mapping[str, SealedExhibit]
) -> Iterable[ClaimChange]:
    before = {old[claim.exhibit].piece: claim for claim in former.claims}
    after = {new[claim.exhibit].piece: claim for claim in now.claims}
    for piece, claim in after.items():
        exhibit = new[claim.exhibit]
        if piece not in before:
            yield ClaimChange(Change.ADDED, piece, exhibit.title, exhibit.label, word_diff("", claim.comment))
        elif changed := _changed_claim(before[piece], claim, exhibit, former.anchors, now.anchors):
            yield changed
    for piece in before.keys() - after.keys():
        exhibit = old[before[piece].exhibit]
        yield ClaimChange(Change.REMOVED, piece, exhibit.title, exhibit.label, word_diff(before[piece].comment, ""))


def _changed_claim(
    before: SealedClaim,
    after: SealedClaim,
    exhibit: SealedExhibit,
    old: Iterable[SealedAnchor],
    new: Iterable[SealedAnchor],
) -> ClaimChange | None:
    places = [{_place(anchor) for anchor in anchors if anchor.exhibit == label} for anchors, label in
              ((old, before.exhibit), (new, after.exhibit))]  # fmt: skip
    added, removed = len(places[1] - places[0]), len(places[0] - places[1])
    comment = word_diff(before.comment, after.comment) if before.comment != after.comment else ()
    passage = (before.passage, after.passage) if before.passage != after.passage else None
    if not (added or removed or comment or passage):
        return None
    return ClaimChange(Change.CHANGED, exhibit.piece, exhibit.title, exhibit.label, comment, passage, added, removed)


def _place(anchor: SealedAnchor) -> tuple[object, ...]:
    return tuple(getattr(anchor, field.name) for field in fields(anchor) if field.name != "exhibit")


def _exhibits(before: SealedDossier, after: SealedDossier) -> Iterable[ExhibitChange]:
    old = {exhibit.piece: exhibit for exhibit in before.exhibits}
    new = {exhibit.piece: exhibit for exhibit in after.exhibits}
    for piece, exhibit in new.items():
        former = old.get(piece)
        if former is None:
            yield ExhibitChange(Change.ADDED, piece, exhibit.title, exhibit.label)
            continue
        described = tuple(name for name in DESCRIBED if getattr(former, name) != getattr(exhibit, name))
        if described or former.sha256 != exhibit.sha256:
            has_new_file = former.sha256 != exhibit.sha256
            yield ExhibitChange(Change.CHANGED, piece, exhibit.title, exhibit.label, has_new_file, described)
    for piece in sorted(old.keys() - new.keys()):
        yield ExhibitChange(Change.REMOVED, piece, old[piece].title, old[piece].label)
