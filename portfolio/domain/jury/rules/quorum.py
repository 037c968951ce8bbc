"""Quorum (J14), parity (J12) and what else is asked of a jury on the day (J4, J10, J13, J15; domain §4)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from uuid import UUID

from portfolio.domain.certification.rules.jury_rule import CONDITION_TERMS, JuryTerm, Seat
from portfolio.domain.jury.rules.composition import (
    JURY_ARTICLE,
    Composition,
    Fact,
    MemberValue,
    Predicate,
    PredicateAnswer,
    PredicateId,
    Remedy,
    Source,
    SourceKind,
    minimum_members,
)
from portfolio.domain.jury.rules.enums import Declaration, Gender, RelationAsked
from portfolio.domain.jury.rules.predicates import (
    composition_answers,
    distinct_names,
    external_facts,
    relation_asked,
    relation_source,
)

HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Appointment:
    """The act that named the president: its day, whether the director signed it, whether its document is
    attached (J4).
    """

    on: date
    by_director: bool
    document_attached: bool


@dataclass(frozen=True, slots=True)
class DayValue:
    """A jury about to deliberate for one candidate, with what each member declared and attested.

    `quorum` is the number of members who must be present, the president among them; None asks for all of them.
    """

    composition: Composition
    appointment: Appointment | None = None
    genders: Mapping[UUID, Gender] = field(default_factory=dict)
    parity_reason: str = ""
    declarations: Mapping[UUID, Declaration] = field(default_factory=dict)
    readers: frozenset[UUID] = frozenset()
    present: frozenset[UUID] = frozenset()
    quorum: int | None = None

    @property
    def members(self) -> frozenset[MemberValue]:
        """Return who deliberates: those who sit, but for the absent whom the quorum does without."""
        return self.composition.voting

    @property
    def seated(self) -> frozenset[MemberValue]:
        """Return who holds a seat."""
        return self.composition.members


DayPredicate = Callable[[DayValue], PredicateAnswer]


def j4_appointed_president(day: DayValue) -> PredicateAnswer:
    """J4: the president was appointed by the director, on or before the day, document attached (the
    document is ours).
    """
    act = day.appointment
    asked = day.composition.rule.asks(JuryTerm.PRESIDENT_APPOINTED)
    in_time = act is not None and act.on <= day.composition.on
    right = act is not None and in_time and act.by_director and act.document_attached
    facts: dict[str, Fact] = {"asked": asked, "appointed": act is not None, "in_time": in_time}
    facts |= {"by_director": act is not None and act.by_director, "attached": act is not None and act.document_attached}
    source = day.composition.rule.source_of(JuryTerm.PRESIDENT_APPOINTED if asked else JuryTerm.SEATS)
    return _answer(PredicateId.J4, source, not asked or right, facts, Remedy.APPOINT_PRESIDENT)


def j10_declared_free(day: DayValue) -> PredicateAnswer:
    """J10, D6412-6 or our own choice: each member declared, for this candidate, that no relation exists;
    silence is not a declaration.
    """
    related = [member for member in day.members if day.declarations.get(member.person) is Declaration.RELATED]
    silent = [member for member in day.members if member.person not in day.declarations]
    facts: dict[str, Fact] = {"related": distinct_names(related), "silent": distinct_names(silent)}
    asked = relation_asked(day.composition.path.route, day.composition.rule.seats)
    facts |= {"relation": str(asked)} if asked is RelationAsked.PERSONAL else {}
    mend = Remedy.REPLACE_BARRED if related else Remedy.DECLARE
    return _answer(PredicateId.J10, relation_source(day.composition), not related and not silent, facts, mend)


def j12_women_and_men(day: DayValue) -> PredicateAnswer:
    """J12, D6412-6 and, where it does not bind, cases: women and men both sit, else the certifier writes why;
    it warns, it never blocks.
    """
    found = {day.genders.get(member.person) for member in day.members}
    balanced = {Gender.WOMAN, Gender.MAN} <= found
    justified = bool(day.parity_reason.strip())
    facts: dict[str, Fact] = {"balanced": balanced, "justified": justified}
    source = JURY_ARTICLE if day.composition.path.is_bound else Source(SourceKind.CASE)
    return _answer(PredicateId.J12, source, balanced or justified, facts, Remedy.JUSTIFY_PARITY, blocking=False)


def j13_dossier_read(day: DayValue) -> PredicateAnswer:
    """J13, cases: every member has attested reading the sealed dossier before the deliberation."""
    unread = [member for member in day.members if member.person not in day.readers]
    facts: dict[str, Fact] = {"unread": distinct_names(unread)}
    return _answer(PredicateId.J13, Source(SourceKind.CASE), not unread, facts, Remedy.ATTEST_READING)


def j14_quorum(day: DayValue) -> PredicateAnswer:
    """J14: the members that the certifier's quorum asks for are present, the president among them; all by
    default (design).
    """
    people = {member_value.person for member_value in day.seated}
    here = len(people & day.present)
    needed = len(people) if day.quorum is None else day.quorum
    presided = any(
        member_value.person in day.present for member_value in day.seated if member_value.seat is Seat.PRESIDENT
    )
    presided = presided or Seat.PRESIDENT not in day.composition.rule.seats
    absent = [member_value for member_value in day.seated if member_value.person not in day.present]
    facts: dict[str, Fact] = {"present": here, "needed": needed, "absent": distinct_names(absent), "presided": presided}
    facts |= {"all": day.quorum is None, "noted": day.composition.attendance_noted}
    source = Source(SourceKind.DESIGN) if day.quorum is None else _quorum_source(day)
    mend = Remedy.REACH_QUORUM if here or day.composition.attendance_noted else Remedy.NOTE_ATTENDANCE
    return _answer(PredicateId.J14, source, here >= max(needed, 1) and presided, facts, mend)


def _quorum_source(day: DayValue) -> Source:
    """Return who asks for the quorum: the certifier, in a version that recorded no source of it."""
    source = day.composition.rule.source_of(JuryTerm.QUORUM)
    return Source(SourceKind.CERTIFIER) if source.kind is SourceKind.PUBLISHED else source


def j15_half_external(day: DayValue) -> PredicateAnswer:
    """J15, practice: half of the members at least are external, as far as their ties are known; it warns,
    never blocks.
    """
    facts, silent = external_facts(day.composition)
    needed = minimum_members(HALF, max(day.composition.votes, 1))
    facts["needed"] = needed
    holds, mend = (not silent and facts["found"] >= needed, Remedy.ANSWER_TIES if silent else Remedy.MORE_EXTERNAL)
    return _answer(PredicateId.J15, Source(SourceKind.PRACTICE), holds, facts, mend, blocking=False)


DAY_PREDICATES: Sequence[DayPredicate] = (
    j4_appointed_president,
    j10_declared_free,
    j12_women_and_men,
    j13_dossier_read,
    j14_quorum,
    j15_half_external,
)


def attendance_answers(day: DayValue, without: Iterable[Predicate] = ()) -> tuple[PredicateAnswer, ...]:
    """Ask everything of a jury on its day, J1 to J15 in their order, except what is without object and what
    the certifier omits.
    """
    left_out = set(without)
    asked = (*composition_answers(day.composition), *(predicate(day) for predicate in DAY_PREDICATES))
    order: list[Predicate] = [*PredicateId, *CONDITION_TERMS]
    return tuple(
        sorted(
            (answer for answer in asked if answer.id not in left_out and not answer.is_without_object),
            key=lambda predicate_answer: order.index(predicate_answer.id),
        )
    )


def _answer(
    id: PredicateId, source: Source, holds: bool, facts: dict[str, Fact], mend: Remedy, *, blocking: bool = True
) -> PredicateAnswer:
    return PredicateAnswer(id, holds, blocking, source, facts, None if holds else mend)
