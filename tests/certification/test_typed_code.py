"""A framework without a code of the register: the certifier types the code, and nothing given is lost."""

import io
import json

import pytest
from sqlalchemy import select

from portfolio.domain.certification.models import Certification
from portfolio.domain.certification.readers import case
from portfolio.domain.certification.rules.case_package import package_of
from tests.certification.draft_pages import IMPORT, versions
from tests.certification.test_case_export import framework

MATRIX = json.dumps(
    {
        "framework": {
            "institution": "all",
            "name": "Référentiel du rucher",
            "standards": [{"shortname": "Cultiver", "name": "Cultiver", "standardid": 1}],
            "standardelements": [{"shortname": "Semer", "name": "Semer", "standardid": 1, "elementid": "1.1"}],
        }
    },
    ensure_ascii=False,
).encode()


def test_a_framework_without_a_code_asks_for_it_and_keeps_the_file(browser, store):
    answer = browser.send(IMPORT, {"file": (io.BytesIO(MATRIX), "cadre.matrix")})
    assert answer.status_code == 422
    assert "Ce fichier ne donne pas le code de la certification" in answer.text
    assert versions(store) == 0
    assert "Référentiel du rucher" in answer.text


@pytest.mark.parametrize(
    ("typed", "code"), [("cqp miel 2", "CQP-MIEL-2"), ("12345", "RNCP12345"), ("rncp 12345", "RNCP12345")]
)
def test_the_code_typed_is_that_of_the_draft(browser, store, typed, code):
    kept = {"text": MATRIX.decode(), "code": typed}
    assert browser.send(IMPORT, kept).status_code == 303
    with store.reader() as session:
        assert session.scalars(select(Certification.code)).all() == [code]


def test_a_code_that_cannot_be_one_is_refused_beside_its_field(browser, store):
    answer = browser.send(IMPORT, {"text": MATRIX.decode(), "code": "é!"})
    assert answer.status_code == 422
    assert "ne peut pas servir de code" in answer.text
    assert versions(store) == 0


def test_an_export_of_an_own_code_is_read_back_with_it():
    package = package_of(framework())
    package["CFDocument"]["extensions"]["acquis"]["registerCode"] = "CQP-MIEL-2"
    assert case.read(json.dumps(package).encode()).code == "CQP-MIEL-2"
