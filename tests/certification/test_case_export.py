"""A published version exported to CASE 1.1: valid, stable, read back equal, and only for its certifier."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from portfolio.domain.certification.readers import case, read_entry
from portfolio.domain.certification.rules.case_package import Framework, item_of, package_of
from tests import factories
from tests.certification.answered import publish
from tests.certification.draft_pages import the_draft, the_entry
from tests.certification.json_schema import faults
from tests.certification.readers.exports import entry_xml, export

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "case_v1p1.json").read_text(encoding="utf-8"))
ADDRESS = "https://acquis.example/certifications/versions/1"


def framework(**changes: object) -> Framework:
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    return Framework(UUID(int=7), "RNCP16959", 2, "IESA", at, ADDRESS, the_entry(**changes))


@pytest.fixture
def published_id(store, draft_id) -> UUID:
    with store.transaction() as session:
        publish(session, draft_id, by=None, at=factories.AT)
    return draft_id


def test_a_package_is_valid_for_the_schema_of_case() -> None:
    assert faults(package_of(framework()), SCHEMA["$defs"]["package"], SCHEMA) == []


def test_a_package_that_is_not_valid_is_found_so() -> None:
    package = package_of(framework())
    package["CFItems"][0]["CFDocumentURI"] = {}
    del package["CFDocument"]["creator"]
    assert len(faults(package, SCHEMA["$defs"]["package"], SCHEMA)) == 2


def test_the_whole_schema_agrees_with_a_full_validator() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    document = {**SCHEMA, "$ref": "#/$defs/package"}
    jsonschema.Draft202012Validator.check_schema(document)
    jsonschema.Draft202012Validator(document).validate(package_of(framework()))


def test_an_item_is_valid_alone_with_the_link_to_its_document() -> None:
    package = package_of(framework())
    for item in package["CFItems"]:
        alone = item_of(framework(), item["identifier"])
        assert faults(alone, SCHEMA["$defs"]["item"], SCHEMA) == []
        assert alone["CFDocumentURI"]["identifier"] == package["CFDocument"]["identifier"]
    assert item_of(framework(), str(uuid4())) is None


def test_an_export_read_back_has_the_same_blocks_and_competencies() -> None:
    entry = framework().entry
    read = case.read(json.dumps(package_of(framework())).encode())
    assert read.blocks == entry.blocks
    assert (read.code, read.title) == ("RNCP16959", entry.title)


def test_an_entry_of_the_register_exported_and_read_back_is_equal() -> None:
    more = "<SECTEURS_ACTIVITE>Agriculture</SECTEURS_ACTIVITE><CAPACITES_ATTESTEES>Semer &lt;5 ha&gt;</CAPACITES_ATTESTEES>"
    entry = replace(read_entry(export(entry_xml(more=more)), ""), doubts=())
    made = replace(framework(), code=entry.code, entry=entry)
    assert case.read(json.dumps(package_of(made)).encode()) == entry


def test_texts_that_case_would_squeeze_or_strip_come_back_exact() -> None:
    block = the_entry().blocks[0]
    texts = ("Tenir un budget  <10 k€> & plus", "Sur deux\nlignes")
    competencies = tuple(replace(one, text=text) for one, text in zip(block.competencies, texts, strict=True))
    kept = (replace(block, competencies=competencies),)
    assert case.read(json.dumps(package_of(framework(blocks=kept))).encode()).blocks == kept


def test_a_statement_that_somebody_changed_in_the_package_is_the_one_read() -> None:
    package = package_of(framework())
    package["CFItems"][1]["fullStatement"] = "Autre rédaction"
    assert case.read(json.dumps(package).encode()).blocks[0].competencies[0].text == "Autre rédaction"


def test_blocks_whose_numbers_do_not_follow_each_other_keep_them() -> None:
    blocks = the_entry().blocks
    kept = (blocks[3], blocks[1])
    assert case.read(json.dumps(package_of(framework(blocks=kept))).encode()).blocks == kept


def test_identifiers_are_the_same_each_time_and_others_for_the_next_version() -> None:
    first, again = package_of(framework()), package_of(framework())
    assert first == again
    other = Framework(UUID(int=7), "RNCP16959", 3, "IESA", framework().published_at, ADDRESS, the_entry())
    assert {one["identifier"] for one in first["CFItems"]}.isdisjoint(
        one["identifier"] for one in package_of(other)["CFItems"]
    )
    identifiers = [one["identifier"] for key in ("CFItems", "CFAssociations") for one in first[key]]
    assert len(set(identifiers)) == len(identifiers)


def test_a_certifier_downloads_the_package_from_the_page_of_the_version(browser, store, published_id) -> None:
    page = browser.page(f"/certifications/versions/{published_id}")
    address = next(link["href"] for link in page.all("a") if link.get("href", "").endswith("/case.json"))
    answer = browser.get(address)
    assert answer.mimetype == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    package = json.loads(answer.text)
    assert faults(package, SCHEMA["$defs"]["package"], SCHEMA) == []
    assert len(case.read(answer.data).blocks) == 4
    item = package["CFItems"][1]
    alone = json.loads(browser.get(item["uri"].split("/", 3)[3].join(("/", ""))).text)
    assert alone["fullStatement"] == item["fullStatement"]
    assert browser.get(f"/certifications/versions/{published_id}/case/{uuid4()}.json").status_code == 404


@pytest.mark.parametrize("path", ["/ims/case/v1p0", "/ims/case/v1p1"])
def test_anybody_reads_every_item_by_the_ways_of_case(app, published_id, draft_id, path) -> None:
    """As OpenSALT does: the list, then a package; as others do: the list, then item by item."""
    stranger = app.test_client()
    (document,) = stranger.get(f"{path}/CFDocuments").json["CFDocuments"]
    assert stranger.get(f"{path}/CFDocuments?offset=1").json == {"CFDocuments": []}
    assert stranger.get(f"{path}/CFDocuments?limit=0").status_code == 400
    package = stranger.get(f"{path}/CFPackages/{document['identifier']}")
    assert package.headers["Cache-Control"] == "public, max-age=3600"
    assert faults(package.json, SCHEMA["$defs"]["package"], SCHEMA) == []
    items = package.json["CFItems"]
    assert len(items) == 15
    for item in items:
        alone = stranger.get("/" + item["uri"].split("/", 3)[3]).json
        assert {key: alone[key] for key in item} == item
        assert alone["CFDocumentURI"]["identifier"] == document["identifier"]
    around = stranger.get(f"{path}/CFItemAssociations/{items[1]['identifier']}").json
    assert around["CFAssociations"][0]["destinationNodeURI"]["identifier"] == items[0]["identifier"]
    # An item is no package, and nobody has what was never published.
    assert stranger.get(f"{path}/CFPackages/{items[0]['identifier']}").status_code == 404
    assert stranger.get(f"{path}/CFItems/{uuid4()}").status_code == 404


def test_a_draft_has_no_export(browser, store, draft_id) -> None:
    assert the_draft(store, draft_id) is not None
    assert browser.get(f"/certifications/versions/{draft_id}/case.json").status_code == 404
