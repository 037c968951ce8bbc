"""The list of certifications on a large installation: pages of fifty, a search, a constant number of queries."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, insert, update

from portfolio.db.engine import Database
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.screens.certifier.certifications.views import (
    MAX_CHOICES,
    PAGE_SIZE,
    has_many_versions,
    list_bases,
    load_certifications_page,
)
from tests import factories
from tests.page import CheckedClient

AT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def many(store: Database, count: int) -> tuple[UUID, str]:
    """Add certifications with one published version each, all of the reference entry."""
    with store.transaction() as session:
        body = factories.body(session).id
        version = factories.published_version(session, body)
        email = factories.certifier(session, body).email
        ids = [(uuid4(), uuid4()) for _ in range(count)]
        session.execute(
            insert(Certification),
            [{"id": one, "body_id": body, "code": f"RNCP{40000 + rank}"} for rank, (one, _) in enumerate(ids)],
        )
        told = {"number": 1, "entry": version.entry, "source_sha256": "", "resolved_doubts": [], "level": "5"}
        told |= {"decision_rule": version.decision_rule, "imported_at": AT, "revision": 1}
        session.execute(
            insert(CertificationVersion),
            [
                {"id": two, "certification_id": one, "title": f"Métier n° {rank} de l’hôtellerie", **told}
                for rank, (one, two) in enumerate(ids)
            ],
        )
        block = {"number": 1, "title": "Accueillir", "assessments": []}
        session.execute(insert(Block), [{"id": uuid4(), "version_id": two, **block} for _, two in ids])
        published = update(CertificationVersion).where(CertificationVersion.published_at.is_(None))
        session.execute(published.values(published_at=AT))
    return body, email


def queries_of(store: Database, body: UUID, **asked: object) -> int:
    counted: list[str] = []
    with store.reader() as session:
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", lambda *_: counted.append(""))
        load_certifications_page(session, body, **asked)  # type: ignore[arg-type]
    return len(counted)


def test_a_page_of_fifty_is_read_in_as_many_queries_whatever_the_number(db):
    body, _ = many(db, 3)
    few = queries_of(db, body)
    with db.transaction() as session:
        session.execute(
            insert(Certification),
            [{"id": uuid4(), "body_id": body, "code": f"RNCP{50000 + rank}"} for rank in range(200)],
        )
    with db.reader() as session:
        page = load_certifications_page(session, body)
        assert (len(page.rows), page.count, page.last_page) == (PAGE_SIZE, 204, 5)
    assert queries_of(db, body) <= few


@pytest.fixture
def large(store):
    return many(store, MAX_CHOICES + 5)


def test_a_search_ignores_accents_and_capitals_and_finds_a_number(store, large):
    body, _ = large
    with store.reader() as session:
        assert load_certifications_page(session, body, "METIER hotellerie").count == MAX_CHOICES + 5
        assert [row.code for row in load_certifications_page(session, body, "40007").rows] == ["RNCP40007"]
        assert load_certifications_page(session, body, "boulangerie").rows == ()


def test_the_versions_to_copy_are_fifty_at_most_and_hold_the_one_asked_for(store, large):
    body, _ = large
    with store.reader() as session:
        assert has_many_versions(session, body)
        last = load_certifications_page(session, body, page=2).rows[-1].versions[0].id
        bases = list_bases(session, body, last)
    assert (len(bases), bases[0].id) == (MAX_CHOICES + 1, last)


def test_a_candidacy_and_a_session_first_choose_their_certification_among_many(client: CheckedClient, store, large):
    client.log_in(large[1], factories.PASSWORD)
    for address, purpose in (
        ("/candidatures/nouvelle", "Ouvrir une candidature"),
        ("/sessions/nouvelle", "Planifier une session"),
    ):
        sent = client.get(address)
        assert sent.status_code == 303
        page = client.page(sent.location)
        assert purpose in page.text
        link = next(one for one in page.all("a") if one.get("href", "").startswith(f"{address}?certification="))
        form = client.page(link["href"])
        assert len([one for one in form.all("option") if "RNCP40" in str(one)]) <= 1
