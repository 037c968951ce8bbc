"""The fields of a form are counted while it is read: too many are refused before they cost memory."""

from __future__ import annotations

import io

import pytest
from werkzeug.exceptions import RequestEntityTooLarge

from portfolio.web.request_limits import MAX_FIELDS, CountedFields
from tests import factories


def fields(count: int) -> bytes:
    return b"&".join(b"f%d=%d" % (number, number) for number in range(count))


def test_a_form_of_many_fields_is_read_whole():
    body = fields(MAX_FIELDS)
    assert CountedFields(io.BytesIO(body), MAX_FIELDS).read() == body


def test_a_form_of_too_many_fields_is_read_no_further_than_they_are_counted():
    body = io.BytesIO(fields(3_000_000))
    with pytest.raises(RequestEntityTooLarge):
        CountedFields(body, MAX_FIELDS).read()
    assert body.tell() < 1_000_000


def test_a_person_with_a_session_is_refused_a_hundred_thousand_fields_with_a_page(client, store):
    with store.transaction() as session:
        person = factories.person(session)
        email = person.email
    client.get("/connexion")
    client.log_in(email, factories.PASSWORD)
    answer = client.post(
        "/deconnexion", data=fields(100_000), content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 413
    assert "trop volumineux" in answer.text
