"""Check that what lists keep of a candidacy is written with the facts it comes from, no matter who writes them."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.account.use_cases import start_session
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.stage import Stage
from portfolio.domain.candidacy_listing.models import NO_DAY, CandidacyListing, ListingCount, OpenDeadline
from portfolio.domain.candidacy_listing.use_cases import build_missing, check, recompute
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.both


def _opened(db: Database, name: str = "Samia Benali"):
    with db.transaction() as session:
        body = factories.body(session)
        version = factories.published_version(session, body.id)
        candidate = factories.person(session, name)
        return factories.candidacy(session, version, candidate).id, body.id, candidate.id


def test_a_candidacy_is_listed_as_soon_as_it_is_opened_and_moves_on_when_its_candidate_comes(db: Database):
    key, _, person_id = _opened(db)
    with db.reader() as session:
        row = session.get_one(CandidacyListing, key)
        assert (row.stage, row.sort_name, row.awaits_first_step) == (Stage.INVITED, "benali  samia", True)
        assert row.deadline_on < NO_DAY
    with db.transaction() as session:
        start_session(session, person_id, timedelta(hours=1), at=AT + timedelta(days=1))
    with db.reader() as session:
        assert session.get_one(CandidacyListing, key).stage is Stage.WRITING
        counts = dict(
            session.execute(select(ListingCount.value, ListingCount.number).where(ListingCount.facet == "stage")).all()
        )
        assert counts == {"invited": 0, "writing": 1}
        assert check(session).is_right


def test_a_name_corrected_in_the_account_is_found_by_the_search_at_once(db: Database):
    key, _, person_id = _opened(db)
    with db.transaction() as session:
        session.get_one(Person, person_id).email = "inès@exemple.fr"
    with db.reader() as session:
        assert "ines@exemple.fr" in session.get_one(CandidacyListing, key).search_text


def test_what_was_written_behind_the_application_is_found_and_put_right(db: Database):
    key, _, _ = _opened(db)
    with db.transaction() as session:
        session.execute(update(CandidacyListing).values(stage=Stage.DECIDED))
        session.execute(delete(OpenDeadline))
    with db.transaction() as session:
        assert check(session).candidacies == (key,)
        recompute(session)
        assert check(session).is_right


def test_candidacies_older_than_the_lists_get_their_rows(db: Database):
    key, _, _ = _opened(db)
    with db.transaction() as session:
        for table in (OpenDeadline, CandidacyListing, ListingCount):
            session.execute(delete(table))
    with db.transaction() as session:
        assert build_missing(session) == 1
        assert check(session).is_right
        assert session.get_one(Candidacy, key)
