"""Reading hints say only what was counted, and never appear for a dossier that has none of it."""

import re
from dataclasses import replace

from portfolio.domain.submission.rules.dossier import SealedBlock, SealedClaim, SealedCompetency, SealedNarrative
from portfolio.domain.submission.rules.readability import HintKind, ReadingEffort, hints_of, reading_effort
from portfolio.wording.submission import effort_sentence, hint_sentence
from tests.submission.dossiers import SAMIA

OWN = "J’ai conduit la veille. Je l’ai présentée. "


def competency(number: str, text: str, *claims: SealedClaim) -> SealedCompetency:
    return SealedCompetency(number, "Organiser la veille", SealedNarrative(text, "", "", ""), claims)


def dossier(*blocks: tuple[SealedCompetency, ...]):
    made = tuple(SealedBlock(number, f"Bloc {number}", found) for number, found in enumerate(blocks, 1))
    return replace(SAMIA, blocks=made)


def kinds(*blocks: tuple[SealedCompetency, ...]) -> list[HintKind]:
    return [hint.kind for hint in hints_of(dossier(*blocks))]


def test_a_balanced_dossier_told_in_the_first_person_has_no_hint():
    said = competency("1.1", OWN * 20, SealedClaim("B1-01", "2", "On y voit ma méthode."))
    assert kinds((said,), (replace(said, number="2.1"),)) == []


def test_we_counts_when_it_outnumbers_i_and_several_times_only():
    team = "Nous avons décidé. Notre équipe et nos clients. "
    assert kinds((competency("1.1", team * 2),)) == [HintKind.COLLECTIVE_VOICE]
    assert kinds((competency("1.1", "Nous avons décidé ensemble."),)) == []
    assert kinds((competency("1.1", team + OWN * 3),)) == []


def test_a_block_far_shorter_than_the_others_is_told_with_its_words():
    long, short = competency("1.1", OWN * 100), competency("2.1", OWN)
    [hint] = [hint for hint in hints_of(dossier((long,), (short,))) if hint.kind is HintKind.SHORT_BLOCK]
    assert (hint.block, hint.count) == (2, len(OWN.split()))
    assert "Bloc 2" in hint_sentence(hint)


def test_nothing_is_less_than_the_others_when_most_blocks_are_short():
    long, empty = competency("1.1", OWN * 100), competency("2.1", "")
    assert HintKind.SHORT_BLOCK not in kinds((long,), (empty,), (empty,), (empty,))
    [hint] = [hint for hint in hints_of(dossier((long,), (long,), (empty,))) if hint.kind is HintKind.SHORT_BLOCK]
    assert "aucun mot" in hint_sentence(hint)


def test_a_long_reading_is_told_in_hours():
    long = effort_sentence(ReadingEffort(50_000, 60)).replace("\u00a0", " ")
    assert re.search(r"environ \d+ h( \d\d)?|heures?", long), long
    assert "minutes" not in long
    assert "minutes" in effort_sentence(ReadingEffort(300, 2))


def test_claims_without_a_comment_are_counted_by_competency():
    bare = SealedClaim("B1-01", "2", "  ")
    [hint] = [
        hint
        for hint in hints_of(dossier((competency("1.1", OWN, bare, replace(bare, exhibit="B1-02")),)))
        if hint.count
    ]
    assert (hint.kind, hint.competency, hint.count) == (HintKind.UNCOMMENTED, "1.1", 2)


def test_one_piece_for_more_than_five_competencies_is_told_once():
    claim = SealedClaim("B1-01", "2", "Ici.")
    block = tuple(competency(f"1.{number}", OWN, claim, claim) for number in range(1, 7))
    hints = [hint for hint in hints_of(dossier(block)) if hint.kind is HintKind.OVERUSED_PIECE]
    assert [(hint.exhibit, hint.count) for hint in hints] == [("B1-01", 6)]
    assert "6 compétences" in hint_sentence(hints[0])


def test_the_time_to_read_counts_words_and_pages_in_steps_of_five_minutes():
    effort = reading_effort(dossier((competency("1.1", "mot " * 2000),)), 0)
    assert effort.words >= 2000
    assert effort.minutes % 5 == 0
    assert str(effort.minutes) in effort_sentence(effort)
