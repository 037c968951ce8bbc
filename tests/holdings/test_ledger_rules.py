"""One writing for one value, whichever store it comes from; hashes that hold each other."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from portfolio.all_models import metadata
from portfolio.db.care import covered_tables, table_care
from portfolio.domain.ledger.rules.chain import (
    GENESIS,
    Checkpoint,
    Column,
    Entry,
    Salts,
    chained,
    column,
    digests_of,
    entry_hash,
    read_checkpoints,
)
from portfolio.domain.ledger.rules.comparing import Change, Difference, VerificationReport, compared, is_content_of
from portfolio.domain.ledger.rules.encoding import Kind, canonical_json, encoded
from portfolio.wording.ledger import checked_as_json, difference_message
from tools.ledger_table import PAGE, page

SALTS = Salts(b"f" * 32, b"w" * 32)


def columns(act: str, **kinds: Kind) -> tuple[Column, ...]:
    return tuple(column(act, name, kind, is_personal=False) for name, kind in kinds.items())


KINDS = {"id": Kind.IDENTITY, "outcome": Kind.CODE, "reason": Kind.TEXT}
COLUMNS = columns("recorded_decision", **KINDS)
ROW = ("ab" * 16, "validated", "Rien à redire.")
texts = st.text(st.characters(exclude_categories=["Cs"]))
structures = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(structures)
def test_a_structure_is_written_as_rfc_8785_says(value):
    try:
        expected = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        with pytest.raises(ValueError, match=r"."):
            canonical_json(value)
        assert encoded(Kind.STRUCTURE, json.dumps(value)).startswith(b"=~")
    else:
        assert encoded(Kind.STRUCTURE, json.dumps(value)) == b"=" + expected


@given(structures)
def test_a_structure_is_written_alike_whatever_the_spaces_and_escapes_of_its_text(value):
    assert encoded(Kind.STRUCTURE, json.dumps(value)) == encoded(
        Kind.STRUCTURE, json.dumps(value, indent=2, ensure_ascii=False)
    )


@given(structures, structures)
def test_two_structures_are_written_alike_only_when_they_are_equal(one, two):
    same = encoded(Kind.STRUCTURE, json.dumps(one)) == encoded(Kind.STRUCTURE, json.dumps(two))
    assert not same or one == two


@given(st.uuids())
def test_an_identity_is_written_alike_from_both_stores(value):
    assert encoded(Kind.IDENTITY, value) == encoded(Kind.IDENTITY, value.hex) == b"=" + value.hex.encode()


@given(st.dates())
def test_a_day_is_written_alike_from_both_stores(value):
    assert encoded(Kind.DAY, value) == encoded(Kind.DAY, value.isoformat())


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)), st.integers(-12, 12))
def test_a_moment_is_written_alike_from_both_stores_whatever_its_zone(value, hours):
    there = value.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))
    assert encoded(Kind.MOMENT, there) == encoded(Kind.MOMENT, value.isoformat(" ", "microseconds"))


def test_a_flag_is_written_alike_from_both_stores():
    assert encoded(Kind.FLAG, True) == encoded(Kind.FLAG, 1)
    assert encoded(Kind.FLAG, False) == encoded(Kind.FLAG, 0)


@given(st.binary())
def test_bytes_are_written_alike_from_both_stores(value):
    assert encoded(Kind.BYTES, value) == encoded(Kind.BYTES, memoryview(value))


def test_nothing_is_not_written_as_an_empty_text():
    assert encoded(Kind.TEXT, None) != encoded(Kind.TEXT, "")


ODD = [
    (Kind.TEXT, b"x"), (Kind.TEXT, 3), (Kind.TEXT, "\ud800"), (Kind.NUMBER, "12"), (Kind.NUMBER, 12.0), (Kind.NUMBER, True),
    (Kind.FLAG, 2), (Kind.FLAG, "1"), (Kind.DAY, 20260618), (Kind.MOMENT, 3.5), (Kind.IDENTITY, 7), (Kind.STRUCTURE, "{"),
    (Kind.STRUCTURE, object()), (Kind.STRUCTURE, "[" * 100_000), (Kind.BYTES, "x"), (Kind.CODE, None), (Kind.STRUCTURE, b"\xff"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value"), ODD, ids=lambda one: type(one).__name__ if type(one) is object else str(one)
)
def test_a_value_its_column_cannot_hold_is_written_as_no_other_is(kind, value):
    assert not encoded(kind, value).startswith(b"=")


def test_a_number_too_large_for_rfc_8785_is_still_told_from_its_neighbour():
    written = {encoded(Kind.STRUCTURE, json.dumps({"n": number})) for number in (2**60, 2**60 + 1, 12.5)}
    assert len(written) == 3


def test_a_text_that_quotes_a_structure_is_not_that_structure():
    assert encoded(Kind.STRUCTURE, '{"a": 1}') != encoded(Kind.STRUCTURE, json.dumps('{"a": 1}'))


def entries(count: int) -> list[Entry]:
    return chained(
        None, [("minutes", UUID(int=n).hex, {"id": "x"}) for n in range(count)], "2026-06-18 14:00:00.000000"
    )


def test_entries_are_numbered_from_one_and_hold_each_other():
    made = entries(3)
    assert [one.seq for one in made] == [1, 2, 3]
    assert [one.previous for one in made] == [GENESIS, made[0].hash, made[1].hash]
    assert all(entry_hash(one) == one.hash for one in made)
    assert chained((3, made[2].hash), [("award", "00", {})], "x")[0].previous == made[2].hash


@given(st.dictionaries(texts, texts), st.integers(1, 2**53 - 1), texts)
def test_an_entry_is_hashed_as_rfc_8785_writes_it(digests, seq, text):
    digests = {name.encode("ascii", "replace").decode(): value for name, value in digests.items()}
    entry = Entry(seq, text, "minutes", "00", digests, GENESIS, "")
    said = entry._asdict()
    del said["hash"]
    assert entry_hash(entry) == hashlib.sha256(rfc8785.dumps(said)).hexdigest()


@pytest.mark.parametrize("field", ["seq", "at", "act", "row", "digests", "previous"])
def test_everything_an_entry_says_is_in_its_hash(field):
    entry = entries(1)[0]
    changed = entry._replace(**{field: 2 if field == "seq" else "other"})
    assert entry_hash(changed) != entry.hash


def test_what_cannot_be_written_has_no_hash():
    assert entry_hash(entries(1)[0]._replace(digests={"\ud800": object()})) == ""


def entry_of(row=ROW, salts=SALTS) -> Entry:
    return chained(None, [("recorded_decision", row[0], digests_of(COLUMNS, row, salts))], "x")[0]


def test_an_act_is_what_its_entry_committed_to():
    assert compared(entry_of(), COLUMNS, ROW, SALTS) == ((), (), ())


def test_a_column_that_changed_is_named():
    assert compared(entry_of(), COLUMNS, (ROW[0], "not_validated", ROW[2]), SALTS).columns == ("outcome",)


def test_a_salt_that_changed_is_named_with_the_columns_it_hides():
    answer = compared(entry_of(), COLUMNS, ROW, SALTS._replace(words=b"x" * 32))
    assert (answer.salts, answer.columns) == (("words",), ("reason",))


def test_a_salt_that_is_gone_judges_no_column():
    assert compared(entry_of(), COLUMNS, (*ROW[:2], "autre"), SALTS._replace(words=None)) == ((), (), ("words",))


def test_a_column_added_later_must_stay_empty():
    later = columns("recorded_decision", **KINDS, signed_by=Kind.IDENTITY)
    assert compared(entry_of(), later, (*ROW, None), SALTS).columns == ()
    assert compared(entry_of(), later, (*ROW, "cd" * 16), SALTS).columns == ("signed_by",)


def test_a_column_taken_away_is_a_change():
    assert compared(entry_of(), COLUMNS[:2], ROW[:2], SALTS).columns == ("reason",)


def test_a_row_renamed_is_still_known_by_its_content():
    assert is_content_of(entry_of(), COLUMNS, ("cd" * 16, *ROW[1:]), SALTS)
    assert not is_content_of(entry_of(), COLUMNS, ("cd" * 16, "not_validated", ROW[2]), SALTS)


def test_one_value_under_two_salts_or_in_two_columns_has_two_digests():
    other = Salts(b"g" * 32, b"w" * 32)
    one, two = (digests_of(COLUMNS, ROW, salts) for salts in (SALTS, other))
    assert one["outcome"] != two["outcome"]
    same = digests_of(columns("award", a=Kind.CODE, b=Kind.CODE), ("x", "x"), SALTS)
    assert same["a"] != same["b"]
    assert digests_of(columns("award", **KINDS), ROW, SALTS)["outcome"] != one["outcome"]


HEAD = Checkpoint(1, 26, "ab" * 32, "2026-06-18 14:00:00.000000", "kid", "c2lnbmF0dXJl")


@pytest.mark.parametrize(
    "text",
    [
        HEAD.line,
        f"{HEAD.line}\n\n{HEAD.line}\n",
        json.dumps(HEAD._asdict(), indent=2),
        json.dumps([HEAD._asdict(), HEAD._asdict()]),
        HEAD.token,
        f"  {HEAD.token}\n",
    ],
)
def test_a_head_is_read_as_it_is_kept(text):
    assert set(read_checkpoints(text)) == {HEAD}


def test_no_head_is_read_from_nothing():
    assert read_checkpoints("") == read_checkpoints("\n \n") == []


BROKEN = [
    "pas une tête",
    "{",
    "a.b.c",
    "..",
    '{"seq": 1}',
    "[1]",
    '"x"',
    HEAD.line.replace("26", '"26"'),
    "W10.W10.x",
    "é.é.é",
]


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_not_a_head_is_refused_with_its_line(text):
    with pytest.raises(ValueError, match="2"):
        read_checkpoints(f"{HEAD.line}\n{text}")


def test_a_signed_head_commits_to_all_it_says():
    said = {HEAD._replace(**{name: value}).token for name, value in
            (("first", 2), ("seq", 27), ("hash", "cd" * 32), ("at", "x"), ("kid", "other"))}  # fmt: skip
    assert len(said | {HEAD.token}) == 6


OF_THE_CHAIN = {Change.ENTRY_REWRITTEN, Change.NOT_SIGNED, Change.REWRITTEN, Change.TAIL_CUT, Change.FOREIGN_HEAD}


@pytest.mark.parametrize("change", sorted(OF_THE_CHAIN))
def test_every_change_of_the_chain_is_told_in_french_with_its_stretch(change):
    for other in ("30", "44"):
        sentence = difference_message(Difference(change, "ledger_entry", "30", 30, None, other))
        assert sentence.endswith(".")
        assert "30" in sentence


# A day of the audit log is no row: test_audit_days.py reads its sentence.
@pytest.mark.parametrize("change", sorted(set(Change) - OF_THE_CHAIN - {Change.AUDIT_DAY}))
@pytest.mark.parametrize("table", [*covered_tables(), "ledger_entry", "ledger_checkpoint", "ledger_salt"])
def test_every_change_is_told_in_french_with_its_row(change, table):
    row = "30" if table.startswith("ledger_") and table != "ledger_erasure" else "ab" * 16
    for name, other in ((None, None), ("reason", None), ("words", "31"), ("root", None)):
        sentence = difference_message(Difference(change, table, row, 30, name, other))
        assert sentence.endswith(".")
        assert "None" not in sentence
        assert "30" in sentence or "abababab-abab" in sentence
    assert table_care(metadata.tables[table]).name


def test_a_program_reads_what_a_person_reads():
    found = VerificationReport(26, 0, HEAD, Difference(Change.TAIL_CUT, "ledger_entry", "27", 27, None, "30"))
    said = checked_as_json(found)
    assert (said["ok"], said["entries"], said["head"]["seq"]) == (False, 26, 26)
    assert said["first_difference"]["kind"] == "tail_cut"
    assert json.loads(json.dumps(said)) == said


@given(st.lists(st.sampled_from(["minutes", "award"]), min_size=1, max_size=6), st.integers(0, 5))
def test_a_chain_does_not_depend_on_how_many_closings_wrote_it(acts, cut):
    told = [(act, UUID(int=n).hex, {"id": str(n)}) for n, act in enumerate(acts)]
    at = date(2026, 6, 18).isoformat()
    first = chained(None, told[:cut], at)
    last = (first[-1].seq, first[-1].hash) if first else None
    assert first + chained(last, told[cut:], at) == chained(None, told, at)


def test_the_page_of_what_the_ledger_watches_is_made_from_the_list() -> None:
    assert PAGE.read_text() == page(), "run python -m tools.ledger_table"
