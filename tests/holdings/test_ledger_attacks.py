"""Check what an insider does to the whole: cuts the end, writes everything again, forges a grant with its entry,
erases.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portfolio.db.care import late_tables, recorded_tables, tracked_tables
from portfolio.domain.account.models import Person
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision
from portfolio.domain.jury_session.use_cases import closing as closing_use_cases
from portfolio.domain.ledger.checkpoints import checkpoint_covering, latest_checkpoint
from portfolio.domain.ledger.models import LedgerCheckpoint, LedgerEntry
from portfolio.domain.ledger.raw_rows import entry_at
from portfolio.domain.ledger.recording import SIGNER, append, append_named, erase_rows, table_named
from portfolio.domain.ledger.rules.chain import HEAD_TYPE, entry_hash
from portfolio.domain.ledger.rules.comparing import Change, VerificationReport
from portfolio.domain.ledger.tracking import backfill
from portfolio.signing_key import Keys, Signer
from portfolio.wording.ledger import verification_messages
from tests.holdings.insider import insider, keys_of, make_up, put, table, with_acts
from tests.holdings.ledger_builders import KEYS, SIGNED_BY, closings_in, entries_in, heard, signing
from tests.jury.builders import ON_THE_DAY, close

pytestmark = pytest.mark.both

LATER = ON_THE_DAY + timedelta(days=400)
STOLEN = SIGNED_BY
# Before the acts of the first closing; the last entry under the head of each closing; the end of the ledger.
# Read from the store.
STATED = FIRST = SECOND = LAST = 0


def two_closings(url: str):
    """Two closings, and a third candidate whose jury has decided."""
    database = signing(url)
    *closed, waiting = heard(database, 3, refused=(2,))
    for made in closed:
        close(database, made)
    database.engine.dispose()
    return waiting


@pytest.fixture
def day(database_url, stories):
    """Give the store after these, and the candidate who waits."""
    waiting = stories.begin(database_url, "two closings, one waiting", two_closings)
    database = signing(database_url)
    global STATED, FIRST, SECOND, LAST
    (begin, FIRST), (_begin, SECOND) = closings_in(database)
    STATED, LAST = begin - 1, entries_in(database)
    yield database, waiting
    database.engine.dispose()


@pytest.fixture
def db(day):
    return day[0]


@pytest.fixture
def waiting(day):
    return day[1]


@pytest.fixture
def kept(db):
    """Return the heads of the two closings as somebody kept them elsewhere, before anything happened."""
    with db.reader() as session:
        return [_head(session, number) for number in (FIRST, LAST)]


def _head(session: Session, seq: int):
    entry = session.get_one(LedgerEntry, seq)
    return checkpoint_covering(session, entry.record_type, entry.row_id)


def checked(session: Session, keys=KEYS, outside=()) -> VerificationReport:
    session.flush()
    session.expire_all()
    return check(session, keys, outside)


def what(answer: VerificationReport):
    seen = answer.difference
    return None if seen is None else (seen.change, seen.row, seen.other)


@pytest.mark.slow
def test_the_ledger_agrees_with_the_heads_kept_elsewhere(db, kept):
    with db.reader() as session:
        answer = check(session, KEYS, kept)
    assert answer.ok
    assert [head.seq for head in kept] == [FIRST, LAST]
    assert kept[0].first <= STATED < kept[1].first == FIRST + 1, "one head covers all that a closing wrote"
    assert verification_messages(answer, len(kept))[-1] == "2\u00a0têtes gardées ailleurs concordent."


def cut(session: Session, after: int) -> None:
    """Take away the last entries, the acts they tell of, and every trace of both."""
    entries = session.execute(select(LedgerEntry.record_type, LedgerEntry.row_id).where(LedgerEntry.seq > after)).all()
    for act, row in entries:
        of = table(table_named(act))
        session.execute(delete(of).where(of.c.id == row))
    for name in ("ledger_checkpoint", "ledger_salt", "ledger_entry"):
        session.execute(delete(table(name)).where(table(name).c.seq > after))


def test_the_tail_is_cut_with_every_trace_and_only_a_head_kept_elsewhere_shows_it(db, kept):
    with insider(db) as session:
        cut(session, FIRST)
        assert checked(session).ok
        assert what(checked(session, outside=kept)) == (Change.TAIL_CUT, str(FIRST + 1), str(LAST))


def test_the_tail_of_the_ledger_alone_is_cut(db, kept):
    with insider(db) as session:
        for name in ("ledger_checkpoint", "ledger_salt", "ledger_entry"):
            session.execute(delete(table(name)).where(table(name).c.seq > FIRST))
        assert checked(session).difference.change is Change.ROW_INSERTED
        assert what(checked(session, outside=kept)) == (Change.TAIL_CUT, str(FIRST + 1), str(LAST))


def test_the_entries_are_cut_and_their_signature_is_left(db):
    with insider(db) as session:
        cut(session, FIRST)
        session.execute(delete(table("ledger_checkpoint")))
        head = {
            "seq": LAST,
            "first_seq": FIRST + 1,
            "hash": "0" * 64,
            "at": ON_THE_DAY,
            "kid": SIGNED_BY.kid,
            "signature": "",
        }
        session.execute(insert(table("ledger_checkpoint")).values(head))
        assert checked(session).difference.change is Change.COLUMN_CHANGED


def rewrite(session: Session, signer: Signer | None) -> None:
    """Turn a refusal into a validation, then write the whole ledger again around it, signed when one has the key."""
    acts = session.execute(select(LedgerEntry.record_type, LedgerEntry.row_id).order_by(LedgerEntry.seq)).all()
    heads = session.execute(
        select(LedgerCheckpoint.seq, LedgerCheckpoint.first_seq, LedgerCheckpoint.at).order_by(LedgerCheckpoint.seq)
    ).all()
    refused = session.scalars(select(RecordedDecision.id).where(RecordedDecision.outcome == "not_validated")).first()
    put(session, "recorded_decision", refused, outcome="validated", reason="")
    for name in ("ledger_checkpoint", "ledger_salt", "ledger_entry"):
        session.execute(delete(table(name)))
    session.info.pop(SIGNER, None)
    if signer is not None:
        session.info[SIGNER] = signer
    session.expire_all()
    for head in heads:
        append_named(session, [(act, row.hex) for act, row in acts[head.first_seq - 1 : head.seq]], at=head.at)


def test_everything_is_hashed_again_without_the_key(db, kept):
    with insider(db) as session:
        rewrite(session, None)
        assert checked(session, keys=None).ok
        assert what(checked(session)) == (Change.NOT_SIGNED, "1", str(LAST))
        assert what(checked(session, outside=kept)) == (Change.REWRITTEN, "1", str(FIRST))


def test_everything_is_hashed_again_under_another_key(db, kept):
    with insider(db) as session:
        rewrite(session, Signer(b"another key of thirty-two bytes!"))
        assert checked(session).difference.change is Change.COLUMN_CHANGED
        assert what(checked(session, outside=kept)) == (Change.REWRITTEN, "1", str(FIRST))


def test_everything_is_hashed_again_with_the_stolen_key_and_only_a_head_kept_elsewhere_shows_it(db, kept):
    with insider(db) as session:
        rewrite(session, STOLEN)
        assert checked(session).ok
        assert what(checked(session, outside=kept)) == (Change.REWRITTEN, "1", str(FIRST))
        assert what(checked(session, outside=kept[1:])) == (Change.REWRITTEN, "1", str(LAST))


def test_the_old_signatures_are_left_over_a_new_chain(db):
    with insider(db) as session:
        heads = [dict(row) for row in session.execute(select(table("ledger_checkpoint"))).mappings()]
        rewrite(session, None)
        session.execute(insert(table("ledger_checkpoint")), heads)
        assert what(checked(session)) == (Change.REWRITTEN, "1", str(min(head["seq"] for head in heads)))


def forge(session: Session, signer: Signer | None) -> None:
    """A decision nobody took, with an entry that fits the chain."""
    session.info.pop(SIGNER, None)
    if signer is not None:
        session.info[SIGNER] = signer
    forged = RecordedDecision(
        minutes_id=session.scalars(select(Minutes.id)).first(),
        block_id=uuid4(),
        outcome="validated",
        reason="",
        override_reason="",
        recommendation="",
    )
    session.add(forged)
    append(session, [forged], at=LATER)


def test_a_forged_act_with_its_entry_at_the_end_is_under_no_signature(db):
    with insider(db) as session:
        forge(session, None)
        assert checked(session, keys=None).ok
        assert what(checked(session)) == (Change.NOT_SIGNED, str(LAST + 1), str(LAST + 1))


def test_a_forged_act_stays_under_no_signature_when_closings_follow(db):
    with insider(db) as session:
        forge(session, None)
        session.info[SIGNER] = SIGNED_BY
        forge(session, SIGNED_BY)
        assert what(checked(session)) == (Change.NOT_SIGNED, str(LAST + 1), str(LAST + 1))


def test_an_entry_is_rewritten_so_that_it_fits_itself(db):
    with insider(db) as session:
        put(session, "ledger_entry", 30, recorded_at=LATER)
        put(session, "ledger_entry", 30, entry_hash=entry_hash(entry_at(session, 30)))
        assert what(checked(session)) == (Change.ENTRY_REWRITTEN, "30", "31")


def test_a_head_signed_by_somebody_else_proves_nothing(db, kept):
    foreign = Signer(b"another key of thirty-two bytes!")
    head = kept[0]._replace(kid=foreign.kid)
    with db.reader() as session:
        for one in (
            head._replace(signature=foreign.sign_jws(head.payload, kind=HEAD_TYPE).rpartition(".")[2]),
            kept[0]._replace(signature=kept[1].signature),
        ):
            assert what(check(session, KEYS, [one, kept[1]])) == (Change.FOREIGN_HEAD, str(FIRST), None)


def test_what_an_earlier_key_signed_stays_good(db, kept):
    newer = Signer(b"another key of thirty-two bytes!")
    with db.reader() as session:
        assert check(session, Keys(newer, (SIGNED_BY.jwk, newer.jwk)), kept).ok
        assert not check(session, Keys(newer, (newer.jwk,)), kept).ok


# Erasing.


def erased(db, act: str, rank: int = 0):
    with db.transaction() as session:
        row = keys_of(session, act)[rank]
        erase_rows(session, {act: [row]}, by=session.scalars(select(Person.id)).first(), at=LATER)
    return row


def test_after_an_erasure_the_words_may_go_and_the_check_says_erased_not_changed(db, kept):
    row = erased(db, "certificate")
    with insider(db) as session:
        put(session, "certificate", row, printed_text={"holder": "effacé"})
        answer = checked(session, outside=kept)
    assert answer.ok
    assert (answer.entries, answer.erased) == (LAST + 1, 1)
    assert "Effacé" in verification_messages(answer, 0)[1]


def test_after_an_erasure_ids_codes_and_dates_are_still_proved(db):
    row = erased(db, "certificate")
    with insider(db) as session:
        put(session, "certificate", row, number="AAAA-AAAA-AAAA-AAAA")
        seen = checked(session).difference
    assert (seen.change, seen.row, seen.column) == (Change.COLUMN_CHANGED, row.hex, "number")


def test_an_erasure_is_recorded_once_and_signed(db):
    row = erased(db, "minutes")
    erased(db, "minutes")
    with db.reader() as session:
        assert session.scalar(select(func.count()).select_from(table("ledger_erasure"))) == 1
        assert latest_checkpoint(session).first == latest_checkpoint(session).seq == LAST + 1
        assert checkpoint_covering(session, "minutes", row).seq == FIRST


def test_what_the_ledger_does_not_hold_cannot_be_erased(db):
    with db.transaction() as session:
        assert erase_rows(session, {"minutes": [uuid4()]}, by=None, at=LATER) == 0


@pytest.mark.parametrize("column", ["facts", "words"])
def test_a_salt_erased_without_an_act_is_told(db, column):
    with insider(db) as session:
        change = (
            delete(table("ledger_salt"))
            if column == "facts"
            else update(table("ledger_salt")).values(personal_salt=None)
        )
        session.execute(change.where(table("ledger_salt").c.seq == STATED + 1))
        put(session, "minutes", keys_of(session, "minutes")[0], composition={})
        answer = checked(session)
    assert (answer.difference.change, answer.difference.column) == (Change.ERASED_WITHOUT_ACT, column)
    assert "Effacé" in verification_messages(answer, 0)[1]


def test_an_erasure_made_up_to_hide_a_change_is_found(db):
    with insider(db) as session:
        session.execute(
            update(table("ledger_salt")).values(personal_salt=None).where(table("ledger_salt").c.seq == STATED + 1)
        )
        session.execute(insert(table("ledger_erasure")).values(id=uuid4(), seq=STATED + 1, erased_at=LATER))
        seen = checked(session).difference
    assert (seen.change, seen.table) == (Change.ROW_INSERTED, "ledger_erasure")


# Recording.


def test_an_act_is_recorded_once(db):
    with pytest.raises(IntegrityError), db.transaction() as session:
        append(session, [session.scalars(select(Minutes)).first()], at=LATER)


def test_a_row_that_is_no_act_is_refused(db):
    with pytest.raises(ValueError, match="person"), db.transaction() as session:
        append(session, [session.scalars(select(Person)).first()], at=LATER)


def test_nothing_to_record_writes_nothing(db):
    with db.transaction() as session:
        append(session, [], at=LATER)
        assert latest_checkpoint(session).seq == LAST


def fail_after_closing(db, made) -> None:
    with db.transaction() as session:
        closing_use_cases.close(session, made.hearing_id, by=made.president.id, at=ON_THE_DAY)
        assert session.scalar(select(func.max(LedgerEntry.seq))) > LAST
        raise RuntimeError


def test_a_closing_that_fails_after_its_entries_leaves_none(db, waiting):
    with pytest.raises(RuntimeError):
        fail_after_closing(db, waiting)
    with db.reader() as session:
        answer = check(session, KEYS)
    assert answer.ok
    assert answer.entries == LAST


def test_an_entry_tells_nothing_about_anyone(db):
    with db.reader() as session:
        told = [
            str(row) for name in ("ledger_entry", "ledger_checkpoint") for row in session.execute(select(table(name)))
        ]
        people = session.scalars(select(Person)).all()
        numbers = session.scalars(select(Minutes.number)).all()
        words = [word for person in people for word in (person.name, person.email, str(person.id), person.id.hex)]
    for word in [*words, *numbers, "validated", "2026-06-19", "budget"]:
        assert not any(word in row for row in told), word


def test_two_acts_that_say_the_same_have_nothing_in_common_in_the_ledger(db):
    with db.reader() as session:
        digests = [value for one in session.scalars(select(LedgerEntry)) for value in one.digests.values()]
    assert len(digests) == len(set(digests))


# What an installation kept before its ledger recorded it.


def forget(session: Session) -> None:
    """The store as an earlier version left it: statements, papers, signatures and letters, of which the
    ledger says nothing.
    """
    for name in late_tables(recorded_tables()):
        with_acts(session, name)
    for name in ("ledger_checkpoint", "ledger_salt", "ledger_entry"):
        session.execute(delete(table(name)))
    old = [name for name in recorded_tables() if name not in late_tables(recorded_tables())]
    models = {mapper.class_.__tablename__: mapper.class_ for mapper in LedgerEntry.registry.mappers}
    session.expire_all()
    append(session, [row for name in old for row in session.scalars(select(models[name]))], at=ON_THE_DAY)


def test_what_was_kept_before_the_ledger_knew_of_it_is_recorded_once_and_signed(db):
    with insider(db) as session:
        forget(session)
        before = checked(session)
        assert before.difference.change is Change.ROW_INSERTED
        assert before.difference.table in (*late_tables(recorded_tables()), *tracked_tables())
        assert backfill(session, at=LATER) > 0
        assert checked(session).ok
        assert backfill(session, at=LATER) == 0


def test_what_somebody_forges_afterwards_is_never_recorded_as_if_it_had_been_there(db):
    with insider(db) as session:
        forget(session)
        backfill(session, at=LATER)
        forged = make_up("juror_statement")
        session.execute(insert(table("juror_statement")).values(forged))
        assert backfill(session, at=LATER) == 0
        assert what(checked(session)) == (Change.ROW_INSERTED, forged["id"].hex, None)


def test_an_installation_that_recorded_them_from_the_start_has_nothing_to_catch_up(db):
    with db.transaction() as session:
        assert backfill(session, at=LATER) == 0
