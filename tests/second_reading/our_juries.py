"""Juries and candidates as the product's predicates read them, and what they answer."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from uuid import UUID

from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import JuryTerm, Seat, TermSource
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
from portfolio.domain.jury.rules.enums import (
    AffiliationKind,
    College,
    Declaration,
    Gender,
    OrganisationKind,
    RelationAsked,
    TiesAnswer,
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


def composition_of(hearing: f.Hearing, rule: JuryRuleValue, on: date) -> Composition:
    """Return the jury of the last sitting for one candidate, on a day, as the predicates read it."""
    jury = hearing.last.jury
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
    return Composition(members, rule, on, candidate, jury.months, without, True, path)


def answers_before_a_candidate(hearing: f.Hearing) -> tuple[PredicateAnswer, ...]:
    """Return the answers of the predicates of one jury, while it has nobody to hear."""
    jury = hearing.last.jury
    return composition_answers(replace(composition_of(hearing, rule_of(jury.rule), jury.on), candidate=None))


def answers_of(hearing: f.Hearing, on: date) -> tuple[PredicateAnswer, ...]:
    """Return the answers of the predicates of the jury of the last sitting, on a day."""
    jury = hearing.last.jury
    rule = rule_of(jury.rule)
    composition = composition_of(hearing, rule, on)
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
