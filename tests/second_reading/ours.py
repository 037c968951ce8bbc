"""What the product's own rules answer to the same history: a history turned into calls, and nothing decided."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import TRAINING, Scope, has_livret2
from portfolio.domain.certification.rules.entry import Registration, Route
from portfolio.domain.certification.rules.jury_rule import DecisionRule, JuryTerm, Seat, TermSource
from portfolio.domain.certification.rules.registration import admissibility_answer, registration_status
from portfolio.domain.holdings.rules.completion import completion_for, end_of_validity, event_on, first_end, result_for
from portfolio.domain.holdings.rules.facts import (
    AcquisitionFact,
    CertifiedBlock,
    CertifiedCompetency,
    Decision,
    EquivalenceFact,
    EquivalenceKind,
    GrantingEvent,
    JuryDecisionFacts,
    Lapse,
    Presence,
    PriorHoldingFact,
    Source,
)
from portfolio.domain.holdings.rules.facts import History as Facts
from portfolio.domain.holdings.rules.granting import granting_events, grants_at, grants_for
from portfolio.domain.holdings.rules.status_changes import (
    GrantStatus,
    StatusChange,
    StatusChangeKind,
    refusal_of,
    status_after,
    status_of_whole,
)
from portfolio.domain.jury.rules.closing import HearingValue, Suspension, closing_errors
from portfolio.domain.jury.rules.composition import (
    Affiliation,
    CandidateValue,
    Composition,
    JuryRuleValue,
    MemberValue,
    PathValue,
    PredicateAnswer,
    PredicateId,
    path_value,
)
from portfolio.domain.jury.rules.deliberation import (
    BlockValue,
    CompetencyValue,
    DecidingValue,
    DecisionRecord,
    FindingRecord,
    Votes,
    expected_outcome,
)
from portfolio.domain.jury.rules.enums import (
    AffiliationKind,
    Attendance,
    College,
    Declaration,
    Demonstration,
    FindingValue,
    Gender,
    OrganisationKind,
    Outcome,
    RelationAsked,
    TiesAnswer,
)
from portfolio.domain.jury.rules.opinions import (
    BallotResult,
    BallotState,
    VoteChoice,
    is_complete,
    is_superseded,
    outcome_of,
    tally,
    tie_break_of,
)
from portfolio.domain.jury.rules.predicates import composition_answers, relation_asked
from portfolio.domain.jury.rules.quorum import Appointment, DayValue, attendance_answers
from tests.second_reading import facts as f

TERMS = {
    "J1": JuryTerm.SIZE,
    "J2": JuryTerm.SEATS,
    "J7": JuryTerm.EXTERNAL_MIN,
    "J8": JuryTerm.REPRESENTATIVES_MIN,
    "J11": JuryTerm.NO_CASTING_VOTE,
    "J14": JuryTerm.QUORUM,
    "J3": JuryTerm.PRESIDENT_COLLEGE,
    "J4": JuryTerm.PRESIDENT_APPOINTED,
    "J5": JuryTerm.EMPLOYEE_IN_ACTIVITY,
    "J6": JuryTerm.DIRECTOR_OR_DELEGATE,
}


@lru_cache(maxsize=4096)
def uuid_of(number: int) -> UUID:
    """Return the identity that stands for a number."""
    return UUID(int=number + 1)


def number_of(identity: UUID) -> int:
    """Return the number of an identity."""
    return identity.int - 1


@lru_cache(maxsize=20_000)
def member_of(member: f.Member) -> MemberValue:
    """Return a member as the rules read one."""
    return MemberValue(
        uuid_of(member.person),
        f"Membre {member.person}",
        Seat(member.seat),
        College(member.college),
        member.in_activity,
        member.director,
        member.delegated_from,
        member.delegated_until,
        member.qualified,
        frozenset(
            Affiliation(AffiliationKind.EMPLOYMENT, OrganisationKind(tie.with_whom), tie.organisation, tie.ended_on)
            for tie in member.ties
        ),
        TiesAnswer.NONE if member.answered else TiesAnswer.UNANSWERED,
    )


@lru_cache(maxsize=200)
def rule_of(rule: f.JuryRule) -> JuryRuleValue:
    """Return a rule as the predicates read one."""
    return JuryRuleValue(
        rule.size,
        tuple(Seat(seat) for seat in rule.seats),
        rule.external,
        rule.colleges,
        rule.quorum,
        rule.half_external,
        left_out=frozenset(TERMS[name] for name in rule.left_out),
        casting_vote=rule.casting_vote,
        sources=tuple((TERMS[name], TermSource("entry" if who == "fiche" else who)) for name, who in rule.asked_by),
    )


def uuids(numbers: frozenset[int]) -> frozenset[UUID]:
    """Return the identities of some numbers."""
    return frozenset(map(uuid_of, numbers))


def declarations_of(jury: f.Jury, route: str) -> Mapping[UUID, Declaration]:
    """Return what members declare: who taught the candidate says so where the sentence to sign asks it."""
    asked = relation_asked(Route(route), rule_of(jury.rule).seats)
    said = {}
    for member in jury.members:
        if member.free is not None:
            tied = not member.free or (member.taught and asked is RelationAsked.ANY)
            said[uuid_of(member.person)] = Declaration.RELATED if tied else Declaration.FREE
    return said


def composition_of(hearing: f.Hearing, rule: JuryRuleValue) -> Composition:
    """Return a jury for one candidate as the predicates read it."""
    jury = hearing.jury
    members = frozenset(map(member_of, jury.members))
    without = (
        frozenset(uuid_of(member.person) for member in jury.members if not member.present)
        if rule.quorum is not None
        else frozenset()
    )
    candidate = CandidateValue(
        uuid_of(jury.candidate),
        "Candidat",
        uuids(jury.accompanied_by),
        uuids(jury.biased),
        jury.bodies,
        uuids(jury.related),
    )
    path = (
        path_value(Route(hearing.route), Regime(hearing.regime), hearing.begun_on)
        if hearing.begun_on is not None
        else PathValue(Route(hearing.route), is_bound=False)
    )
    return Composition(members, rule, jury.on, candidate, jury.months, without, True, path)


def answers_before_a_candidate(hearing: f.Hearing) -> tuple[PredicateAnswer, ...]:
    """Return the answers of the predicates of one jury, while it has nobody to hear."""
    return composition_answers(replace(composition_of(hearing, rule_of(hearing.jury.rule)), candidate=None))


def answers_of(hearing: f.Hearing) -> tuple[PredicateAnswer, ...]:
    """Return the answers of the predicates of one jury."""
    jury = hearing.jury
    rule = rule_of(jury.rule)
    composition = composition_of(hearing, rule)
    appointment = (
        Appointment(jury.appointed_on, jury.appointed_by_director, jury.act_attached)
        if jury.appointed_on is not None
        else None
    )
    day = DayValue(
        composition,
        appointment,
        {uuid_of(member.person): Gender(member.gender) for member in jury.members},
        jury.gender_reason,
        declarations_of(jury, hearing.route),
        frozenset(uuid_of(member.person) for member in jury.members if member.read),
        frozenset(uuid_of(member.person) for member in jury.members if member.present),
        rule.quorum,
    )
    return attendance_answers(day, () if rule.half_external else (PredicateId.J15,))


def names_of(answers: tuple[PredicateAnswer, ...]) -> tuple[frozenset[str], frozenset[str], frozenset[tuple[str, str]]]:
    """Return the names of the conditions that are false, blocking and not, and of all with who asks each."""
    name = {answer.id: "J10" if answer.id is PredicateId.J10_KNOWN else str(answer.id) for answer in answers}
    return (
        frozenset(name[answer.id] for answer in answers if answer.prevents),
        frozenset(name[answer.id] for answer in answers if not answer.holds and not answer.blocking),
        frozenset((name[answer.id], str(answer.source.kind)) for answer in answers),
    )


def shares_of(answers: tuple[PredicateAnswer, ...]) -> dict[str, tuple[object, object]]:
    """Return how many members count for J7 and for J8, and how many are needed."""
    asked = (answer for answer in answers if answer.id in (PredicateId.J7, PredicateId.J8))
    return {str(answer.id): (answer.facts["found"], answer.facts["needed"]) for answer in asked}


# ---------------------------------------------------------------------------------- ballots and decisions


def ballot_of(ballot: f.Ballot, jury: f.Jury) -> tuple[object, ...]:
    """Return the outcome of a ballot, its counts, what settled a tie, and whether everyone voted."""
    result = result_of(ballot, jury)
    votes = {uuid_of(person): VoteChoice(choice) for person, choice in ballot.votes}
    counts = (result.votes.in_favour, result.votes.against, result.votes.abstained)
    settled = str(result.tie_break) if result.tie_break is not None else None
    return str(result.outcome), counts, settled, is_complete(votes, able_of(jury))


def able_of(jury: f.Jury) -> frozenset[UUID]:
    """Return the members who can vote."""
    return frozenset(uuid_of(member.person) for member in jury.members if member.present and member.free is not False)


def result_of(ballot: f.Ballot, jury: f.Jury) -> BallotResult:
    """Return what a ballot gives among the members who can vote."""
    able = able_of(jury)
    presidents = {uuid_of(member.person) for member in jury.members if member.seat == f.PRESIDENT}
    president = next(iter(presidents)) if len(presidents) == 1 else None
    votes = {uuid_of(person): VoteChoice(choice) for person, choice in ballot.votes}
    # Without a word of the rule, the presidency has a casting vote.
    rule = {} if jury.rule.casting_vote else {"casting_vote": False}
    outcome = outcome_of(votes, able, president, **rule)
    return BallotResult(tally(votes, able), outcome, tie_break_of(votes, able, president, **rule))


def drafts_of(hearing: f.Hearing) -> tuple[dict[UUID, DecisionRecord], dict[UUID, BallotState]]:
    """Return the last decision drafted on each block, and its last ballot."""
    drafts, ballots = {}, {}
    for told in hearing.deliberations:
        block = uuid_of(told.block)
        for rank, act in enumerate(told.acts):
            if isinstance(act, f.Ballot):
                result = result_of(act, hearing.jury) if act.closed else None
                stands = act.closed and act.same_voters
                voted = frozenset(uuid_of(person) for person, _ in act.votes)
                ballots[block] = BallotState(block, block, rank, voted, result, not act.closed, stands)
            else:
                drafts[block] = DecisionRecord(
                    Outcome(act.outcome), act.reason, act.override, act.recommendation, Votes(*act.counted)
                )
    return drafts, ballots


def competency(block: int, rank: int) -> UUID:
    """Return the identity of a competency."""
    return uuid_of(10_000 + block * 10 + rank)


def hearing_of(hearing: f.Hearing, version: f.Version, answers: tuple[PredicateAnswer, ...]) -> HearingValue:
    """Return a hearing as the rules of closing read one."""
    blocks, findings = [], {}
    for told in hearing.deliberations:
        if told.block not in hearing.scope:
            continue
        values = []
        for rank, finding in enumerate(told.findings):
            identity = competency(told.block, rank)
            values.append(CompetencyValue(identity, f"{told.block}.{rank}", finding.claimed))
            if finding.value is not None:
                findings[identity] = FindingRecord(
                    FindingValue(finding.value),
                    finding.reason,
                    Demonstration(finding.ground) if finding.ground else None,
                    finding.ground_text,
                )
        blocks.append(BlockValue(uuid_of(told.block), told.block % 10, tuple(values)))
    sitting = [m for m in hearing.jury.members if hearing.jury.rule.quorum is None or m.present]
    here = {m.person for m in sitting if m.present} or {m.person for m in sitting}
    drafts, ballots = drafts_of(hearing)
    return HearingValue(
        hearing.jury.on,
        tuple(blocks),
        DecidingValue(DecisionRule(version.rule), version.threshold),
        findings,
        drafts,
        answers,
        len(here),
        Attendance(hearing.attendance),
        hearing.jury.rule.casting_vote,
        ballots,
        Suspension(datetime.combine(hearing.jury.on, time(10)), hearing.resumes_on) if hearing.suspended else None,
    )


# --------------------------------------------------------------------------------------------- what is held


def status_of(acts: tuple[f.LaterAct, ...], granted_on: date, today: date) -> tuple[str, tuple[str | None, ...]]:
    """Return where a decision stands after later acts, and why some of them were refused."""
    kinds: list[StatusChangeKind] = []
    refused = []
    for act in acts:
        change = StatusChange(StatusChangeKind(act.kind), act.reason, act.on, act.heard_on)
        fault = refusal_of(change, status_after(kinds), granted_on, today)
        refused.append(str(fault) if fault else None)
        if fault is None:
            kinds.append(change.kind)
    return str(status_after(kinds)), tuple(refused)


def status_of_whole_of(blocks: tuple[str, ...]) -> str:
    """Return what a whole certification became, from where its blocks stand."""
    return str(status_of_whole([GrantStatus(status) for status in blocks]))


PRESENCES = {"heard": Presence.PRESENT, "absent": Presence.ABSENT, "excused": Presence.EXCUSED}


def sitting_of(
    hearing: f.Hearing,
    blocking: frozenset[str],
    decisions: Mapping[int, tuple[Outcome, int | None]],
    status: str,
    closed: bool,
) -> JuryDecisionFacts:
    """Return a hearing as the rule of grants reads one; `decisions`: outcomes, and months of validity."""
    return JuryDecisionFacts(
        hearing.reference,
        hearing.jury.on,
        hearing.submitted_on,
        hearing.begun_on,
        uuids(hearing.scope),
        tuple(
            Decision(uuid_of(block), outcome, validity_months=months)
            for block, (outcome, months) in decisions.items()
            if hearing.attendance == "heard"
        ),
        tuple(sorted(blocking)),
        closed,
        PRESENCES[hearing.attendance],
        Lapse(hearing.lapse),
        status == GrantStatus.ANNULLED,
        withdrawn=uuids(hearing.withdrawn),
        suspended=status == GrantStatus.SUSPENDED,
        annulled_blocks=uuids(hearing.appealed),
    )


def refusals(
    hearing: f.Hearing, blocking: frozenset[str], outcome: str | None, status: str, closed: bool
) -> frozenset[str]:
    """Return the grounds for which a hearing does not grant the block 11."""
    decided = {11: (Outcome(outcome), None)} if outcome else {}
    sitting = sitting_of(hearing, blocking, decided, status, closed)
    (told,) = grants_at((CertifiedBlock(uuid_of(11), 1, "Bloc"),), sitting, {})
    return frozenset(map(str, told.grounds)) - {"granted"}


def at_hearing(
    on: date, outcome: str, months: int | None, end: date | None, faults: tuple[str, ...], missing: tuple[str, ...]
) -> tuple[object, ...]:
    """Return what a hearing makes of a block that is held until some day: why it does not grant it, by which act it
    is held, and what is quoted of a refusal.
    """
    short = tuple(CertifiedCompetency(number, "") for number in missing)
    decision = Decision(uuid_of(11), Outcome(outcome), short, validity_months=months)
    sitting = JuryDecisionFacts("PV", on, on, on, uuids(frozenset({11})), (decision,), faults)
    until = None if end == date.max else end
    earlier = GrantingEvent(on - timedelta(30), Source.JURY, "PV-0", until)
    held = {} if end is None else {uuid_of(11): earlier}
    (told,) = grants_at((CertifiedBlock(uuid_of(11), 1, "Bloc", (), months),), sitting, held)
    act = (told.act.reference, told.act.until or date.max) if told.act is not None else None
    grounds = frozenset(map(str, told.grounds)) - {"granted"}
    return grounds, number_of(told.block.id), act, told.reference, told.faults, tuple(m.number for m in told.missing)


@lru_cache(maxsize=200)
def block_of(block: f.Block) -> CertifiedBlock:
    """Return a block as the rules read one."""
    return CertifiedBlock(uuid_of(block.id), block.number, f"Bloc {block.id}", (), block.months, block.option or None)


def facts_of(history: f.History, sittings: tuple[JuryDecisionFacts, ...]) -> Facts:
    """Return a history as the rules read one."""
    months = {block.id: block.months for version in history.versions for block in version.blocks}
    return Facts(
        sittings,
        tuple(
            AcquisitionFact(uuid_of(a.block), a.on, a.verified, a.reference, a.annulled, a.withdrawn, months[a.block])
            for a in history.acquisitions
            if not a.imported
        ),
        tuple(
            EquivalenceFact(
                uuid_of(min(e.asked)),
                uuid_of(e.counts_for),
                EquivalenceKind(e.kind),
                e.declared_on,
                e.reference,
                e.replaced_on,
                uuids(e.asked - {min(e.asked)}),
                months[e.counts_for],
            )
            for e in history.equivalences
        ),
        tuple(
            PriorHoldingFact(
                uuid_of(a.block),
                a.on,
                a.reference,
                first_end((a.until, end_of_validity(a.on, months[a.block]))),
                a.annulled,
            )
            for a in history.acquisitions
            if a.imported
        ),
    )


@dataclass(slots=True)
class Answer:
    """What the product says of a history, in the words of the second reading."""

    blocking: dict[str, frozenset[str]]
    warnings: dict[str, frozenset[str]]
    asked: dict[str, frozenset[tuple[str, str]]]
    faults: dict[str, frozenset[tuple[str, int | None]]]
    # Of each hearing, the blocks whose drafted decision its ballot contradicts.
    superseded: dict[str, frozenset[int]]
    statuses: dict[str, tuple[str, tuple[str | None, ...]]]
    # Of each block held, the first act that is valid: its day, its source, its end; the days on which it is valid, among those asked.
    first: dict[int, tuple[Any, ...]]
    again: dict[int, set[tuple[date, str, str]]]
    valid: dict[int, frozenset[date]]
    grounds: dict[int, str]
    said: dict[int, frozenset[str]]
    ended: dict[int, tuple[date, str]]
    references: dict[int, str]
    lacking: dict[int, frozenset[int]]
    abstentions: dict[tuple[str, int], int | None]
    consistency: dict[tuple[str, int], tuple[object, ...]]
    refused: dict[tuple[str, int], frozenset[str]]
    wholes: dict[int, tuple[object, ...]]
    label: tuple[str, str]
    standings: dict[str, str]
    openings: dict[str, bool]


def registrations_of(version: f.Version) -> tuple[Registration, ...]:
    """Return the registrations of a version."""
    return tuple(Registration("", "", since, until) for since, until in version.registrations)


Period = tuple[date | None, date | None]


def why_standing(
    periods: tuple[Period, ...], delivered_on: date, admissible_on: date | None, training_on: date | None
) -> tuple[str, date | None, Period | None]:
    """Return why a document may speak of the register or not: the ground, its day, the registration."""
    known = tuple(Registration("", "", since, until) for since, until in periods)
    told = registration_status(known, admissible_on, delivered_on, training_begun_on=training_on)
    covering = told.registration
    return str(told.ground), told.day, (covering.since, covering.until) if covering else None


def why_opening(periods: tuple[Period, ...], day: date) -> tuple[str, Period | None, date | None]:
    """Return why a candidacy may be opened on a day or not, by which registration, and when the entry had expired."""
    known = tuple(Registration("", "", since, until) for since, until in periods)
    told = admissibility_answer(known, day, successor="RNCP2")
    proposed = "RNCP2" if told.ground == "expired" else None
    assert (told.stopped, told.admissible_on, told.successor) == (told.ground == "expired", day, proposed)
    by = told.registration
    return str(told.ground), (by.since, by.until) if by else None, told.expired_on


def standing_of(version: f.Version, hearing: f.Hearing) -> str:
    """Return how the document of a hearing may speak of the register."""
    route, began = Route(hearing.route), hearing.begun_on
    status = registration_status(
        registrations_of(version),
        began if has_livret2(route) else None,
        hearing.jury.on,
        training_begun_on=began if route in TRAINING else None,
    )
    return str(status.code)


def answer(history: f.History, days: frozenset[date]) -> Answer:
    """Ask the product's rules everything about a history; `days`: those on which validity is compared."""
    versions = {version.number: version for version in history.versions}
    found = Answer(*({} for _ in range(18)), ("", ""), {}, {})
    sittings = []
    months = {block.id: block.months for version in history.versions for block in version.blocks}
    for hearing in history.hearings:
        ref, version = hearing.reference, versions[hearing.version]
        answers = answers_of(hearing)
        found.blocking[ref], found.warnings[ref], found.asked[ref] = names_of(answers)
        value = hearing_of(hearing, version, answers)
        today = hearing.closed_on or history.today
        found.faults[ref] = frozenset(
            (str(error.code), None if error.block is None else number_of(error.block))
            for error in closing_errors(value, today)
        )
        for told in hearing.deliberations:
            if (record := value.decision_on(uuid_of(told.block))) is not None:
                found.abstentions[ref, told.block] = record.votes.abstentions(value.voters)
        for block in value.blocks:
            made = expected_outcome(block, value.findings, value.deciding)
            ranks = (
                [int(label.partition(".")[2]) for label in labels]
                for labels in (made.acquired, made.short, made.missing)
            )
            outcome = str(made.expected) if made.expected is not None else None
            found.consistency[ref, number_of(block.id)] = (outcome, *ranks)
        found.statuses[ref] = status_of(hearing.later, hearing.jury.on, history.today)
        closed = hearing.closed_on is not None and not found.faults[ref]
        decided = {
            told.block: (record.outcome, months[told.block])
            for told in hearing.deliberations
            if (record := value.decision_on(uuid_of(told.block))) is not None
        }
        found.superseded[ref] = frozenset(
            number_of(block)
            for block, ballot in value.ballots.items()
            if is_superseded(ballot, value.decisions.get(block))
        )
        sitting = sitting_of(hearing, found.blocking[ref], decided, found.statuses[ref][0], closed)
        sittings.append(sitting)
        for refused in grants_at(tuple(map(block_of, version.blocks)), sitting, {}):
            grounds = frozenset(map(str, refused.grounds)) - {"granted"}
            found.refused[ref, number_of(refused.block.id)] = grounds
        found.standings[ref] = standing_of(version, hearing)
        opening = admissibility_answer(registrations_of(version), hearing.submitted_on)
        found.openings[ref] = opening.stopped
    facts = facts_of(history, tuple(sittings))
    acts = granting_events(facts)
    for version in history.versions:
        blocks = tuple(
            replace(block, options_needed=version.options) if block.option else block
            for block in map(block_of, version.blocks)
        )
        for block in blocks:
            events = acts.get(block.id, ())
            valid = frozenset(day for day in days if event_on(day, events) is not None)
            found.valid[number_of(block.id)] = valid
        whole = completion_for(blocks, acts, on=history.today)
        by = number_of(whole.completed_by.id) if whole.completed_by else None
        missing = frozenset(number_of(block.id) for block in whole.missing)
        lacking = completion_for(blocks, acts).missing
        found.lacking[version.number] = frozenset(number_of(block.id) for block in lacking)
        of_options = frozenset(number_of(block.id) for each in whole.missing_options for block in each.blocks)
        options = (whole.options_left, of_options)
        found.wholes[version.number] = (whole.obtained, whole.on, by, whole.is_limited, missing, *options)
        for told in grants_for(
            blocks,
            facts,
            on=history.today,
            requested=uuids(history.requested),
            waiting=uuids(history.waiting),
            deliberated=uuids(history.deliberated),
        ):
            if told.granted and (event := told.act) is not None:
                origin = event.origin and (number_of(event.origin[0]), event.origin[1].reference)
                until = event.until or date.max
                block = number_of(told.block.id)
                found.first[block] = (event.on, str(event.source), until, event.reference, origin)
                found.again[block] = {(act.on, str(act.source), act.reference) for act in told.again}
            else:
                found.grounds[number_of(told.block.id)] = str(told.ground)
                found.references[number_of(told.block.id)] = told.reference
                if told.lapsed is not None:
                    found.ended[number_of(told.block.id)] = (told.lapsed.on, told.lapsed.reference)
                found.said[number_of(told.block.id)] = frozenset(map(str, told.grounds))
    scope = Scope.WHOLE if history.whole_scope else Scope.BLOCKS
    held = {uuid_of(block) for block in found.first}
    last = max(history.hearings, key=lambda one: (one.jury.on, one.reference), default=None)
    presence = PRESENCES[last.attendance] if last else Presence.PRESENT
    result = result_for(scope, uuids(history.requested), held, presence)
    found.label = (str(result.label), str(result.of))
    return found
