"""The notification of a result: its words, and its values for the PDF."""

from __future__ import annotations

from collections.abc import Sequence

from portfolio.certificate.rules import GrantGround, GrantStatus
from portfolio.certificate.wording import result_words
from portfolio.documents import (
    BlockName,
    CertificationName,
    GrantedBlock,
    HeldName,
    MissingCompetency,
    Notification,
    OtherBlock,
    RefusedBlock,
    Signature,
    notification_pdf,
)
from portfolio.jury.wording import FINDINGS, listed
from portfolio.paper.rules import Letter, LetterBlock, LetterGranted, LetterOther, Said
from portfolio.paper.wording.names import HOW, code_words
from portfolio.web.filters import NBSP, count, day

__all__ = [
    "FINDINGS",
    "GRANTED",
    "REMINDER",
    "TOLD",
    "acquired_words",
    "letter_pdf",
    "next_words",
    "other_words",
    "result_words",
    "summary_words",
    "told_of",
    "way_words",
]

# The four questions a letter answers of each competency, in the order in which a stranger asks them.
TOLD = {
    "seen": "Ce que le jury a vu",
    "missing": "Ce qui manquait",
    "expected": "Ce qui est attendu",
    "way": "Par où passer",
}
REMINDER = (
    "Un bloc non obtenu n’enlève rien : ce qui est acquis le reste, et vous ne présentez de nouveau que les blocs qui manquent."
)
# What a granted block is on the day of the letter.
GRANTED = {
    GrantStatus.HELD: "Ce bloc vous est acquis définitivement.",
    GrantStatus.SUSPENDED: (
        f"Le jury vous a accordé ce bloc. Il est suspendu depuis{NBSP}: ni acquis ni perdu, le temps d’un examen."
    ),
    GrantStatus.WITHDRAWN: "Le jury vous avait accordé ce bloc. Il a été retiré depuis.",
    GrantStatus.ANNULLED: (
        "Le jury vous avait accordé ce bloc. La décision a été annulée depuis, sans échec pour vous. "
        "Un nouveau jury peut l’accorder."
    ),
    GrantStatus.REPLACED: "Ce bloc vous est acquis définitivement, sous un autre numéro.",
}


# Where a block stands that this letter neither gives nor refuses, and what its reader has to do about it.
_OTHERS = {
    GrantGround.NOT_PRESENTED: (
        "Ce bloc n’était pas présenté à ce jury : rien n’a été décidé, et rien n’est perdu. "
        "Vous pouvez le présenter à une prochaine session."
    ),
    GrantGround.NOT_REQUESTED: (
        "Ce bloc ne faisait pas partie de votre demande : ce jury n’avait pas à se prononcer. "
        "Si vous voulez l’obtenir un jour, dites-le à votre interlocuteur."
    ),
    GrantGround.NOT_DECIDED: (
        "Le jury ne s’est pas prononcé sur ce bloc : rien n’est perdu. Vous pouvez le présenter à une prochaine session."
    ),
    GrantGround.AWAITING_JURY: "Ce bloc attend un autre jury, qui n’a pas encore décidé. Vous n’avez rien à faire d’ici là.",
    GrantGround.SUSPENDED: (
        "Ce bloc est suspendu : nous examinons la régularité de la session où il a été décidé. Il n’est ni acquis ni perdu, et "
        "vous n’avez rien à faire. Soit nous confirmerons la décision, soit nous l’annulerons et réunirons un nouveau jury. "
        "Un courrier vous le dira."
    ),
    GrantGround.ANNULLED: (
        "La décision du jury sur ce bloc a été annulée. Ce n’est pas un échec : vous pouvez présenter ce bloc à un nouveau jury."
    ),
    GrantGround.WITHDRAWN: (
        "Ce bloc vous a été retiré pour fraude, après que vous avez été entendu. "
        "Vous pouvez contester ce retrait : voyez la fin de cette lettre."
    ),
    GrantGround.LAPSE_NOT_RULED: (
        "Le jury a validé ce bloc, mais il n’est pas encore acquis : le délai pour commencer votre parcours était dépassé, et "
        "nous devons d’abord nous prononcer sur ce retard. Si vous aviez une raison (santé, famille, travail), écrivez-la-nous. "
        "Dès notre décision, un courrier vous la dira."
    ),
    GrantGround.LAPSED: (
        "Le jury s’est prononcé, mais votre recevabilité avait pris fin faute de démarche dans le délai : ce bloc n’est pas "
        "acquis. Vous pouvez demander une nouvelle recevabilité, ou contester cette décision : voyez la fin de cette lettre."
    ),
    GrantGround.NOT_ADMISSIBLE: (
        "Votre recevabilité n’était pas prononcée le jour du dépôt : ce bloc n’est pas acquis. "
        "Nous devons d’abord nous prononcer sur elle."
    ),
    GrantGround.NOT_VERIFIED: (
        "Vous nous avez dit avoir acquis ce bloc par une autre voie : nous vérifions la preuve. "
        "Vous n’avez rien à faire d’ici là."
    ),
    GrantGround.PARTIAL_EQUIVALENCE: (
        "Un bloc que vous détenez vaut une partie de celui-ci, pas le tout. Vous pouvez le présenter à une prochaine session."
    ),
}
_OTHERWISE = "Ce bloc n’est pas acquis à ce jour. Demandez à votre interlocuteur ce qui le retient."


