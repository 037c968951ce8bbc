"""Check what changed between two sealed versions, word by word and piece by piece."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.submission.rules.comparison import Change, Run, RunKind, compare, excerpt, word_diff
from portfolio.domain.submission.rules.dossier import SealedClaim
from portfolio.domain.submission.rules.manifest import read_manifest, seal
from tests.submission.dossiers import SAMIA

SAME, ADDED, REMOVED = RunKind.SAME, RunKind.ADDED, RunKind.REMOVED
texts = st.text(alphabet="ab c\n é", max_size=60)


def words_of(runs, *kinds) -> list[str]:
    return " ".join(run.text for run in runs if run.kind in kinds).split()


@given(texts, texts)
def test_both_texts_are_read_back_from_the_runs(before, after):
    runs = word_diff(before, after)
    assert words_of(runs, SAME, REMOVED) == before.split()
    assert words_of(runs, SAME, ADDED) == after.split()


@given(texts)
def test_the_same_text_has_no_change(text):
    assert {run.kind for run in word_diff(text, text)} <= {SAME}


def test_one_word_that_changed_is_told_as_one_word():
    runs = word_diff("J’ai mené l’audit du site.\nPuis rien.", "J’ai mené l’étude du site.\nPuis rien.")
    assert runs == (
        Run(SAME, "J’ai mené"), Run(REMOVED, "l’audit"), Run(ADDED, "l’étude"), Run(SAME, "du site.\nPuis rien."),
    )  # fmt: skip


def test_a_long_unchanged_passage_is_shortened():
    before = " ".join(f"mot{number}" for number in range(100))
    shown = excerpt(word_diff(before, before + " fin"))
    assert [run.kind for run in shown] == [SAME, ADDED]
    assert shown[0].text.startswith("… mot88")


def change(version, **blocks):
    return replace(version, header=replace(version.header, number=2), **blocks)


def test_a_version_compared_with_itself_says_nothing():
    first = SAMIA
    assert compare(first, change(first)).is_empty


def test_a_new_file_a_removed_piece_and_a_comment_are_told_by_the_number_of_the_piece():
    first = SAMIA
    block = first.blocks[0]
    competency = block.competencies[0]
    claim = competency.claims[0]
    kept, *others = first.exhibits
    renamed = replace(kept, label="B9-01", sha256="f" * 64, title="Autre titre")
    claims = (SealedClaim("B9-01", claim.passage, f"{claim.comment} Et plus."),) if claim.exhibit == kept.label else ()
    moved = replace(competency, claims=claims or competency.claims, anchors=())
    second = change(first, exhibits=(renamed,), blocks=(replace(block, competencies=(moved, *block.competencies[1:])),))
    told = compare(first, second)
    (changed,) = told.exhibits_of(Change.CHANGED)
    assert (changed.piece, changed.label, changed.has_new_file, changed.described) == (
        kept.piece,
        "B9-01",
        True,
        ("title",),
    )
    assert {one.piece for one in told.exhibits_of(Change.REMOVED)} == {one.piece for one in others}
    assert told.blocks_removed == tuple(sorted({one.number for one in first.blocks} - {block.number}))


def test_a_narrative_that_changed_is_told_under_its_competency():
    first = SAMIA
    block = first.blocks[0]
    competency = block.competencies[0]
    narrative = replace(competency.narrative, actions=competency.narrative.actions + " Seule.")
    competencies = (replace(competency, narrative=narrative), *block.competencies[1:])
    second = change(first, blocks=(replace(block, competencies=competencies), *first.blocks[1:]))
    told = compare(read_manifest(seal(first).manifest), second)
    (one,) = told.competencies
    assert one.number == competency.number
    assert [text.name for text in one.told] == ["actions"]
    assert words_of(one.told[0].runs, ADDED) == ["Seule."]
    assert not one.claims


def test_an_experience_is_the_same_one_when_its_post_is_renamed():
    first = SAMIA
    one = first.experiences[0]
    second = change(
        first, experiences=(replace(one, post="Directrice", context=one.context + " Bis."), *first.experiences[1:])
    )
    (told,) = compare(first, second).experiences
    assert told.change is Change.CHANGED
    assert {text.name for text in told.texts} == {"post", "context"}
