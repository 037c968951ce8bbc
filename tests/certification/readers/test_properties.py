"""Check what holds for every entry of the old text form, and for whatever is given instead of one."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolio.domain.certification.readers import MAX_BYTES, read_entry
from portfolio.domain.certification.readers.cncp_text import read
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.registration import UnreadableEntry
from portfolio.wording.certification import doubt_message, location_message, refusal_message
from tests.certification.readers.entries import SAMPLE, entries, styles
from tests.certification.readers.writing import Style, entry_text

PATIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def tried(reading: Callable[[], Entry]) -> tuple[Entry | None, str]:
    try:
        return reading(), ""
    except UnreadableEntry as refusal:
        return None, refusal_message(refusal)


def answer_to(text: str) -> Entry | None:
    """Read a text that may be anything: an entry that can be told and stored, or a refusal that can be told."""
    entry, refusal = tried(lambda: read(text))
    if entry is None:
        assert refusal
        return None
    assert all(block.competencies for block in entry.blocks)
    assert all(doubt_message(doubt) and location_message(doubt.where) for doubt in entry.doubts)
    assert entry_from_json(entry_as_json(entry)) == entry
    return entry


@pytest.mark.slow
@PATIENT
@given(st.data())
def test_an_entry_is_read_as_it_was_written_whatever_the_style_of_its_pdf(data: st.DataObject) -> None:
    style = data.draw(styles())
    entry = data.draw(entries(style))
    assert replace(read(entry_text(entry, style)), doubts=(), details=None) == entry


@pytest.mark.slow
@PATIENT
@given(st.data())
def test_a_damaged_entry_is_read_or_refused_but_never_fails(data: st.DataObject) -> None:
    lines = entry_text(data.draw(entries(Style())), Style()).split("\n")
    damage = data.draw(st.sampled_from(["cut", "delete", "shuffle", "double"]))
    at = data.draw(st.integers(0, len(lines)))
    if damage == "cut":
        lines = lines[:at]
    elif damage == "delete":
        lines = lines[:at] + lines[at + data.draw(st.integers(1, 15)) :]
    elif damage == "double":
        lines = lines[:at] + lines[max(0, at - 30) :]
    else:
        random.Random(at).shuffle(lines)
    answer_to("\n".join(lines))


@pytest.mark.slow
@PATIENT
@given(st.text(max_size=400), st.integers(0, 10_000))
def test_any_text_dropped_anywhere_in_an_entry_is_read_or_refused(noise: str, at: int) -> None:
    text = entry_text(SAMPLE)
    answer_to(text[: at % len(text)] + noise + text[at % len(text) :])


@PATIENT
@given(
    st.binary(max_size=600),
    st.sampled_from([b"", b"%PDF-", b"PK\x03\x04", b"<?xml ", b"\xff\xfe", b"\xef\xbb\xbf", b"RIFF"]),
)
def test_any_bytes_are_read_or_refused(data: bytes, start: bytes) -> None:
    entry, refusal = tried(lambda: read_entry(start + data, "fiche.txt"))
    assert entry or refusal


@pytest.mark.slow
def test_an_entry_cut_after_any_of_its_lines_is_read_or_refused() -> None:
    lines = entry_text(SAMPLE).split("\n")
    answers = [answer_to("\n".join(lines[:at])) for at in range(len(lines) + 1)]
    assert answers[0] is None
    assert answers[-1] is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    "odd",
    [
        "a-",
        "a\n",
        "• a\n",
        "<!-- --> ",
        "Bloc de compétence n°1 de la fiche n° 12345 - a\n",
        "5 membres dont ",
        "Arrêté du 1 ",
        "1 ",
    ],
)
def test_a_long_odd_text_is_answered(odd: str) -> None:
    """Each of these once took a time that grew with the square of the text, or worse."""
    text, blob = entry_text(SAMPLE), odd * (150_000 // len(odd))
    for place in ("", "Compétences évaluées", "Le jury est composé", "Lieu(x) de certification", "Statistiques :"):
        at = text.index(place) + len(place)
        _, refusal = tried(lambda at=at: read_entry((text[:at] + blob + text[at:]).encode(), "fiche.txt"))
        assert len(refusal) < 5_000


@pytest.mark.slow
def test_a_text_as_large_as_allowed_is_answered() -> None:
    """A text whose every line looks like a competency would be slow: it must be answered all the same."""
    line = "• Préparer la mise en culture numé-\nrique de la parcelle n°{}\n"
    body = "".join(line.format(number) for number in range(MAX_BYTES // 80))
    text = entry_text(SAMPLE).replace(
        "Le (la) titulaire est capable de :", f"Le (la) titulaire est capable de :\n{body}", 1
    )
    assert len(text.encode()) < MAX_BYTES
    assert answer_to(text) is not None
