"""A night reads what is new in a large ledger and a thirtieth of the old; a month reads it all."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from portfolio.domain.integrity_checks import verification
from portfolio.domain.integrity_checks.use_cases import NIGHTS, find_last_check, nightly_parts
from portfolio.domain.integrity_checks.verification import WHOLE
from portfolio.domain.ledger.checkpoints import digest_past_days, last_head_seq, write_checkpoints
from portfolio.run.worker import integrity_checks
from portfolio.web.clock import now
from tests.holdings.insider import insider_for_good, table
from tests.integrity.stored_files import keep_files
from tests.jury import builders


@pytest.fixture
def checks(app, store, monkeypatch):
    """Return the checks of an installation that reads any ledger in parts; its minutes are closed."""
    made = builders.scene(store)
    keep_files(app, store)
    builders.get_ready(store, made)
    builders.deliberate(store, made)
    builders.close(store, made)
    found = replace(integrity_checks(app), whole_below=0)
    with store.reader() as session:
        write_checkpoints(session, found.heads)
    return found


@pytest.fixture
def walked(monkeypatch):
    """Give the numbers of the entries that each night reads."""
    seen: list[set[int]] = []
    entries = verification.entries

    def listened(session, after=0, until=None):
        for batch in entries(session, after, until):
            seen[-1].update(entry.seq for entry, _ in batch)
            yield batch

    monkeypatch.setattr(verification, "entries", listened)
    return seen


def night(checks, walked):
    walked.append(set())
    return checks.run()


def test_a_month_of_nights_reads_the_whole_ledger_a_little_at_a_time(checks, store, walked):
    with store.reader() as session:
        last = last_head_seq(session)
    assert night(checks, walked).ok
    assert walked[0] == set(range(1, last + 1)), "the first night reads it all"
    nights = 0
    while not nights or set().union(*walked[1:]) != walked[0]:
        assert night(checks, walked).ok
        nights += 1
        assert nights <= NIGHTS
    assert max(map(len, walked[1:])) < last
    assert checks.run(whole=True).ok
    assert walked[-1] >= walked[0], "the command reads it all"


def test_what_is_new_is_read_the_same_night(checks, store, walked):
    assert night(checks, walked).ok
    with store.transaction() as session:
        assert digest_past_days(session, at=now()), "acts that follow the head that was checked"
    with store.reader() as session:
        head, last = find_last_check(session).ledger_head, last_head_seq(session)
    assert head < last
    night(checks, walked)
    assert walked[-1] >= set(range(head + 1, last + 1))


def test_an_old_act_that_was_changed_is_found_within_the_month_and_told_every_night_after(checks, store, walked):
    assert night(checks, walked).ok
    decision = table("recorded_decision")
    with insider_for_good(store, "recorded_decision") as session:
        one = session.scalars(select(decision.c.id).order_by(decision.c.id.desc())).first()
        session.execute(update(decision).where(decision.c.id == one).values(recommendation="autre"))
    nights = 1
    while night(checks, walked).ledger:
        nights += 1
        assert nights <= NIGHTS
    assert not night(checks, walked).ledger, "the part that differs is read again"
    assert not checks.run(whole=True).ledger


def test_a_tail_that_was_cut_is_found_the_same_night(checks, store, walked):
    assert night(checks, walked).ok
    with store.reader() as session:
        last = last_head_seq(session)
    for name in ("ledger_checkpoint", "ledger_salt", "ledger_entry"):
        with insider_for_good(store, name) as session:
            session.execute(table(name).delete().where(table(name).c.seq == last))
    assert not night(checks, walked).ledger


def test_a_head_that_is_no_longer_true_has_the_whole_read(checks, store, walked):
    assert night(checks, walked).ok
    with store.reader() as session:
        head = find_last_check(session).ledger_head
        assert nightly_parts(session, checks.keys, head, 0, 0) != WHOLE
        assert nightly_parts(session, checks.keys, head, 0) == WHOLE, "a small ledger is read whole"
        assert nightly_parts(session, checks.keys, None, 0, 0) == WHOLE
    with insider_for_good(store, "ledger_checkpoint") as session:
        heads = table("ledger_checkpoint")
        session.execute(update(heads).where(heads.c.seq == head).values(signature="0" * 20))
    with store.reader() as session:
        assert nightly_parts(session, checks.keys, head, 0, 0) == WHOLE
