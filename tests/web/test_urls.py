"""Addresses built once for a whole page are those that the router would build one by one."""

from uuid import uuid4

import pytest
from flask import Flask, url_for

from portfolio.web.urls import label_url_builder, page_url_builder, query_url_builder, url_builder

QUERIES = [
    {},
    {"page": 3},
    {"page": 3, "zoom": None, "q": "dune & marée : « été » 50 %"},
    {"region": "0.1,0.2,0.3,0.4", "page": 12},
    {"passage": "it's (a) test/with;all?of@them", "avis": uuid4()},
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_written_as_the_router_writes_it(app: Flask, query: dict[str, object]):
    with app.test_request_context():
        here = {"hearing_id": uuid4(), "label": "B2-03"}
        assert query_url_builder("juror.hearing.exhibit", **here)(**query) == url_for(
            "juror.hearing.exhibit", **here, **query
        )


@pytest.mark.parametrize("page", [1, 10, 300])
def test_a_page_takes_its_place_in_the_address(app: Flask, page: int):
    with app.test_request_context():
        here = {"hearing_id": uuid4(), "label": "1000000000000000"}
        for query in ({}, {"taille": "vignette"}):
            built = page_url_builder("juror.hearing.exhibit_page", **here)(page=page, **query)
            assert built == url_for("juror.hearing.exhibit_page", **here, page=page, **query)


def test_an_id_takes_its_place_in_the_address(app: Flask):
    with app.test_request_context():
        hearing, block = uuid4(), uuid4()
        built = url_builder("juror.hearing.block", "block_id", hearing_id=hearing)(block)
        assert built == url_for("juror.hearing.block", hearing_id=hearing, block_id=block)


@pytest.mark.parametrize("label", ["B2-03", "A-01", "B1-01 bis", "1/2"])
@pytest.mark.parametrize("query", QUERIES)
def test_a_label_takes_its_place_in_the_address(app: Flask, label: str, query: dict[str, object]):
    with app.test_request_context():
        here = {"hearing_id": uuid4()}
        for endpoint in ("juror.hearing.exhibit", "juror.hearing.exhibit_file"):
            built = label_url_builder(endpoint, **here)(label, **query)
            assert built == url_for(endpoint, **here, label=label, **query)
