"""The words of a certificate, fixed on the day it is issued (R9, R13)."""

from __future__ import annotations

from datetime import date
from typing import Any

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.birth import Birth
from portfolio.domain.candidacy.rules.opening import TRAINING, has_livret2
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.entry import Registration
from portfolio.domain.certification.rules.registration import registration_status
from portfolio.domain.holdings.models.events import Acquisition
from portfolio.domain.holdings.rules.facts import CertifiedBlock, Source
from portfolio.domain.holdings.rules.validity import end_of_validity
from portfolio.domain.jury.models.deliberation import Minutes


def printed_text(
    candidacy: Candidacy,
    delivered_on: date,
    block: CertifiedBlock | None,
    decided_by: Minutes | Acquisition | None,
) -> dict[str, Any]:
    """Gather what a certificate says: of one block, or of the whole certification without one; and by what it
    was decided.

    It is a copy: a correction of the entry, a change of name or a new version does not change it (R6, R13).
    What the document may say of the register follows R9 and is dated by the delivery and the admissibility.
    `birth` is there only when it was given: it is printed, and never public.
    """
    version = candidacy.version
    body = version.certification.body
    return {
        "holder": candidacy.candidate_name,
        "subject": "block" if block else "whole",
        "block": {"number": block.number, "title": block.title} if block else None,
        "competencies": [
            {"number": competency.number, "text": competency.text} for competency in block.competencies
        ]
        if block
        else [],
        "certification": _certification(version),
        "body": {"name": body.name, "city": body.city},
        "delivered_on": delivered_on.isoformat(),
        "session": _session(decided_by) if isinstance(decided_by, Minutes) else None,
        "act": _acquisition(decided_by) if isinstance(decided_by, Acquisition) else None,
        "standing": _registration_status(candidacy, delivered_on),
        **_validity(version, block, delivered_on),
    } | birth_labels(candidacy.birth)


def _validity(
    version: CertificationVersion, block: CertifiedBlock | None, granted_on: date
) -> dict[str, Any]:
    """Tell until when a limited block is valid, or which blocks of a whole are limited; nothing without a
    limit (R6).
    """
    if block is None:
        limited = [
            {"number": row.number, "months": row.validity_months}
            for row in version.blocks
            if row.validity_months
        ]
        return {"limited_blocks": limited} if limited else {}
    until = end_of_validity(granted_on, block.validity_months)
    return {"validity": {"until": until.isoformat(), "months": block.validity_months}} if until else {}


def birth_labels(birth: Birth | None) -> dict[str, Any]:
    """What labels hold of a birth; nothing when it was not given."""
    return {"birth": {"on": birth.on.isoformat(), "place": birth.place, "name": birth.name}} if birth else {}


def _session(minutes: Minutes) -> dict[str, Any]:
    jury = minutes.hearing.session
    return {"held_on": jury.held_on.isoformat(), "place": jury.place, "minutes": minutes.number}


def _acquisition(row: Acquisition) -> dict[str, Any]:
    label = {
        "source": Source.ACQUISITION.value,
        "on": row.acquired_on.isoformat(),
        "reference": row.reference,
    }
    return label | {"obtained_at": row.obtained_at}


def _certification(version: CertificationVersion) -> dict[str, Any]:
    return {
        "code": version.certification.code,
        "title": version.title,
        "version": version.number,
        "level": version.level,
        "nsf": list(version.entry.get("nsf") or []),
        "blocks": len(version.blocks),
        "permanence": version.entry.get("permanence"),
    }


def _registration_status(candidacy: Candidacy, delivered_on: date) -> dict[str, Any]:
    """What the register knew: on the day of delivery, else when the admissibility was decided or the training
    begun; an individual candidacy has neither (R9).
    """
    registrations = [
        Registration(row.title, row.act, row.starts_on, row.ends_on)
        for row in candidacy.version.registrations
    ]
    began = candidacy.admissible_on
    status = registration_status(
        registrations,
        began if has_livret2(candidacy.route) else None,
        delivered_on,
        training_begun_on=began if candidacy.route in TRAINING else None,
    )
    found = status.registration
    return {
        "code": status.code.value,
        "ground": status.ground.value,
        "day": status.day.isoformat() if status.day else None,
        "registration": {"act": found.act, "from": _day(found.since), "until": _day(found.until)}
        if found
        else None,
    }


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
