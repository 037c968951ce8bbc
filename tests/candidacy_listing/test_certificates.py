"""Check that what the list of certificates keeps is written with the facts it comes from, and compared with them."""

import pytest
from sqlalchemy import delete, select, update

from portfolio.db.engine import Database, new_id
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Erasure
from portfolio.domain.candidacy.rules.stage import Cause, Extent
from portfolio.domain.candidacy_listing.certificates import refresh_certificates
from portfolio.domain.candidacy_listing.models import CertificateListing
from portfolio.domain.candidacy_listing.use_cases import build_missing, check, recompute
from portfolio.domain.holdings.models.grants import Certificate
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.use_cases.status import load_certificate_status
from tests import factories
from tests.factories import AT
from tests.holdings.edges import ANNULMENT, CONFIRMATION, NOVEMBER, SUSPENSION, WITHDRAWAL, act, jury

pytestmark = pytest.mark.both


@pytest.fixture
def world(db: Database) -> factories.World:
    """A candidate with a complete draft."""
    return factories.begin_world(db)


def _statuses(db: Database) -> list[tuple[bool, GrantStatus]]:
    """Return what the list keeps, once it is found to be what each certificate says of itself."""
    with db.reader() as session:
        assert check(session).is_right
        rows = session.execute(
            select(CertificateListing, Certificate).join(
                Certificate, Certificate.id == CertificateListing.certificate_id
            )
        ).all()
        for row, certificate in rows:
            assert row.status is load_certificate_status(session, certificate).status
        return sorted((row.is_whole, row.status) for row, _ in rows)


def _all(status: GrantStatus, blocks: int = 4) -> list[tuple[bool, GrantStatus]]:
    return [(False, status)] * blocks + [(True, status)]


def test_certificates_are_listed_as_soon_as_the_minutes_are_closed(db: Database, world: factories.World):
    closed = jury(db, world, wins=(1, 2, 3, 4))
    assert _statuses(db) == _all(GrantStatus.HELD)
    with db.reader() as session:
        row = session.scalars(select(CertificateListing).where(CertificateListing.is_whole)).one()
        assert row.sort_name == "benali  samia"
        for word in (world.candidate.email.lower(), row.number.lower(), closed.number):
            assert word in row.search_text


def test_a_suspension_is_listed_for_every_certificate_of_the_jury_and_ends(db: Database, world: factories.World):
    jury(db, world, wins=(1, 2, 3, 4))
    act(db, world, SUSPENSION, 2)
    assert _statuses(db) == _all(GrantStatus.SUSPENDED)
    act(db, world, CONFIRMATION, 2)
    assert _statuses(db) == _all(GrantStatus.HELD)


def test_a_withdrawal_ends_the_block_and_the_whole_and_keeps_the_others(db: Database, world: factories.World):
    jury(db, world, wins=(1, 2, 3, 4))
    act(db, world, WITHDRAWAL, 3)
    held, withdrawn = GrantStatus.HELD, GrantStatus.WITHDRAWN
    assert _statuses(db) == [(False, held)] * 3 + [(False, withdrawn), (True, withdrawn)]


def test_after_an_annulment_the_new_certificate_stands_beside_the_annulled_one(db: Database, world: factories.World):
    jury(db, world, wins=(1,), loses=(2, 3, 4))
    act(db, world, SUSPENSION, 1)
    act(db, world, ANNULMENT, 1)
    jury(db, world, wins=(1,), loses=(2, 3, 4), on=NOVEMBER)
    assert _statuses(db) == [(False, GrantStatus.ANNULLED), (False, GrantStatus.HELD)]


def test_a_new_address_finds_the_certificates_at_once(db: Database, world: factories.World):
    jury(db, world, wins=(1,), loses=(2, 3, 4))
    with db.transaction() as session:
        session.get_one(Person, world.candidate.id).email = "inès@exemple.fr"
    with db.reader() as session:
        assert "ines@exemple.fr" in session.scalars(select(CertificateListing.search_text)).one()
        assert check(session).is_right


def test_what_was_written_behind_the_application_is_found_and_put_right(db: Database, world: factories.World):
    jury(db, world, wins=(1, 2), loses=(3, 4))
    with db.transaction() as session:
        session.execute(update(CertificateListing).values(status=GrantStatus.ANNULLED))
        assert len(check(session).certificates) == 2
        assert len(recompute(session).certificates) == 2
        assert check(session).is_right


def test_certificates_older_than_the_list_get_their_rows(db: Database, world: factories.World):
    jury(db, world, wins=(1, 2, 3, 4))
    with db.transaction() as session:
        session.execute(delete(CertificateListing))
        build_missing(session)
    assert _statuses(db) == _all(GrantStatus.HELD)


def test_an_erased_dossier_is_found_by_what_its_certificates_print_and_no_more_by_its_address(
    db: Database, world: factories.World
):
    jury(db, world, wins=(1, 2, 3, 4))
    with db.transaction() as session:
        session.add(
            Erasure(
                id=new_id(), candidacy_id=world.candidacy.id, body_id=world.body.id, extent=Extent.WHOLE, cause=Cause.DUE,
                planned_at=AT, planned_by=None, run_after=AT, rows_at=AT,
            )
        )  # fmt: skip
        session.flush()
        refresh_certificates(session, [world.candidate.id])
        texts = session.scalars(select(CertificateListing.search_text)).all()
        assert len(texts) == 5
        assert all("samia benali" in text and "@" not in text for text in texts)
        assert not check(session).certificates
