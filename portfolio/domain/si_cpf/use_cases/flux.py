"""The file for the Caisse des Dépôts, written and checked as a stream; the receipt, read as a stream.

The elements are those of the schema 1.1.2, and of 1.1.5 as its kit describes them; both schemas stand beside.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from lxml import etree

from portfolio.calendar import PARIS
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.si_cpf.rules import (
    MAX_PASSAGES,
    FlowHead,
    HolderIdentity,
    Passage,
    SchemaVersion,
    SiCpfRefusal,
    type_of_code,
)
from portfolio.errors import Refusal

NAMESPACE = "urn:cdc:cpf:pc5:schema:1.0.0"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NIL = {f"{{{_XSI}}}nil": "true"}
_PREFIXES = {"cpf": NAMESPACE, "xsi": _XSI}
_CHUNK_BYTES = 64 * 1024
_PASSAGE = f"{{{NAMESPACE}}}passageCertification"
MAX_RECEIPT_BYTES = 64 * 1024**2
_MAX_TEXT = 2000
ACCESS = {
    Route.INITIAL_TRAINING: "FORMATION_INITIALE_HORS_APPRENTISSAGE",
    Route.APPRENTICESHIP: "FORMATION_INITIALE_APPRENTISSAGE",
    Route.CONTINUING_TRAINING: "FORMATION_CONTINUE_HORS_CONTRAT_DE_PROFESSIONNALISATION",
    Route.PROFESSIONALISATION: "FORMATION_CONTINUE_CONTRAT_DE_PROFESSIONNALISATION",
    Route.VAE: "VAE",
    Route.INDIVIDUAL: "CANDIDAT_LIBRE",
}


def write_flux(head: FlowHead, passages: Iterable[Passage]) -> Iterator[bytes]:
    """Yield the file in pieces; passages come in the order of their codes, and none is kept once written."""
    buffer = io.BytesIO()
    with etree.xmlfile(buffer, encoding="UTF-8") as file:
        file.write_declaration()
        with file.element(f"{{{NAMESPACE}}}flux", nsmap=_PREFIXES):
            _write(file, idFlux=head.flow_id, horodatage=head.at.astimezone(PARIS).isoformat(timespec="seconds"))
            if head.schema is SchemaVersion.V1_1_5:
                _write(file, action=head.action.value)
            with _within(file, "emetteur"):
                _write(file, idClient=head.client_id)
                with _within(file, "certificateurs"), _within(file, "certificateur"):
                    _write(file, idClient=head.client_id, idContrat=head.contract_id)
                    with _within(file, "certifications"):
                        yield from _certifications(file, buffer, head, passages)
    yield buffer.getvalue()


def _certifications(file: Any, buffer: io.BytesIO, head: FlowHead, passages: Iterable[Passage]) -> Iterator[bytes]:
    for code, rows in groupby(passages, key=lambda passage: passage.code):
        with _within(file, "certification"):
            _write(file, type=type_of_code(code), code=code, natureDeposant="CERTIFICATEUR")
            with _within(file, "passageCertifications"):
                for row in rows:
                    file.write(_passage(head, row))
                    if buffer.tell() > _CHUNK_BYTES:
                        file.flush()
                        yield buffer.getvalue()
                        buffer.seek(0)
                        buffer.truncate()


def _within(file: Any, name: str) -> Any:
    return file.element(f"{{{NAMESPACE}}}{name}")


def _write(file: Any, **texts: str | None) -> None:
    for name, text in texts.items():
        with _within(file, name):
            file.write(text)


def _add(parent: Any, name: str, text: str | None = None) -> Any:
    """Add an element that is always there: nil without a text."""
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", {} if text else _NIL)
    element.text = text
    return element


def _group(parent: Any, name: str) -> Any:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")


def _add_known(parent: Any, **texts: str | None) -> None:
    for name, text in texts.items():
        if text:
            _add(parent, name, text)


def _passage(head: FlowHead, row: Passage) -> Any:
    made = etree.Element(_PASSAGE, nsmap=_PREFIXES)
    present = row.present_on.isoformat() if row.present_on else None
    _add(made, "idTechnique", str(row.technical_id))
    _add_known(made, urlPreuve=head.proof_address(row.number), libelleOption=row.option)
    _add_known(made, obtentionCertification="PAR_ADMISSION", donneeCertifiee="true")
    _add_known(made, dateDebutExamen=present, dateFinExamen=present)
    _add(made, "dateDebutValidite", row.awarded_on.isoformat())
    _add(made, "dateFinValidite", row.valid_until.isoformat() if row.valid_until else None)
    _add_known(made, presenceNiveauLangueEuro="false", presenceNiveauNumeriqueEuro="false")
    _add(made, "scoring")
    _add(made, "mentionValidee")
    enrolment = _group(made, "modalitesInscription")
    _add(enrolment, "modaliteAcces", ACCESS[row.route])
    _add_known(enrolment, voieAccessVAE="VAE_CLASSIQUE" if row.route is Route.VAE else None)
    _add_known(enrolment, dateInscription=row.enrolled_on.isoformat())
    _identify(_group(made, "identificationTitulaire"), row.identity, head)
    return made


def _identify(parent: Any, holder: HolderIdentity, head: FlowHead) -> None:
    """Write who the holder is: by the file number of their account, by their number, or by their civil status."""
    if holder.file_number:
        found = _group(parent, "dossierFormation")
        _add_known(found, idDossier=holder.file_number, nomTitulaire=holder.birth_name)
        _add_known(found, prenom1Titulaire=holder.first_name)
    elif holder.nir and head.schema is SchemaVersion.V1_1_5:
        _add_known(_group(parent, "identifiantNational"), nir=holder.nir, nomNaissance=holder.birth_name)
    else:
        found = _group(parent, "titulaire")
        _add(found, "nomNaissance", holder.birth_name)
        _add(found, "nomUsage", holder.usual_name)
        _add_known(found, prenom1=holder.first_name, prenom2=holder.second_name, prenom3=holder.third_name)
        born = holder.born_on
        _add_known(found, anneeNaissance=f"{born:%Y}", moisNaissance=f"{born:%m}", jourNaissance=f"{born:%d}")
        _add(found, "sexe", holder.sex.value)
        commune = _group(found, "codeCommuneNaissance")
        if holder.commune_code:
            _add(_group(commune, "codeInseeNaissance"), "codeInsee", holder.commune_code)
        else:
            _add(_group(commune, "codePostalNaissance"), "codePostal")


@cache
def _schema(version: SchemaVersion) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(Path(__file__).parents[1] / f"schema_{version.value}.xsd"))


def check_flux(chunks: Iterable[bytes], version: SchemaVersion) -> Iterator[bytes]:
    """Yield the pieces of a file again, each checked against the schema; raise Refusal at the first fault.

    The parser keeps no passage that it has read.
    """
    parser: Any = etree.XMLPullParser(events=("end",), tag=_PASSAGE, schema=_schema(version), resolve_entities=False)
    try:
        for chunk in chunks:
            parser.feed(chunk)
            _forget(parser.read_events())
            yield chunk
        parser.close()
    except etree.XMLSyntaxError as error:
        raise Refusal(SiCpfRefusal.INVALID, line=error.lineno or 0) from None


def _forget(events: Iterable[tuple[str, Any]]) -> None:
    for _event, element in events:
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


@dataclass
class Receipt:
    """Answer of the Caisse des Dépôts: the file that it answers, what it accepts, what it rejects and why."""

    flow_id: str = ""
    treatment_id: str = ""
    accepted: set[str] = field(default_factory=set)
    rejected: dict[str, str] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)


def read_receipt(file: IO[bytes]) -> Receipt:
    """Read a receipt, one answer at a time. Raise Refusal for what is no receipt.

    It comes from outside: no DTD, no entity, no network, bounded texts and numbers of answers.
    """
    bounded = _Bounded(file)
    found, ids, message, path = Receipt(), [], "", []
    try:
        events = etree.iterparse(
            bounded, events=("start", "end"), resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
        )
        for event, element in events:
            if event == "start":
                path.append(etree.QName(element).localname)
                if len(path) == 1 and (path != ["rapport"] or element.getroottree().docinfo.doctype):
                    raise Refusal(SiCpfRefusal.UNREADABLE)
                continue
            name, text = path.pop(), (element.text or "").strip()[:_MAX_TEXT]
            section = path[1].casefold() if len(path) > 1 else ""
            if name == "idFlux" and len(path) == 1:
                found.flow_id = text
            elif name == "idTraitement" and len(path) == 1:
                found.treatment_id = text[:100]
            elif name == "idTechnique" and section:
                ids.append(text)
            elif name == "messageErreur":
                message = text
            is_answer = name == "passage" or (name == "idTechnique" and path[-1].casefold() == "passagesok")
            if is_answer and section in ("passagesok", "passagesko") and ids:
                _keep(found, ids.pop(), message if section == "passagesko" else None)
                ids, message = [], ""
            element.clear()
            while path and element.getprevious() is not None:
                del element.getparent()[0]
    except (etree.XMLSyntaxError, AssertionError, ValueError):
        raise Refusal(SiCpfRefusal.UNREADABLE) from None
    if not found.flow_id:
        raise Refusal(SiCpfRefusal.UNREADABLE)
    return found


def _keep(found: Receipt, technical_id: str, message: str | None) -> None:
    if technical_id in found.accepted or technical_id in found.rejected:
        found.repeated.add(technical_id)
    if len(found.accepted) + len(found.rejected) >= MAX_PASSAGES:
        raise Refusal(SiCpfRefusal.TOO_LARGE)
    if message is None:
        found.accepted.add(technical_id)
    else:
        found.rejected[technical_id] = message


class _Bounded:
    """A file of which so many bytes are read at most."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._left = file, MAX_RECEIPT_BYTES

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; raise Refusal beyond the bound."""
        piece = self._file.read(min(size, _CHUNK_BYTES) if size > 0 else _CHUNK_BYTES)
        self._left -= len(piece)
        if self._left < 0:
            raise Refusal(SiCpfRefusal.TOO_LARGE)
        return piece
