"""What a control pack says in French."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from portfolio.domain.integrity_checks.models import IntegrityCheck
from portfolio.domain.jury.rules.conditions import answer_from_record
from portfolio.domain.jury.rules.enums import RelationAsked
from portfolio.domain.jury.rules.quality_sample import ReviewConclusion
from portfolio.french_text import date_fr, datetime_fr
from portfolio.wording.jury import QUESTIONS, predicate_message
from portfolio.wording.jury.labels import RELATIONS
from portfolio.wording.jury.reading import extent_message

MISSING: Mapping[str, str] = {
    "minutes": "Le procès-verbal n’est pas clos.",
    "signature": "Le procès-verbal n’est pas signé.",
    "declaration": "Un membre n’a pas déclaré l’absence de lien.",
    "reading": "Un membre n’a pas attesté avoir lu le dossier.",
    "irregular": "Une condition de composition n’est pas remplie.",
    "suspended": "La décision est suspendue : elle attend d’être confirmée ou annulée.",
    "notification": "Le résultat n’est pas notifié.",
    "late": "Le résultat a été notifié plus de 15 jours après la décision.",
    "remedies": "La notification ne cite pas les voies de recours.",
}

CONCLUSIONS: Mapping[ReviewConclusion, str] = {
    ReviewConclusion.SOUND: "Rien à signaler",
    ReviewConclusion.TO_IMPROVE: "Des points à améliorer",
    ReviewConclusion.IRREGULAR: "Une irrégularité à examiner",
}


def regular_message(predicates: list[Mapping[str, Any]]) -> str:
    """Return whether the composition was regular, as the minutes recorded it."""
    wrong = [predicate for predicate in predicates if not predicate["holds"] and predicate["blocking"]]
    return "Composition régulière" if not wrong else "Composition irrégulière"


def predicate_lines(predicates: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return each condition with what the minutes recorded of it."""
    answers = [answer_from_record(predicate) for predicate in predicates]
    return [(QUESTIONS[answer.id], predicate_message(answer)) for answer in answers]


def reading_message(statement: Mapping[str, Any]) -> str:
    """Return when a member attested their reading, and what they had opened here."""
    day = date_fr(date.fromisoformat(statement["at"][:10]))
    extent = extent_message(statement.get("opened"), statement.get("of"))
    paper = ", sur papier" if statement.get("on_paper") else ""
    return f"lecture attestée le {day}{paper}" + (f" ({extent})" if extent else "")


def declaration_message(statement: Mapping[str, Any]) -> str:
    """Return when a member declared that no relation exists, and of which kind."""
    day = date_fr(date.fromisoformat(statement["at"][:10]))
    denied = RELATIONS[RelationAsked(statement.get("relation", RelationAsked.ANY))]
    return f"{denied} déclaré le {day}{', sur papier' if statement.get('on_paper') else ''}"


def check_message(check: IntegrityCheck | None) -> str:
    """Return what the last check of the ledger, the grants and the files found."""
    if check is None:
        return "Aucune vérification n’a encore été faite."
    words = {True: "aucune différence", False: "des différences", None: "vérification interrompue"}
    parts = (
        f"registre : {words[check.ledger]} ; attributions : {words[check.grants]} ; fichiers : "
        f"{words[check.files]}"
    )
    return f"Dernière vérification le {datetime_fr(check.ended_at)}. {parts.capitalize()}."


def contest_message(remedies: str, notified_on: date | None) -> str:
    """Return whether the decision can be contested, from the remedies that its notification cites."""
    if notified_on is None:
        return "Le résultat n’est pas notifié : aucun délai de recours ne court."
    if not remedies:
        return "La notification ne cite pas de voie de recours."
    return f"Notifié le {date_fr(notified_on)}. Voies et délais de recours cités : {remedies}"
