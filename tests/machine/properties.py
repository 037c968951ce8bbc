"""The properties of domain.md §5, asked of a store after each act."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from portfolio.domain.holdings.models.grants import Award, Certificate
from portfolio.domain.holdings.rules.granting import granting_events
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.use_cases.facts import load_history
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.domain.holdings.use_cases.issuing import issue_missing_grants
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.holdings.use_cases.status import load_statuses
from tests.machine.model import Block

if TYPE_CHECKING:
    from tests.machine.machine import HearingMachine


def check_holdings(machine: HearingMachine) -> set[Block]:
    """Compare what the store says is held today, and whole, with the model; return what is held."""
    start, person, today = machine.start, machine.person, machine.today
    expected = {block for block in person.held(today) if block[0] in machine.candidacies}
    with machine.store.db.reader() as session:
        held = {
            (version, row.block_number)
            for version in machine.candidacies
            for row in held_blocks(session, start.candidate, start.versions[version - 1], on=today).values()
        }
        awards = session.scalars(select(Certificate).join(Award, Award.id == Certificate.award_id)).all()
        statuses = load_statuses(session, awards)
        versions = {
            start.versions.index(session.get_one(Award, row.award_id).version_id) + 1
            for row in awards
            if statuses[row.id] is GrantStatus.HELD
        }
    assert held == expected, f"held on {today}: {sorted(held)}; the acts give {sorted(expected)}"
    whole = {version for version in machine.candidacies if person.whole_on({(version, 1), (version, 2)})}
    assert versions == whole, f"the whole is obtained of versions {versions}; the acts give {whole}"
    if not machine.lowers and machine.day_before == today:
        assert machine.held_before <= held, f"an act took {machine.held_before - held} away"
    return held


def check_history(machine: HearingMachine) -> None:
    """Running again gives the same, and the order of what happened does not matter."""
    with machine.store.db.transaction() as session:
        assert issue_missing_grants(session, machine.start.candidate, at=machine.at).rows == []
        found = recompute(session)
        assert found.ok, found
        history = load_history(session, machine.start.candidate)
    turned = replace(
        history,
        sittings=history.sittings[::-1],
        acquisitions=history.acquisitions[::-1],
        equivalences=history.equivalences[::-1],
    )
    assert granting_events(turned) == granting_events(history)
