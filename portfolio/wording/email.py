"""The French sentences about e-mails: sent, waiting or handed over."""

from portfolio.domain.email.rules import Box, DeliveryFailure, DeliveryState, InvitationStatus, WithheldReason
from portfolio.french_text import NBSP, date_fr, datetime_fr

BOXES = {Box.HANDED_OVER: "Remis", Box.SENT: "Partis", Box.USELESS: "Devenus inutiles"}
SLUGS = {"a-remettre": Box.WAITING, "remis": Box.HANDED_OVER, "partis": Box.SENT, "inutiles": Box.USELESS}


def box_message(box: Box, *, has_server: bool) -> str:
    """Return the name of a list of letters."""
    if box is Box.WAITING:
        return "Pas encore partis" if has_server else "À remettre"
    return BOXES[box]


FAILURES = {
    DeliveryFailure.UNREACHABLE: "Le serveur de courrier ne répond pas.",
    DeliveryFailure.CERTIFICATE: (
        f"Le serveur de courrier ne prouve pas son identité{NBSP}: son certificat n’est pas reconnu. Aucun "
        "courrier n’est envoyé."
    ),
    DeliveryFailure.NO_TLS: (
        "Le serveur de courrier ne propose pas de liaison chiffrée (STARTTLS). Aucun courrier n’est envoyé."
    ),
    DeliveryFailure.LOGIN: ("Le serveur de courrier refuse l’identifiant ou le mot de passe de cette installation."),
    DeliveryFailure.REFUSED: ("Le serveur de courrier a refusé ce courrier. Vérifiez l’adresse de la personne."),
    DeliveryFailure.NO_SUCH_ADDRESS: (
        f"Adresse inexistante{NBSP}: son serveur ne la connaît pas. Corrigez l’adresse de la personne{NBSP}: "
        "le courrier repartira."
    ),
    DeliveryFailure.UNWRITABLE: (
        f"Ce courrier ne peut pas partir par courrier électronique{NBSP}: son adresse ou son objet contient "
        "un signe interdit. Remettez-le autrement."
    ),
}
WITHHELD = {
    WithheldReason.ACCOUNT: (
        "Plusieurs organismes partagent cette installation. La personne qui la gère remet ce courrier, par "
        f"la commande «{NBSP}flask outbox{NBSP}»."
    ),
    WithheldReason.LINK: "Ce courrier contient un lien personnel. Le texte n’est montré qu’à la personne.",
    WithheldReason.EXPIRED: (
        "Le lien de ce courrier ne sert plus. S’il faut encore l’écrire, renvoyez l’invitation ou la demande."
    ),
}


def coming_message(*, has_server: bool, several: bool = False) -> str:
    """Say that what was just done wrote a letter, and what becomes of it: nothing has left yet."""
    if has_server:
        return "Des courriers vont partir." if several else "Un courrier va partir."
    where = f"sur la page «{NBSP}Courriers à remettre{NBSP}»"
    return (
        f"Des courriers sont à remettre{NBSP}: ils sont {where}."
        if several
        else (f"Un courrier est à remettre{NBSP}: il est {where}.")
    )


def invitation_message(news: InvitationStatus | None, *, alone: bool) -> tuple[str, str]:
    """Return the title and the sentence about the last invitation of a person, from its row."""
    if news is None:
        return "Pas encore d’invitation", "Aucune invitation n’est écrite pour cette personne."
    waits = "La personne ne s’est pas encore connectée."
    if news.state is DeliveryState.SENT:
        return "L’invitation est partie", f"Partie le {datetime_fr(news.at)}. {waits}"
    if news.state is DeliveryState.HANDED_OVER:
        return "L’invitation est remise", f"Marquée comme remise le {date_fr(news.at)}. {waits}"
    if news.state is DeliveryState.QUEUED:
        return (
            "L’invitation va partir",
            f"Écrite le {datetime_fr(news.at)}, elle attend le serveur de courrier. {waits}",
        )
    if news.state is DeliveryState.RETRIED and news.failure is not None:
        return "L’invitation n’est pas partie", f"{FAILURES[news.failure]} L’envoi sera essayé de nouveau."
    who = "À vous de la donner à la personne." if alone else "La personne qui gère cette installation la lui donne."
    return (
        "L’invitation est à remettre",
        f"Écrite le {date_fr(news.at)}, elle n’est pas partie par courrier électronique. {who}",
    )
