"""The content of a digital certificate (Open Badges 3.0), from the labels fixed on the day of its issue."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy.orm import Session

import certificate_check
from portfolio.documents.typesetting import typeset_picture
from portfolio.domain.certification.rules.case_package import (
    DOCUMENT,
    block_path,
    competency_path,
    document_uri,
    item_uri,
    part_identifier,
)
from portfolio.domain.certifying_body.rules import PLAIN_LOOK
from portfolio.domain.holdings.models.grants import Certificate, VerifiableCredential
from portfolio.domain.holdings.use_cases.credentials import (
    CredentialFacts,
    find_revoked_indexes,
    name_hash,
    sign_status_list,
)
from portfolio.domain.ledger.witness import note_key, prove_inclusion
from portfolio.french_text import NBSP, date_fr
from portfolio.seals import Attachment, Seal, seal_pdf
from portfolio.signing_key import Keys
from portfolio.verifiable_credentials import CONTEXTS, Issuer, baked_png, baked_svg, moment
from portfolio.wallet_credentials import WalletClaims
from portfolio.wording.documents.names import format_code
from portfolio.wording.holdings.grants import award_act_message, registration_message, subject_message, validity_message

_LEVELS = "https://europass.europa.eu/fr/description-des-huit-niveaux-du-cec"
_FICHES = "https://www.francecompetences.fr/recherche/"
_REGISTER = f"{_FICHES}rncp/"
_RNCP = "Répertoire national des certifications professionnelles"


def credential_content(facts: CredentialFacts) -> dict[str, Any]:
    """Return what a credential says: the achievement and its act; neither the holder's name nor a file of theirs."""
    labels = facts.labels
    content: dict[str, Any] = {
        "@context": list(CONTEXTS),
        "id": f"{facts.address}/certificats/{facts.number}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": _name(labels),
        "issuer": {"type": ["Profile"], "name": labels["body"]["name"], "url": facts.address},
        "validFrom": moment(facts.recorded_at),
        "awardedDate": f"{labels['delivered_on']}T00:00:00Z",
        "credentialSubject": {
            "id": facts.subject,
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "hashed": True, "identityHash": facts.holder_hash, "identityType": "name"}
            ],
            "achievement": _achievement(facts),
        },
        "evidence": [
            {"type": ["Evidence"], "name": name, "genre": "Décision de certification"} for name in _decisions(facts)
        ],
    }
    # A block is valid for ever unless its own validity is limited.
    if limit := labels.get("validity"):
        content["validUntil"] = f"{limit['until']}T23:59:59Z"
    return content


# Claims of the form for wallets, as their holder reads them.
WALLET_NAMES = {
    "holder": "Titulaire",
    "title": "Certificat",
    "certification": "Certification",
    "level": "Niveau",
    "body": "Organisme certificateur",
    "delivered_on": "Date de la décision",
    "competencies": "Compétences",
}


def wallet_claims(labels: Mapping[str, Any], number: str, address: str) -> WalletClaims:
    """Return what a certificate says in a wallet: its number and its page always, the rest as its holder chooses."""
    certification = labels["certification"]
    told = {
        "holder": labels["holder"],
        "title": _name(labels),
        "certification": f"{certification['title']} ({format_code(certification['code'])})",
        "level": certification["level"],
        "body": labels["body"]["name"],
        "delivered_on": labels["delivered_on"],
        "competencies": [f"{one['number']} {one['text']}" for one in labels.get("competencies") or ()],
    }
    shown = {"number": number, "verification": f"{address}/certificats/{number}"}
    return WalletClaims(shown, {name: value for name, value in told.items() if value})


def _name(labels: Mapping[str, Any]) -> str:
    title = labels["certification"]["title"]
    return title if labels["subject"] == "whole" else f"{subject_message(labels)} ({title})"


def _achievement(facts: CredentialFacts) -> dict[str, Any]:
    labels, certification = facts.labels, facts.labels["certification"]
    block = labels["block"]
    uri, path = (item_uri, block_path(block["number"])) if block else (document_uri, DOCUMENT)
    return {
        "id": uri(facts.address, _identifier(facts, path)),
        "type": ["Achievement"],
        "achievementType": "Certificate",
        "name": _name(labels),
        "description": f"{validity_message(labels)} {registration_message(labels['standing'])}",
        "criteria": {"narrative": _criteria(labels)},
        "humanCode": f"{certification['code']} bloc {block['number']}" if block else certification["code"],
        "inLanguage": "fr",
        "version": str(certification["version"]),
        "alignment": list(_alignments(facts)),
    }


