"""A version as a package of 1EdTech CASE 1.1: its blocks and competencies with identifiers that never change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from portfolio.domain.certification.rules.entry import Entry, EntryBlock, EntryCompetency
from portfolio.domain.certification.rules.entry_schema import entry_as_json

CASE_PATH = "/ims/case/v1p1"
DOCUMENT = "document"  # the path of the document itself, by which it is identified
EXTENSION = "acquis"  # CASE 1.1 allows extensions; these keep what CASE has no field for


@dataclass(frozen=True, slots=True)
class Framework:
    """A published version, who publishes it, and the address of the site where its parts are read."""

    certification_id: UUID
    code: str
    number: int
    creator: str
    published_at: datetime
    address: str
    entry: Entry

    def identifier(self, path: str) -> str:
        """Return the identifier of a part of this version."""
        return part_identifier(self.certification_id, self.code, self.number, path)

    @property
    def changed_at(self) -> str:
        """Return the moment of publication with its time zone: a published version never changes again."""
        at = self.published_at if self.published_at.tzinfo else self.published_at.replace(tzinfo=UTC)
        return at.astimezone(UTC).isoformat(timespec="seconds")


def part_identifier(certification_id: UUID, code: str, number: int, path: str) -> str:
    """Return the UUIDv5 of a part, from the certification, its code, the version's number and the path of the part."""
    return str(uuid5(certification_id, f"{code}/{number}/{path}"))


def document_uri(address: str, identifier: str) -> str:
    """Return where the document of a version is read, from the address of the site."""
    return f"{address}{CASE_PATH}/CFDocuments/{identifier}"


def item_uri(address: str, identifier: str) -> str:
    """Return where an item of a version is read, from the address of the site."""
    return f"{address}{CASE_PATH}/CFItems/{identifier}"


def block_path(number: int) -> str:
    """Return the path of a block, by which it is identified."""
    return f"block/{number}"


def competency_path(block: int, number: int) -> str:
    """Return the path of a competency, by which it is identified."""
    return f"block/{block}/competency/{number}"


def package_of(framework: Framework) -> dict[str, Any]:
    """Return the CFPackage of a version: its document, an item for each block and competency, and where each stands."""
    return {
        "CFDocument": _document(framework),
        "CFItems": [item for _, item in _items(framework)],
        "CFAssociations": list(_associations(framework)),
    }


def item_of(framework: Framework, identifier: str) -> dict[str, Any] | None:
    """Return one CFItem with the link to its document; None when the version has no such item."""
    found = next((item for _, item in _items(framework) if item["identifier"] == identifier), None)
    return None if found is None else {**found, "CFDocumentURI": _document_link(framework)}


def document_of(framework: Framework) -> dict[str, Any]:
    """Return the CFDocument of a version with the link to its package."""
    document = _document(framework)
    package = document["uri"].replace("/CFDocuments/", "/CFPackages/")
    link = {"title": document["title"], "identifier": document["identifier"], "uri": package}
    return {**document, "CFPackageURI": link}


def associations_of(framework: Framework, identifier: str) -> list[dict[str, Any]]:
    """Return the associations that an item stands in."""
    ends = ("originNodeURI", "destinationNodeURI")
    return [each for each in _associations(framework) if identifier in (each[end]["identifier"] for end in ends)]


def _document_link(framework: Framework) -> dict[str, str]:
    identifier = framework.identifier(DOCUMENT)
    uri = document_uri(framework.address, identifier)
    return {"title": _line(framework.entry.title), "identifier": identifier, "uri": uri}


def _line(text: str) -> str:
    return " ".join(text.split())


