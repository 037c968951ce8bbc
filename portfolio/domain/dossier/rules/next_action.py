"""The one next action of a candidate, and why that one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from portfolio.domain.candidacy.rules.stage import PathStep
from portfolio.domain.dossier.rules.description import MissingFact
from portfolio.domain.dossier.rules.draft import (
    CompetencyFact,
    CoverageState,
    DossierState,
    Draft,
    EvidenceFact,
    GeneralText,
    MisplacedCitation,
    MissingPart,
)
from portfolio.domain.dossier.rules.texts import Theme, theme_of

Item = TypeVar("Item")
# How many small things one step holds: cover notes and comments of five minutes, masks of ten.
NOTES_PER_STEP, MASKS_PER_STEP = 4, 2


class NextStep(StrEnum):
    """Next steps of the candidate."""

    WAIT = "wait"
    READ_RESULTS = "read_results"
    ALL_HELD = "all_held"
    DESCRIBE_EXPERIENCE = "describe_experience"
    ADD_FIRST_PIECE = "add_first_piece"
    DESCRIBE_PIECE = "describe_piece"
    CLAIM_PIECE = "claim_piece"
    ADD_EVIDENCE = "add_evidence"
    WRITE_NARRATIVE = "write_narrative"
    COMPLETE_NARRATIVE = "complete_narrative"
    STRENGTHEN = "strengthen"
    COMMENT_CLAIMS = "comment_claims"
    WRITE_TEXT = "write_text"
    CORRECT_PASSAGE = "correct_passage"
    ANONYMISE = "anonymise"
    SUBMIT = "submit"
    FOLLOW_JURY = "follow_jury"


class Reason(StrEnum):
    """Reasons for this step and not another."""

    SUBMITTED = "submitted"
    JURY_PLANNED = "jury_planned"
    ABSENT = "absent"
    DELIBERATED = "deliberated"
    NOT_HEARD = "not_heard"
    DECIDED = "decided"
    NOTHING_ASKED = "nothing_asked"
    NOTHING_YET = "nothing_yet"
    UNFINISHED = "unfinished"
    LAST_OF_BLOCK = "last_of_block"
    LAST_OF_ALL = "last_of_all"
    SEVERAL_LEFT = "several_left"
    ADVISOR_NOT_COVERED = "advisor_not_covered"
    ADVISOR_PARTLY = "advisor_partly"
    ALL_DONE = "all_done"
    JURY_WROTE = "jury_wrote"


@dataclass(frozen=True, slots=True)
class NextAction:
    """One step, its ground, what it is about, and how many like it are left."""

    step: NextStep
    ground: Reason
    competency: CompetencyFact | None = None
    piece: EvidenceFact | None = None
    text: GeneralText | None = None
    left: int = 1
    misplaced: MisplacedCitation | None = None
    # What the jury wrote, word for word.
    quoted: str = ""

    @property
    def theme(self) -> Theme:
        """Return what the competency is about, to suggest what could serve."""
        return theme_of(self.competency.text) if self.competency else Theme.ANY


def next_action(draft: Draft) -> NextAction:
    """Return the one thing to do next, with its ground.

    What was begun comes first (a piece without its note, a piece that serves nothing), then a competency without
    evidence, then a competency not told, then what the advisor asks to strengthen, then the dossier's own texts, then
    the submission. A person who prefers another order is free: nothing is locked by it. [design]
    """
    return next(found for question in _QUESTIONS if (found := question(draft)))


@dataclass(frozen=True, slots=True)
class JuryPoint:
    """One thing that a jury asked for and that is not ticked: its words, and the competency where it is about one."""

    text: str
    competency: CompetencyFact | None = None


def second_try_action(action: NextAction, points: Sequence[JuryPoint]) -> NextAction:
    """Return what a second try begins with: what the jury wrote, a competency first, before anything else.

    What is sealed, decided or held stays as it is. [design]
    """
    if not points or action.step in (NextStep.WAIT, NextStep.READ_RESULTS, NextStep.ALL_HELD):
        return action
    first = next((point for point in points if point.competency), points[0])
    return NextAction(NextStep.FOLLOW_JURY, Reason.JURY_WROTE, first.competency, left=len(points), quoted=first.text)


_AFTER = {
    PathStep.HEAR: NextAction(NextStep.WAIT, Reason.JURY_PLANNED),
    PathStep.SUSPENDED: NextAction(NextStep.WAIT, Reason.JURY_PLANNED),
    PathStep.ABSENT: NextAction(NextStep.WAIT, Reason.ABSENT),
    PathStep.NOTIFY: NextAction(NextStep.WAIT, Reason.DELIBERATED),
    PathStep.NOT_HEARD: NextAction(NextStep.READ_RESULTS, Reason.NOT_HEARD),
    PathStep.DECIDED: NextAction(NextStep.READ_RESULTS, Reason.DECIDED),
}
_SENT = NextAction(NextStep.WAIT, Reason.SUBMITTED)


def _closed(draft: Draft) -> NextAction | None:
    if draft.state is DossierState.SUBMITTED:
        return _AFTER.get(draft.stage, _SENT)
    return None if draft.competencies else NextAction(NextStep.ALL_HELD, Reason.NOTHING_ASKED)


def _beginning(draft: Draft) -> NextAction | None:
    if not draft.experiences:
        return NextAction(NextStep.DESCRIBE_EXPERIENCE, Reason.NOTHING_YET)
    if not draft.has_pieces:
        return NextAction(NextStep.ADD_FIRST_PIECE, Reason.NOTHING_YET, competency=draft.competencies[0])
    return None


def _unfinished_piece(draft: Draft) -> NextAction | None:
    return _piece(draft, NextStep.DESCRIBE_PIECE, lambda piece: not piece.described) or _piece(
        draft, NextStep.CLAIM_PIECE, lambda piece: not piece.claimed
    )


def _gap(draft: Draft) -> NextAction | None:
    gaps = missing_part(draft, MissingPart.CLAIM)
    if not gaps:
        return None
    first = gaps[0]
    same_block = [fact for fact in gaps if fact.block == first.block]
    return NextAction(NextStep.ADD_EVIDENCE, _gap_reason(len(gaps), len(same_block)), competency=first, left=len(gaps))


def _gap_reason(gaps: int, in_block: int) -> Reason:
    if gaps == 1:
        return Reason.LAST_OF_ALL
    return Reason.LAST_OF_BLOCK if in_block == 1 else Reason.SEVERAL_LEFT


def _without_narrative(draft: Draft) -> NextAction | None:
    for step, part in (
        (NextStep.COMPLETE_NARRATIVE, MissingPart.PROMPTS),
        (NextStep.WRITE_NARRATIVE, MissingPart.NARRATIVE),
    ):
        if found := missing_part(draft, part):
            ground = Reason.UNFINISHED if part is MissingPart.PROMPTS else Reason.SEVERAL_LEFT
            return NextAction(
                step,
                ground if len(found) > 1 or part is MissingPart.PROMPTS else Reason.LAST_OF_ALL,
                found[0],
                left=len(found),
            )
    return None


def _weak(draft: Draft) -> NextAction | None:
    for state, ground in (
        (CoverageState.NOT_COVERED, Reason.ADVISOR_NOT_COVERED),
        (CoverageState.PARTLY, Reason.ADVISOR_PARTLY),
    ):
        if found := [fact for fact in draft.competencies if fact.coverage.state is state]:
            return NextAction(NextStep.STRENGTHEN, ground, found[0], left=len(found))
    return None


def _uncommented(draft: Draft) -> NextAction | None:
    found = missing_part(draft, MissingPart.COMMENT)
    return NextAction(NextStep.COMMENT_CLAIMS, Reason.UNFINISHED, found[0], left=len(found)) if found else None


def _own_texts(draft: Draft) -> NextAction | None:
    empty = list(draft.missing_texts())
    return NextAction(NextStep.WRITE_TEXT, Reason.UNFINISHED, text=empty[0], left=len(empty)) if empty else None


def _misplaced(draft: Draft) -> NextAction | None:
    if not draft.misplaced:
        return None
    first = draft.misplaced[0]
    return NextAction(
        NextStep.CORRECT_PASSAGE,
        Reason.UNFINISHED,
        first.competency,
        first.piece,
        left=len(draft.misplaced),
        misplaced=first,
    )


def _anonymise(draft: Draft) -> NextAction | None:
    return _piece(draft, NextStep.ANONYMISE, lambda piece: MissingFact.ANONYMITY_TO_DO in piece.missing)


def _submit(draft: Draft) -> NextAction | None:  # noqa: ARG001 - the last question always has an answer
    return NextAction(NextStep.SUBMIT, Reason.ALL_DONE)


_QUESTIONS = (
    *(_closed, _beginning, _unfinished_piece, _gap, _without_narrative, _weak, _uncommented, _own_texts),
    *(_misplaced, _anonymise, _submit),
)


def missing_part(draft: Draft, part: MissingPart) -> list[CompetencyFact]:
    """Return the competencies that lack a part, in their order."""
    return [fact for fact in draft.competencies if part in fact.coverage.missing_parts]


def _piece(draft: Draft, step: NextStep, asks: Callable[[EvidenceFact], bool]) -> NextAction | None:
    found = [piece for piece in draft.pieces if asks(piece)]
    return NextAction(step, Reason.UNFINISHED, piece=found[0], left=len(found)) if found else None


def planned_steps(draft: Draft) -> list[NextAction]:
    """Return the steps left until the deposit, in their order: the first one is about what comes next.

    A step names the first thing it is about, and `left` says how many it holds.
    """
    if draft.state is not DossierState.DRAFT or not draft.competencies:
        return []
    return [*_begun_by(draft), *_piece_steps(draft), *_competency_steps(draft), *_last_steps(draft)]


def _begun_by(draft: Draft) -> Iterator[NextAction]:
    if not draft.experiences:
        yield NextAction(NextStep.DESCRIBE_EXPERIENCE, Reason.NOTHING_YET)
    if not draft.has_pieces:
        yield NextAction(NextStep.ADD_FIRST_PIECE, Reason.NOTHING_YET, competency=draft.competencies[0])


def _piece_steps(draft: Draft) -> Iterator[NextAction]:
    wanting = (
        (NextStep.DESCRIBE_PIECE, [piece for piece in draft.pieces if not piece.described]),
        (NextStep.CLAIM_PIECE, [piece for piece in draft.pieces if not piece.claimed]),
    )
    for step, pieces in wanting:
        for some in _some(pieces, NOTES_PER_STEP):
            yield NextAction(step, Reason.UNFINISHED, piece=some[0], left=len(some))


def _competency_steps(draft: Draft) -> Iterator[NextAction]:
    for step, part in (
        (NextStep.ADD_EVIDENCE, MissingPart.CLAIM),
        (NextStep.COMPLETE_NARRATIVE, MissingPart.PROMPTS),
        (NextStep.WRITE_NARRATIVE, MissingPart.NARRATIVE),
    ):
        # The first piece is a step of its own, about the first competency.
        is_first = step is NextStep.ADD_EVIDENCE and not draft.has_pieces
        for fact in missing_part(draft, part)[int(is_first) :]:
            yield NextAction(step, Reason.UNFINISHED, competency=fact)
    for state in (CoverageState.NOT_COVERED, CoverageState.PARTLY):
        for fact in draft.competencies:
            if fact.coverage.state is state:
                yield NextAction(NextStep.STRENGTHEN, Reason.UNFINISHED, competency=fact)
    for facts in _some(missing_part(draft, MissingPart.COMMENT), NOTES_PER_STEP):
        yield NextAction(NextStep.COMMENT_CLAIMS, Reason.UNFINISHED, competency=facts[0], left=len(facts))


def _last_steps(draft: Draft) -> Iterator[NextAction]:
    for text in draft.missing_texts():
        yield NextAction(NextStep.WRITE_TEXT, Reason.UNFINISHED, text=text)
    named = [piece for piece in draft.pieces if MissingFact.ANONYMITY_TO_DO in piece.missing]
    for some in _some(named, MASKS_PER_STEP):
        yield NextAction(NextStep.ANONYMISE, Reason.UNFINISHED, piece=some[0], left=len(some))
    yield NextAction(NextStep.SUBMIT, Reason.ALL_DONE)


def _some(items: Sequence[Item], most: int) -> Iterator[Sequence[Item]]:
    return (items[first : first + most] for first in range(0, len(items), most))
