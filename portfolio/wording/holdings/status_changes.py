"""French sentences about acquisitions, equivalences, later acts, and the status of a certificate.

What a certificate says from its own labels: its subject, its registration, how long it is valid, where it stands.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from portfolio.domain.certification.rules.registration import RegistrationStatusCode, RegistrationStatusReason
from portfolio.domain.holdings.rules.completion import end_of
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import CertificateRefusal, GrantStatus, StatusChangeKind
from portfolio.domain.holdings.use_cases.recompute import Discrepancy, DiscrepancyKind, Recomputed
from portfolio.domain.holdings.use_cases.status import CertificateStatus
from portfolio.french_text import NBSP, count, date_fr, elide_de, enumeration


def without_birth_message(names: Sequence[str]) -> str:
    """Say why parchments are not signed, and who gives the birth where."""
    return (
        f"Le parchemin {elide_de(enumeration(names))} n’indique pas la naissance de la personne{NBSP}: il ne se signe "
        "pas. Demandez-lui sa date et son lieu de naissance, puis inscrivez-les sur la page "
        f"«{NBSP}Corriger l’identité imprimée{NBSP}» de sa candidature{NBSP}: un nouveau parchemin sera "
        "à signer."
    )


REFUSALS: dict[Any, Callable[[dict[str, Any]], str]] = {
    CertificateRefusal.ALREADY_SUSPENDED: lambda _: (
        "Cette décision est déjà suspendue. Confirmez-la, ou annulez-la et réunissez un nouveau jury."
    ),
    CertificateRefusal.NOT_SUSPENDED: lambda _: "Cette décision n’est pas suspendue : il n’y a rien à confirmer.",
    CertificateRefusal.ENDED: lambda _: (
        "Ce certificat est annulé ou retiré, et cela ne change plus. Pour une erreur d’écriture, "
        "enregistrez une rectification."
    ),
    CertificateRefusal.NO_REASON: lambda _: (
        "Écrivez le motif de cette décision : sans lui, elle n’est pas enregistrée."
    ),
    CertificateRefusal.NOT_HEARD: lambda _: (
        "Un retrait se décide après avoir entendu la personne. Donnez la date à laquelle elle a été entendue."
    ),
    CertificateRefusal.HEARD_TOO_SOON: lambda facts: (
        f"La personne ne peut pas avoir été entendue avant la délivrance du {date_fr(facts['granted_on'])}. "
        "Corrigez la date."
    ),
    CertificateRefusal.HEARD_AFTER: lambda _: (
        "La personne doit avoir été entendue avant la décision de retrait. Corrigez une des deux dates."
    ),
    CertificateRefusal.DECIDED_TOO_SOON: lambda facts: (
        f"Cette décision ne peut pas précéder la délivrance du {date_fr(facts['granted_on'])}. Corrigez la date."
    ),
    CertificateRefusal.DECIDED_TOMORROW: lambda _: (
        "Une décision ne peut pas être datée d’un jour à venir. Corrigez la date."
    ),
    CertificateRefusal.NO_JURY: lambda _: (
        "Ce bloc n’a pas été acquis devant un jury : aucune session n’est à suspendre. Vous pouvez "
        "l’annuler ou le retirer."
    ),
    CertificateRefusal.NOTHING_TO_RECTIFY: lambda _: (
        "Les certificats valables aujourd’hui portent déjà ces informations. Corrigez ce qui est mal écrit, "
        "ou ne rectifiez rien."
    ),
    CertificateRefusal.NO_BIRTH: lambda facts: without_birth_message(facts["names"]),
    CertificateRefusal.ACQUIRED_HELD: lambda facts: (
        f"Le bloc{NBSP}{facts['block']} est déjà acquis, depuis le {date_fr(facts['on'])}. Il n’y a rien à ajouter."
    ),
    CertificateRefusal.ACQUIRED_WAITING: lambda facts: (
        f"Le bloc{NBSP}{facts['block']} est devant un jury. Attendez sa décision, ou retirez le dossier de la session."
    ),
    CertificateRefusal.ACQUIRED_FOREIGN: lambda _: "Ce bloc n’est pas de cette certification. Choisissez-en un autre.",
    CertificateRefusal.ACQUIRED_TOMORROW: lambda _: (
        "Un bloc ne peut pas être acquis un jour à venir. Corrigez la date."
    ),
    CertificateRefusal.EQUIVALENCE_ELSEWHERE: lambda _: (
        "Une équivalence relie deux blocs de deux versions publiées par votre organisme. Choisissez-les de nouveau."
    ),
    CertificateRefusal.PROPOSAL_GONE: lambda _: (
        "Cette proposition n’est plus à décider : quelqu’un l’a confirmée ou écartée. Revenez à la liste."
    ),
    CertificateRefusal.GROUP_TOO_SMALL: lambda _: (
        "Cochez au moins deux blocs à détenir, et au moins un bloc pour lequel ils comptent."
    ),
    CertificateRefusal.GROUP_MIXED: lambda _: (
        "Les blocs à détenir sont d’une même version, et ceux pour lesquels ils comptent d’une même autre "
        "version. Décochez ceux qui sont d’ailleurs."
    ),
    CertificateRefusal.EQUIVALENCE_DECLARED: lambda _: (
        "C’est déjà la décision en vigueur entre ces deux blocs. Il n’y a rien à changer."
    ),
    CertificateRefusal.EQUIVALENCE_BY_TWO: lambda _: (
        "Une équivalence est en vigueur entre ces deux blocs, et cette décision la reprend. Décidez-le depuis la page "
        f"des équivalences de la version{NBSP}: une autre personne de l’organisme le confirme."
    ),
    CertificateRefusal.NOT_STANDING: lambda facts: (
        f"{LAPSED if facts['status'] is GrantStatus.HELD else VERDICTS[facts['status']][0]}{NBSP}: il ne se partage "
        "plus. Sa page publique dit pourquoi."
    ),
}

KINDS: Mapping[StatusChangeKind, str] = {
    StatusChangeKind.SUSPENSION: "Suspension",
    StatusChangeKind.CONFIRMATION: "Confirmation",
    StatusChangeKind.ANNULMENT: "Annulation",
    StatusChangeKind.WITHDRAWAL: "Retrait pour fraude",
    StatusChangeKind.RECTIFICATION: "Rectification",
}
EQUIVALENCES: Mapping[EquivalenceKind, str] = {
    EquivalenceKind.IDENTICAL: "Identique",
    EquivalenceKind.PARTIAL: "Partielle",
    EquivalenceKind.NONE: "Aucune",
}
# What each ruling does, said before it is made and wherever it stands.
EQUIVALENCE_EFFECTS: Mapping[EquivalenceKind, str] = {
    EquivalenceKind.IDENTICAL: (
        "Une personne qui a le premier bloc a aussi le second. Le certificat du premier bloc suffit."
    ),
    EquivalenceKind.PARTIAL: (
        "L’équivalence est notée, mais elle ne suffit pas à obtenir le second bloc : un jury décide."
    ),
    EquivalenceKind.NONE: ("Le premier bloc ne compte pas pour le second, même s’ils portent le même intitulé."),
}
STATUSES: Mapping[GrantStatus, str] = {
    GrantStatus.HELD: "acquis",
    GrantStatus.SUSPENDED: "suspendu",
    GrantStatus.WITHDRAWN: "retiré",
    GrantStatus.ANNULLED: "annulé",
    GrantStatus.REPLACED: "remplacé",
}
LAPSED = "Ce certificat n’est plus valable"
# What stands first on the public page, and its drawing.
VERDICTS: Mapping[GrantStatus, tuple[str, str]] = {
    GrantStatus.HELD: ("Ce certificat est valide", "held"),
    GrantStatus.SUSPENDED: ("Ce certificat est suspendu", "suspended"),
    GrantStatus.WITHDRAWN: ("Ce certificat a été retiré", "ended"),
    GrantStatus.ANNULLED: ("Ce certificat a été annulé", "ended"),
    GrantStatus.REPLACED: ("Ce certificat est remplacé", "ended"),
}


def certificate_status_message(status: CertificateStatus) -> str:
    """Say to anyone what the status of a certificate means; nothing for a valid one, whose permanence is
    said instead.
    """
    day = f"le {date_fr(status.since)}" if status.since else ""
    since, on_day = (f" depuis {day}", f" {day}") if day else ("", "")
    return {
        GrantStatus.HELD: "",
        GrantStatus.SUSPENDED: (
            f"Ses effets sont suspendus{since}, le temps d’un examen. Il n’est ni valide ni perdu : "
            "l’organisme qui l’a délivré le confirmera, ou l’annulera."
        ),
        GrantStatus.WITHDRAWN: f"L’organisme qui l’avait délivré l’a retiré{on_day}. Il ne prouve plus rien.",
        GrantStatus.ANNULLED: f"La décision qui le donnait a été annulée{on_day}. Il ne prouve plus rien.",
        GrantStatus.REPLACED: (
            (f"L’identité imprimée a été rectifiée{on_day}. Un certificat d’un autre numéro tient lieu de celui-ci.")
            if status.rectified
            else "Un certificat d’un autre numéro tient lieu de celui-ci."
        ),
    }[status.status]


def discrepancy_message(found: Discrepancy) -> str:
    """Say how what is stored differs from what the facts give."""
    block = f"bloc{NBSP}{found.block}" if found.block else "certification entière"
    act = f" ({found.reference})" if found.reference else ""
    row = f", ligne {found.row_id}" if found.row_id else ""
    return f"Personne {found.person_id}, {block} : {_GAPS[found.gap]}{act}{row}."


_GAPS: Mapping[DiscrepancyKind, str] = {
    DiscrepancyKind.GRANT_MISSING: "les faits l’attribuent, et l’attribution n’est pas enregistrée",
    DiscrepancyKind.GRANT_UNFOUNDED: "une attribution est enregistrée, qu’aucun fait ne donne",
    DiscrepancyKind.GRANT_DATE: "l’attribution enregistrée n’a pas la date ou la source du fait",
    DiscrepancyKind.AWARD_MISSING: "tous ses blocs sont acquis, et l’obtention n’est pas enregistrée",
    DiscrepancyKind.AWARD_UNFOUNDED: "une obtention est enregistrée, que les faits ne donnent pas",
    DiscrepancyKind.AWARD_LAPSED: (
        "l’obtention de la certification entière est enregistrée à une date où la validité de ce bloc avait "
        "pris fin. La règle ne la donne pas. Rien n’est changé, le certificateur décide"
    ),
    DiscrepancyKind.CERTIFICATE_MISSING: "l’attribution n’a pas de certificat",
    DiscrepancyKind.CERTIFICATE_LABELS: "le certificat n’indique pas le bloc ou la date de l’attribution",
}


def recompute_messages(found: Recomputed) -> list[str]:
    """Say what was recomputed, and each difference."""
    counted = (
        f"{count(found.people, 'personne')}, {count(found.grants, 'attribution')}, {count(found.awards, 'obtention')}"
    )
    summary = f"Recalculé depuis les faits{NBSP}: {counted}."
    if found.ok:
        return [f"{summary} Aucune différence."]
    return [*(discrepancy_message(gap) for gap in found.gaps), f"{summary} Différences : {len(found.gaps)}."]


def recomputed_as_json(found: Recomputed) -> dict[str, Any]:
    """Turn the same into the object that `flask recompute-grants --json` prints."""
    return {
        "ok": found.ok,
        "people": found.people,
        "grants": found.grants,
        "awards": found.awards,
        "differences": [
            {
                "code": gap.gap.value,
                "person": str(gap.person_id),
                "block": gap.block,
                "row": str(gap.row_id) if gap.row_id else None,
                "reference": gap.reference or None,
                "sentence": discrepancy_message(gap),
            }
            for gap in found.gaps
        ],
    }


def subject_message(labels: Mapping[str, Any]) -> str:
    """Say what a certificate certifies, in a line."""
    if labels["subject"] == "whole":
        return "La certification entière"
    return f"Bloc{NBSP}{labels['block']['number']}{NBSP}: {labels['block']['title']}"


def registration_message(registration: Mapping[str, Any]) -> str:
    """Say what a certificate may say of the register, from its own labels (R9)."""
    if registration["code"] == RegistrationStatusCode.IN_FORCE:
        return f"La certification est enregistrée au répertoire à la date de délivrance{_registration(registration)}."
    if registration["code"] == RegistrationStatusCode.PROTECTED:
        training = registration["ground"] == RegistrationStatusReason.TRAINING_BEGUN_WHILE_REGISTERED
        began = "La formation a commencé" if training else "La recevabilité a été prononcée"
        return (
            f"{began} quand la certification était enregistrée au "
            f"répertoire{_registration(registration)}{NBSP}: l’article L6113-9 du code du travail en "
            "conserve le bénéfice au titulaire."
        )
    return (
        "La certification n’est pas enregistrée au répertoire à la date de délivrance. Le certificat n’en dépend pas."
    )


def _registration(registration: Mapping[str, Any]) -> str:
    found = registration["registration"]
    if not found:
        return ""
    act = found["act"][:1].lower() + found["act"][1:]
    until = f"jusqu’au {date_fr(date.fromisoformat(found['until']))}" if found["until"] else ""
    return f" ({', '.join(part for part in (act, until) if part)})"


def permanence_message(permanence: str | None) -> str:
    """Say how long a certificate is valid, as the entry states it (R6)."""
    if permanence == "limited":
        return "Sa durée de validité est celle que fixe la certification."
    return (
        f"Acquis définitivement{NBSP}: sa validité est illimitée."
        if permanence == "unlimited"
        else "Acquis définitivement."
    )


def validity_message(labels: Mapping[str, Any]) -> str:
    """Say how long what a certificate says is valid, from the words fixed when it was issued (R6)."""
    if limit := labels.get("validity"):
        until, months = date_fr(date.fromisoformat(limit["until"])), limit["months"]
        return f"Valable jusqu’au {until}{NBSP}: {count(months, 'mois', 'mois')} à compter de la décision."
    if labels.get("limited_blocks"):
        return "Tous les blocs de compétences étaient acquis et valables à la date de l’acte."
    return permanence_message(labels["certification"].get("permanence"))


def whole_validity_message(labels: Mapping[str, Any]) -> str:
    """Say on the document of the whole how long its blocks are valid."""
    permanence = labels["certification"].get("permanence")
    if labels.get("limited_blocks") or permanence == "limited":
        return validity_message(labels)
    end = f"{NBSP}: validité illimitée." if permanence == "unlimited" else "."
    return f"Tous les blocs de compétences sont acquis définitivement{end}"


def is_permanent(labels: Mapping[str, Any]) -> bool:
    """Return whether what a certificate says is acquired for ever."""
    limited = labels.get("validity") or labels.get("limited_blocks")
    return not limited and labels["certification"].get("permanence") != "limited"


def public_verdict(
    status: CertificateStatus, labels: Mapping[str, Any], today: date, *, is_signed: bool, is_notified: bool
) -> tuple[str, str, str]:
    """Say to anyone where a certificate stands today: a title, what it means, and its drawing; before its
    signature it is a project, and before the letter of its result its holder knows nothing of it.
    """
    until = end_of(labels)
    if status.status is GrantStatus.HELD and until is not None and until < today:
        meaning = f"Sa validité a pris fin le {date_fr(until)}. Ce qu’il certifie n’est plus acquis par lui."
        return LAPSED, meaning, "ended"
    if status.status is GrantStatus.HELD and not is_signed:
        unsigned = "Ce document reste un projet jusqu’à la signature de l’organisme."
        meaning = f"{validity_message(labels)} {unsigned}"
        return "Ce certificat n’est pas encore signé", meaning, "suspended"
    if status.status is GrantStatus.HELD and not is_notified:
        meaning = "Il est signé. La lettre qui donne ce résultat à la personne n’est pas encore envoyée."
        return "Ce certificat n’est pas encore remis", meaning, "suspended"
    title, drawing = VERDICTS[status.status]
    return title, certificate_status_message(status) or validity_message(labels), drawing


def held_until(until: date | None) -> str:
    """Say « définitivement », or until when what is acquired is valid."""
    return f"jusqu’au {date_fr(until)}" if until else "définitivement"