def _document(framework: Framework) -> dict[str, Any]:
    entry = framework.entry
    starts = [registration.since for registration in entry.registrations if registration.since]
    document: dict[str, Any] = {
        "identifier": framework.identifier(DOCUMENT),
        "uri": document_uri(framework.address, framework.identifier(DOCUMENT)),
        "caseVersion": "1.1",
        "frameworkType": "certification",
        "creator": _line(framework.creator),
        "title": _line(entry.title),
        "lastChangeDateTime": framework.changed_at,
        "language": "fr",
        "version": str(framework.number),
        "adoptionStatus": "Adopted",
        "extensions": {EXTENSION: {"registerCode": framework.code, "entry": _rest(entry)}},
    }
    if starts and entry.registered_until:
        document |= {"statusStartDate": min(starts).isoformat(), "statusEndDate": entry.registered_until.isoformat()}
    return document


def _rest(entry: Entry) -> dict[str, Any]:
    """Return what the entry says beside its blocks: CASE has no field for it, and an export is read back equal."""
    return {key: value for key, value in entry_as_json(entry).items() if key not in ("blocks", "doubts")}


def _items(framework: Framework) -> Iterator[tuple[str, dict[str, Any]]]:
    for block in framework.entry.blocks:
        yield block_path(block.number), _block_item(framework, block)
        for competency in block.competencies:
            yield competency_path(block.number, competency.number), _competency_item(framework, block, competency)


def _item(framework: Framework, path: str, statement: str, code: str, kind: str) -> dict[str, Any]:
    identifier = framework.identifier(path)
    return {
        "identifier": identifier,
        "uri": item_uri(framework.address, identifier),
        "fullStatement": statement,
        "humanCodingScheme": code,
        "CFItemType": kind,
        "language": "fr",
        "lastChangeDateTime": framework.changed_at,
    }


def _block_item(framework: Framework, block: EntryBlock) -> dict[str, Any]:
    item = _item(framework, block_path(block.number), block.title, str(block.number), "Block")
    kept: dict[str, Any] = {
        "number": block.number,
        "assessments": list(block.assessments),
        "certificateStated": block.certificate_stated,
        "text": block.title,
    }
    if block.code is not None:
        kept["code"] = block.code
    if block.option:
        kept["option"] = block.option
    if block.source is not None:
        kept["source"] = {"text": block.source.text, "cut": str(block.source.cut)}
    return {**item, "extensions": {EXTENSION: kept}}


def _competency_item(framework: Framework, block: EntryBlock, competency: EntryCompetency) -> dict[str, Any]:
    code = f"{block.number}.{competency.number}"
    item = _item(framework, competency_path(block.number, competency.number), competency.text, code, "Competency")
    kept = {"number": competency.number, "text": competency.text}
    item["extensions"] = {EXTENSION: kept | ({"alias": competency.alias} if competency.alias else {})}
    return {**item, "alternativeLabel": competency.alias} if competency.alias else item


def _associations(framework: Framework) -> Iterator[dict[str, Any]]:
    document = _document_link(framework)
    for place, block in enumerate(framework.entry.blocks, 1):
        block_link = _link(framework, block_path(block.number), block.title)
        yield _child(framework, block_path(block.number), block_link, document, place)
        for rank, competency in enumerate(block.competencies, 1):
            path = competency_path(block.number, competency.number)
            yield _child(framework, path, _link(framework, path, competency.text), block_link, rank)


def _link(framework: Framework, path: str, title: str) -> dict[str, str]:
    identifier = framework.identifier(path)
    return {"title": _line(title), "identifier": identifier, "uri": item_uri(framework.address, identifier)}


def _child(
    framework: Framework, path: str, child: dict[str, str], parent: dict[str, str], place: int
) -> dict[str, Any]:
    identifier = framework.identifier(f"{path}/isChildOf")
    return {
        "identifier": identifier,
        "uri": f"{document_uri(framework.address, framework.identifier(DOCUMENT))}#{identifier}",
        "associationType": "isChildOf",
        "sequenceNumber": place,
        "originNodeURI": child,
        "destinationNodeURI": parent,
        "lastChangeDateTime": framework.changed_at,
    }
