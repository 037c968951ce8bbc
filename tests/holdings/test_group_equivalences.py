"""Blocks that count together: none alone counts, all of them do, from the day when the last is held (R2 c)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database, new_id
from portfolio.domain.certification.models import EquivalenceProposal
from portfolio.domain.holdings.models.events import GroupEquivalence
from portfolio.domain.holdings.models.grants import Award
from portfolio.domain.holdings.rules.facts import (
    AcquisitionFact,
    EquivalenceFact,
    EquivalenceKind,
    GrantingEvent,
    History,
    PriorHoldingFact,
    Source,
)
from portfolio.domain.holdings.rules.granting import GrantGround, granting_events, grants_for
from portfolio.domain.holdings.rules.status_changes import (
    AcquisitionInput,
    CertificateRefusal,
    EquivalenceInput,
    GroupEquivalenceInput,
)
from portfolio.domain.holdings.use_cases.equivalence import declare_equivalence, declare_group
from portfolio.domain.holdings.use_cases.facts import load_history
from portfolio.domain.holdings.use_cases.granting import record_acquisition
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.errors import Refusal
from tests import factories
from tests.holdings.histories import FIRST, SECOND
from tests.holdings.status_changes import Scan, second_version

OLD, OLDER, NEW, OTHER = FIRST[0].id, FIRST[1].id, SECOND[0].id, SECOND[1].id
DECLARED = date(2019, 1, 1)
TOGETHER = EquivalenceFact(OLD, NEW, EquivalenceKind.IDENTICAL, DECLARED, "EQ", None, frozenset({OLDER}))
FIRST_HELD = AcquisitionFact(OLD, date(2020, 1, 1), True, "A")
SECOND_HELD = AcquisitionFact(OLDER, date(2021, 1, 1), True, "B")


def acts(*facts: AcquisitionFact, ruled: EquivalenceFact = TOGETHER) -> dict:
    return granting_events(History(acquisitions=facts, equivalences=(ruled,)))


@pytest.mark.parametrize("facts", [(), (FIRST_HELD,), (SECOND_HELD,)])
def test_one_of_the_blocks_alone_gives_nothing(facts):
    assert NEW not in acts(*facts)


@pytest.mark.parametrize("facts", [(FIRST_HELD, SECOND_HELD), (SECOND_HELD, FIRST_HELD)])
def test_all_of_them_count_from_the_day_of_the_last(facts):
    assert acts(*facts)[NEW] == (GrantingEvent(date(2021, 1, 1), Source.EQUIVALENCE, "EQ"),)


def test_a_ruling_that_came_later_counts_from_its_own_day():
    ruled = replace(TOGETHER, declared_on=date(2022, 5, 1))
    assert acts(FIRST_HELD, SECOND_HELD, ruled=ruled)[NEW][0].on == date(2022, 5, 1)


@pytest.mark.parametrize("kind", [EquivalenceKind.PARTIAL, EquivalenceKind.NONE])
def test_only_an_identical_one_counts_and_a_partial_one_is_the_ground(kind):
    ruled = replace(TOGETHER, kind=kind)
    assert NEW not in acts(FIRST_HELD, SECOND_HELD, ruled=ruled)
    answer = grants_for(SECOND, History(equivalences=(ruled,)))[0]
    assert (answer.ground is GrantGround.PARTIAL_EQUIVALENCE) is (kind is EquivalenceKind.PARTIAL)


@pytest.mark.parametrize(("late_by", "counts"), [(-1, True), (0, True), (1, False)])
def test_a_ruling_replaced_before_the_last_block_was_recorded_gives_nothing(late_by, counts):
    noon = datetime(2021, 1, 1, 12, 0, tzinfo=UTC)
    before = {"recorded_at": noon - timedelta(hours=1)}
    held = (replace(FIRST_HELD, **before), replace(SECOND_HELD, recorded_at=noon + timedelta(minutes=late_by)))
    ruled = replace(TOGETHER, declared_at=before["recorded_at"], replaced_at=noon)
    assert (NEW in acts(*held, ruled=ruled)) is counts


def test_a_block_held_until_a_day_gives_no_more_than_that():
    before = PriorHoldingFact(OLDER, date(2021, 1, 1), "P", date(2023, 1, 1))
    found = granting_events(History(acquisitions=(FIRST_HELD,), equivalences=(TOGETHER,), prior=(before,)))
    assert found[NEW][0].until == date(2023, 1, 1)


def test_an_ended_holding_of_before_gives_nothing_and_one_that_counts_does():
    before = PriorHoldingFact(OLDER, date(2021, 1, 1), "P")
    history = History(acquisitions=(FIRST_HELD,), equivalences=(TOGETHER,), prior=(before,))
    assert NEW in granting_events(history)
    ended = replace(history, prior=(replace(before, ended=True),))
    assert NEW not in granting_events(ended)
    assert NEW in granting_events(ended.without_endings)


def test_a_chain_goes_on_from_what_several_blocks_gave_and_its_root_is_the_last_of_them():
    then = EquivalenceFact(NEW, OTHER, EquivalenceKind.IDENTICAL, DECLARED, "EQ-2")
    history = History(acquisitions=(FIRST_HELD, SECOND_HELD), equivalences=(then, TOGETHER))
    found = granting_events(history)
    assert found[OTHER][0].on == date(2021, 1, 1)
    assert found[OTHER][0].origin[0] == OLDER


@pytest.fixture
def versions(db: Database, world: factories.World):
    with db.transaction() as session:
        return world, second_version(session, world.version)


def ruling(held, aims, kind=EquivalenceKind.IDENTICAL) -> GroupEquivalenceInput:
    return GroupEquivalenceInput(
        frozenset(one.id for one in held), frozenset(one.id for one in aims), kind, "Référentiels comparés."
    )


def test_two_blocks_of_the_old_version_make_two_of_the_new_one_held(db: Database, versions):
    world, second = versions
    old, new = world.version.blocks, second.blocks
    with db.transaction() as session:
        factories.candidacy(session, session.merge(second), session.merge(world.candidate))
        factories.held(session, world.candidacy, old[0].id, date(2020, 1, 1), "CERT-1")
        row = declare_group(session, ruling(old[:2], new[:2]), by=world.certifier.id, at=factories.AT)
        assert held_blocks(session, world.candidate.id, second.id, on=None) == {}
        factories.held(session, world.candidacy, old[1].id, date(2021, 1, 1), "CERT-2")
        held = held_blocks(session, world.candidate.id, second.id, on=None)
        assert [(one.block_number, one.number, one.reference) for one in held.values()] == [
            (1, "CERT-2", row.reference),
            (2, "CERT-2", row.reference),
        ]
        missing = [gap for gap in recompute(session).gaps if gap.gap not in ("certificate_labels",)]
        assert missing == []


@pytest.mark.records("group_equivalence_declared")
def test_a_ruling_on_several_blocks_completes_a_whole_at_once_and_is_replaced_without_taking_it_back(
    db: Database, versions
):
    world, second = versions
    old, new = world.version.blocks, second.blocks
    with db.transaction() as session:
        factories.candidacy(session, session.merge(second), session.merge(world.candidate))
        for block in old:
            factories.held(session, world.candidacy, block.id, date(2020, 1, 1))
        declare_group(session, ruling(old, new), by=world.certifier.id, at=factories.AT)
        assert {award.version_id for award in session.scalars(select(Award))} >= {second.id}
        with pytest.raises(Refusal) as refused:
            declare_group(session, ruling(old, new), by=world.certifier.id, at=factories.AT)
        assert refused.value.code is CertificateRefusal.EQUIVALENCE_DECLARED
        first = session.scalars(select(GroupEquivalence)).one()
        later = declare_group(session, ruling(old, new, EquivalenceKind.NONE), by=world.certifier.id, at=factories.AT)
        assert later.replaces_id == first.id
        assert len(held_blocks(session, world.candidate.id, second.id, on=None)) == len(new), "R6: what it gave stays"


@pytest.mark.parametrize("together", [False, True])
def test_what_is_recorded_later_the_day_a_ruling_was_replaced_is_not_held_through_it(
    db: Database, versions, together: bool
):
    """The moment of the ledger is read, not the day (domain §10): by who holds, by grants and by the recompute."""
    world, second = versions
    old, new, by = world.version.blocks, second.blocks, world.certifier.id

    def rule(session, kind, at):
        if together:
            declare_group(session, ruling(old[:2], new[:1], kind), by=by, at=at)
        else:
            declare_equivalence(session, EquivalenceInput(old[1].id, new[0].id, kind, "Comparés."), by=by, at=at)

    def hold(session, block, at):
        said = AcquisitionInput(block.id, factories.AT.date(), "Formation de Lyon")
        record_acquisition(session, world.candidacy.id, said, Scan(new_id().hex), by=by, at=at)

    with db.transaction() as session:
        factories.candidacy(session, session.merge(second), session.merge(world.candidate))
        hold(session, old[0], factories.AT)
        rule(session, EquivalenceKind.IDENTICAL, factories.AT + timedelta(minutes=1))
        rule(session, EquivalenceKind.NONE, factories.AT + timedelta(minutes=2))
        hold(session, old[1], factories.AT + timedelta(minutes=3))
        assert held_blocks(session, world.candidate.id, second.id, on=None) == {}
        assert new[0].id not in granting_events(load_history(session, world.candidate.id))
        assert recompute(session).gaps == ()
        rule(session, EquivalenceKind.IDENTICAL, factories.AT + timedelta(minutes=4))
        assert list(held_blocks(session, world.candidate.id, second.id, on=None)) == [new[0].id]


@pytest.mark.parametrize(
    ("held", "aims", "code"),
    [
        (slice(0, 1), slice(0, 1), CertificateRefusal.GROUP_TOO_SMALL),
        (slice(0, 2), slice(0, 0), CertificateRefusal.GROUP_TOO_SMALL),
        (slice(0, 2), None, CertificateRefusal.GROUP_MIXED),
        ("mixed", slice(0, 1), CertificateRefusal.GROUP_MIXED),
    ],
)
def test_blocks_of_one_version_count_for_those_of_one_other(db: Database, versions, held, aims, code):
    world, second = versions
    old, new = world.version.blocks, second.blocks
    asked = [old[0], new[0]] if held == "mixed" else old[held]
    with db.transaction() as session, pytest.raises(Refusal) as refused:
        declare_group(
            session, ruling(asked, old[2:3] if aims is None else new[aims]), by=world.certifier.id, at=factories.AT
        )
    assert refused.value.code is code


def test_the_page_rules_on_several_blocks_and_keeps_what_was_typed(client, store):
    with store.transaction() as session:
        world = factories.world(session, filled=False)
        second = second_version(session, world.version)
        old, new = ([str(block.id) for block in world.version.blocks], [str(block.id) for block in second.blocks])
    client.log_in(world.certifier.email, factories.PASSWORD)
    page = f"/certifications/versions/{second.id}/equivalences/ensemble"
    assert client.page(f"/certifications/versions/{second.id}/equivalences").all("a", href=page)
    data = {
        "held": old[:2],
        "counts_for": new[:1],
        "kind": "identical",
        "reason": "Référentiels comparés.",
        "sure": "y",
        "password": factories.PASSWORD,
    }
    alone = client.send(page, data | {"held": old[:1]}, form=page)
    assert alone.status_code == 422
    assert "Cochez au moins deux blocs" in alone.text
    assert "Référentiels comparés." in alone.text
    assert client.send(page, data | {"counts_for": old[:1]}, form=page).status_code == 422
    mixed = client.send(page, data | {"held": [old[0], new[1]]}, form=page)
    assert mixed.status_code == 409
    assert client.send(page, data, form=page).status_code == 303
    told = client.page(page).text
    assert "Décisions en vigueur" in told
    assert "2 blocs ensemble" in told
    assert client.send(page, data, form=page).status_code == 409


def test_what_the_register_compares_together_fills_the_form_and_is_settled(client, store):
    from tests.certification.readers.exports import entry_xml
    from tests.holdings.test_proposals import NEW as NEW_CODE
    from tests.holdings.test_proposals import OLD as OLD_CODE
    from tests.holdings.test_proposals import address, correspondence, old_entry, published

    with store.transaction() as session:
        body = factories.body(session)
        email = factories.certifier(session, body.id).email
    client.log_in(email, factories.PASSWORD)
    published(store, body, entry_xml().replace(OLD_CODE, NEW_CODE))
    version = published(store, body, old_entry(correspondence(f"{OLD_CODE}BC01", f"{OLD_CODE}BC02")))
    page = client.page(address(version))
    links = [link["href"] for link in page.all("a") if "/ensemble?proposition=" in link.get("href", "")]
    assert links
    form = client.page(links[0])
    ticked = [one["name"] for one in form.all("input", type="checkbox") if "checked" in one]
    assert sorted(ticked) == ["counts_for", "held", "held"]
    hidden = form.hidden_fields(links[0].partition("?")[0])
    chosen = {
        name: [one["value"] for one in form.all("input", name=name) if "checked" in one]
        for name in ("held", "counts_for")
    }
    data = hidden | chosen | {"kind": "identical", "reason": "Correspondance du répertoire.", "sure": "y"}
    data |= {"password": factories.PASSWORD}
    assert client.post(links[0].partition("?")[0], data=data).status_code == 303
    with store.reader() as session:
        assert all(
            row.group_equivalence_id for row in session.scalars(select(EquivalenceProposal)) if row.group_size > 1
        )