def _criteria(labels: Mapping[str, Any]) -> str:
    if labels["subject"] == "whole":
        return "Tous les blocs de compétences que la certification demande étaient acquis à la date de l’acte."
    if labels["session"]:
        return "Le jury a validé ce bloc après avoir examiné chacune de ses compétences."
    return "Ce bloc a été acquis par une autre voie. L’organisme certificateur en a vérifié la preuve."


def _decisions(facts: CredentialFacts) -> Iterator[str]:
    labels = facts.labels
    if facts.blocks:
        yield from (f"Bloc {block.number}{NBSP}: {award_act_message(block.act)}" for block in facts.blocks)
    elif session := labels["session"]:
        yield f"Procès-verbal {session['minutes']} du jury du {date_fr(date.fromisoformat(session['held_on']))}"
    elif act := labels["act"]:
        yield f"Acquisition vérifiée, référence {act['reference']}"


def _alignments(facts: CredentialFacts) -> Iterator[dict[str, Any]]:
    """Yield the parts of the register entry that are certified, the entry itself and its level."""
    labels, certification = facts.labels, facts.labels["certification"]
    framework = {"targetFramework": certification["title"], "targetType": "CFItem"}
    if block := labels["block"]:
        # A certificate numbers a competency « 2.1 »: the first of block 2.
        parts = [
            (competency_path(block["number"], int(str(one["number"]).rpartition(".")[2])), one["text"], one["number"])
            for one in labels["competencies"]
        ]
    else:
        parts = [(block_path(one.number), one.title, str(one.number)) for one in facts.blocks]
    for path, text, code in parts:
        uri = item_uri(facts.address, _identifier(facts, path))
        yield {"type": ["Alignment"], "targetName": text, "targetUrl": uri, "targetCode": code, **framework}
    code = certification["code"]
    yield {
        "type": ["Alignment"],
        "targetName": f"{format_code(code)}, {certification['title']}",
        "targetUrl": register_address(code) or f"{_REGISTER}{code}/",
        "targetCode": code,
        "targetFramework": "Répertoire spécifique" if re.match(r"RS\d", code) else _RNCP,
    }
    if level := certification["level"]:
        yield {
            "type": ["Alignment"],
            "targetName": f"Niveau {level}",
            "targetUrl": _LEVELS,
            "targetCode": str(level),
            "targetFramework": "Cadre européen des certifications",
        }


def _identifier(facts: CredentialFacts, path: str) -> str:
    certification = facts.labels["certification"]
    return part_identifier(facts.certification_id, certification["code"], certification["version"], path)


_INCHES = 144.0


def credential_picture(number: str, kept: VerifiableCredential, kind: str) -> bytes:
    """Return the picture of a credential, a PNG or an SVG, that carries its JSON as Open Badges 3.0 bakes it."""
    values = _badge(number, kept.certificate.printed_text)
    if kind == "svg":
        drawn = typeset_picture("badge", values, look=PLAIN_LOOK, points_per_inch=_INCHES, kind="svg").decode()
        return baked_svg(drawn, kept.document).encode()
    return baked_png(typeset_picture("badge", values, look=PLAIN_LOOK, points_per_inch=_INCHES), kept.document)


def preview_picture(number: str, labels: Mapping[str, Any]) -> bytes:
    """Return the picture of a certificate as a PNG that carries nothing."""
    return typeset_picture("badge", _badge(number, labels), look=PLAIN_LOOK, points_per_inch=_INCHES)


def register_address(code: str) -> str:
    """Return where the register publishes an entry; empty for a certification that is not in it."""
    kind, number = code[:4].rstrip("0123456789"), code.lstrip("RNCPS")
    return f"{_FICHES}{kind.lower()}/{number}/" if kind in ("RNCP", "RS") and number.isdigit() else ""


def _badge(number: str, labels: Mapping[str, Any]) -> dict[str, str]:
    is_whole = labels["subject"] == "whole"
    return {
        "certifier": labels["body"]["name"],
        "title": labels["certification"]["title"] if is_whole else subject_message(labels),
        "of": "" if is_whole else labels["certification"]["title"],
        "on": f"Décision du {date_fr(date.fromisoformat(labels['delivered_on']))}",
        "number": number,
    }


def linkedin_address(number: str, labels: Mapping[str, Any], page: str) -> str:
    """Return the address of LinkedIn’s form, filled with what the public page says but for the holder."""
    on = date.fromisoformat(labels["delivered_on"])
    asked = {
        "startTask": "CERTIFICATION_NAME",
        "name": _name(labels),
        "organizationName": labels["body"]["name"],
        "issueYear": on.year,
        "issueMonth": on.month,
        "certUrl": page,
        "certId": number,
    }
    return f"https://www.linkedin.com/profile/add?{urlencode(asked)}"


