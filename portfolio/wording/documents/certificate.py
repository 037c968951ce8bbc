"""The certificate of a block, and the parchment of the whole, from the labels fixed on the day of their issue."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from sqlalchemy.orm import Session

from portfolio.documents.certificate import (
    BlockCertificate,
    CertificateStatusNote,
    HeldBlock,
    Parchment,
    block_certificate_pdf,
    parchment_pdf,
)
from portfolio.documents.values import BlockName, CertificationName, Register, Signature
from portfolio.domain.candidacy.rules.opening import Birth
from portfolio.domain.certification.rules.registration import RegistrationStatusCode, RegistrationStatusReason
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.use_cases.signatures import find_seal, read_sealed
from portfolio.domain.holdings.use_cases.status import CertificateStatus
from portfolio.domain.notification.use_cases.document_data import CertificateData
from portfolio.files.storage.store import FileStore
from portfolio.french_text import date_fr, enumeration
from portfolio.wording.candidacy import birth_message
from portfolio.wording.documents.names import HOW, format_code, ledger_checkpoint
from portfolio.wording.holdings.grants import (
    award_act_message,
    is_permanent,
    subject_message,
    validity_message,
    whole_validity_message,
)

__all__ = ["certificate_pdf", "given_certificate", "subject_message"]

Labels = Mapping[str, Any]


def certificate_pdf(data: CertificateData, public_url: str) -> bytes:
    """Answer the certificate, or the parchment, as a PDF: a draft that says so until it is signed."""
    labels = data.labels
    shared: dict[str, Any] = {
        "number": data.number,
        "certifier": data.signature.legal_name if data.signature else labels["body"]["name"],
        "certification": _certification(labels),
        "register": _register(labels.get("standing") or {}),
        "holder": labels["holder"],
        "birth": _birth(labels),
        "decision": _decision(labels),
        "rectifies": _rectifies(labels),
        "delivered_on": date.fromisoformat(labels["delivered_on"]),
        "place": (data.signature.city if data.signature else "") or labels["body"].get("city") or "",
        "issued_at": data.issued_at,
        "public_url": public_url,
        "ledger": ledger_checkpoint(data.head),
        "signed_by": _signature(data),
        "became": _became(data.standing),
    }
    if labels["subject"] == "whole":
        held = tuple(
            HeldBlock(
                BlockName(award_block.number, award_block.title),
                award_block.act.on,
                award_block.certificate,
                award_act_message(award_block.act),
            )
            for award_block in data.held
        )
        if len({award_block.act for award_block in data.held}) > 1:
            shared["decision"] = _several_acts(shared["delivered_on"])
        if options := labels["certification"].get("options"):
            shared["decision"] += f". Certification obtenue avec {enumeration(options)}"
        return parchment_pdf(Parchment(held=held, validity=whole_validity_message(labels), **shared), data.look)
    block = BlockName(labels["block"]["number"], labels["block"]["title"])
    competencies = tuple(competency["text"] for competency in labels["competencies"])
    blocks = labels["certification"].get("blocks") or block.number
    shared |= {"validity": validity_message(labels), "is_permanent": is_permanent(labels)}
    return block_certificate_pdf(
        BlockCertificate(block=block, blocks=blocks, competencies=competencies, **shared), data.look
    )


def given_certificate(session: Session, files: FileStore, data: CertificateData, public_url: str) -> bytes:
    """Return the PDF that is given of a certificate: the sealed file, letter for letter, while the certificate stands;
    otherwise the paper made again, which says what it became. Raise StoreUnavailable.
    """
    seal = find_seal(session, data.number)
    if seal is not None and data.standing.status not in _BECAME:
        return read_sealed(files, seal)
    return certificate_pdf(data, public_url)


def _signature(data: CertificateData) -> Signature | None:
    signature = data.signature
    return Signature(signature.name, signature.quality, signature.signed_at, HOW) if signature else None


_BECAME: Mapping[GrantStatus, tuple[str, str]] = {
    GrantStatus.SUSPENDED: ("Suspendu", "le temps d’un examen : ni valide ni perdu, il sera confirmé ou annulé."),
    GrantStatus.WITHDRAWN: ("Retiré", "par l’organisme qui l’avait délivré. Il ne prouve plus rien."),
    GrantStatus.ANNULLED: ("Annulé", "avec la décision qui le donnait. Il ne prouve plus rien."),
    GrantStatus.REPLACED: ("Remplacé", "Un certificat d’un autre numéro tient lieu de celui-ci."),
}


def _became(status: CertificateStatus) -> CertificateStatusNote | None:
    """Return what the paper of a certificate that stands no more says of itself, before anything else."""
    if status.status not in _BECAME:
        return None
    word, meaning = _BECAME[status.status]
    on = "depuis le" if status.status is GrantStatus.SUSPENDED else "le"
    since = f" {on} {date_fr(status.since)}" if status.since else ""
    by = (
        f" par le certificat {status.replaced_by}."
        if status.status is GrantStatus.REPLACED and status.replaced_by
        else ""
    )
    if status.rectified:
        by, meaning = (by.removesuffix(".") + ",", "qui corrige l’identité imprimée et tient lieu de celui-ci.")
    return CertificateStatusNote(word, f"{word}{since}{by} {meaning}")


def _birth(labels: Labels) -> str:
    birth = labels.get("birth")
    return (
        birth_message(Birth(date.fromisoformat(birth["on"]), birth["place"], birth.get("name") or "")) if birth else ""
    )


def _certification(labels: Labels) -> CertificationName:
    certification = labels["certification"]
    level = certification.get("level") or ""
    return CertificationName(
        certification["title"], format_code(certification["code"]), level, level, tuple(certification.get("nsf") or ())
    )


def _decision(labels: Labels) -> str:
    """Name the act: the jury's, or what another route is said to be by its labels."""
    session = labels.get("session")
    if session:
        held_on, place = date_fr(date.fromisoformat(session["held_on"])), session["place"]
        # A place is typed freely: a town, an address, « à distance ». Between commas any of them reads well.
        where = f", {place}" if place else ""
        return f"Décision du jury du {held_on}{where}, procès-verbal {session['minutes']}"
    other = labels.get("act") or {}
    on = date_fr(date.fromisoformat(other.get("on") or labels["delivered_on"]))
    where = f" ({other['obtained_at']})" if other.get("obtained_at") else ""
    reference = f", référence {other['reference']}" if other.get("reference") else ""
    return f"Bloc acquis le {on} par une autre voie{where}, vérifiée par le certificateur{reference}"


