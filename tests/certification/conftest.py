"""Fixtures: a certifier with an entry in draft or published."""

from uuid import UUID

import pytest

from portfolio.domain.certification.use_cases.importing import import_entry
from tests import factories
from tests.certification.draft_pages import TEXT


@pytest.fixture
def body_id(store) -> UUID:
    with store.transaction() as session:
        return factories.body(session).id


@pytest.fixture
def browser(client, store, body_id):
    """A certifier's browser, logged in."""
    with store.transaction() as session:
        email = factories.certifier(session, body_id).email
    client.log_in(email, factories.PASSWORD)
    return client


@pytest.fixture
def draft_id(store, body_id) -> UUID:
    """An entry read from its text, with the reader's doubts."""
    from portfolio.domain.certification.readers import read_entry

    with store.transaction() as session:
        return import_entry(session, body_id, read_entry(TEXT.encode(), ""), by=None, at=factories.AT).version.id
