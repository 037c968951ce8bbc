"""The book of a dossier: numbering, passages, correspondence table, places of pages; pure."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.documents.livret.book import ExhibitContents, ExhibitPage, PageSource, book_of, passages_of
from portfolio.documents.livret.pages import frame_of, placement, transformed
from portfolio.documents.livret.splitting import FILE_OVERHEAD_BYTES, pack_pages
from portfolio.domain.dossier.rules.citation import CitationUnit
from portfolio.domain.submission.rules.dossier import SealedBlock, SealedClaim, SealedCompetency, SealedNarrative
from portfolio.wording.documents.livret import book_values, duration_message
from portfolio.wording.documents.receipt import booklet_values, first_sentence
from tests.submission.dossiers import BUDGET, SAMIA, SEALED_AT

MINUTES, PAGES = CitationUnit.MINUTES, CitationUnit.PAGES


def contents(pages: int) -> ExhibitContents:
    return ExhibitContents(pages=tuple(ExhibitPage(number, PageSource.OWN, "texte") for number in range(1, pages + 1)))


def test_each_part_of_a_passage_opens_its_first_page():
    assert [(passage.text, passage.page) for passage in passages_of("4-5, 9", PAGES, 12)] == [("4-5", 4), ("9", 9)]


def test_a_passage_beyond_what_is_printed_opens_the_cover_note():
    assert [(passage.text, passage.page) for passage in passages_of("11-14, 20", PAGES, 12)] == [
        ("11-14", 11),
        ("20", 0),
    ]


def test_the_minutes_of_a_recording_open_its_sheet():
    assert [(passage.text, passage.page) for passage in passages_of("12:30-14:00", MINUTES, 0)] == [("12:30-14:00", 0)]


def test_a_claim_for_the_whole_exhibit_names_no_page():
    assert passages_of("", PAGES, 12) == ()


def test_an_exhibit_knows_the_claims_of_each_of_its_pages():
    book = book_of(SAMIA, "ab" * 32, {BUDGET.label: contents(12)})
    found = next(exhibit for exhibit in book.exhibits if exhibit.exhibit.label == BUDGET.label)
    cited = {page for page in range(1, 13) if found.claims_of_page(page)}
    assert cited
    assert {claim.anchor for claim in found.claims} == {
        f"c-{claim.competency}-{BUDGET.label}" for claim in found.claims
    }


def test_every_page_of_an_exhibit_cited_as_a_whole_says_what_it_is_cited_for():
    book = book_of(SAMIA, "ab" * 32, {BUDGET.label: contents(2)})
    found = next(exhibit for exhibit in book.exhibits if exhibit.exhibit.label == BUDGET.label)
    whole = replace(found, claims=(replace(found.claims[0], passage="", passages=()),))
    assert [whole.claims_of_page(page) for page in (1, 2)] == [whole.claims] * 2


def test_anchors_are_unique_in_a_book():
    book = book_of(SAMIA, "ab" * 32)
    anchors = [claim.anchor for claims in book.claims.values() for claim in claims]
    assert len(anchors) == len(set(anchors)) > 0


def test_a_wide_correspondence_table_is_cut_into_tables_of_a_page():
    many = tuple(
        SealedCompetency(f"1.{number}", "Faire", SealedNarrative("", "", "", ""), (SealedClaim(BUDGET.label, "1", ""),))
        for number in range(1, 31)
    )
    book = book_of(replace(SAMIA, blocks=(SealedBlock(1, "Un bloc", many),)), "ab" * 32)
    assert [len(table.competencies) for table in book.matrix] == [12, 12, 6]
    assert sum(len(table.competencies) for table in book.matrix) == 30
    assert all(row[0] == BUDGET.label for table in book.matrix for row in table.rows)


def test_the_values_hold_every_narrative_and_no_advisor():
    values = book_values(book_of(SAMIA, "ab" * 32), "reading", SEALED_AT)
    told = str(values["blocks"])
    for block in SAMIA.blocks:
        for competency in block.competencies:
            assert competency.narrative.situation in told or not competency.narrative.situation


def test_the_number_that_is_explained_is_that_of_an_exhibit_of_this_book():
    values = book_values(book_of(SAMIA, "ab" * 32), "reading", SEALED_AT)
    labels = {exhibit["label"] for exhibit in values["exhibits"]}
    named = set(re.findall(r"B\d+-\d+", values["exhibits_line"]))
    assert named
    assert named <= labels
    block, number = max(named)[1:].split("-")
    assert f"la pièce n°\u00a0{int(number)} du bloc\u00a0{block}" in values["exhibits_line"]


def test_a_proof_without_a_comment_says_so_on_paper():
    (block,) = SAMIA.blocks
    bare = replace(block.competencies[0], claims=(SealedClaim(BUDGET.label, "4", ""),))
    dossier = replace(SAMIA, blocks=(replace(block, competencies=(bare,)),))
    assert "Sans commentaire." in str(book_values(book_of(dossier, "ab" * 32), "reading", SEALED_AT))
    assert "sans commentaire" in str(booklet_values(dossier, "ab" * 32, 200))
    for values in (book_values(book_of(SAMIA, "ab" * 32), "reading", SEALED_AT), booklet_values(SAMIA, "ab" * 32, 0)):
        assert "sans commentaire" not in str(values).lower()


@given(
    st.tuples(st.integers(-500, 500), st.integers(-500, 500), st.integers(10, 15_000), st.integers(10, 15_000)),
    st.sampled_from([0, 90, 180, 270]),
    st.booleans(),
)
def test_a_page_of_any_size_turned_any_way_stays_whole_inside_its_frame(box, turned, landscape):
    x, y, width, height = box
    frame = frame_of(is_landscape=landscape)
    placed = transformed((x, y, x + width, y + height), placement((x, y, x + width, y + height), turned, frame))
    left, bottom, across, down = frame.box
    assert left - 0.01 <= placed[0] <= placed[2] <= left + across + 0.01
    assert bottom - 0.01 <= placed[1] <= placed[3] <= bottom + down + 0.01


@pytest.mark.parametrize(("turned", "upper_left"), [(0, (0, 100)), (90, (0, 0)), (180, (200, 0)), (270, (200, 100))])
def test_a_turned_page_is_read_upright(turned, upper_left):
    frame = frame_of(is_landscape=False)
    a, b, c, d, e, f = placement((0, 0, 200, 100), turned, frame)
    x, y = upper_left
    placed = transformed((0, 0, 200, 100), (a, b, c, d, e, f))
    assert (round(a * x + c * y + e, 3), round(b * x + d * y + f, 3)) == (round(placed[0], 3), round(placed[3], 3))


@given(st.lists(st.integers(1, 3_000_000), max_size=120))
def test_pages_are_packed_in_order_and_no_file_is_too_heavy(sizes):
    runs = pack_pages(sizes, limit=4_000_000, files=8)
    if runs is None:
        assert sum(sizes) > 8 * (4_000_000 - FILE_OVERHEAD_BYTES) / 2 or max(sizes) > 4_000_000 - FILE_OVERHEAD_BYTES
        return
    assert [page for run in runs for page in range(run.start, run.end)] == list(range(len(sizes)))
    assert len(runs) <= 8
    assert all(sum(sizes[run.start : run.end]) + FILE_OVERHEAD_BYTES <= 4_000_000 for run in runs)


def test_a_page_heavier_than_a_file_is_not_packed():
    assert pack_pages([10_000_000], limit=4_000_000) is None


def test_the_first_sentence_of_a_claim_is_cut_at_a_word():
    assert first_sentence("J’ai conduit l’audit. Puis la refonte.", 80) == "J’ai conduit l’audit."
    assert first_sentence("J’ai conduit l’audit des usages", 20) == "J’ai conduit…"
    assert first_sentence("J’ai conduit l’audit.", 0) == ""


@pytest.mark.parametrize(
    ("seconds", "said"), [(8, "8\u00a0s"), (245, "4\u00a0min\u00a005"), (3723, "1\u00a0h\u00a002")]
)
def test_a_duration_is_said_as_people_say_it(seconds, said):
    assert duration_message(seconds) == said
