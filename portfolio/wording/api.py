"""French sentences of the API: its refusals, its scopes, what is wrong with a value, and its page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from portfolio.domain.api_access.rules import ApiRefusal, ApiScope, DeliveryState, EventType, TokenState
from portfolio.french_text import datetime_fr
from portfolio.outgoing_http import AddressFault

REFUSALS: Mapping[ApiRefusal | AddressFault, Callable[[dict[str, Any]], str]] = {
    ApiRefusal.NO_SECOND_FACTOR: lambda _facts: (
        "Ajoutez d’abord une double authentification à votre compte, sur la page « Sécurité » : un accès de logiciel "
        "ouvre les données de tout l’organisme."
    ),
    ApiRefusal.ACCESS_ENDED: lambda _facts: "Cet accès a pris fin. Créez-en un autre.",
    ApiRefusal.RENEWED_ALREADY: lambda _facts: "Cet accès a déjà été renouvelé. Le nouveau est dans la liste.",
    ApiRefusal.TOO_MANY_WEBHOOKS: lambda facts: (
        f"Votre organisme a déjà {facts['most']} webhooks. Supprimez-en un avant d’en créer un autre."
    ),
    AddressFault.FORM: lambda _facts: (
        "Donnez une adresse entière qui commence par « https:// », sans nom d’utilisateur ni mot de passe."
    ),
    AddressFault.PORT: lambda _facts: (
        "Ce numéro de port est celui d’un autre service, comme le courrier. Enlevez-le de l’adresse, ou donnez un port "
        "à partir de 1024."
    ),
    AddressFault.UNKNOWN: lambda _facts: (
        "Cette adresse ne mène nulle part : son nom n’existe pas. Vérifiez-la avec la personne qui règle le logiciel."
    ),
    AddressFault.PRIVATE: lambda _facts: (
        "Cette adresse mène à ce serveur ou à un réseau privé. Donnez une adresse publique, ou demandez à la personne "
        "qui installe Acquis d’ouvrir le réseau privé (PRIVATE_WEBHOOKS)."
    ),
}
SCOPES = {
    ApiScope.CANDIDACIES_READ: "Lire les candidatures : étapes, dates, délais",
    ApiScope.CANDIDACIES_WRITE: "Ouvrir des candidatures et renvoyer une invitation",
    ApiScope.SESSIONS_READ: "Lire les sessions de jury",
    ApiScope.RESULTS_READ: "Lire les résultats notifiés",
    ApiScope.CERTIFICATES_READ: "Lire les certificats et les télécharger",
    ApiScope.FIGURES_READ: "Lire les chiffres de l’organisme",
    ApiScope.WEBHOOKS_WRITE: "Créer et supprimer des webhooks",
}
STATES = {
    TokenState.LIVE: "en service",
    TokenState.EXPIRED: "terminé",
    TokenState.REVOKED: "arrêté",
    TokenState.ORPHAN: "arrêté : la personne qui l’a créé ne gère plus l’équipe",
}
EVENTS = {
    EventType.CANDIDACY_OPENED: "Une candidature est ouverte",
    EventType.CANDIDACY_SUBMITTED: "Un dossier est déposé",
    EventType.CANDIDACY_RETURNED: "Un dossier est à compléter",
    EventType.CANDIDACY_CLOSED: "Une candidature est fermée",
    EventType.CANDIDACY_REOPENED: "Une candidature est rouverte",
    EventType.SESSION_PLANNED: "Une session de jury est prévue",
    EventType.SESSION_MOVED: "Une session de jury change de jour, d’heure ou de lieu",
    EventType.SESSION_CANCELLED: "Une session de jury est annulée",
    EventType.RESULT_NOTIFIED: "Un résultat est notifié",
    EventType.CERTIFICATE_ISSUED: "Un certificat est signé",
    EventType.CERTIFICATE_WITHDRAWN: "Un certificat est suspendu, retiré ou annulé",
    EventType.TEST: "Essai",
}
DELIVERIES = {DeliveryState.WAITING: "attend", DeliveryState.DELIVERED: "reçu", DeliveryState.GIVEN_UP: "abandonné"}
LISTS = {
    "candidacies": "Candidatures",
    "sessions": "Sessions de jury",
    "results": "Résultats notifiés",
    "certificates": "Certificats",
}
DAYS = {30: "Trente jours", 90: "Trois mois", 180: "Six mois", 365: "Un an"}

NO_TOKEN = "Donnez un accès en service dans l’en-tête « Authorization: Bearer … ». Votre organisme le crée dans Acquis."  # noqa: S105 - a sentence
NO_SCOPE = "Cet accès n’a pas le droit « {scope} ». Demandez à votre organisme un accès qui l’a."
TOO_MANY = "Trop d’appels : {calls} par minute au plus. Recommencez dans {seconds} secondes."
UNKNOWN = "Cet objet n’existe pas, ou n’est pas à votre organisme."
OTHER_REQUEST = "Cette clé « Idempotency-Key » a déjà servi pour une autre demande. Donnez-en une autre."
BAD_KEY = "« Idempotency-Key » a 100 caractères au plus, lettres, chiffres et ponctuation."
NOT_JSON = "Le corps de la demande n’est pas du JSON en UTF-8."
BAD_CURSOR = "Ce curseur n’est pas l’un des nôtres. Reprenez la valeur de « next », telle quelle."
REFERENCE_TWICE = "La référence « {reference} » est sur deux lignes de cette demande."
EMAIL_TWICE = "L’adresse de cette ligne est aussi sur une autre ligne de cette demande."
NOT_AN_EMAIL = "Cette adresse électronique n’est pas complète."
UNKNOWN_BLOCK = "Cette certification n’a pas de bloc « {block} »."
UNKNOWN_CERTIFICATION = "Votre organisme n’a pas publié « {code} »."
TITLES = {
    400: "La demande est mal formée.",
    401: "Accès refusé",
    403: "Droit insuffisant",
    404: "Introuvable",
    405: "Cette méthode n’existe pas à cette adresse.",
    409: "Refusé par une règle",
    413: "La demande est trop longue.",
    415: "Envoyez du JSON : un corps de type application/json.",
    422: "Une valeur est à corriger.",
    429: "Trop d’appels",
    500: "Une panne de notre côté : rien n’a été enregistré.",
    503: "Le service est momentanément arrêté. Recommencez dans quelques minutes.",
    507: "Il n’y a plus de place sur le serveur. Recommencez plus tard.",
}

_MISSING, _UNKNOWN = re.compile(r"missing required field `(.+?)`"), re.compile(r"unknown field `(.+?)`")
_LENGTH, _BOUND = re.compile(r"of length (<=|>=) (\d+)"), re.compile(r"`(?:int|float)` (<=|>=) (-?\d+)")
_TYPES = {
    "str": "un texte",
    "int": "un nombre entier",
    "bool": "« true » ou « false »",
    "date": "une date, comme 2026-03-01",
    "datetime": "un moment, comme 2026-03-01T10:00:00Z",
    "UUID": "un identifiant (UUID)",
    "array": "une liste",
    "object": "un objet",
}
_EXPECTED = re.compile(r"Expected `([a-z]+)|Invalid (?:RFC3339 encoded )?(datetime|date|UUID)")


def value_fault(message: str) -> str:
    """Say in French what msgspec says of a value: what is missing, unknown, too long, or of another type."""
    if found := _MISSING.search(message):
        return f"Il manque « {found[1]} »."
    if found := _UNKNOWN.search(message):
        return f"« {found[1]} » n’existe pas ici."
    if "enum value" in message:
        return "Cette valeur n’est pas de la liste que donne la description."
    if found := _LENGTH.search(message):
        return f"Il en faut {found[2]} au {'plus' if found[1] == '<=' else 'moins'}."
    if found := _BOUND.search(message):
        return f"Donnez {found[2]} au {'plus' if found[1] == '<=' else 'moins'}."
    found = _EXPECTED.search(message)
    wanted = _TYPES.get((found[1] or found[2] or "") if found else "")
    return f"Donnez {wanted}." if wanted else "Cette valeur n’a pas la forme que donne la description."


def renewed_notice(name: str, until: datetime) -> str:
    """Say what a renewal does to the former token."""
    return f"L’accès « {name} » est renouvelé. L’ancien sert encore jusqu’au {datetime_fr(until)}."


API_SUMMARY = "Ce que le logiciel d’un organisme certificateur lit et écrit dans Acquis."
API_DESCRIPTION = (
    "Un accès, créé par l’organisme dans Acquis, est donné dans l’en-tête « Authorization: Bearer … ». Les listes sont "
    "dans l’ordre des changements : gardez « next », et donnez-le comme « changed_since » à l’appel suivant. Un refus "
    "est un « application/problem+json » (RFC 9457) avec la phrase que lirait une personne. Les avis, les décisions en "
    "cours, les motifs, les récits et les pièces ne passent jamais par ici."
)
PROBLEM = "Refus : ce qui ne va pas, et ce qu’il faut faire."
KEY_DESCRIPTION = (
    "Un texte choisi par vous, propre à cette demande. La même demande répétée avec la même clé, pendant un jour, "
    "reçoit la même réponse et ne fait rien de plus."
)


def scope_message(scope: ApiScope | None) -> str:
    """Say which scope an operation asks."""
    return f"Droit demandé : {scope.value} ({SCOPES[scope]})." if scope else "Tout accès en service."
