"""Every answer about a grant, in French: preview, candidate's page and command line read the same sentences."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from portfolio.calendar import day_of
from portfolio.domain.holdings.models.grants import CertificateSeal
from portfolio.domain.holdings.rules.completion import CompletionAnswer, Label, Result, ResultOf
from portfolio.domain.holdings.rules.facts import CertifiedBlock, CertifiedCompetency, Source
from portfolio.domain.holdings.rules.granting import Explanation, GrantAnswer, GrantGround, GrantingEvent
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases.file_checks import FileCheck, FileKind, FileVerdict
from portfolio.domain.holdings.use_cases.notified_results import AwaitedNotification
from portfolio.domain.holdings.use_cases.status_history import (
    CandidacyOutcome,
    DecidedAgain,
    StatusDecision,
    VoidHearing,
)
from portfolio.domain.jury.rules.composition import predicate_of
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.french_text import NBSP, count, date_fr, enumeration
from portfolio.wording.holdings.status_changes import (
    EQUIVALENCE_EFFECTS,
    EQUIVALENCES,
    KINDS,
    REFUSALS,
    STATUSES,
    VERDICTS,
    certificate_status_message,
    held_until,
    is_permanent,
    permanence_message,
    public_verdict,
    registration_message,
    subject_message,
    validity_message,
    whole_validity_message,
)
from portfolio.wording.jury.predicates import QUESTIONS, lower

__all__ = [
    "EQUIVALENCES",
    "EQUIVALENCE_EFFECTS",
    "KINDS",
    "REFUSALS",
    "STATUSES",
    "VERDICTS",
    "certificate_status_message",
    "is_permanent",
    "permanence_message",
    "public_verdict",
    "registration_message",
    "subject_message",
    "validity_message",
    "whole_validity_message",
]

FINDINGS: Mapping[FindingValue, str] = {
    FindingValue.ACQUIRED: "acquise",
    FindingValue.PARTIALLY: "partiellement acquise",
    FindingValue.NOT_ACQUIRED: "non acquise",
}


def grant_message(answer: GrantAnswer, *, before_closing: bool = False) -> str:
    """Say whether a block is acquired, why, and what follows.

    `before_closing` is for the preview of a hearing: what closing the minutes would give.
    """
    block = f"Bloc{NBSP}{answer.block.number}"
    if answer.ground is GrantGround.GRANTED and before_closing and answer.act is not None:
        return (
            f"{block}{NBSP}: sera acquis {_for_how_long(answer)} à la clôture, à la date du {date_fr(answer.act.on)}."
        )
    if answer.ground is GrantGround.NOT_DECIDED and before_closing:
        return f"{block}{NBSP}: aucune décision n’est notée. Il en faut une pour clore le procès-verbal."
    return f"{block} {_SENTENCES[answer.ground](answer)}{_lapsed(answer)}"


def _lapsed(answer: GrantAnswer) -> str:
    """Say until when a block was valid that a jury has not given again."""
    if answer.lapsed is None or answer.ground is GrantGround.VALIDITY_ENDED:
        return ""
    return (
        f" Il avait été acquis le {date_fr(answer.lapsed.on)}, et sa validité a pris fin le "
        f"{date_fr(answer.lapsed.until)}."
    )


def _validity_ended(answer: GrantAnswer) -> str:
    assert answer.lapsed is not None
    return (
        f"n’est plus valable{NBSP}: il a été acquis le {date_fr(answer.lapsed.on)}, "
        f"{granting_event_message(answer.lapsed)}, et sa validité a pris fin le "
        f"{date_fr(answer.lapsed.until)}. Il peut être présenté de nouveau à un jury."
    )


def _granted(answer: GrantAnswer) -> str:
    assert answer.act is not None
    if end_of_answer(answer) is not None:
        return f"acquis le {date_fr(answer.act.on)}, {_for_how_long(answer)}, {granting_event_message(answer.act)}."
    return f"acquis définitivement le {date_fr(answer.act.on)}, {granting_event_message(answer.act)}."


def _held(answer: GrantAnswer) -> str:
    assert answer.act is not None
    return (
        f"déjà acquis {_for_how_long(answer)}, depuis le {date_fr(answer.act.on)}. Aucune décision ne le "
        "remet en cause."
    )


def granting_event_message(act: GrantingEvent) -> str:
    """Say by what a block was acquired: « par décision du jury (procès-verbal 2020-14) »."""
    words = {
        Source.JURY: "par décision du jury",
        Source.ACQUISITION: "par une autre voie, vérifiée par le certificateur",
        Source.EQUIVALENCE: "par une équivalence que le certificateur a déclarée",
        Source.PRIOR: "avant l’usage d’Acquis, preuve vérifiée par le certificateur",
    }[act.source]
    kind = f"procès-verbal{NBSP}" if act.source is Source.JURY else ""
    return f"{words} ({kind}{act.reference})" if act.reference else words


def award_act_message(act: GrantingEvent) -> str:
    """Name the act that gave a block of a whole, with its day: « jury du 18 juin 2020, procès-verbal 2020-14 »."""
    on = date_fr(act.on)
    return {
        Source.JURY: f"jury du {on}, procès-verbal{NBSP}{act.reference}",
        Source.ACQUISITION: f"acquis par une autre voie le {on}, référence{NBSP}{act.reference}",
        Source.EQUIVALENCE: f"acquis par équivalence le {on}, référence{NBSP}{act.reference}",
        Source.PRIOR: f"acquis le {on}, avant l’usage d’Acquis, référence{NBSP}{act.reference}",
    }[act.source]


def _irregular(answer: GrantAnswer) -> str:
    asked = [lower(QUESTIONS[predicate_of(fault)]) for fault in answer.faults if fault in QUESTIONS]
    predicates = f" ({' ; '.join(asked)})" if asked else ""
    return (
        f"non acquis{NBSP}: la composition du jury n’est pas régulière{predicates}. Ce n’est pas un "
        f"échec{NBSP}: le bloc est à présenter à un jury régulier."
    )


def _not_validated(answer: GrantAnswer) -> str:
    if not answer.missing:
        return f"non acquis{NBSP}: le jury ne l’a pas validé, pour la raison que donne le procès-verbal."
    is_single = len(answer.missing) == 1
    what = (
        f"la compétence {_competencies(answer.missing)} n’est pas acquise"
        if is_single
        else f"les compétences {_competencies(answer.missing)} ne sont pas acquises"
    )
    return (
        f"non acquis{NBSP}: {what}. Seul un bloc entier s’acquiert{NBSP}: le résultat est gardé comme "
        "préconisation, et le bloc peut être présenté de nouveau."
    )


def _competencies(missing: Sequence[CertifiedCompetency]) -> str:
    return enumeration([f"{competency.number} «{NBSP}{competency.text}{NBSP}»" for competency in missing])


_SENTENCES: Mapping[GrantGround, Callable[[GrantAnswer], str]] = {
    GrantGround.GRANTED: _granted,
    GrantGround.ALREADY_HELD: _held,
    GrantGround.ANNULLED: lambda _: (
        f"non acquis{NBSP}: la décision du jury a été annulée. Ce n’est pas un échec{NBSP}: "
        "le bloc peut être présenté à un nouveau jury."
    ),
    GrantGround.WITHDRAWN: lambda _: (
        f"retiré{NBSP}: le certificateur l’a retiré pour fraude, après avoir entendu la personne."
    ),
    GrantGround.SUSPENDED: lambda _: (
        f"suspendu{NBSP}: une irrégularité de la session est examinée. Il n’est ni acquis ni perdu{NBSP}: "
        "le certificateur confirme la décision, ou l’annule et réunit un nouveau jury."
    ),
    GrantGround.ABSENT: lambda _: (
        f"sans décision{NBSP}: la personne était absente. Rien n’est perdu, il peut être présenté à une autre session."
    ),
    GrantGround.EXCUSED: lambda _: (
        f"sans décision{NBSP}: la personne était excusée. Rien n’est perdu, il peut être présenté à une autre session."
    ),
    GrantGround.NOT_PRESENTED: lambda _: (
        f"non présenté{NBSP}: aucun jury ne s’est prononcé. Le bloc peut être présenté à un prochain jury."
    ),
    GrantGround.NOT_CLOSED: lambda _: (
        f"non acquis{NBSP}: le résultat est provisoire. Rien n’est accordé tant que le procès-verbal n’est pas clos."
    ),
    GrantGround.IRREGULAR: _irregular,
    GrantGround.NOT_ADMISSIBLE: lambda _: (
        f"non acquis{NBSP}: le bloc a été présenté avant la date à laquelle la candidature est recevable ou commence."
    ),
    GrantGround.LAPSE_NOT_RULED: lambda _: (
        f"non acquis{NBSP}: la recevabilité était caduque, et le certificateur ne s’est pas prononcé sur "
        "cette caducité."
    ),
    GrantGround.LAPSED: lambda _: (
        f"non acquis{NBSP}: le certificateur a constaté que la recevabilité était caduque. "
        "Une nouvelle recevabilité est à demander."
    ),
    GrantGround.NOT_DECIDED: lambda _: (
        f"sans décision{NBSP}: le jury ne s’est pas prononcé. Il peut être présenté de nouveau."
    ),
    GrantGround.NOT_VALIDATED: _not_validated,
    GrantGround.AWAITING_JURY: lambda _: f"présenté{NBSP}: le jury n’a pas encore décidé.",
    GrantGround.ANNULLED_AWAITING_JURY: lambda _: (
        f"non acquis{NBSP}: la décision du jury a été annulée. Ce n’est pas un échec{NBSP}: le dossier "
        "attend un autre jury pour ce bloc."
    ),
    GrantGround.AWAITING_NOTIFICATION: lambda _: (
        f"présenté{NBSP}: le jury a délibéré, et la lettre de notification donne le résultat."
    ),
    GrantGround.NOT_VERIFIED: lambda _: (
        f"non acquis{NBSP}: l’acquisition par une autre voie attend la vérification du certificateur."
    ),
    GrantGround.PARTIAL_EQUIVALENCE: lambda _: (
        f"non acquis{NBSP}: l’équivalence déclarée n’est que partielle, elle ne suffit pas à elle seule."
    ),
    GrantGround.NOT_REQUESTED: lambda _: "non demandé dans cette candidature.",
    GrantGround.VALIDITY_ENDED: _validity_ended,
}


def letter_message(letter: AwaitedNotification) -> str:
    """Say that the result comes with its letter, and when the letter is due (R6412-7)."""
    due = (
        f" Elle est due au plus tard le {date_fr(letter.until)} (article R6412-7 du code du travail)."
        if letter.until
        else ""
    )
    return (
        f"Le jury s’est réuni le {date_fr(letter.decided_on)}. Le résultat vous est donné par une lettre de "
        f"l’organisme certificateur{NBSP}: il s’affiche ici, bloc par bloc, le jour où elle est "
        f"envoyée.{due}"
    )


def completion_message(whole: CompletionAnswer, *, before_closing: bool = False) -> str:
    """Say whether the whole certification is obtained, when, or which blocks are missing."""
    if whole.obtained and whole.on is not None:
        verb = "sera obtenue à la clôture, à la date du" if before_closing else "est obtenue, à la date du"
        blocks = "sont acquis" if before_closing or not whole.is_limited else "étaient acquis et valables ce jour-là"
        options = dict.fromkeys(block.option for block in whole.blocks if block.option)
        which = f"tous ses blocs avec {enumeration(list(options))}" if options else "tous ses blocs"
        return f"La certification entière {verb} {date_fr(whole.on)}{NBSP}: {which} {blocks}."
    missing = [blocks_message(whole.missing)] if whole.missing else []
    if whole.options_left:
        missing.append(_options_message(whole))
    if not missing:
        return "La certification entière n’est pas obtenue."
    return f"La certification entière n’est pas encore obtenue{NBSP}: il manque {', et '.join(missing)}."


def _options_message(whole: CompletionAnswer) -> str:
    """« Option A (les blocs 3 et 4) ou Option B (le bloc 5) »."""
    options = [f"{option.name} ({blocks_message(option.blocks)})" for option in whole.missing_options]
    if not options:
        return "les blocs que le dossier repris ici ne nomme pas"
    if whole.options_left == len(options):
        return enumeration(options)
    number = "" if whole.options_left == 1 else f"{whole.options_left} options parmi "
    return number + f"{', '.join(options[:-1])} ou {options[-1]}"


def blocks_message(blocks: Sequence[CertifiedBlock]) -> str:
    """« le bloc 2 », « les blocs 2 et 3 »."""
    numbers = [str(block.number) for block in blocks]
    return f"le bloc{NBSP}{numbers[0]}" if len(numbers) == 1 else f"les blocs {enumeration(numbers)}"


def result_message(result: Result) -> str:
    """Call a result by its name (R8)."""
    label = {
        Label.FULL: "Validation totale",
        Label.PARTIAL: "Validation partielle",
        Label.NONE: "Aucun bloc validé",
        Label.ABSENT: "Absence au jury",
        Label.EXCUSED: "Absence excusée au jury",
    }[result.label]
    of = {ResultOf.WHOLE: "de la certification", ResultOf.REQUESTED: "des blocs demandés"}[result.of]
    return f"{label} {of}" if result.label in (Label.FULL, Label.PARTIAL) else label


# Where a block stands as long as no jury has said anything of it.
_UNSAID = frozenset(
    {GrantGround.NOT_PRESENTED, GrantGround.NOT_REQUESTED, GrantGround.AWAITING_JURY, GrantGround.VALIDITY_ENDED}
)
_DELIBERATED = GrantGround.AWAITING_NOTIFICATION


def explained_message(explanation: Explanation) -> str:
    """Call a result by its name, and say what is suspended or no longer valid; before any decision there is none."""
    grounds = [answer.ground for answer in explanation.answers]
    if _DELIBERATED in grounds:
        return "Le jury a délibéré"
    if set(grounds) <= _UNSAID and explanation.result.label is Label.NONE:
        return "Aucun jury n’a encore décidé"
    suspended, ended = grounds.count(GrantGround.SUSPENDED), grounds.count(GrantGround.VALIDITY_ENDED)
    words = [result_message(explanation.result)]
    words += [count(suspended, "bloc suspendu", "blocs suspendus")] if suspended else []
    words += [f"{count(ended, 'bloc')} dont la validité a pris fin"] if ended else []
    return ", ".join(words)


def outcome_message(outcome: CandidacyOutcome) -> str:
    """Call the result of a candidacy by its name, and say which blocks stand no more."""
    ended = [
        f"{many}{NBSP}bloc{'s' if many > 1 else ''} {STATUSES[status]}{'s' if many > 1 else ''}"
        for status, many in outcome.ended.items()
    ]
    return ", ".join([result_message(outcome.result), *ended])


_LATER: Mapping[StatusChangeKind, str] = {
    StatusChangeKind.SUSPENSION: ("a suspendu {what}, le temps d’examiner la régularité de la session{neither}"),
    StatusChangeKind.CONFIRMATION: "a confirmé la décision du jury sur {what}{nbsp}: la suspension est levée",
    StatusChangeKind.ANNULMENT: "a annulé la décision du jury sur {what}{why}. Ce n’est pas un échec{nbsp}: {again}",
    StatusChangeKind.WITHDRAWAL: "a retiré {what} pour fraude, après avoir entendu la personne le {heard}",
    StatusChangeKind.RECTIFICATION: ("a inscrit une rectification au sujet {of}. Ce qui est acquis ne change pas"),
}


_ENDED = {
    StatusChangeKind.SUSPENSION: "décision suspendue depuis le {on}",
    StatusChangeKind.ANNULMENT: "décision annulée le {on}",
    StatusChangeKind.WITHDRAWAL: "bloc retiré le {on}",
}


def ended_message(decision: StatusDecision | None) -> str:
    """Say beside what a jury decided of a block that it no longer has its effects; nothing while it has them."""
    return "" if decision is None else f", {_ENDED[decision.kind].format(on=date_fr(decision.decided_on))}"


def decided_again_message(again: Sequence[DecidedAgain]) -> str:
    """Say which blocks another jury decided since, when and in which minutes, and that one may decide the others."""
    told = [(each.blocks, f"le {date_fr(each.on)} (procès-verbal {each.minutes})") for each in again if each.on]
    left = [number for each in again if not each.on for number in each.blocks]
    if not told:
        return "un autre jury peut en décider"
    if len(told) == 1 and not left:
        return f"un autre jury en a décidé {told[0][1]}"
    words = f"un autre jury a décidé {enumeration(f'{_of(blocks)} {by}' for blocks, by in told)}"
    return words + (f"{NBSP}; un autre peut décider {_of(left)}" if left else "")


def heard_again_message(again: Sequence[DecidedAgain]) -> str:
    """Say that another jury decided since of what minutes without a decision left; nothing before."""
    words = decided_again_message(again)
    return f"{words[:1].upper()}{words[1:]}." if any(each.on for each in again) else ""


def void_message(hearing: VoidHearing) -> str:
    """Say that a sitting had no effect, and what was decided instead since."""
    follows = heard_again_message(hearing.again) or "Le dossier scellé attend une autre session."
    return f"La séance du {date_fr(hearing.held_on)} est sans effet{NBSP}: aucune décision, aucun échec. {follows}"


def _of(blocks: Sequence[int]) -> str:
    numbers = enumeration(str(number) for number in sorted(blocks))
    return f"des blocs {numbers}" if len(blocks) > 1 else f"du bloc{NBSP}{numbers}"


def status_change_message(decision: StatusDecision) -> str:
    """Say to the person what was decided later of which blocks, and when (R10–R12)."""
    why = ", à la suite d’un recours" if decision.by_appeal else ""
    if not decision.blocks:
        return (
            f"Le {date_fr(decision.decided_on)}, l’organisme a annulé l’absence constatée par le jury{why}. "
            f"Elle ne compte plus{NBSP}: {decided_again_message(decision.again)}."
        )
    several = len(decision.blocks) > 1
    numbers = enumeration([str(number) for number in decision.blocks])
    what = f"les blocs {numbers}" if several else f"le bloc{NBSP}{numbers}"
    words = _LATER[decision.kind].format(
        what=what,
        What=what[:1].upper() + what[1:],
        of=_of(decision.blocks),
        # What it was as long as it lasted: a later act says what it became.
        neither=""
        if decision.is_followed
        else f"{NBSP}: {'ils ne sont ni acquis ni perdus' if several else 'il n’est ni acquis ni perdu'}",
        again=decided_again_message(decision.again),
        heard=date_fr(decision.heard_on),
        nbsp=NBSP,
        why=why,
    )
    return f"Le {date_fr(decision.decided_on)}, l’organisme {words}."


def held_for_message(explanation: Explanation) -> str:
    """Say how long the blocks asked for are acquired, once all are."""
    asked = [answer for answer in explanation.answers if answer.block.id in explanation.requested]
    if all(end_of_answer(answer) is None for answer in asked):
        return "Sans limite de durée."
    return "Chaque bloc l’est jusqu’à la date écrite ci-dessous, ou sans limite s’il n’en a pas."


_GIVEN: Mapping[FileKind, str] = {
    FileKind.CREDENTIAL: "Le fichier est celui qui a été délivré, sans aucun changement.",
    FileKind.PAPER: "Ce PDF est celui que l’organisme a cacheté, sans aucun changement.",
    FileKind.PROOF: "Le certificat de ce dossier de preuve est celui qui a été délivré, sans aucun changement.",
}
_UNPROVED_PAPER = (
    "Son PDF n’est pas cacheté, et rien ne dit s’il a été changé\u00a0: comparez-le avec la page du certificat."
)
_UNSEALED = (
    "Il n’est pas, à l’octet près, un PDF cacheté ici. Un certificat imprimé puis numérisé, enregistré de nouveau ou "
    "jamais cacheté peut être vrai\u00a0: vérifiez le numéro qui y est écrit."
)


def file_verdict(checked: FileCheck, verdict: tuple[str, str, str] | None) -> tuple[str, str, str]:
    """Say what a file is that somebody was given as a certificate: that of its page when it is ours, never a good
    word about what cannot be verified here.
    """
    if checked.verdict is FileVerdict.OURS and verdict is not None:
        title, meaning, drawing = verdict
        unproved = f" {_UNPROVED_PAPER}" if checked.has_unproved_paper else ""
        return title, f"{_GIVEN[checked.kind]}{unproved} {meaning}", drawing
    if checked.verdict is FileVerdict.ALTERED:
        return "Ce fichier a été modifié", "Il ne correspond pas à ce qui a été délivré sous ce numéro.", "ended"
    if checked.verdict is FileVerdict.UNSEALED:
        return "Ce PDF ne prouve rien par lui-même", _UNSEALED, "unknown"
    if checked.verdict is FileVerdict.FOREIGN and checked.issuer:
        meaning = f"Il dit avoir été délivré par {checked.issuer}. Demandez à cet organisme de le confirmer."
        return "Ce certificat ne peut pas être vérifié ici", meaning, "unknown"
    meaning = "Aucun certificat numérique n’y a été reconnu. Vérifiez-le plutôt par son numéro."
    return "Ce fichier ne peut pas être vérifié ici", meaning, "unknown"


def seal_message(seal: CertificateSeal | None) -> str:
    """Say whether the PDF of a signed certificate is sealed, and by whom."""
    if seal is None:
        return "aucun : le PDF n’est pas cacheté"
    dated = ", daté par une autorité d’horodatage" if seal.is_timestamped else ""
    return f"PDF cacheté par l’organisme le {date_fr(day_of(seal.sealed_at))} ({seal.sealed_by}){dated}"


def end_of_answer(answer: GrantAnswer) -> date | None:
    """Return the last day on which a block held is valid; None without a limit."""
    return answer.act.until if answer.act else None


def _for_how_long(answer: GrantAnswer) -> str:
    """Say « définitivement », or until when where the block is limited."""
    assert answer.act is not None
    until = answer.act.until
    return held_until(until)


def explanation_as_json(explanation: Explanation) -> dict[str, Any]:
    """Turn an explanation into the object that `flask explain-grants --json` prints."""
    whole = explanation.whole
    return {
        "blocks": [
            {
                "block": answer.block.number,
                "granted": answer.granted,
                "ground": answer.ground.value,
                "sentence": grant_message(answer),
                "on": answer.act.on.isoformat() if answer.act else None,
            }
            | ({"valid_until": until.isoformat()} if (until := end_of_answer(answer)) else {})
            for answer in explanation.answers
        ],
        "whole": {
            "granted": whole.obtained,
            "ground": "every_block_held" if whole.obtained else "blocks_missing",
            "sentence": completion_message(whole),
            "on": whole.on.isoformat() if whole.on else None,
        },
        "result": {
            "label": explanation.result.label.value,
            "of": explanation.result.of.value,
            "sentence": explained_message(explanation),
        },
    }
