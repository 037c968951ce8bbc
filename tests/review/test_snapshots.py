"""Check when a text means something else, and what changed in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.dossier.rules import assessment
from portfolio.domain.dossier.rules.assessment import (
    Change,
    ChangeKind,
    CompetencySnapshot,
    EvidenceSnapshot,
    Span,
    SpanKind,
    compared,
    comparisons,
    differences,
    evidence_snapshot,
    normalise,
    snapshot_from_json,
)
from portfolio.domain.dossier.rules.description import EvidenceDescription

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)
pieces = st.builds(
    EvidenceSnapshot, texts, texts, texts, st.dictionaries(st.sampled_from(["title", "own_role"]), texts)
)
tellings = st.builds(
    CompetencySnapshot,
    st.dictionaries(st.sampled_from(["situation", "actions"]), texts),
    st.dictionaries(st.integers(1, 3), pieces),
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("J’ai mené l’audit.", "j'ai  mené\nl'audit"),
        ("Un éditeur à Nantes", "Un editeur a Nantes"),
        ("« Oui »", "Oui !"),
        ("12 %", "12%"),
    ],
)
def test_how_a_text_is_dressed_does_not_change_what_it_means(before: str, after: str) -> None:
    assert normalise(before) == normalise(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [("J’ai mené l’audit.", "J’ai mené les audits."), ("12 %", "12"), ("1,5", "15"), ("+3", "-3"), ("", "Un mot")],
)
def test_a_word_or_a_figure_does(before: str, after: str) -> None:
    assert normalise(before) != normalise(after)


@given(texts, texts)
def test_a_comparison_loses_no_word_of_either_text(before: str, after: str) -> None:
    spans = compared(before, after)
    assert "".join(span.text for span in spans if span.kind is not SpanKind.ADDED) == before
    assert "".join(span.text for span in spans if span.kind is not SpanKind.REMOVED) == after


def test_a_comparison_shows_the_words_that_changed() -> None:
    assert compared("J’ai mené l’audit.", "J’ai conduit l’audit.") == (
        Span(SpanKind.SAME, "J’ai "),
        Span(SpanKind.REMOVED, "mené"),
        Span(SpanKind.ADDED, "conduit"),
        Span(SpanKind.SAME, " l’audit."),
    )


def test_a_sentence_written_anew_is_shown_whole_beside_the_former() -> None:
    assert compared("Les craintes de chaque équipe.", "J’ai noté les avis de toute une équipe.") == (
        Span(SpanKind.REMOVED, "Les craintes de chaque"),
        Span(SpanKind.ADDED, "J’ai noté les avis de toute une"),
        Span(SpanKind.SAME, " équipe."),
    )


def test_texts_too_long_to_compare_are_shown_whole() -> None:
    before, after = "mot " * 4_000, "autre " * 4_000
    assert compared(before, after) == (Span(SpanKind.REMOVED, before), Span(SpanKind.ADDED, after))


@given(tellings)
def test_what_a_mark_keeps_is_read_back_and_differs_in_nothing(told: CompetencySnapshot) -> None:
    again = snapshot_from_json(told.as_json())
    assert again == told
    assert differences(told, again) == ()
    assert comparisons(told, again) == ()
    assert again.normalised_digest() == told.normalised_digest()


@given(tellings, tellings)
def test_two_tellings_differ_when_and_only_when_they_do_not_make_the_same_sense(
    one: CompetencySnapshot, other: CompetencySnapshot
) -> None:
    def full(told: CompetencySnapshot) -> CompetencySnapshot:
        return CompetencySnapshot({"situation": "", "actions": ""} | dict(told.story), told.pieces)

    one, other = full(one), full(other)
    assert bool(differences(one, other)) == (
        {name: normalise(text) for name, text in one.story.items()}
        != {name: normalise(text) for name, text in other.story.items()}
        or bool(differences(CompetencySnapshot({}, one.pieces), CompetencySnapshot({}, other.pieces)))
    )


def test_each_kind_of_change_is_named() -> None:
    piece = evidence_snapshot("4-5", "J’ai choisi.", "ab", EvidenceDescription(title="Bulletin", pages=3), None)
    before = CompetencySnapshot({"situation": "Avant"}, {1: piece})
    cases = {
        ChangeKind.NARRATIVE: CompetencySnapshot({"situation": "Après"}, {1: piece}),
        ChangeKind.CLAIM_REMOVED: CompetencySnapshot({"situation": "Avant"}, {}),
        ChangeKind.CLAIM_REWORDED: CompetencySnapshot(
            {"situation": "Avant"}, {1: EvidenceSnapshot("9", piece.comment, "ab", piece.said)}
        ),
        ChangeKind.FILE_REPLACED: CompetencySnapshot(
            {"situation": "Avant"}, {1: EvidenceSnapshot("4-5", piece.comment, "cd", piece.said)}
        ),
        ChangeKind.PIECE_DESCRIBED: CompetencySnapshot(
            {"situation": "Avant"},
            {1: evidence_snapshot("4-5", piece.comment, "ab", EvidenceDescription(title="Autre"), None)},
        ),
    }
    for kind, after in cases.items():
        assert [change.kind for change in differences(before, after)] == [kind]
    assert differences(CompetencySnapshot(), CompetencySnapshot({}, {2: piece})) == (Change(2, ChangeKind.CLAIM_ADDED),)
    assert (
        differences(
            before,
            CompetencySnapshot(
                {"situation": "avant !"},
                {
                    1: evidence_snapshot(
                        "4-5", "j'ai choisi", "ab", EvidenceDescription(title="Bulletin", pages=9), None
                    )
                },
            ),
        )
        == ()
    )


def test_of_many_pieces_only_what_changed_is_read_word_by_word(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(assessment, "normalise", lambda text: (read.append(text), normalise(text))[1])
    said = EvidenceDescription(title="Bulletin")
    pieces = {number: evidence_snapshot("4", f"Choix {number}.", "ab", said, None) for number in range(300)}
    after = pieces | {7: evidence_snapshot("4", "Deux choix.", "ab", said, None)}
    before = snapshot_from_json(CompetencySnapshot({"actions": "J’ai mené l’audit."}, pieces).as_json())
    now = CompetencySnapshot({"actions": "J’ai mené l’audit."}, after)
    assert differences(before, now) == (Change(7, ChangeKind.CLAIM_REWORDED),)
    assert [found.piece for found in comparisons(before, now)] == [7]
    assert {*read} == {"4", "Choix 7.", "Deux choix.", "Bulletin"}