def holder_proof(number: str, holder: str, salt: str) -> dict[str, str]:
    """Return what proves whose name the identifier of a credential hides, and how to compute it."""
    return {
        "certificat": number,
        "nom": holder,
        "sel": salt,
        "empreinte": name_hash(holder, salt),
        "verification": "L’empreinte est « sha256$ » suivi du SHA-256 (hexadécimal) du nom suivi du sel, en UTF-8. "
        "Le certificat numérique la porte dans credentialSubject.identifier.",
    }


@dataclass(frozen=True)
class Prover:
    """Means of a proof: issuer of certificates, keys of the ledger, roots of the authority that dates it."""

    issuer: Issuer
    keys: Keys
    authorities: Path | None = None


def sealed_certificate(
    session: Session, prover: Prover, kept: VerifiableCredential, pdf: bytes, seal: Seal, at: datetime, tsa_url: str
) -> bytes:
    """Return the paper of a certificate, which carries its digital forms and what proves it, closed by the seal of the
    body; raise SealError.
    """
    files = _proof(session, prover, kept, at)
    number = kept.certificate.number
    carried = (
        Attachment("certificat.json", "application/json", "Certificat numérique (JSON)", kept.document.encode()),
        Attachment("certificat.jwt", "application/jwt", "Certificat numérique (JWT)", kept.token.encode()),
        Attachment(f"preuve-{number}.zip", "application/zip", "Dossier de preuve, qui se vérifie seul", _zip(files)),
    )
    return seal_pdf(pdf, carried, seal, at=at, tsa_url=tsa_url)


def credential_bundle(session: Session, prover: Prover, kept: VerifiableCredential, pdf: bytes, at: datetime) -> bytes:
    """Return the ZIP that proves a certificate without this site: its paper, its forms, the keys, the list of the day,
    a program that checks them.
    """
    return _zip({"certificat.pdf": pdf, **_proof(session, prover, kept, at)})


def _proof(session: Session, prover: Prover, kept: VerifiableCredential, at: datetime) -> dict[str, str | bytes]:
    issuer = prover.issuer
    revoked = find_revoked_indexes(session, kept.status_list) or []
    files: dict[str, str | bytes] = {
        "certificat.json": kept.document,
        "certificat.jwt": kept.token,
        "cles.json": json.dumps(issuer.token_keys, indent=2),
        "retraits.jwt": sign_status_list(issuer, kept.status_list, revoked, at, token=True),
        "certificate_check.py": Path(certificate_check.__file__).read_bytes(),
        "LISEZ-MOI.txt": _README,
    }
    if issuer.did_document:
        files["did.json"] = json.dumps(issuer.did_document, indent=2)
    return files | _of_ledger(session, prover, kept)


def _of_ledger(session: Session, prover: Prover, kept: VerifiableCredential) -> dict[str, str | bytes]:
    """Return the files that prove that the ledger recorded the certificate, and when; none before the first root."""
    certificate = kept.certificate
    found = prove_inclusion(session, Certificate.__tablename__, certificate.id, "number", certificate.number)
    if found is None:
        return {}
    note, stamp = found.head.note, found.head.stamp
    origin = note.partition("\n")[0]
    files: dict[str, str | bytes] = {
        "registre.json": json.dumps(found.proof, indent=2),
        "registre.checkpoint": note,
        "registre-cles.txt": "".join(f"{note_key(origin, jwk)}\n" for jwk in prover.keys.published),
    }
    if stamp is not None:
        files["registre.tsr"] = stamp
        if prover.authorities and prover.authorities.is_file():
            files["autorite.pem"] = prover.authorities.read_bytes()
    return files


def _zip(files: Mapping[str, str | bytes]) -> bytes:
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


_README = (
    "Ce dossier prouve un certificat sans le site qui l’a délivré.\n\n"
    f"Pour le vérifier, tapez{NBSP}: python certificate_check.py\n"
    "Ce programme demande Python et la bibliothèque cryptography. Il ne se connecte à rien.\n"
    "La liste des retraits est celle du jour où ce dossier a été fait.\n\n"
    f"Pour vérifier la date de l’inscription, quand registre.tsr est joint{NBSP}:\n"
    "openssl ts -verify -data registre.checkpoint -in registre.tsr -CAfile autorite.pem\n"
    "Prenez plutôt les certificats de cette autorité auprès d’elle.\n"
)
