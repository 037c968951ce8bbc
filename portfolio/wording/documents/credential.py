"""The content of a digital certificate (Open Badges 3.0), from the labels fixed on the day of its issue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from portfolio.domain.certification.rules.case_package import (
    block_path,
    competency_path,
    document_uri,
    item_uri,
    part_identifier,
)
from portfolio.domain.holdings.use_cases.credentials import CredentialFacts
from portfolio.french_text import NBSP, date_fr
from portfolio.verifiable_credentials import CONTEXTS, moment
from portfolio.wording.documents.names import format_code
from portfolio.wording.holdings.grants import award_act_message, registration_message, subject_message, validity_message

_LEVELS = "https://europass.europa.eu/fr/description-des-huit-niveaux-du-cec"
_REGISTER = "https://www.francecompetences.fr/recherche/rncp/"


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


def _name(labels: Mapping[str, Any]) -> str:
    title = labels["certification"]["title"]
    return title if labels["subject"] == "whole" else f"{subject_message(labels)} ({title})"


def _achievement(facts: CredentialFacts) -> dict[str, Any]:
    labels, certification = facts.labels, facts.labels["certification"]
    block = labels["block"]
    place = _place(facts)
    return {
        "id": item_uri(place, _identifier(facts, block_path(block["number"]))) if block else document_uri(place),
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
        uri = item_uri(_place(facts), _identifier(facts, path))
        yield {"type": ["Alignment"], "targetName": text, "targetUrl": uri, "targetCode": code, **framework}
    code = certification["code"]
    yield {
        "type": ["Alignment"],
        "targetName": f"{format_code(code)}, {certification['title']}",
        "targetUrl": f"{_REGISTER}{code.removeprefix('RNCP')}/",
        "targetCode": code,
        "targetFramework": "Répertoire national des certifications professionnelles",
    }
    if level := certification["level"]:
        yield {
            "type": ["Alignment"],
            "targetName": f"Niveau {level}",
            "targetUrl": _LEVELS,
            "targetCode": str(level),
            "targetFramework": "Cadre européen des certifications",
        }


def _place(facts: CredentialFacts) -> str:
    return f"{facts.address}/certifications/versions/{facts.version_id}"


def _identifier(facts: CredentialFacts, path: str) -> str:
    certification = facts.labels["certification"]
    return part_identifier(facts.certification_id, certification["code"], certification["version"], path)
