"""Random findings, drafts, counts and ballots."""

from dataclasses import replace
from random import Random

from tests.second_reading.deliberations import ballot_outcome, expected
from tests.second_reading.facts import (
    ABSTAINS,
    AGAINST,
    FOR,
    NOT_VALIDATED,
    VALIDATED,
    VOICES,
    Ballot,
    Block,
    Deliberation,
    Draft,
    Finding,
    Jury,
    Version,
)

FINDINGS = (
    *(Finding("acquired"),) * 14,
    Finding("acquired", ground="demonstrated_at_interview", claimed=False),
    Finding("acquired", ground="other", ground_text="Pièce vue.", claimed=False),
    *(Finding("not_acquired", "Rien ne la montre."),) * 3,
    *(Finding("partially", "En partie."),) * 2,
)
FAULTY = (
    Finding(None),
    Finding("partially"),
    Finding("not_acquired", "  "),
    Finding("acquired", claimed=False),
    Finding("acquired", ground="other", claimed=False),
    Finding("acquired", ground="other", ground_text=" ", claimed=False),
)


def some_ballot(random: Random, jury: Jury) -> Ballot:
    """Return a ballot: close, with abstentions and members who do not vote; sometimes left open."""
    lean = random.choice((0.2, 0.5, 0.5, 0.8))
    silent = random.choice((0.0, 0.0, 0.25))
    votes = tuple(
        (member.person, ABSTAINS if random.random() < 0.15 else FOR if random.random() < lean else AGAINST)
        for member in jury.members
        if random.random() >= silent
    )
    return Ballot(tuple(dict(votes).items()), random.random() >= 0.04, random.random() >= 0.05)


def some_draft(random: Random, outcome: str, made: str | None) -> Draft:
    """Return a decision with what it needs, most of the time."""
    refuses = outcome == NOT_VALIDATED
    return Draft(
        outcome,
        "Il manque un budget." if refuses and random.random() < 0.95 else "",
        "Montré à l’entretien." if outcome != made and random.random() < 0.9 else "",
        "Présenter un budget." if refuses and random.random() < 0.95 else "",
    )


def count(random: Random, draft: Draft, jury: Jury) -> Draft:
    """Add votes counted by hand with the voice of the presidency, right most of the time."""
    able = len(jury.members)
    in_favour = random.randrange(able + 1)
    against = random.choice((able - in_favour, able - in_favour, max(able - in_favour - 1, 0), in_favour))
    against = min(against, able - in_favour) if random.random() < 0.9 else against
    abstained = random.choice((None, max(able - in_favour - against, 0)))
    counts: tuple[int | None, int | None, int | None] = (in_favour, against, abstained)
    if random.random() < 0.3:
        rank = random.randrange(3)
        counts = tuple(random.choice((None, 0, 1, 2, 3)) if n == rank else c for n, c in enumerate(counts))
    return _voiced(random, replace(draft, counted=counts))


def _voiced(random: Random, draft: Draft) -> Draft:
    """Add the voice of the presidency, one that was counted most of the time."""
    counted = [voice for voice, number in zip(VOICES, draft.counted, strict=False) if number]
    voice = random.choice(counted) if counted and random.random() < 0.7 else random.choice((None, None, *VOICES))
    return replace(draft, voice=voice)


def some_deliberation(random: Random, version: Version, decided_block: Block, jury: Jury) -> Deliberation:
    """Return what is found on a block, then drafts and ballots in any order."""
    found = FAULTY if random.random() < 0.04 else FINDINGS
    findings = tuple(random.choice(found) for _ in range(decided_block.competencies))
    made = expected([finding.value for finding in findings], version.rule, version.threshold)
    acts: list[Draft | Ballot] = []
    outcome = made or VALIDATED
    for kind in (
        random.choice(("D", "D", "D", "D", "BD", "BD", "DB", "DBD", "BBD", "BDB", "DD", "B", ""))
        if random.random() < 0.5
        else "D"
    ):
        if kind == "B":
            acts.append(some_ballot(random, jury))
            outcome = ballot_outcome(acts[-1], jury)
        else:
            if random.random() < 0.12:
                outcome = random.choice((VALIDATED, NOT_VALIDATED))
            draft = some_draft(random, outcome, made)
            if random.random() < 0.25:
                draft = count(random, draft, jury)
            acts.append(draft)
    return Deliberation(decided_block.id, findings, tuple(acts))
