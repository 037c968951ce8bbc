"""Check that what a person finds is what they may read, on both stores, and nothing else."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, event, insert, select, text

from portfolio.domain.dossier.models.dossier import Claim, Narrative
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.models.renditions import Page, Rendition
from portfolio.domain.dossier.rules.rendition import RenditionKind, RenditionState
from portfolio.domain.dossier.use_cases import evidence as evidence_use_cases
from portfolio.domain.dossier.use_cases.evidence import FORGOTTEN_AFTER, purge_removed
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.search.models import SearchEntry, SearchKind
from portfolio.domain.search.use_cases.indexing import index_missing
from portfolio.domain.search.use_cases.search import search_drafts, search_hearing
from portfolio.domain.submission.use_cases.verification import load_sealed_dossier
from portfolio.files.storage.store import new_key
from tests import factories
from tests.jury import builders

pytestmark = pytest.mark.both


def page(session, file, number: int, words: str) -> None:
    """Say what a page of a file shows, as the worker does."""
    query = select(Rendition).where(Rendition.file_id == file.id, Rendition.kind == RenditionKind.PAGES)
    found = session.scalar(query) or Rendition(file_id=file.id, kind=RenditionKind.PAGES, requested_at=factories.AT)
    found.state = RenditionState.READY
    session.add(found)
    session.flush()
    session.add(Page(rendition_id=found.id, number=number, text=words))
    session.flush()


@pytest.fixture
def made(db):
    with db.transaction() as session:
        world = factories.world(session)
        page(session, world.pieces[0].file, 12, "Un plan de financement équilibré sur trois ans")
    return world


def places(db, person, query, **more):
    with db.reader() as session:
        return [(hit.kind, hit.page) for hit in search_drafts(session, person.id, query, **more).hits]


def test_the_candidate_and_the_advisor_find_a_page_by_its_words(db, made):
    for person in (made.candidate, made.advisor):
        assert places(db, person, "financements") == [(SearchKind.PAGE, 12)]


def test_titles_comments_narratives_and_pages_are_found_each_with_its_passage(db, made):
    with db.reader() as session:
        found = search_drafts(session, made.candidate.id, "synthèse", made.candidacy.id)
        assert {hit.kind for hit in found.hits} == {SearchKind.CLAIM}
        assert ("synthèse", True) in found.hits[0].passage.parts
        narrative = search_drafts(session, made.candidate.id, "audit", made.candidacy.id).hits[0]
        assert narrative.kind is SearchKind.NARRATIVE
        assert narrative.competency.startswith("1.1 ")
        title = search_drafts(session, made.candidate.id, "piece sur 1.2", made.candidacy.id).hits
        assert {hit.kind for hit in title} == {SearchKind.EVIDENCE}
        assert 2 in [hit.number for hit in title]


def test_a_long_file_takes_one_line_with_its_best_pages(db, made):
    """The pages that say the words most are quoted, in their order; the others are counted, each reachable."""
    with db.transaction() as session:
        piece = session.merge(made.pieces[0])
        for number in range(13, 113):
            page(session, piece.file, number, "financement " * (3 if number in (50, 90, 70) else 1))
        page(session, session.merge(made.pieces[1]).file, 1, "Un financement")
    with db.reader() as session:
        results = search_drafts(session, made.candidate.id, "financement")
    long, short = results.found
    assert not results.has_next
    assert [hit.page for hit in long.hits] == [50, 70, 90]
    assert (long.pages, len(long.more_pages), short.pages) == (101, 98, 1)
    assert long.more_pages[0].page == 12


def test_a_juror_finds_one_line_a_piece(db):
    made = builders.scene(db)
    with db.transaction() as session:
        piece = session.scalars(select(Evidence).where(Evidence.candidacy_id == made.candidacy_id)).first()
        for number in range(1, 61):
            page(session, piece.file, number, "Un plan de financement")
    with db.reader() as session:
        sealed = load_sealed_dossier(session, made.submission_id)
        since = builders.ON_THE_DAY - timedelta(days=30)
        person = made.president.id
        results = search_hearing(session, person, made.hearing_id, since, sealed, "financement")
    (found,) = results.found
    assert (found.pages, len(found.hits), len(found.more_pages)) == (60, 3, 57)


def test_the_number_of_queries_does_not_grow_with_the_matches(db, made):
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *found: asked.append(found[2]))

    def queries() -> int:
        asked.clear()
        with db.reader() as session:
            search_drafts(session, made.candidate.id, "financement")
        return len(asked)

    few = queries()
    with db.transaction() as session:
        for piece in made.pieces[:4]:
            for number in range(20, 40):
                page(session, session.merge(piece).file, number, "Un financement")
    assert queries() == few


def test_nobody_else_finds_anything_in_a_draft(db, made):
    with db.transaction() as session:
        stranger = factories.person(session, "Jean Étranger")
    for person in (made.certifier, stranger):
        assert places(db, person, "financement") == []
        assert places(db, person, "financement", candidacy_id=made.candidacy.id) == []


def test_an_advisor_who_was_replaced_finds_nothing_any_more(db, made):
    with db.transaction() as session:
        session.merge(made.candidacy).advisor_id = None
    assert places(db, made.advisor, "financement") == []


def test_a_changed_comment_is_found_by_its_new_words_only(db, made):
    with db.transaction() as session:
        claim = session.scalars(select(Claim).where(Claim.evidence_id == made.pieces[0].id)).one()
        claim.comment = "Une étude de rentabilité"
    assert (SearchKind.CLAIM, None) in places(db, made.candidate, "rentabilité")
    with db.reader() as session:
        numbers = {hit.number for hit in search_drafts(session, made.candidate.id, "synthèse").hits}
    assert made.pieces[0].number not in numbers


def test_a_removed_piece_is_not_found_and_an_erased_one_leaves_no_word(db, made):
    piece = made.pieces[0]
    with db.transaction() as session:
        evidence_use_cases.remove_evidence(session, made.candidacy.id, piece.id, by=made.candidate.id, at=factories.AT)
    assert places(db, made.candidate, "financement") == []
    with db.transaction() as session:
        purge_removed(session, at=factories.AT + FORGOTTEN_AFTER)
    with db.reader() as session:
        kept = session.scalars(select(SearchEntry.words).where(SearchEntry.evidence_id == piece.id)).all()
        assert [words.split()[1:] for words in kept] == [[]]
        assert "financ" not in " ".join(session.scalars(select(SearchEntry.words)))


def test_the_index_itself_forgets_an_erased_word(sqlite_url):
    from portfolio.on_commit import open_database

    db = open_database(sqlite_url)
    with db.transaction() as session:
        made = factories.world(session)
        page(session, made.pieces[0].file, 1, "canarijaune")
    with db.transaction() as session:
        session.execute(delete(SearchEntry).where(SearchEntry.kind == SearchKind.PAGE))
        session.execute(text("INSERT INTO search_index(search_index, rank) VALUES ('integrity-check', 1)"))
    with db.reader() as session:
        blocks = session.execute(text("SELECT block FROM search_index_data")).scalars().all()
    assert not any(b"canarijaun" in block for block in blocks)
    db.engine.dispose()


def test_a_page_of_a_replaced_file_is_not_found_in_the_draft(db, made):
    file = ReceivedFile(new_key(), "nouveau.pdf", "application/pdf", "document", 1, 10, "0" * 64)
    with db.transaction() as session:
        evidence_use_cases.replace_file(
            session, made.candidacy.id, made.pieces[0].id, file, by=made.candidate.id, at=factories.AT
        )
    assert places(db, made.candidate, "financement") == []


def test_a_juror_finds_what_is_sealed_and_nothing_written_since(db):
    made = builders.scene(db)
    with db.transaction() as session:
        piece = session.scalars(select(Evidence).where(Evidence.candidacy_id == made.candidacy_id)).first()
        page(session, piece.file, 3, "Un plan de financement équilibré")
        story = session.scalars(select(Narrative).where(Narrative.candidacy_id == made.candidacy_id)).first()
        story.situation = "Ajouté après le dépôt : trésorerie"

    def kinds(person, query):
        with db.reader() as session:
            sealed = load_sealed_dossier(session, made.submission_id)
            since = builders.ON_THE_DAY - timedelta(days=30)
            return [hit.kind for hit in search_hearing(session, person.id, made.hearing_id, since, sealed, query).hits]

    assert kinds(made.president, "financement") == [SearchKind.PAGE]
    assert SearchKind.SEALED_CLAIM in kinds(made.president, "synthèse")
    assert SearchKind.SEALED_NARRATIVE in kinds(made.president, "agence")
    assert kinds(made.president, "trésorerie") == []
    assert kinds(made.advisor, "financement") == []
    assert kinds(made.certifier, "financement") == []


def test_texts_written_before_the_index_are_indexed_by_the_worker(db, made):
    with db.transaction() as session:
        session.execute(delete(SearchEntry))
    assert places(db, made.candidate, "financement") == []
    with db.transaction() as session:
        assert index_missing(session) > 0
    with db.transaction() as session:
        assert index_missing(session) == 0
    assert places(db, made.candidate, "financement") == [(SearchKind.PAGE, 12)]
    assert places(db, made.candidate, "audit") != []


def test_a_claim_written_by_a_statement_is_indexed_by_the_worker(db, made):
    with db.transaction() as session:
        row = {"candidacy_id": made.candidacy.id, "evidence_id": made.pieces[0].id, "changed_at": factories.AT}
        session.execute(
            insert(Claim), [row | {"competency_id": made.competencies[5].id, "comment": "Une rareté lexicale"}]
        )
        index_missing(session)
    assert places(db, made.candidate, "lexicales") == [(SearchKind.CLAIM, None)]


@pytest.mark.parametrize(
    "query", ["", "de la", "\"'; DROP TABLE search_entry --", "( AND OR NOT *", "é" * 500, "a:b^c"]
)
def test_any_query_is_answered(db, made, query):
    places(db, made.candidate, query)


def test_the_pages_of_the_search_show_the_match_on_its_page(app, store):
    made = builders.scene(store)
    with store.transaction() as session:
        piece = session.scalars(select(Evidence).where(Evidence.candidacy_id == made.candidacy_id)).first()
        page(session, piece.file, 3, "Un plan de <b>financement</b> équilibré")
    for who, base in (
        (made.candidate, f"/dossiers/{made.candidacy_id}/recherche"),
        (made.advisor, "/accompagnement/recherche"),
        (made.president, f"/jurys/{made.hearing_id}/recherche"),
    ):
        client = app.test_client()
        client.log_in(who.email, factories.PASSWORD)
        answer = client.get(f"{base}?q=financements")
        assert answer.status_code == 200
        assert "<mark>financement</mark>" in answer.text
        assert "&lt;b&gt;" in answer.text
        assert "page=3" in answer.text
        assert "Aucun résultat" in client.get(f"{base}?q=introuvablement").text
        assert client.get(base).status_code == 200


def test_the_search_of_an_advisor_says_whose_dossier_each_match_is_in(app, store):
    made = builders.scene(store)
    with store.transaction() as session:
        piece = session.scalars(select(Evidence).where(Evidence.candidacy_id == made.candidacy_id)).first()
        page(session, piece.file, 3, "Un plan de financement")
    where = f"{made.candidate.name} Pièce {piece.number} : {piece.title} 1 page Page 3 :"
    advisor, candidate = app.test_client(), app.test_client()
    advisor.log_in(made.advisor.email, factories.PASSWORD)
    assert where in advisor.page("/accompagnement/recherche?q=financements").text
    candidate.log_in(made.candidate.email, factories.PASSWORD)
    own = candidate.page(f"/dossiers/{made.candidacy_id}/recherche?q=financements").text
    assert "Page 3 :" in own
    assert where not in own
