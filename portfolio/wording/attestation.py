"""French sentences about attestations."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from portfolio.documents.attestation import Attestation
from portfolio.domain.dossier.rules.attestation import (
    CODE_TRIES,
    REMINDER_EVERY,
    REMINDERS,
    AttestationRefusal,
    ClaimedRelationship,
    CodeError,
    Delivery,
    Record,
    Relationship,
    RequestState,
    canonical,
    digest_of,
)
from portfolio.french_text import NBSP, datetime_fr, elide_de

# As the candidate reads it, and as the third party does.
QUALITIES: Mapping[ClaimedRelationship, str] = {
    ClaimedRelationship.EMPLOYER: "Employeur, direction",
    ClaimedRelationship.MANAGER: "Responsable hiérarchique",
    ClaimedRelationship.COLLEAGUE: "Collègue",
    ClaimedRelationship.CLIENT: "Client",
    ClaimedRelationship.PARTNER: "Partenaire, prestataire",
    ClaimedRelationship.OTHER: "Autre",
}
TIES: Mapping[Relationship, str] = {
    Relationship.NONE: "Non, aucun",
    Relationship.FAMILY: "Oui, nous sommes de la même famille ou vivons ensemble",
    Relationship.INTEREST: "Oui, un intérêt commun : une association, une entreprise, une dette…",
}
# As readers of what was signed do.
RELATIONSHIP_LABELS: Mapping[Relationship, str] = {
    Relationship.NONE: "aucun",
    Relationship.FAMILY: "même famille, ou vie commune",
    Relationship.INTEREST: "intérêt commun",
}
STATES: Mapping[RequestState, str] = {
    RequestState.SENT: "Pas encore ouverte",
    RequestState.OPENED: "Lien ouvert",
    RequestState.SIGNED: "Signée",
    RequestState.DECLINED: "Refusée",
    RequestState.EXPIRED: "Expirée",
    RequestState.WITHDRAWN: "Retirée",
}
TONES: Mapping[RequestState, str] = {
    RequestState.SENT: "plain",
    RequestState.OPENED: "claimed",
    RequestState.SIGNED: "good",
    RequestState.DECLINED: "warn",
    RequestState.EXPIRED: "warn",
    RequestState.WITHDRAWN: "plain",
}
DELIVERIES: Mapping[Delivery, str] = {
    Delivery.MAILED: "Lien et code envoyés à son adresse électronique",
    Delivery.HANDED: "Lien et code remis par l’organisme certificateur",
}
COLLECTED = "Recueillie en ligne auprès du tiers"
SIGNATURE_HOLDS = "Signature vérifiée"
SIGNATURE_BROKEN = "Signature non vérifiée"

# Article 441-7 of the Code pénal, as it stands in 2026.
PENALTY = (
    "Établir une attestation qui fait état de faits matériellement inexacts est puni d’un an "
    f"d’emprisonnement et de 15{NBSP}000{NBSP}euros d’amende (article 441-7 du code pénal)."
)
OATH = (
    "J’atteste sur l’honneur que ce que j’ai écrit est exact et que je l’ai constaté moi-même. Je sais que "
    "cette attestation sera lue par un jury, et qu’une fausse attestation est punie par la loi (article "
    "441-7 du code pénal)."
)

CODES: Mapping[CodeError, str] = {
    CodeError.NONE_SENT: "Aucun code n’est encore demandé. Demandez-en un.",
    CodeError.EXPIRED: "Ce code a expiré. Demandez-en un autre : votre texte est gardé.",
    CodeError.SPENT: f"Ce code a été essayé {CODE_TRIES} fois. Demandez-en un autre : votre texte est gardé.",
    CodeError.WRONG: "Ce n’est pas le dernier code. Vérifiez-le : six chiffres.",
}

REFUSALS: Mapping[AttestationRefusal, Callable[[dict[str, Any]], str]] = {
    AttestationRefusal.IS_SIGNED: lambda _: "Cette attestation est déjà signée. Le lien ne sert qu’une fois.",
    AttestationRefusal.IS_DECLINED: lambda _: "Cette demande a été refusée par la personne à qui elle était adressée.",
    AttestationRefusal.HAS_EXPIRED: lambda _: "Cette demande a expiré sans réponse.",
    AttestationRefusal.IS_WITHDRAWN: lambda _: "Cette demande a été retirée par la personne qui l’avait faite.",
    AttestationRefusal.REMINDED_ENOUGH: lambda _: (
        f"Cette personne a déjà reçu {REMINDERS} rappels. Appelez-la, ou retirez la demande et faites-en une autre."
    ),
    AttestationRefusal.REMINDED_LATELY: lambda _: (
        f"Le dernier courrier date de moins de {REMINDER_EVERY.days} jours. Laissez-lui le temps de répondre."
    ),
    AttestationRefusal.NOT_YOURS: lambda _: "Cette demande n’existe pas. Revenez à la liste de vos attestations.",
    AttestationRefusal.OWN_ADDRESS: lambda _: (
        "C’est votre propre adresse. Une attestation vient de quelqu’un d’autre : donnez la sienne."
    ),
    AttestationRefusal.ALREADY_ASKED: lambda _: (
        "Vous avez déjà une demande en attente auprès de cette adresse. Relancez-la, ou retirez-la d’abord."
    ),
    AttestationRefusal.TOO_MANY_WAIT: lambda _: (
        "Vous avez déjà demandé beaucoup d’attestations. Attendez quelques réponses, ou retirez une "
        "demande, avant d’en faire une autre."
    ),
    AttestationRefusal.NOT_WRITTEN: lambda _: "L’attestation n’est pas encore complète. Revenez à votre texte.",
    AttestationRefusal.CODES_ENOUGH: lambda _: (
        "Trop de codes ont été demandés pour cette attestation. Écrivez à l’organisme certificateur : son "
        "adresse est dans le courriel que vous avez reçu. Votre texte est gardé."
    ),
    AttestationRefusal.CODE_LATELY: lambda _: (
        "Un code vient d’être demandé. Attendez une minute, regardez aussi vos courriers indésirables, puis "
        "demandez-en un autre."
    ),
    AttestationRefusal.CHANGED_SINCE: lambda _: (
        "Votre texte a changé depuis que vous l’avez relu, peut-être sur un autre appareil. Relisez-le, puis signez."
    ),
    AttestationRefusal.CODE_NO_LONGER: lambda _: (
        "Ce code n’est plus valable. Demandez-en un autre : votre texte est gardé."
    ),
}

# What a third party reads when their link no longer opens anything: a title, a sentence.
ENDED: Mapping[RequestState, tuple[str, str]] = {
    RequestState.SIGNED: (
        "Votre attestation est signée",
        "Merci. Ce lien ne sert plus : celui de votre exemplaire vous est donné à part.",
    ),
    RequestState.DECLINED: (
        "Vous avez refusé cette demande",
        "La personne qui vous l’adressait est prévenue. Ce lien ne sert plus, et vous n’avez rien à faire.",
    ),
    RequestState.EXPIRED: (
        "Cette demande a expiré",
        (
            "Le délai pour répondre est passé. Si vous vouliez attester, prévenez la personne : elle peut "
            "vous écrire de nouveau."
        ),
    ),
    RequestState.WITHDRAWN: (
        "Cette demande a été retirée",
        ("La personne qui vous l’adressait n’en a plus besoin. Ce lien ne sert plus, et vous n’avez rien à faire."),
    ),
}


def asked_message(*, has_server: bool) -> str:
    """Say that a request is recorded, and what becomes of its letter: nothing has left yet."""
    rest = (
        "Un courrier va partir." if has_server else "Votre organisme certificateur remet le courrier à cette personne."
    )
    return f"Votre demande est enregistrée. {rest}"


def state_message(state: RequestState, at: datetime, until: datetime) -> str:
    """Say where a request stands, and since when."""
    messages = {
        RequestState.SENT: (
            f"Demande écrite le {datetime_fr(at)}, pas encore ouverte. Le lien fonctionne jusqu’au "
            f"{datetime_fr(until)}."
        ),
        RequestState.OPENED: (f"Lien ouvert le {datetime_fr(at)}, attestation à signer avant le {datetime_fr(until)}."),
        RequestState.SIGNED: f"Signée le {datetime_fr(at)}.",
        RequestState.DECLINED: f"Refusée le {datetime_fr(at)}.",
        RequestState.EXPIRED: f"Expirée le {datetime_fr(at)}, sans réponse.",
        RequestState.WITHDRAWN: f"Retirée le {datetime_fr(at)}. Le lien ne fonctionne plus.",
    }
    return messages[state]


def titles_for(name: str, organisation: str) -> tuple[str, str]:
    """Name the two pieces: the attestation, and the file that was joined to it."""
    whose = f"{name}, {organisation}" if organisation else name
    return f"Attestation {elide_de(whose)}"[:300], f"Document joint à l’attestation {elide_de(whose)}"[:300]


def attestation_value(record: Record) -> Attestation:
    """Say what the document of an attestation says."""
    subject, words, collected = record.subject, record.words, record.collected
    assert words.quality is not None
    assert words.tie is not None
    return Attestation(
        certifier=subject.certifier,
        candidate=subject.candidate,
        certification=f"« {subject.certification} » ({subject.code})",
        experience=subject.experience,
        competencies=tuple(f"{competency.label} {competency.text}" for competency in subject.competencies),
        wanted=subject.wanted,
        name=record.name,
        quality=QUALITIES[words.quality],
        organisation=words.organisation,
        tie=RELATIONSHIP_LABELS[words.tie],
        began_on=words.began_on,
        ended_on=words.ended_on,
        capacity=words.capacity,
        seen=words.seen,
        often=words.often,
        more=words.more,
        oath=record.oath,
        address=collected.address,
        delivery=DELIVERIES[collected.delivery],
        asked_at=collected.asked_at,
        opened_at=collected.opened_at,
        signed_at=collected.signed_at,
        annex=record.annex.name if record.annex else "",
        annex_digest=record.annex.sha256 if record.annex else "",
        digest=digest_of(record),
        record=canonical(record),
    )
