"""The properties of domain §5 proved on the decision tables by z3, for every input and not for those drawn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import z3

from tests.second_reading import tables as t
from tests.second_reading.decision_tables import Line, Table
from tests.second_reading.facts import NOT_VALIDATED, UNDECIDED, VALIDATED

Formula = Any


def proved(claim: Formula) -> None:
    """Prove that nothing makes a claim false; what does is shown."""
    solver = z3.Solver()
    solver.add(z3.Not(claim))
    assert solver.check() == z3.unsat, solver.model()


def questions(table: Table, mark: str = "") -> dict[str, Formula]:
    """Return an unknown answer to each question of a table."""
    return {name: z3.Bool(f"{table.name}/{name}/{mark}") for name in table.questions}


def is_met(line: Line, answers: Mapping[str, Formula]) -> Formula:
    """Return the formula of one line."""
    return z3.And(*(answers[name] if yes else z3.Not(answers[name]) for name, yes in line.when.items()))


def decides(table: Table, answers: Mapping[str, Formula], then: str) -> Formula:
    """Return the formula by which a table gives an outcome: the first line that applies decides."""
    formula: Formula = z3.BoolVal(False)
    for line in reversed(table.lines):
        formula = z3.If(is_met(line, answers), z3.BoolVal(line.then == then), formula)
    return formula


@pytest.mark.parametrize("table", t.TABLES, ids=lambda table: table.name)
def test_every_line_of_a_table_can_decide_and_its_last_one_always_applies(table: Table) -> None:
    answers = questions(table)
    before: list[Formula] = []
    for line in table.lines:
        assert set(line.when) <= set(table.questions)
        solver = z3.Solver()
        solver.add(is_met(line, answers), *map(z3.Not, before))
        assert solver.check() == z3.sat, f"never reached: {line.says}"
        before.append(is_met(line, answers))
    assert table.lines[-1].when == {}


# ------------------------------------------------------------------ acts, by R3, R6 and the equivalences


@dataclass(frozen=True)
class Unknown:
    """An act of which nothing is known but that it ends no sooner than it begins."""

    on: Formula
    until: Formula
    counts: Formula
    at: Formula

    @property
    def is_possible(self) -> Formula:
        return self.on <= self.until

    def covers(self, day: Formula) -> Formula:
        return z3.And(self.counts, self.on <= day, day <= self.until)


def grants(mark: str) -> tuple[Formula, dict[str, Formula]]:
    """Return the formula by which a decision grants (R3): every requirement holds; and each of them."""
    holds = {row.name: z3.Bool(f"{row.name}/{mark}") for row in t.GRANT}
    return z3.And(*holds.values()), holds


def act(mark: str) -> Unknown:
    """Return an act granted by R3, whatever its requirements are."""
    return Unknown(z3.Int(f"on/{mark}"), z3.Int(f"until/{mark}"), grants(mark)[0], z3.Int(f"at/{mark}"))


def valid(acts: Sequence[Unknown], day: Formula) -> Formula:
    """Return the formula by which a block is valid on a day (R6)."""
    return z3.Or(*(known.covers(day) for known in acts))


def highest(*values: Formula) -> Formula:
    """Return the formula of the highest of some values."""
    found = values[0]
    for value in values[1:]:
        found = z3.If(value > found, value, found)
    return found


# How long a block stays valid, for any length that never ends before it begins.
END = z3.Function("end", z3.IntSort(), z3.IntSort())


def through(held: Sequence[Unknown], mark: str) -> Unknown:
    """Return what an equivalence makes of acts held together, by its table (R2 c)."""
    declared, replaced = z3.Int(f"declared/{mark}"), z3.Int(f"replaced/{mark}")
    at = highest(z3.Int(f"declared at/{mark}"), *(known.at for known in held))
    on = highest(declared, *(known.on for known in held))
    until = -highest(*(-known.until for known in held))
    answers = {
        "identique": z3.Bool(f"identical/{mark}"),
        "tous les blocs demandés sont acquis et valides": z3.And(on <= until, *(k.counts for k in held)),
        "inscrits avant son remplacement": at < replaced,
    }
    return Unknown(on, -highest(-until, -END(on)), decides(t.EQUIVALENCE, answers, "acquis"), at)


def everything(first: Sequence[Unknown], second: Sequence[Unknown]) -> list[list[Unknown]]:
    """Return the acts of four blocks: two of their own, one by an equivalence with the first, the last by a
    group of the second and of the one so derived.
    """
    third = [through([known], "one") for known in first]
    fourth = [through([known, derived], "group") for known in second for derived in third]
    return [list(first), list(second), third, fourth]


def test_an_added_acquisition_never_removes_one() -> None:
    own, other, more, day = [act("a"), act("b")], [act("c")], act("more"), z3.Int("day")
    possible = z3.And(*(known.is_possible for known in (*own, *other, more)))
    for before, after in zip(everything(own, other), everything([*own, more], other), strict=True):
        proved(z3.Implies(z3.And(possible, valid(before, day)), valid(after, day)))


Step = tuple[Formula, Formula]


def closed(held: Step, known: Unknown) -> Step:
    """Return what is held once one more session is closed: the earliest act stands."""
    is_held, since = held
    earlier = z3.And(known.counts, z3.Or(z3.Not(is_held), known.on < since))
    return z3.Or(is_held, known.counts), z3.If(earlier, known.on, since)


def same(one: Step, other: Step) -> Formula:
    """Return the formula by which two states hold the same, since the same day."""
    return z3.And(one[0] == other[0], z3.Implies(one[0], one[1] == other[1]))


def test_the_order_of_sessions_does_not_matter() -> None:
    """Two neighbours may be exchanged after anything, so every order gives the same."""
    before = (z3.Bool("held"), z3.Int("since"))
    first, second = act("first"), act("second")
    proved(same(closed(closed(before, first), second), closed(closed(before, second), first)))


def test_running_again_gives_the_same_result() -> None:
    before, session = (z3.Bool("held"), z3.Int("since")), act("session")
    once = closed(before, session)
    proved(same(closed(once, session), once))
    # What an equivalence derived from what it derived adds no day.
    known, day = act("a"), z3.Int("day")
    derived = through([known], "one")
    again = through([derived], "one")
    capped = z3.ForAll([z3.Int("d")], END(z3.Int("d")) >= z3.Int("d"))
    proved(z3.Implies(z3.And(capped, again.covers(day)), derived.covers(day)))


def test_a_decision_that_does_not_grant_changes_nothing_that_is_held() -> None:
    before = (z3.Bool("held"), z3.Int("since"))
    formula, holds = grants("refused")
    for name in ("not_validated", "absent", "excused", "not_decided"):
        refused = Unknown(z3.Int("on"), z3.Int("until"), formula, z3.Int("at"))
        proved(z3.Implies(z3.Not(holds[name]), same(closed(before, refused), before)))


def test_nothing_is_granted_while_a_blocking_predicate_is_false() -> None:
    asked = {row.name: z3.Bool(f"holds/{row.name}") for row in t.PREDICATES if row.effect == "blocks"}
    formula, holds = grants("session")
    regular = holds["irregular_composition"] == z3.And(*asked.values())
    for predicate in asked.values():
        proved(z3.Implies(z3.And(regular, z3.Not(predicate)), z3.Not(formula)))


def test_the_whole_is_obtained_exactly_when_every_block_is_valid_on_one_day() -> None:
    """The days on which an act begins are enough: if all are valid on a day, they are on the last of those."""
    blocks = [[act(f"{block}{rank}") for rank in range(2)] for block in "abc"]
    day = z3.Int("day")
    together = z3.And(*(valid(acts, day) for acts in blocks))
    begun = [known.on for acts in blocks for known in acts]
    obtained = z3.Or(*(z3.And(*(valid(acts, on) for acts in blocks)) for on in begun))
    proved(z3.Implies(together, obtained))
    for missing in blocks:
        proved(z3.Implies(z3.Not(z3.Or(*(known.counts for known in missing))), z3.Not(obtained)))


def test_one_of_two_options_makes_the_whole_and_the_other_takes_nothing_away() -> None:
    common, first, second = ([act(f"{block}{rank}") for rank in range(2)] for block in ("common", "A", "B"))
    day = z3.Int("day")

    def holds(*options: list[Unknown], on: Formula) -> Formula:
        return z3.And(valid(common, on), z3.Or(*(valid(option, on) for option in options)))

    begun = [known.on for known in (*common, *first, *second)]
    obtained = z3.Or(*(holds(first, second, on=on) for on in begun))
    proved(z3.Implies(holds(first, second, on=day), obtained))
    proved(z3.Implies(z3.Or(*(holds(first, on=on) for on in begun)), obtained))
    none = z3.Not(z3.Or(*(known.counts for known in (*first, *second))))
    proved(z3.Implies(z3.Or(none, z3.Not(z3.Or(*(known.counts for known in common)))), z3.Not(obtained)))


# --------------------------------------------------------------------------------- what becomes of a grant

STATES = (t.HELD, t.SUSPENDED, t.ANNULLED, t.WITHDRAWN)
ACTS = ("suspension", "confirmation", "annulment", "withdrawal", "rectification")


def becomes(state: Formula, kind: Formula) -> Formula:
    """Return the formula of the state after an act; one that is refused changes nothing."""
    after = state
    for (status, name), then in t.STATUS.items():
        met = z3.And(state == STATES.index(status), kind == ACTS.index(name))
        after = z3.If(met, z3.IntVal(STATES.index(then)), after)
    return after


def test_only_suspension_annulment_and_withdrawal_lower_a_status_and_a_lifted_suspension_restores_it() -> None:
    state, kind = z3.Int("state"), z3.Int("kind")
    known = z3.And(state >= 0, state < len(STATES), kind >= 0, kind < len(ACTS))
    lowers = z3.Or(*(kind == ACTS.index(name) for name in ("suspension", "annulment", "withdrawal")))
    proved(z3.Implies(z3.And(known, becomes(state, kind) > state), lowers))
    suspension, confirmation = ACTS.index("suspension"), ACTS.index("confirmation")
    held = z3.IntVal(STATES.index(t.HELD))
    proved(becomes(becomes(held, z3.IntVal(suspension)), z3.IntVal(confirmation)) == held)
    ended = z3.Or(state == STATES.index(t.ANNULLED), state == STATES.index(t.WITHDRAWN))
    proved(z3.Implies(z3.And(known, ended), becomes(state, kind) == state))


# ------------------------------------------------------------------------------------------------- ballots


def test_the_last_ballot_decides_whatever_was_drafted() -> None:
    answers = questions(t.DECIDED)
    stands = z3.And(answers["scrutin clos"], answers["mêmes votants"], z3.Not(answers["scrutin en cours"]))
    gives: Callable[[str], Formula] = lambda then: decides(t.DECIDED, answers, then)  # noqa: E731
    proved(z3.Implies(stands, gives(VALIDATED) == answers["scrutin favorable"]))
    proved(z3.Implies(stands, gives(NOT_VALIDATED) == z3.Not(answers["scrutin favorable"])))
    proved(z3.Implies(answers["scrutin en cours"], gives(UNDECIDED)))


def test_a_ballot_is_won_by_more_votes_or_by_a_casting_vote_that_was_cast() -> None:
    answers = questions(t.BALLOT)
    in_favour, against = z3.Int("in favour"), z3.Int("against")
    counted = z3.And(
        answers["plus de pour"] == (in_favour > against), answers["plus de contre"] == (against > in_favour)
    )
    wins = decides(t.BALLOT, answers, VALIDATED)
    cast = z3.And(answers["voix prépondérante"], answers["présidence pour"], in_favour == against)
    proved(z3.Implies(counted, wins == z3.Or(in_favour > against, cast)))


def test_a_count_has_the_one_outcome_of_its_majority_or_of_the_voice_that_was_cast() -> None:
    answers = questions(t.COUNT)
    in_favour, against = z3.Int("in favour"), z3.Int("against")
    counted = z3.And(
        answers["plus de pour"] == (in_favour > against), answers["plus de contre"] == (against > in_favour)
    )
    cast = z3.And(answers["voix prépondérante"], answers["voix connue"], answers["présidence pour"])
    wins = decides(t.COUNT, answers, VALIDATED)
    proved(z3.Implies(counted, wins == z3.Or(in_favour > against, z3.And(in_favour == against, cast))))
    unknown = decides(t.COUNT, answers, UNDECIDED)
    proved(z3.Implies(unknown, z3.Not(answers["voix connue"])))


def test_a_sitting_goes_on_with_votes_only_after_a_suspension_with_the_same_members() -> None:
    answers = questions(t.CARRIED)
    proved(decides(t.CARRIED, answers, "tout") == z3.And(answers["suspendue"], answers["mêmes membres"]))
    proved(z3.Implies(z3.Not(answers["suspendue"]), decides(t.CARRIED, answers, "rien")))


def test_a_decision_is_of_a_day_that_is_voted_or_stated_between_the_sitting_and_the_closing() -> None:
    answers = questions(t.DAY)
    stated = z3.And(answers["jour énoncé"], answers["entre la séance et la clôture"])
    known = z3.And(*(z3.Not(decides(t.DAY, answers, fault)) for fault in ("day_missing", "day_outside")))
    proved(known == z3.Or(answers["votée"], z3.Not(answers["close plus tard"]), stated))


def test_a_closed_ballot_is_never_outside_the_minutes_for_an_absence() -> None:
    answers = questions(t.PRESENCE)
    away = z3.And(answers["candidat non entendu"], answers["scrutin clos"])
    proved(z3.Implies(away, z3.Not(decides(t.PRESENCE, answers, "noted"))))


def test_an_individual_candidacy_is_never_protected_and_an_unknown_member_is_never_external() -> None:
    answers = questions(t.STANDING)
    neither = z3.And(z3.Not(answers["VAE"]), z3.Not(answers["formation"]))
    proved(z3.Implies(neither, z3.Not(decides(t.STANDING, answers, "protected_L6113_9"))))
    ties = questions(t.EXTERNAL)
    proved(z3.Implies(z3.Not(ties["a répondu"]), z3.Not(decides(t.EXTERNAL, ties, "externe"))))
