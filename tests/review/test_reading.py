"""The pages that the advisor reads."""

from uuid import uuid4

from portfolio.db.engine import Database
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.review.rules.priority import AttentionReason
from portfolio.screens.advisor.dossier.queries import find_competency_page, load_dossier_page
from tests import factories
from tests.factories import World
from tests.review.actions import LATER, add_claim, counted, mark, reading, remark


def test_the_page_of_a_competency_has_all_that_the_candidate_says_of_it(db: Database, made: World) -> None:
    with db.transaction() as session:
        add_claim(session, made)
        remark(session, made, "Une question", made.candidate.id, place=1)
    with reading(db) as session:
        page = find_competency_page(session, made.candidacy.id, made.competencies[0].id, made.advisor.id)
    assert [(claim.piece.number, claim.file.number, claim.also) for claim in page.claims] == [
        (1, 1, ()),
        (5, 1, ("2.3",)),
    ]
    assert page.narrative is not None
    assert (page.previous, page.next and page.next.label) == (None, "1.2")
    assert [line.waits for line in page.toc[0].lines] == [False, True]
    assert page.closed is None


def test_the_page_of_a_competency_asks_the_same_for_one_piece_or_twenty(db: Database, made: World) -> None:
    def asked() -> int:
        with counted(db) as told, reading(db) as session:
            find_competency_page(session, made.candidacy.id, made.competencies[0].id, made.advisor.id)
        return len(told)

    one = asked()
    assert one <= 32
    with db.transaction() as session:
        for number in range(20, 40):
            factories.claim(session, factories.evidence(session, made.candidacy.id, number), made.competencies[0])
    assert asked() == one


def test_a_competency_out_of_scope_has_no_page(db: Database, made: World) -> None:
    with reading(db) as session:
        assert find_competency_page(session, made.candidacy.id, uuid4(), made.advisor.id) is None


def test_what_to_see_next_is_the_next_competency_that_expects_something(db: Database, made: World) -> None:
    with db.transaction() as session:
        for place in (1, 2):
            mark(session, made, Assessment.COVERED, place=place)
    with reading(db) as session:
        page = find_competency_page(session, made.candidacy.id, made.competencies[0].id, made.advisor.id)
        assert page.then.label == "2.2"
        assert (
            find_competency_page(session, made.candidacy.id, made.competencies[10].id, made.advisor.id).then.label
            == "1.1"
        )


def test_the_page_of_a_dossier_has_its_need_and_its_matrix(db: Database, made: World) -> None:
    with db.transaction() as session:
        remark(session, made, "Une question", made.candidate.id, place=3)
    with reading(db) as session:
        page = load_dossier_page(session, made.candidacy.id, made.advisor.id, LATER)
    assert (page.matrix.path.candidate, page.need.first.cause, page.need.first.label) == (
        "Samia Benali",
        AttentionReason.UNANSWERED,
        "2.2",
    )
    assert page.waiting == {made.competencies[3].id}
    assert [experience.post for experience in page.experiences] == ["Cheffe de projet"]
