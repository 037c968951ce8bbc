"""The file follows its schema for every holder, as a stream; the receipt is read without trust."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from uuid import UUID

import pytest
from lxml import etree

from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.si_cpf.rules import (
    FlowAction,
    FlowHead,
    HolderIdentity,
    Passage,
    SchemaVersion,
    Sex,
    SiCpfRefusal,
)
from portfolio.domain.si_cpf.use_cases.flux import NAMESPACE, check_flux, read_receipt, write_flux
from portfolio.errors import Refusal

SUMMER = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
HOLDER = HolderIdentity("D’ANGELO & L'HERMITE <x>", "محمد", Sex.MALE, date(1984, 5, 12))
DAY = date(2026, 3, 20)


def head(version: SchemaVersion = SchemaVersion.V1_1_5, at: datetime = SUMMER, **more: object) -> FlowHead:
    told: dict[str, object] = {"action": FlowAction.CREATION, "schema": version, "at": at, "address": "https://x.fr"}
    return FlowHead("ACQ-2026-000031", "03VML243", "MCFCER000209", **(told | more))


def passage(identity: HolderIdentity = HOLDER, number: int = 1, **more: object) -> Passage:
    told: dict[str, object] = {
        "technical_id": UUID(int=number), "code": "RNCP16959", "number": "C-1", "option": "", "route": Route.VAE,
        "enrolled_on": DAY, "present_on": None, "awarded_on": DAY, "valid_until": None,
    }  # fmt: skip
    return Passage(identity=identity, **(told | more))


def written(*passages: Passage, to: FlowHead | None = None) -> etree._Element:
    found = to or head()
    return etree.fromstring(b"".join(check_flux(write_flux(found, passages), found.schema)))


def texts(root: etree._Element, name: str) -> list[str | None]:
    return [each.text for each in root.iter(f"{{{NAMESPACE}}}{name}")]


@pytest.mark.parametrize("version", SchemaVersion)
@pytest.mark.parametrize("route", Route)
@pytest.mark.parametrize(
    "identity",
    [
        HOLDER,
        HolderIdentity("BENALI", "Samia", Sex.FEMALE, DAY, "Martin", "Inès", "Zoé", "2A004"),
        HolderIdentity("BENALI", "Samia", Sex.FEMALE, DAY, nir="184052A063012"),
        HolderIdentity("BENALI", "Samia", Sex.FEMALE, DAY, file_number="1234567890123"),
    ],
)
def test_every_holder_and_route_follows_both_schemas(version, route, identity):
    told = passage(identity, route=route, present_on=DAY, valid_until=DAY, option="RNCP16959BC01")
    root = written(told, passage(identity, 2, route=route), to=head(version))
    assert texts(root, "idTechnique") == [str(UUID(int=1)), str(UUID(int=2))]
    has_nir = bool(identity.nir) and version is SchemaVersion.V1_1_5
    assert bool(texts(root, "nir")) == has_nir
    assert texts(root, "action") == (["CREATION"] if version is SchemaVersion.V1_1_5 else [])


def test_names_are_escaped_whole_and_what_is_not_known_is_nil():
    root = written(passage())
    assert texts(root, "nomNaissance") == [HOLDER.birth_name]
    assert texts(root, "prenom1") == ["محمد"]
    nil = [
        etree.QName(each).localname
        for each in root.iter()
        if each.get("{http://www.w3.org/2001/XMLSchema-instance}nil")
    ]
    assert nil == ["dateFinValidite", "scoring", "mentionValidee", "nomUsage", "codePostal"]
    assert texts(root, "urlPreuve") == ["https://x.fr/certificats/C-1"]


def test_the_hour_bears_its_own_offset_on_the_day_the_clocks_change():
    before, after = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert texts(written(passage(), to=head(at=before)), "horodatage") == ["2026-03-29T01:59:59+01:00"]
    assert texts(written(passage(), to=head(at=after)), "horodatage") == ["2026-03-29T03:00:00+02:00"]


def test_certifications_are_grouped_by_code_and_a_suppression_says_so():
    rows = [passage(), passage(number=2), passage(number=3, code="RS5678")]
    root = written(*rows, to=head(action=FlowAction.SUPPRESSION))
    assert texts(root, "code") == ["RNCP16959", "RS5678"]
    assert texts(root, "type") == ["RNCP", "RS"]
    assert texts(root, "action") == ["SUPPRESSION"]


@pytest.mark.parametrize("wrong", [{"client_id": "court"}, {"contract_id": "X" * 21}])
def test_a_file_that_breaks_the_schema_is_not_given(wrong: dict[str, str]):
    told = FlowHead(**({"flow_id": "A", "client_id": "03VML243", "contract_id": "M"} | wrong), action=FlowAction.CREATION,
                    schema=SchemaVersion.V1_1_5, at=SUMMER)  # fmt: skip
    with pytest.raises(Refusal, match=SiCpfRefusal.INVALID):
        written(passage(), to=told)
    with pytest.raises(Refusal, match=SiCpfRefusal.INVALID):
        written(passage(HolderIdentity("N" * 61, "A", Sex.MALE, DAY)))
    with pytest.raises(Refusal, match=SiCpfRefusal.INVALID):
        written()


def test_the_file_is_given_while_its_passages_are_read():
    drawn = [0]

    def many() -> Iterator[Passage]:
        for number in range(3000):
            drawn[0] += 1
            yield passage(number=number)

    pieces = check_flux(write_flux(head(), many()), SchemaVersion.V1_1_5)
    sizes = [(len(piece), drawn[0]) for piece in pieces]
    assert sizes[0][1] < 200, "the first piece is given before the others are read"
    assert max(size for size, _ in sizes) < 128 * 1024
    assert drawn == [3000]


def rapport(inside: str, prolog: str = "") -> BytesIO:
    return BytesIO(f'{prolog}<rapport xmlns:ns2="urn:cdc:cpf:pc5:rapport:schema">{inside}</rapport>'.encode())


def test_both_forms_of_a_receipt_are_read():
    found = read_receipt(rapport(
        "<idFlux> F1 </idFlux><idTraitement>T</idTraitement><passagesKO><passage><idTechnique>a</idTechnique>"
        "<messageErreur>Non &amp; non</messageErreur></passage></passagesKO>"
        "<passagesOK><passage><idTechnique>b</idTechnique></passage><passage><idTechnique>c</idTechnique></passage></passagesOK>"
    ))  # fmt: skip
    assert (found.flow_id, found.treatment_id) == ("F1", "T")
    assert found.rejected == {"a": "Non & non"}
    assert found.accepted == {"b", "c"}
    assert read_receipt(
        rapport("<idFlux>F</idFlux><PassagesOK><idTechnique>d</idTechnique></PassagesOK>")
    ).accepted == {"d"}


BILLION = "<!DOCTYPE r [<!ENTITY a 'x'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
OUTSIDE = "<!DOCTYPE r [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"


@pytest.mark.parametrize(
    "file",
    [
        rapport("<idFlux>&b;</idFlux>", BILLION),
        rapport("<idFlux>&f;</idFlux>", OUTSIDE),
        rapport("<idFlux>F</idFlux>", "<!DOCTYPE rapport>"),
        rapport("<PassagesOK><idTechnique>d</idTechnique></PassagesOK>"),
        BytesIO(b"<flux/>"),
        BytesIO(b"<rapport><idFlux>F"),
        BytesIO(b""),
        BytesIO(b"%PDF-1.7"),
        BytesIO(b"<rapport>" + b"<a>" * 400 + b"</a>" * 400 + b"</rapport>"),
    ],
    ids=list("abcdefghi"),
)
def test_what_is_no_receipt_is_refused(file: BytesIO):
    with pytest.raises(Refusal, match=SiCpfRefusal.UNREADABLE):
        read_receipt(file)
