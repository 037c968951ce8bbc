"""French sentences about France VAE: refusals, states, and what it writes to people when we send it something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from portfolio.domain.france_vae.client import Fault
from portfolio.domain.france_vae.models import FranceVaePush
from portfolio.domain.france_vae.rules import Act, Decision, FranceVaeRefusal, PushState

REFUSALS: Mapping[FranceVaeRefusal, Callable[[dict[str, Any]], str]] = {
    FranceVaeRefusal.NO_CERTIFICATION: lambda facts: (
        f"Aucune version de {facts['number']} n’est publiée ici. Importez la certification et publiez-la."
    ),
    FranceVaeRefusal.TAKEN: lambda _facts: "Cette candidature est déjà ouverte ici.",
    FranceVaeRefusal.NOT_TAKEN: lambda _facts: "Ouvrez d’abord cette candidature ici.",
    FranceVaeRefusal.QUEUED: lambda _facts: "Cet envoi attend déjà.",
    FranceVaeRefusal.SENT: lambda _facts: (
        "France VAE a déjà ce résultat. Seul un administrateur de France VAE peut l’annuler."
    ),
    FranceVaeRefusal.NO_COMMENT: lambda _facts: "Écrivez le motif\u00a0: la personne le reçoit.",
    FranceVaeRefusal.NO_FILE: lambda _facts: (
        "La personne n’a pas encore envoyé son dossier de validation à France VAE."
    ),
    FranceVaeRefusal.NO_SESSION: lambda _facts: "Inscrivez d’abord le dossier à une session de jury.",
    FranceVaeRefusal.SESSION_PAST: lambda _facts: (
        "Le jour de la session est passé\u00a0: France VAE ne prend plus sa date."
    ),
    FranceVaeRefusal.SESSION_FAR: lambda _facts: "France VAE ne prend pas de session à plus de deux ans.",
    FranceVaeRefusal.NOT_NOTIFIED: lambda _facts: (
        "Notifiez d’abord le résultat\u00a0: France VAE écrit à la personne dès qu’il le reçoit."
    ),
    FranceVaeRefusal.NO_BLOCKS: lambda _facts: (
        "La personne vise une partie de la certification, et France VAE ne dit pas laquelle. Cochez ses blocs."
    ),
    FranceVaeRefusal.NO_SECOND_FACTOR: lambda _facts: (
        "Ajoutez d’abord une double authentification à votre compte, sur la page «\u00a0Sécurité\u00a0»\u00a0: cette "
        "clé ouvre les candidatures de votre organisme à France VAE."
    ),
}
ACTS = {Act.FEASIBILITY: "Recevabilité", Act.SESSION: "Session de jury", Act.RESULT: "Résultat du jury"}
VALIDATION = "Dossier de validation"
DECISIONS = {
    Decision.ADMISSIBLE: "Recevable",
    Decision.INADMISSIBLE: "Non recevable",
    Decision.INCOMPLETE: "Incomplet",
    Decision.VERIFIED: "Complet",
    Decision.FLAGGED: "À reprendre",
}
STATES = {
    PushState.QUEUED: "part bientôt",
    PushState.CONFIRMED: "reçu et relu là-bas",
    PushState.REFUSED: "refusé",
    PushState.DIFFERS: "à vérifier",
    PushState.DONE_THERE: "fait sur le site de France VAE",
}
TONES = {PushState.CONFIRMED: "good", PushState.REFUSED: "bad", PushState.DIFFERS: "warn"}
# What is sent, by the names of France VAE.
FIELDS = {
    "date": "Jour",
    "heure": "Heure (UTC)",
    "adresseSession": "Lieu",
    "informationsSession": "Informations",
    "resultat": "Résultat",
    "commentaire": "Commentaire",
}
# What France VAE does at once when it receives each of these.
MAILED = {
    Act.FEASIBILITY: "France VAE envoie la décision et son motif à la personne.",
    Act.SESSION: "France VAE écrit tout de suite à la personne, et à son accompagnement, la date, l’heure et le lieu.",
    Act.RESULT: "France VAE écrit tout de suite le résultat à la personne et à son accompagnement. Rien ne le corrige.",
}
MAILED_ON_VALIDATION = (
    "Si le dossier est à reprendre, France VAE envoie le motif à la personne ou à son accompagnement. S’il est "
    "complet, elle n’écrit à personne. Décidez avant d’envoyer la session\u00a0: après, France VAE refuse."
)
FAULTS = {
    Fault.KEY: "France VAE refuse la clé. Elle a pu être remplacée\u00a0: demandez-en une autre, et collez-la ici.",
    Fault.AWAY: "France VAE n’a pas répondu à la dernière lecture. Acquis recommence dans un quart d’heure.",
}
NOT_READ = "France VAE n’a pas compris la demande."


def no_certification(code: str) -> str:
    """Say that nothing can be opened on a certification."""
    return REFUSALS[FranceVaeRefusal.NO_CERTIFICATION]({"number": code})


def push_name(push: FranceVaePush) -> str:
    """Return what a push is about."""
    return VALIDATION if push.is_on_validation else ACTS[push.act]


def push_message(push: FranceVaePush) -> str:
    """Say what came of a push: the sentence of France VAE as it is, or what it holds instead."""
    if push.state is PushState.REFUSED:
        return push.sentence or NOT_READ
    if push.state is PushState.DIFFERS:
        if push.sentence in set(FranceVaeRefusal):
            return REFUSALS[FranceVaeRefusal(push.sentence)]({"number": ""})
        return f"France VAE a autre chose\u00a0: {push.sentence or 'rien'}."
    if push.state is PushState.QUEUED and push.tries > 1:
        return f"Le réseau a coupé. Essai {push.tries}\u00a0: rien n’est envoyé deux fois."
    return ""
