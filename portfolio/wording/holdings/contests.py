"""Observations, decisions that wait for a second member, and appeals, in French."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from portfolio.domain.certification.rules.watching import ProposalOrigin
from portfolio.domain.holdings.rules.decision_audit import Contradiction, Mending
from portfolio.domain.holdings.rules.status_changes import (
    MIN_OBSERVATION_DAYS,
    AppealKind,
    AppealOutcome,
    AppealState,
    ContestRefusal,
    ObservationManner,
    StatusChangeKind,
)
from portfolio.domain.holdings.use_cases.appeals import AppealDetails
from portfolio.domain.holdings.use_cases.contest_tasks import LaterAct, LaterEntry
from portfolio.domain.holdings.use_cases.decision_audit import AuditedAct
from portfolio.domain.holdings.use_cases.proposals import ProposalLine
from portfolio.domain.jury.rules.enums import Outcome
from portfolio.french_text import NBSP, count, date_fr, enumeration
from portfolio.wording.holdings.endings import answer_due_message
from portfolio.wording.holdings.grants import decided_again_message

MANNERS: Mapping[ObservationManner, str] = {
    ObservationManner.HEARD: "La personne a été entendue",
    ObservationManner.WRITTEN: "La personne a répondu par écrit",
    ObservationManner.NONE: "La personne n’a pas répondu dans le délai",
}
APPEAL_KINDS: Mapping[AppealKind, str] = {
    AppealKind.CERTIFIER: "Recours gracieux, devant l’organisme certificateur",
    AppealKind.HIERARCHICAL: "Recours hiérarchique",
    AppealKind.COURT: "Recours devant un tribunal",
}
OUTCOMES: Mapping[AppealOutcome, str] = {
    AppealOutcome.REJECTED: "Rejeté",
    AppealOutcome.GRANTED: "Accueilli",
    AppealOutcome.WITHDRAWN: "Abandonné par la personne",
}
REFUSALS: dict[Any, Callable[[dict[str, Any]], str]] = {
    ContestRefusal.TOO_SHORT: lambda _: (
        f"Laissez au moins {MIN_OBSERVATION_DAYS} jours à la personne pour répondre. Choisissez une date plus tardive."
    ),
    ContestRefusal.IN_THE_FUTURE: lambda _: "Ces dates ne se suivent pas, ou l’une d’elles est à venir. Corrigez-les.",
    ContestRefusal.BEFORE_INVITATION: lambda _: (
        "La personne ne peut pas avoir répondu avant l’invitation. Corrigez la date."
    ),
    ContestRefusal.DELAY_RUNNING: lambda facts: (
        f"La personne peut encore répondre jusqu’au {date_fr(facts['answer_by'])}. Attendez la fin du délai."
    ),
    ContestRefusal.NOT_INVITED: lambda _: "Cette invitation n’existe pas. Rechargez la page.",
    ContestRefusal.NO_OBSERVATION: lambda _: (
        "Un retrait se décide après avoir invité la personne à s’expliquer. Enregistrez l’invitation, puis sa réponse."
    ),
    ContestRefusal.SAME_PERSON: lambda _: (
        "Vous avez proposé cette décision : une autre personne de l’organisme doit la confirmer. "
        "Demandez-le à un collègue, ou invitez un second membre."
    ),
    ContestRefusal.ALREADY_PROPOSED: lambda _: (
        "Une décision attend déjà la confirmation d’une autre personne. Confirmez-la ou abandonnez-la d’abord."
    ),
    ContestRefusal.NOT_PENDING: lambda _: "Cette proposition n’attend plus : elle a été confirmée ou abandonnée.",
    ContestRefusal.BEFORE_DECISION: lambda _: "Un recours ne peut pas précéder la décision du jury. Corrigez la date.",
    ContestRefusal.NO_SUCH_BLOCK: lambda _: (
        "Un bloc choisi n’a pas été décidé par ce jury, ou n’est pas contesté par ce recours. Choisissez "
        "parmi les blocs proposés."
    ),
    ContestRefusal.NEEDS_SECOND_MEMBER: lambda _: (
        "Un recours est accueilli par deux personnes de l’organisme : l’une le propose, l’autre le confirme."
    ),
    ContestRefusal.ALREADY_ANSWERED: lambda _: (
        "Ce recours a déjà reçu sa réponse. Pour la suite, enregistrez un autre recours."
    ),
}


STATES: Mapping[AppealState, str] = {
    AppealState.WAITING: "En attente de réponse",
    AppealState.LAPSED: "Rejeté par le silence de l’organisme",
    AppealState.REJECTED: "Rejeté",
    AppealState.GRANTED: "Accueilli",
    AppealState.WITHDRAWN: "Abandonné par la personne",
}


def contested_message(blocks: Sequence[int]) -> str:
    """Say on what an appeal, or its answer, bears: these blocks, or everything that the jury wrote."""
    if not blocks:
        return "toute la décision du jury"
    numbers = enumeration([str(number) for number in blocks])
    return f"la décision sur {'les blocs' if len(blocks) > 1 else 'le bloc'}{NBSP}{numbers}"


def due_message(details: AppealDetails, today: date) -> str:
    """Say by which day an appeal is answered and what silence means, or how it ended."""
    state, due = details.state(today), details.due_on
    if details.answer is not None:
        return f"{STATES[state]}, le {date_fr(details.answer.answered_on)}."
    if due is not None and state is AppealState.LAPSED:
        return f"Aucune réponse n’a été donnée jusqu’au {date_fr(due)}{NBSP}: ce silence vaut rejet du recours."
    return answer_due_message(due)


PROPOSED_TITLE = "La réponse au recours attend une autre personne"
PROPOSED_TEXT = (
    "Il est proposé de l’accueillir. Rien ne change tant qu’une autre personne de l’organisme ne l’a pas confirmé."
)


def follow_message(details: AppealDetails) -> str:
    """Say what follows an appeal that was granted; nothing for another one."""
    ended = details.answer
    if ended is None or ended.outcome is not AppealOutcome.GRANTED:
        return ""
    new = ", dont tous les membres seront nouveaux," if ended.is_for_bias else ""
    what = contested_message(details.annulled)
    annulled = f"{what[:1].upper()}{what[1:]} est annulée."
    if any(each.on for each in details.again):
        return f"{annulled} Ce n’est pas un échec{NBSP}: {decided_again_message(details.again)}."
    return f"{annulled} Un autre jury{new} doit en décider{NBSP}: ce n’est pas un échec."


_LATER: Mapping[StatusChangeKind | AppealState | LaterEntry, str] = {
    AppealState.WAITING: "recours reçu le {on}, en attente de réponse",
    AppealState.LAPSED: "recours rejeté par le silence de l’organisme, le {on}",
    AppealState.REJECTED: "recours rejeté le {on}",
    AppealState.GRANTED: "recours accueilli le {on}",
    AppealState.WITHDRAWN: "recours abandonné par la personne le {on}",
    StatusChangeKind.SUSPENSION: "effets suspendus le {on}",
    StatusChangeKind.CONFIRMATION: "décision confirmée le {on}",
    StatusChangeKind.ANNULMENT: "décision annulée le {on}",
    StatusChangeKind.WITHDRAWAL: "retrait pour fraude le {on}",
    StatusChangeKind.RECTIFICATION: "erreur rectifiée le {on}",
    LaterEntry.RECTIFIED: "procès-verbal rectifié le {on}",
    LaterEntry.VOID: "séance sans effet",
}


def later_message(acts: Sequence[LaterAct]) -> str:
    """Say to a juror what happened to the decision after the minutes were closed."""
    return f"{NBSP}; ".join(_LATER[act.what].format(on=date_fr(act.on)) for act in acts)


def clock_message(days: int | None) -> str:
    """Return how long is left to answer an appeal, or that silence is a refusal by now."""
    if days is None:
        return ""
    if days < 0:
        return "délai passé : le silence vaut rejet"
    return "à répondre aujourd’hui" if days == 0 else f"{days} jour{'s' if days > 1 else ''} pour répondre"


_OUTCOMES: Mapping[Outcome | None, str] = {
    Outcome.VALIDATED: f"«{NBSP}validé{NBSP}»",
    Outcome.NOT_VALIDATED: f"«{NBSP}non validé{NBSP}»",
}
_OTHER = {Outcome.VALIDATED: Outcome.NOT_VALIDATED, Outcome.NOT_VALIDATED: Outcome.VALIDATED}
_WHY: Mapping[Contradiction, str] = {
    Contradiction.BALLOT: "le vote, {counts}, donne {expected} ; le procès-verbal décide {decided}",
    Contradiction.CASTING_VOTE: (
        "le vote est à égalité, {counts} ; la règle du jury et le vote de la présidence donnent {expected}, "
        "le procès-verbal décide {decided}"
    ),
    Contradiction.BALLOT_OPEN: "un vote était encore ouvert à la clôture du procès-verbal",
    Contradiction.OTHER_MEMBERS: (
        "la décision a été préparée ou votée par d’autres personnes que le jury qui a signé, ou avant que "
        "l’audition lui soit confiée"
    ),
    Contradiction.DAY: (
        "la décision est datée du {on}, et rien ne dit que le jury l’a prise ce jour-là : il a voté, repris ou "
        "signé plus tard"
    ),
    Contradiction.ABSENT_AFTER_VOTE: "le procès-verbal dit la personne absente, et le jury avait voté sur ce bloc",
    Contradiction.VOICE: (
        "le vote compté à la main est à égalité, {counts}, et rien ne dit comment la présidence a voté"
    ),
    Contradiction.VALIDITY: (
        "la certification entière est enregistrée au {on}, et ce bloc n’était pas valable ce jour-là"
    ),
    Contradiction.LAW: "le procès-verbal cite {reference}, qui ne s’applique pas à ce parcours",
    Contradiction.LAW_CERTIFICATE: (
        "le certificat invoque {reference}, qui ne protège pas une candidature individuelle"
    ),
}
_MENDINGS: Mapping[Mending, str] = {
    Mending.ANNUL: ("Annulez la décision depuis le certificat du bloc, puis inscrivez le dossier à une autre session."),
    Mending.NEW_JURY: "Prévenez la personne, et inscrivez le bloc à une autre session.",
    Mending.PRESENT_AGAIN: (
        "Prévenez la personne : elle présente de nouveau ce bloc, et la décision du jury complète la certification."
    ),
    Mending.RECTIFY: "Inscrivez une rectification à la suite du procès-verbal.",
}


def audit_message(found: AuditedAct) -> str:
    """Say one contradiction, and the act that mends it."""
    finding = found.finding
    block = f", bloc{NBSP}{finding.block}" if finding.block else ""
    in_favour, against = finding.votes.in_favour or 0, finding.votes.against or 0
    facts = {
        "counts": f"{in_favour} pour et {against} contre",
        "expected": _OUTCOMES.get(finding.expected, ""),
        "decided": _OUTCOMES[_OTHER[finding.expected]] if finding.expected else "",
        "reference": finding.reference,
        "on": date_fr(finding.on) if finding.on else "",
    }
    why = _WHY[finding.kind].format(**facts)
    return f"{found.reference}{block} : {why}. {_MENDINGS[finding.mending]}"


def audit_summary(found: int) -> str:
    """Say how many contradictions were found."""
    if not found:
        return "Aucune décision close ne contredit ses votes, sa règle ou la loi."
    return f"{count(found, 'contradiction')}. Rien n’a été changé : chacune se répare par l’acte indiqué."


def audited_as_json(found: AuditedAct) -> dict[str, Any]:
    """Turn one into the object that `flask audit-decisions --json` prints on a line."""
    return {
        "code": str(found.finding.kind),
        "reference": found.reference,
        "candidacy": str(found.candidacy_id),
        "block": found.finding.block,
        "mending": str(found.finding.mending),
        "sentence": audit_message(found),
    }


ORIGINS = {
    ProposalOrigin.CORRESPONDENCE: "Correspondance de blocs écrite dans la fiche du répertoire.",
    ProposalOrigin.SUCCESSOR: (
        "Bloc de même intitulé dans la fiche qui remplace celle-ci. Avoir le même intitulé ne suffit pas."
    ),
}


def proposal_reason(origin: ProposalOrigin, other_code: str, other_block: str) -> str:
    """Return the reason that a confirmation starts from; a person completes it."""
    if origin is ProposalOrigin.CORRESPONDENCE:
        return f"Correspondance publiée au répertoire avec le bloc {other_block} de la fiche {other_code}."
    return f"La fiche {other_code} remplace celle-ci. Bloc de même intitulé : {other_block}."


IDENTICAL_CONFIRMED = "Les équivalences sont enregistrées. Elles valent dès aujourd’hui."


def identical_reason(code: str, version: int) -> str:
    """Return the ground kept with each equivalence of a list of identical blocks confirmed as a whole."""
    return (
        f"Blocs identiques mot pour mot dans deux versions de la fiche {code}, "
        f"confirmés ensemble à partir de la version {version}."
    )


def obstacle(line: ProposalLine) -> str:
    """Say why a proposal cannot be confirmed here, and what to do; empty when it can be."""
    if line.group_size > 1:
        return (
            f"Le répertoire compare {line.group_size} blocs ensemble : ce bloc seul n’est pas équivalent. "
            "Décidez pour tous ces blocs ensemble, ou écartez cette proposition."
        )
    if line.other_id is None:
        return (
            f"Aucune version publiée de la fiche {line.other_code} n’a ce bloc chez vous. "
            "Importez cette fiche et publiez-la pour pouvoir confirmer."
        )
    return ""