def other_words(one: LetterOther) -> str:
    """Say where a block stands that this letter neither gives nor refuses, and whether there is something to do."""
    return _OTHERS.get(one.ground, _OTHERWISE)


def way_words(block: LetterBlock) -> str:
    """What is always true of the way forward; the certifier makes it precise."""
    return (
        "Complétez votre dossier sur cette compétence, puis présentez de nouveau "
        f"le bloc{NBSP}{block.number} à une prochaine session."
    )


def told_of(said: Said) -> tuple[tuple[str, str], ...]:
    """The questions of a competency that the letter answers, each with its answer."""
    return tuple((label, text) for part, label in TOLD.items() if (text := getattr(said, part)))


def acquired_words(block: LetterBlock) -> str:
    """Say what the jury acknowledged in a block it refused, and why that is not enough (R1)."""
    if not block.acquired:
        return ""
    told = f"Le jury a reconnu dans ce bloc {_competencies(block.acquired)}."
    short = [one.number for one in block.competencies]
    if not short:
        return told
    verb = "manquent" if len(short) > 1 else "manque"
    return (
        f"{told} Un bloc ne s’obtient qu’entier{NBSP}: {_competencies(short)} {verb} encore. "
        f"Le prochain jury regardera le bloc entier{NBSP}: laissez dans votre dossier ce qui a déjà convaincu."
    )


def _competencies(numbers: Sequence[str]) -> str:
    return f"la compétence {numbers[0]}" if len(numbers) == 1 else f"les compétences {listed(numbers)}"


def next_words(letter: Letter) -> tuple[str, ...]:
    """Say, step by step, what its reader can do now and by when; nothing when no block is left to present."""
    if not letter.to_present:
        return ()
    steps = []
    if letter.lacking:
        steps.append(
            f"Pour chaque compétence ci-dessus, faites ce que disent «{NBSP}{TOLD['expected']}{NBSP}» "
            f"et «{NBSP}{TOLD['way']}{NBSP}»."
        )
    steps.append(
        f"Connectez-vous à Acquis et ouvrez «{NBSP}Mes résultats{NBSP}»{NBSP}: vos textes et vos preuves y sont restés. "
        "Vous complétez, puis vous déposez de nouveau, seulement pour les blocs qui manquent."
    )
    return (*steps, _when(letter))


