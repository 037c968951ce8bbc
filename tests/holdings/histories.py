"""Histories to derive grants from: two versions of a certification, and anything that can happen to a person."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid5

from hypothesis import strategies as st

from portfolio.domain.holdings.rules.facts import (
    AcquisitionFact,
    CertifiedBlock,
    CertifiedCompetency,
    Decision,
    EquivalenceFact,
    EquivalenceKind,
    History,
    JuryDecisionFacts,
    Lapse,
    Presence,
    PriorHoldingFact,
)
from portfolio.domain.jury.rules.enums import Outcome

NAMESPACE = UUID("6f1a9d0e-6a0c-4b8e-9a3a-0d9a5f4c1b00")
JUNE, NOVEMBER = date(2020, 6, 18), date(2020, 11, 5)


def block_of(version: int, number: int) -> CertifiedBlock:
    """A block of three competencies."""
    competencies = tuple(CertifiedCompetency(f"{number}.{rank}", f"Compétence {number}.{rank}") for rank in (1, 2, 3))
    return CertifiedBlock(uuid5(NAMESPACE, f"{version}-{number}"), number, f"Bloc {number}", competencies)


FIRST = tuple(block_of(1, number) for number in (1, 2, 3, 4))
SECOND = tuple(block_of(2, number) for number in (1, 2, 3))
ALL = (*FIRST, *SECOND)
IDS = tuple(block.id for block in ALL)


def sitting(*validated: CertifiedBlock, **more: object) -> JuryDecisionFacts:
    """A regular sitting of June 2020 that validates these blocks; `refused` are those it does not."""
    refused = more.pop("refused", ())
    facts = {
        "reference": "2020-14",
        "decided_on": JUNE,
        "submitted_on": date(2020, 4, 1),
        "admissible_on": date(2019, 10, 1),
        "scope": frozenset(block.id for block in (*validated, *refused)),
        "decisions": tuple(
            [Decision(block.id, Outcome.VALIDATED) for block in validated]
            + [Decision(block.id, Outcome.NOT_VALIDATED, block.competencies[1:2]) for block in refused]
        ),
    }
    return JuryDecisionFacts(**(facts | more))


days = st.dates(min_value=date(2018, 1, 1), max_value=date(2024, 1, 1))
# The moment at which the ledger recorded an act, whatever its day.
moments = days.map(lambda day: datetime.combine(day, time.min, UTC))
blocks = st.sampled_from(IDS)
# Most blocks are acquired for ever; the others for so many months.
months = st.none() | st.none() | st.sampled_from((1, 6, 24))
decisions = st.lists(
    st.builds(Decision, blocks, st.sampled_from(Outcome), st.just(()), months),
    max_size=5,
    unique_by=lambda one: one.block,
)


@st.composite
def sittings(draw: st.DrawFn) -> JuryDecisionFacts:
    """Any sitting; most are regular, so that grants do happen."""
    decided_on = draw(days)
    usual = draw(st.integers(0, 9)) < 6
    return JuryDecisionFacts(
        reference=f"PV-{draw(st.integers(0, 10**9))}",
        decided_on=decided_on,
        submitted_on=decided_on - timedelta(days=60),
        admissible_on=decided_on - timedelta(days=200) if usual else draw(st.none() | days),
        scope=frozenset(IDS) if usual else draw(st.frozensets(blocks)),
        decisions=tuple(draw(decisions)),
        faults=() if usual else draw(st.sampled_from([(), ("J1",), ("J7", "J8")])),
        closed=usual or draw(st.booleans()),
        presence=Presence.PRESENT if usual else draw(st.sampled_from(Presence)),
        lapse=Lapse.NONE if usual else draw(st.sampled_from(Lapse)),
        annulled=not usual and draw(st.booleans()),
        withdrawn=frozenset() if usual else draw(st.frozensets(blocks, max_size=2)),
        suspended=draw(st.integers(0, 9)) < 2,
        recorded_at=draw(moments),
    )


rarely = st.integers(0, 9).map(lambda drawn: drawn == 0)
acquisitions = st.builds(
    AcquisitionFact, blocks, days, st.booleans(), st.text(max_size=3), rarely, rarely, months, moments
)
kinds = st.sampled_from(EquivalenceKind)
# Of two blocks, or of several that must all be held.
together = st.sampled_from(
    [frozenset[UUID](), frozenset[UUID](), *(frozenset({one}) for one in IDS), frozenset(IDS[:2]), frozenset(IDS[4:6])]
)
equivalences = st.builds(
    EquivalenceFact, blocks, blocks, kinds, days, st.text(max_size=3), st.none() | moments, together, months, moments
)


@st.composite
def prior_holdings(draw: st.DrawFn) -> PriorHoldingFact:
    """A block held before, some of them until a day that their certificate gives."""
    obtained_on = draw(days)
    until = draw(st.none() | st.none() | st.integers(0, 900).map(lambda more: obtained_on + timedelta(more)))
    reference = draw(st.sampled_from(("ANT-1", "ANT-2", "ANT-3")))
    return PriorHoldingFact(draw(blocks), obtained_on, reference, until, draw(rarely), draw(moments))


prior = prior_holdings()
histories = st.builds(
    History,
    st.lists(sittings(), max_size=5, unique_by=lambda one: one.reference).map(tuple),
    st.lists(acquisitions, max_size=3).map(tuple),
    st.lists(equivalences, max_size=4).map(tuple),
    st.lists(prior, max_size=2).map(tuple),
)
