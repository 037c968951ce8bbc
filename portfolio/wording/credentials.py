"""French sentences about what lets somebody in, or act, in the name of a person, and about its end."""

from collections.abc import Mapping

from portfolio.french_text import count, enumeration

# By table, in the order in which they are told.
KINDS: Mapping[str, tuple[str, str]] = {
    "login_session": ("session ouverte", "sessions ouvertes"),
    "known_browser": ("navigateur reconnu", "navigateurs reconnus"),
    "account_token": ("lien pour choisir un mot de passe", "liens pour choisir un mot de passe"),
    "email_change": ("lien pour changer d’adresse", "liens pour changer d’adresse"),
    "provider_login": ("connexion commencée ailleurs", "connexions commencées ailleurs"),
    "passkey_challenge": ("demande de clé d’accès", "demandes de clé d’accès"),
    "api_token": ("accès de logiciel", "accès de logiciel"),
    "webhook": ("webhook", "webhooks"),
    "presence_opening": ("page ouverte pour signer les présences", "pages ouvertes pour signer les présences"),
    "wallet_offer": ("certificat proposé à un portefeuille", "certificats proposés à un portefeuille"),
}
PROGRAMS = frozenset({"api_token", "webhook"})
# Shown where nobody has proved who they are yet, and to who manages a team.
ALL_END = "Vos sessions ouvertes, les liens déjà envoyés, vos accès de logiciel et vos webhooks ne serviront plus."
PROGRAMS_END = "Les accès de logiciel et les webhooks que cette personne a créés pour votre organisme s’arrêtent aussi."


def credentials_message(ended: Mapping[str, int]) -> str:
    """Return how many credentials of each kind: « 2 sessions ouvertes et 1 webhook »."""
    return enumeration(count(ended[kind], *words) for kind, words in KINDS.items() if ended.get(kind))


def ending_message(served: Mapping[str, int]) -> str:
    """Return what an act ends, before it is confirmed; nothing when nothing else serves."""
    if not served:
        return ""
    programs = (
        " Les logiciels de votre organisme qui s’en servent n’auront plus de réponse : prévenez votre équipe."
        if PROGRAMS & served.keys()
        else ""
    )
    return f" Ne serviront plus : {credentials_message(served)}.{programs}"


def ended_message(ended: Mapping[str, int]) -> str:
    """Return what an act has ended."""
    return f" Ne servent plus : {credentials_message(ended)}." if ended else ""