def _when(letter: Letter) -> str:
    """By when: the sessions planned, and that none of them is an obligation."""
    if not letter.sessions:
        return (
            "Aucune session n’est fixée à ce jour pour cette certification. Demandez la prochaine date à votre interlocuteur"
            f"{NBSP}: vous n’êtes pas tenu par un délai, ce qui est acquis le reste pendant que vous attendez."
        )
    told = [f"le {day(one.held_on)}{f' à {one.place}' if one.place else ''}" for one in letter.sessions]
    head = "Prochaine session prévue" if len(told) == 1 else "Prochaines sessions prévues"
    return (
        f"{head}{NBSP}: {listed(told)}. Déposez votre dossier avant ce jour, et demandez à votre interlocuteur jusqu’à quand il "
        "reste de la place. Vous pouvez aussi attendre une session suivante : ce qui est acquis le reste."
    )


def summary_words(letter: Letter) -> str:
    """Say in a line how many blocks this decision gives and leaves."""
    told = []
    held = [one for one in letter.granted if one.status == GrantStatus.HELD]
    if held:
        told.append(f"Vous obtenez {count(len(held), 'bloc')}.")
    if letter.refused:
        told.append(f"{count(len(letter.refused), 'bloc reste', 'blocs restent')} à valider.".capitalize())
    told += _others_counted(letter)
    if letter.whole:
        told.append(f"La certification entière est obtenue, certificat {letter.whole}.")
    return " ".join(told)


def _others_counted(letter: Letter) -> list[str]:
    given = sum(one.status is GrantStatus.SUSPENDED for one in letter.granted)
    grounds = [one.ground for one in letter.others]
    suspended = given + grounds.count(GrantGround.SUSPENDED)
    waiting = grounds.count(GrantGround.LAPSE_NOT_RULED)
    absent = grounds.count(GrantGround.NOT_PRESENTED)
    counted = (
        (suspended, "est suspendu", "sont suspendus"),
        (waiting, "attend notre décision sur votre délai", "attendent notre décision sur votre délai"),
        (absent, "n’était pas présenté", "n’étaient pas présentés"),
    )
    return [f"{count(many, 'bloc')} {one if many == 1 else more}." for many, one, more in counted if many]


def letter_pdf(letter: Letter) -> bytes:
    """Answer the letter as it left, as a PDF; raises MissingRemedies."""
    assert letter.notified_at is not None
    return notification_pdf(
        Notification(
            certifier=letter.certifier,
            certifier_address=tuple(letter.address.splitlines()),
            candidate=letter.candidate,
            candidate_address=(),
            certification=CertificationName(letter.title, code_words(letter.code)),
            minutes=letter.minutes,
            decided_on=letter.decided_on,
            place=letter.city,
            notified_at=letter.notified_at,
            result=result_words(letter.result),
            granted=tuple(_granted(one) for one in letter.granted),
            refused=tuple(_refused(one) for one in letter.refused),
            remedies=letter.remedies,
            summary=summary_words(letter),
            others=tuple(OtherBlock(BlockName(one.number, one.title), other_words(one)) for one in letter.others),
            reminder=REMINDER if letter.refused else "",
            steps=next_words(letter),
            held=tuple(HeldName(one.number, one.title, one.held_on, one.certificate) for one in letter.held),
            contact=letter.contact,
            signed_by=Signature(letter.signatory, letter.quality, letter.notified_at, HOW),
        )
    )


def _granted(one: LetterGranted) -> GrantedBlock:
    return GrantedBlock(BlockName(one.number, one.title), one.certificate, one.reason, GRANTED[one.status])


def _refused(block: LetterBlock) -> RefusedBlock:
    competencies = tuple(
        MissingCompetency(one.number, one.text, FINDINGS[one.finding], told_of(one.said)) for one in block.competencies
    )
    way = "" if competencies else block.recommendation
    return RefusedBlock(BlockName(block.number, block.title), block.reason, competencies, acquired_words(block), way)