def _several_acts(obtained_on: date) -> str:
    return f"Certification obtenue le {date_fr(obtained_on)}. Chaque bloc est suivi de l’acte qui l’a donné"


def _rectifies(labels: Labels) -> str:
    """Refer to the certificate whose identity this one puts right (R12)."""
    certificate = labels.get("rectifies")
    if not certificate:
        return ""
    return (
        f"Ce certificat rectifie le certificat {certificate['number']}, par décision du "
        f"{date_fr(date.fromisoformat(certificate['on']))}."
    )


_STANDINGS: Mapping[str, Literal["in_force", "protected", "none"]] = {
    RegistrationStatusCode.IN_FORCE: "in_force",
    RegistrationStatusCode.PROTECTED: "protected",
}


def _register(registration: Labels) -> Register:
    found = registration.get("registration") or {}
    code = _STANDINGS.get(registration.get("code") or "", "none")
    if code == "none" or not found:
        return Register("none")
    since, until = (date.fromisoformat(found[name]) if found.get(name) else None for name in ("from", "until"))
    return Register(code, found.get("act") or "", since, until, _ground(registration))


def _ground(registration: Labels) -> str:
    if registration.get("code") != RegistrationStatusCode.PROTECTED:
        return ""
    on = date_fr(date.fromisoformat(registration["day"])) if registration.get("day") else ""
    training = registration.get("ground") == RegistrationStatusReason.TRAINING_BEGUN_WHILE_REGISTERED
    clause = "la formation a commencé" if training else "la recevabilité a été prononcée"
    return f"{clause} le {on}" if on else clause
