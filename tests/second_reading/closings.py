"""Faults that prevent the minutes of a hearing from being closed, and on which block (R3 to R5, J11, domain §10)."""

from collections.abc import Collection, Iterator
from datetime import date

from tests.second_reading import tables as t
from tests.second_reading.course import Course, Drafted, day_of_decision, to_confirm
from tests.second_reading.deliberations import decided, expected, last, presiding
from tests.second_reading.facts import (
    HEARD,
    NOT_VALIDATED,
    SUSPENDED,
    UNDECIDED,
    VOICE_ABSENT,
    VOICE_ABSTAINED,
    VOICE_AGAINST,
    VOICE_FOR,
    Ballot,
    Deliberation,
    Draft,
    Finding,
    Hearing,
    Jury,
    Version,
)
from tests.second_reading.juries import Regularity, people, voters

# The requirement of a closing that fails, and the block that it is about.
Fault = tuple[str, int | None]


def _finding_faults(finding: Finding) -> Iterator[str]:
    if finding.value is None:
        yield "finding_missing"
    elif finding.value != "acquired":
        if not finding.reason.strip():
            yield "finding_reason_missing"
    elif not finding.claimed:
        if finding.ground is None:
            yield "ground_missing"
        elif finding.ground == "other" and not finding.ground_text.strip():
            yield "ground_text_missing"


def count_outcome(draft: Draft, jury: Jury) -> str:
    """Return the one outcome of votes counted by hand: the majority; on a tie the voice of the presidency, where the
    rule gives it and it was cast.
    """
    in_favour, against = draft.counted[0] or 0, draft.counted[1] or 0
    answers = {
        "plus de pour": in_favour > against,
        "plus de contre": against > in_favour,
        # Nobody voted for it, and nobody against: there is no voice that was cast.
        "voix prépondérante": jury.rule.casting_vote and in_favour > 0,
        "voix connue": draft.voice is not None,
        "présidence pour": draft.voice == VOICE_FOR,
    }
    return t.COUNT.decide(answers).then


def able_to_vote(jury: Jury) -> int:
    """Return how many people can be in a count that is typed by hand."""
    return people(member for member in voters(jury) if member.present) or people(voters(jury))


def _count_faults(draft: Draft, jury: Jury) -> Iterator[str]:
    """Yield what votes counted by hand lack."""
    in_favour, against, abstained = draft.counted
    if draft.counted == (None, None, None):
        return
    if in_favour is None or against is None or in_favour + against + (abstained or 0) == 0:
        yield "votes_incomplete"
        return
    if draft.voice is None:
        yield "presidency_missing"
    elif contradicts_voice(draft, jury):
        yield "presidency_contradicts"
    made = count_outcome(draft, jury)
    if made not in (UNDECIDED, draft.outcome):
        yield "votes_tied" if in_favour == against > 0 else "votes_contradict"
    # A presidency that was absent is in no count.
    here = able_to_vote(jury) - (draft.voice == VOICE_ABSENT and bool(presiding(jury)))
    total = in_favour + against + (abstained or 0)
    if total > here:
        yield "votes_too_many"
    elif abstained is not None and total < here:
        yield "votes_too_few"


def contradicts_voice(draft: Draft, jury: Jury) -> bool:
    """Return whether nobody voted as the presidency is said to have voted; abstentions that are not counted are those
    of the members who are in no count.
    """
    in_favour, against, abstained = draft.counted
    if abstained is None:
        abstained = max(able_to_vote(jury) - (in_favour or 0) - (against or 0), 0)
    counts = {VOICE_FOR: in_favour, VOICE_AGAINST: against, VOICE_ABSTAINED: abstained}
    return draft.voice in counts and counts[draft.voice] == 0


def _decision_faults(
    told: Deliberation, course: Course, version: Version, pending: Collection[Drafted]
) -> Iterator[str]:
    """Yield what the decision on a block lacks; what others drafted (`pending`) is confirmed once no vote is to take."""
    jury = course.jury
    outcome = decided(told, jury)
    ballot, draft = last(told, Ballot), last(told, Draft)
    if ballot is not None and not ballot.closed:
        yield "ballot_open"
        return
    if ballot is not None and not ballot.same_voters:
        yield "ballot_void"
        return
    ranks = {rank for block, rank in pending if block == told.block}
    if ranks - {None}:
        yield "to_confirm"
    if outcome == UNDECIDED:
        yield "decision_missing"
        return
    if draft is None or draft.outcome != outcome:
        draft = Draft(outcome)  # what was written for the other outcome is void
    elif None in ranks:
        yield "to_confirm"
    if outcome == NOT_VALIDATED:
        if not draft.reason.strip():
            yield "refusal_reason_missing"
        if not draft.recommendation.strip():
            yield "recommendation_missing"
    made = expected([finding.value for finding in told.findings], version.rule, version.threshold)
    if made is not None and made != outcome and not draft.override.strip():
        yield "override_reason_missing"
    if ballot is None:  # a ballot counts its own votes
        yield from _count_faults(draft, jury)


def closing_faults(
    hearing: Hearing, course: Course, version: Version, held: Collection[int], today: date, regular: Regularity
) -> frozenset[Fault]:
    """Return what prevents the minutes from being closed, and on which block; of who did not come, only the day and
    the resumption are asked.
    """
    heard = course.attendance == HEARD
    fails = {
        "before_session_day": today < course.jury.on,
        "suspended": hearing.last.ending == SUSPENDED,
        "irregular": heard and bool(regular.blocking),
    }
    # Who has to confirm is known once the jury is regular.
    pending = frozenset() if regular.blocking else to_confirm(course)
    faults: set[Fault] = {(name, None) for name, is_false in fails.items() if is_false}
    if fault := day_of_decision(hearing, course, today).fault:
        faults.add((fault, None))
    for told in course.deliberations if heard else ():
        if told.block in hearing.scope and told.block not in held:
            named = [name for finding in told.findings for name in _finding_faults(finding)]
            faults |= {(name, told.block) for name in (*named, *_decision_faults(told, course, version, pending))}
    return frozenset(faults)
