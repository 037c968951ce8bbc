"""Words are found in the middle of a name, an address or a number by the index of trigrams, as by reading every row."""

from uuid import UUID

import pytest
from sqlalchemy import delete, select, text

from portfolio.db.engine import Database
from portfolio.db.trigrams import WordSearch, search_words
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy_listing.models import CANDIDACY_TRIGRAMS, CandidacyListing, OpenDeadline
from portfolio.domain.candidacy_listing.use_cases import build_missing
from tests import factories

pytestmark = pytest.mark.both

NAMES = ("Samia Benali", "Inès Belkacem", "Paul 100%_net", "Zoé L’Hénoret", 'Ana "Bo" Sé')


@pytest.fixture
def body_id(db: Database) -> UUID:
    """A body with five candidacies, beside another one with a candidate of the same name."""
    with db.transaction() as session:
        bodies = [factories.body(session) for _ in range(2)]
        for body, names in zip(bodies, (NAMES, NAMES[:1]), strict=True):
            version = factories.published_version(session, body.id)
            for name in names:
                factories.candidacy(session, version, factories.person(session, name))
        return bodies[0].id


def _search(db: Database, body_id: UUID, *words: str, limit: int = 1000) -> tuple[WordSearch, set[str]]:
    with db.reader() as session:
        found = search_words(session, CANDIDACY_TRIGRAMS, CandidacyListing, body_id, words, limit)
        rows = session.scalars(select(CandidacyListing.sort_name).where(*found.condition)).all()
        return found, {" ".join(reversed(row.split("  "))) for row in rows}  # « last  first »


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("benali",), {"samia benali"}),
        (("enal",), {"samia benali"}),
        (("enal", "mia"), {"samia benali"}),
        (("enal", "ines"), set()),
        (("zzzz",), set()),
        (("100%_n",), {"paul 100%_net"}),
        (("100%xn",), set()),
        (("l’h",), {"zoe l’henoret"}),
        (('"bo"',), {'ana "bo" se'}),
        (("be", "sam"), {"samia benali"}),
    ],
)
def test_words_are_found_anywhere_in_the_rows_of_the_body_alone(db: Database, body_id: UUID, words, names):
    found, rows = _search(db, body_id, *words)
    assert rows == names
    assert found.number == len(names)


def test_words_of_two_signs_are_looked_for_in_each_row(db: Database, body_id: UUID):
    found, rows = _search(db, body_id, "be")
    assert (rows, found.number, found.is_many) == ({"samia benali", "ines belkacem"}, None, False)


def test_many_rows_are_read_in_their_order_instead_of_by_their_keys(db: Database, body_id: UUID):
    found, rows = _search(db, body_id, "exemple", limit=4)
    assert (len(rows), found.number, found.is_many) == (5, None, True)


def test_the_index_follows_a_corrected_name_and_a_row_that_goes(db: Database, body_id: UUID):
    with db.transaction() as session:
        person = session.scalars(select(Person).where(Person.name == "Inès Belkacem")).one()
        person.name = "Inès Tremblay"
    assert _search(db, body_id, "kacem")[1] == set()
    assert _search(db, body_id, "rembl")[1] == {"ines tremblay"}
    with db.transaction() as session:
        key = session.scalar(select(CandidacyListing.candidacy_id).where(CandidacyListing.candidate_id == person.id))
        session.execute(delete(OpenDeadline).where(OpenDeadline.candidacy_id == key))
        session.execute(delete(CandidacyListing).where(CandidacyListing.candidacy_id == key))
    assert _search(db, body_id, "rembl")[1] == set()
    with db.transaction() as session:
        assert build_missing(session) == 1
    assert _search(db, body_id, "rembl")[1] == {"ines tremblay"}


def test_the_index_is_there_and_holds_what_the_rows_hold(db: Database, body_id: UUID):
    with db.transaction() as session:
        if db.engine.dialect.name == "sqlite":
            session.execute(
                text(
                    "INSERT INTO candidacy_listing_trigrams(candidacy_listing_trigrams, rank) VALUES ('integrity-check', 1)"
                )
            )
        else:
            assert session.scalar(text("SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%gin_trgm_ops%'")) == 2
