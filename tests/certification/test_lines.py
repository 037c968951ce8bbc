"""Blocks and competencies moved about in a posted form: nothing typed is lost, numbers stay in order, doubts follow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from portfolio.screens.certifier.certifications.forms.lines import ORDERS, PostedLines


def posted(*blocks: tuple[str, ...], **more: str) -> PostedLines:
    fields: dict[str, str] = {"title_other": "Vente"}
    for rank, texts in enumerate(blocks):
        fields |= {f"blocks-{rank}-number": str(rank + 1), f"blocks-{rank}-title": f"B{rank + 1}"}
        for place, text in enumerate(texts):
            name = f"blocks-{rank}-competencies-{place}"
            fields |= {f"{name}-number": str(place + 1), f"{name}-text": text, f"{name}-origin": f"o.{text}"}
    return PostedLines(MultiDict({**fields, **{key.replace("__", "-"): value for key, value in more.items()}}))


def shown(lines: PostedLines) -> list[list[str]]:
    ranks = range(len(lines.read("blocks")))
    return [
        [f"{c['number'][0]} {c['text'][0]}" for c in lines.read(f"blocks-{rank}-competencies").values()]
        for rank in ranks
    ]


@pytest.mark.parametrize(
    ("order", "line", "code", "after"),
    [
        ("up", "blocks-0-competencies-1", "moved", [["1 b", "2 a"], ["1 c"]]),
        ("down", "blocks-0-competencies-0", "moved", [["1 b", "2 a"], ["1 c"]]),
        ("up", "blocks-0-competencies-0", "edge", [["1 a", "2 b"], ["1 c"]]),
        ("down", "blocks-1", "edge", [["1 a", "2 b"], ["1 c"]]),
        ("down", "blocks-0", "moved", [["1 c"], ["1 a", "2 b"]]),
        ("merge", "blocks-0-competencies-0", "merged", [["1 a\u00a0; b"], ["1 c"]]),
        ("merge", "blocks-0-competencies-1", "alone", [["1 a", "2 b"], ["1 c"]]),
        ("place", "blocks-0-competencies-0:blocks-1-competencies-0", "carried", [["1 b"], ["1 a", "2 c"]]),
        ("place", "blocks-0-competencies-0:blocks-0-competencies-2", "moved", [["1 b", "2 a"], ["1 c"]]),
        ("place", "blocks-1:blocks-0", "moved", [["1 c"], ["1 a", "2 b"]]),
        ("place", "blocks-1:blocks-0-competencies-0", "unknown", [["1 a", "2 b"], ["1 c"]]),
        ("place", "blocks-0-competencies-0:blocks-9-competencies-0", "unknown", [["1 a", "2 b"], ["1 c"]]),
        ("split", "blocks-0-competencies-0", "whole", [["1 a", "2 b"], ["1 c"]]),
        ("move", "blocks-0-competencies-0", "no_block", [["1 a", "2 b"], ["1 c"]]),
        ("up", "blocks-7", "unknown", [["1 a", "2 b"], ["1 c"]]),
        ("up", "seats-1", "unknown", [["1 a", "2 b"], ["1 c"]]),
    ],
)
def test_a_line_moves_and_numbers_stay_by_place(order, line, code, after):
    lines = posted(("a", "b"), ("c",))
    assert (lines.follow(order, line).code, shown(lines)) == (code, after)
    assert lines.fields["title_other"] == "Vente"


def test_a_competency_goes_to_the_block_chosen_or_is_written_there_too():
    lines = posted(("a", "b"), ("c",), blocks__0__competencies__0__into="1")
    assert lines.follow("copy", "blocks-0-competencies-0").line == "blocks-1-competencies-1"
    assert shown(lines) == [["1 a", "2 b"], ["1 c", "2 a"]]
    assert lines.fields["blocks-1-competencies-1-origin"] == ""
    lines = posted(("a", "b"), ("c",), blocks__0__competencies__0__into="1")
    assert lines.follow("move", "blocks-0-competencies-0").code == "carried"
    assert shown(lines) == [["1 b"], ["1 c", "2 a"]]
    assert lines.fields["blocks-1-competencies-1-origin"] == "o.a"


def test_a_competency_is_cut_at_the_cursor_else_at_each_line_end():
    lines = posted(("Vendre et encaisser",), cut="7")
    lines.follow("split", "blocks-0-competencies-0")
    assert shown(lines) == [["1 Vendre", "2 et encaisser"]]
    lines = posted(("Vendre\r\nEncaisser\r\n\r\nRanger", "Dire"))
    lines.follow("split", "blocks-0-competencies-0")
    assert shown(lines) == [["1 Vendre", "2 Encaisser", "3 Ranger", "4 Dire"]]


def test_the_doubts_of_both_stay_beside_joined_competencies():
    lines = posted(("a", "b"))
    lines.follow("merge", "blocks-0-competencies-0")
    assert lines.fields["blocks-0-competencies-0-origin"] == "o.a o.b"


def test_a_removed_line_is_passed_over_and_put_back():
    lines = posted(("a", "b", "c"), blocks__0__competencies__1__removed="1")
    lines.follow("up", "blocks-0-competencies-2")
    assert [text.split()[1] for text in shown(lines)[0]] == ["c", "b", "a"]
    lines.renumber()
    assert shown(lines) == [["1 c", "3 b", "2 a"]]
    lines.follow("restore", "blocks-0-competencies-1")
    lines.renumber()
    assert shown(lines) == [["1 c", "2 b", "3 a"]]


def test_numbers_with_gaps_stay_where_they_are():
    lines = posted(("a",), ("b",), ("c",), blocks__1__number="4", blocks__2__number="7")
    lines.follow("up", "blocks-2")
    assert [block["number"] + block["title"] for block in lines.read("blocks").values()] == [
        ["1", "B1"],
        ["4", "B3"],
        ["7", "B2"],
    ]


def test_a_full_block_takes_no_more():
    lines = posted(tuple("x" * (n + 1) for n in range(40)), ("c",), blocks__1__competencies__0__into="0")
    assert lines.follow("move", "blocks-1-competencies-0").code == "full"
    assert shown(lines)[1] == ["1 c"]


@given(
    st.lists(
        st.tuples(st.sampled_from([*ORDERS]), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), max_size=12
    ),
    st.sampled_from(["", "0", "1", "2", "x"]),
)
def test_no_sequence_of_orders_loses_a_word(orders, into):
    lines = posted(("a1", "a2"), ("b1",), ("c1", "c2", "c3"))
    for order, block, place, other in orders:
        name = f"blocks-{block}-competencies-{place}"
        lines.fields[f"{name}-into"] = into
        lines.follow(order, f"{name}:blocks-{other}-competencies-{place}")
    text = " ".join(" ".join(inner) for inner in shown(lines))
    assert all(word in text for word in ("a1", "a2", "b1", "c1", "c2", "c3"))
