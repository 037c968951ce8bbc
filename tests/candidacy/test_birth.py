"""The birth of a candidate: who writes it, until when, what the certificate says of it, on both stores."""

from datetime import date

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.admissibility.use_cases.corrections import load_birth_page, record_birth
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.opening import Birth, CandidacyRefusal, birth_refusal
from portfolio.domain.holdings.models.grants import Certificate
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.notification.use_cases.document_data import find_certificate_data
from portfolio.domain.submission.use_cases.submit import open_next_draft
from portfolio.errors import Refusal
from portfolio.french_text import NBSP, date_fr
from portfolio.screens.public.certificate.views import find_public_certificate
from portfolio.wording.candidacy import birth_message
from portfolio.wording.documents import certificate_pdf
from tests import factories
from tests.documents.reading import words_of
from tests.holdings.closings import JUNE, SEALED_AT, hearing, minutes, sealed
from tests.page import CheckedClient

SAMIA = Birth(date(1984, 5, 12), "Le Havre", "Haddad")
OTHER = Birth(date(1984, 5, 13), "Rouen")
TODAY = factories.AT.date()


@pytest.fixture
def world(db):
    return factories.begin_world(db)


def write(db, world, birth) -> None:
    with db.transaction() as session:
        record_birth(session, world.candidacy.id, birth, by=world.candidate.id, at=factories.AT)


def refused(db, world, birth) -> str:
    with pytest.raises(Refusal) as caught:
        write(db, world, birth)
    return caught.value.code


def win(db, world, *numbers: int, at=SEALED_AT, on=JUNE) -> None:
    """A jury validates these blocks, and closes."""
    with db.transaction() as session:
        blocks = world.version.blocks
        heard = hearing(session, sealed(session, world, at), on)
        closed = minutes(session, heard, [blocks[number - 1] for number in numbers])
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)


def certificates(db) -> list[Certificate]:
    with db.reader() as session:
        return list(session.scalars(select(Certificate).order_by(Certificate.number)))


def stands(db, world) -> Birth | None:
    with db.reader() as session:
        return session.get_one(Candidacy, world.candidacy.id).birth


def test_it_is_written_changed_and_taken_away_and_the_journal_never_says_it(db, world):
    write(db, world, OTHER)
    write(db, world, SAMIA)
    assert stands(db, world) == SAMIA
    write(db, world, None)
    assert stands(db, world) is None
    with db.reader() as session:
        lines = session.scalars(
            select(AuditEvent).where(AuditEvent.action.startswith("birth_")).order_by(AuditEvent.seq)
        ).all()
    assert [line.action for line in lines] == ["birth_recorded", "birth_recorded", "birth_removed"]
    assert all(not line.details and line.actor_id == world.candidate.id for line in lines)


def test_the_certificate_bears_it_its_public_page_does_not_and_it_no_longer_changes(db, world):
    write(db, world, SAMIA)
    win(db, world, 1)
    (one,) = certificates(db)
    assert one.printed_text["birth"] == {"on": "1984-05-12", "place": "Le Havre", "name": "Haddad"}
    with db.reader() as session:
        shown = find_public_certificate(session, one.number)
        printed = words_of(certificate_pdf(find_certificate_data(session, one.number), "https://acquis.example/"))
        page = load_birth_page(session, world.candidacy.id, TODAY)
        assert not recompute(session).gaps
    assert "birth" not in shown.labels
    assert "1984" not in repr(shown)
    assert shown.labels["holder"] == world.candidate.name
    assert "Nom de naissance : Haddad. Date et lieu de naissance : 12 mai 1984, Le Havre" in printed.replace(
        "\xa0", " "
    )
    assert page.fixed is CandidacyRefusal.BIRTH_PRINTED
    assert refused(db, world, OTHER) == refused(db, world, None) == CandidacyRefusal.BIRTH_PRINTED
    assert stands(db, world) == SAMIA


def test_a_certificate_issued_without_it_stays_as_it_was_and_the_next_ones_bear_it(db, world):
    win(db, world, 1)
    (first,) = certificates(db)
    assert "birth" not in first.printed_text
    write(db, world, SAMIA)
    with db.transaction() as session:
        open_next_draft(session, world.candidacy.id, by=world.candidate.id, at=factories.AT)
    win(db, world, 2, 3, 4, at=factories.AT, on=date(2026, 11, 5))
    with db.reader() as session:
        assert not recompute(session).gaps
        printed = words_of(certificate_pdf(find_certificate_data(session, first.number), "https://acquis.example/"))
    born = {certificate.number: "birth" in certificate.printed_text for certificate in certificates(db)}
    assert born.pop(first.number) is False
    assert len(born) == 4
    assert all(born.values())
    assert "naissance" not in printed


def test_once_everything_is_obtained_without_it_nothing_asks_for_it(db, world):
    win(db, world, 1, 2, 3, 4)
    assert refused(db, world, SAMIA) == CandidacyRefusal.BIRTH_USELESS


def test_nobody_is_born_tomorrow(db, world):
    assert refused(db, world, Birth(date(2200, 1, 1), "Rouen")) == CandidacyRefusal.BORN_TOMORROW
    assert birth_refusal(Birth(TODAY, "Rouen"), printed=False, complete=False, today=TODAY) is None


def test_the_words_fit_every_person_and_every_place():
    assert birth_message(OTHER) == f"Date et lieu de naissance{NBSP}: {date_fr(OTHER.on)}, Rouen"


@pytest.mark.records("postal_address_recorded")
def test_the_person_writes_their_own_postal_address(client: CheckedClient, store: Database):
    made = factories.begin_world(store)
    url = f"/candidatures/{made.candidacy.id}"
    for account, address in ((made.candidate, "12 rue des Lilas\n69003 Lyon"), (made.certifier, "")):
        client.delete_cookie("acquis")
        client.log_in(account.email, factories.PASSWORD)
        sent = client.send(f"{url}/adresse", {"postal_address": address}, form=f"{url}/naissance")
        assert sent.status_code == 303
        with store.reader() as session:
            assert session.get_one(Candidacy, made.candidacy.id).postal_address == (address or None)
        assert ("12 rue des Lilas" in client.page(f"{url}/naissance").text) == bool(address)
    with store.reader() as session:
        lines = session.scalars(select(AuditEvent).where(AuditEvent.action == "postal_address_recorded")).all()
    assert [line.details for line in lines] == [{}, {}]
