"""The notification of a result: its words, and its values for the PDF.

The letters of an appeal in French: the acknowledgement, the answer, the silence; that of an absence.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from portfolio.documents.notification import (
    AppealLetter,
    GrantedBlock,
    MissingCompetency,
    Notification,
    OtherBlock,
    RefusedBlock,
    appeal_letter_pdf,
    notification_pdf,
)
from portfolio.documents.values import BlockName, CertificationName, HeldName, Signature
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look
from portfolio.domain.holdings.models.events import NotificationReceipt
from portfolio.domain.holdings.rules.granting import GrantGround
from portfolio.domain.holdings.rules.status_changes import AppealOutcome, AppealState, GrantStatus
from portfolio.domain.notification.rules.letter import Letter, LetterBlock, LetterGranted
from portfolio.domain.notification.use_cases.letter_data import AbsenceLetterData, AppealLetterData
from portfolio.french_text import NBSP, count, date_fr
from portfolio.wording.documents.blocks import (
    RESULTS,
    acquired_message,
    answers_of,
    appeal_message,
    granted_message,
    next_message,
    other_message,
    reminder_message,
    rule_words,
    space_message,
)
from portfolio.wording.documents.names import HOW, format_code
from portfolio.wording.holdings.contests import APPEAL_KINDS, contested_message, due_message, follow_message
from portfolio.wording.holdings.grants import result_message
from portfolio.wording.jury import FINDINGS

CLOSING = "Nous restons à votre disposition pour toute question, et vous adressons nos salutations les meilleures."


def greeting_message(letter: Letter) -> str:
    """Greet by the name alone: neither title nor gender is known."""
    return f"Bonjour {letter.candidate},"


def warm_message(letter: Letter) -> str:
    """One warm sentence: for what is acquired, or for having come before a jury."""
    if any(letter_granted.status is GrantStatus.HELD for letter_granted in letter.granted):
        shown = "votre expérience l’a montré" if letter.by_vae else "vos évaluations l’ont montré"
        proven = f"{shown}, et vous n’aurez plus à le prouver." if not letter.is_limited else f"{shown}."
        return f"Toutes nos félicitations pour ce qui vous est acquis{NBSP}: {proven}"
    if letter.refused and not letter.by_vae:
        return "Merci d’avoir passé ces évaluations. Cette lettre explique ce que le jury a vu, et la suite."
    if letter.refused:
        return (
            "Merci d’avoir présenté votre expérience au jury. Cette lettre explique ce que le jury a vu, et la suite."
        )
    return ""


def verification_message(letter: Letter, site: str) -> str:
    """Say where the certificates are taken, and how anyone checks one."""
    several = sum(letter_granted.status is GrantStatus.HELD for letter_granted in letter.granted)
    if not several:
        return ""
    taken = "Votre certificat se télécharge" if several == 1 else "Vos certificats se téléchargent"
    where = space_message(letter, site)
    stays = (
        "Un bloc acquis le reste jusqu’au dernier jour écrit dans cette lettre, ou pour toujours s’il n’y en a pas."
        if letter.tells_an_end
        else "Ni le temps, ni un échec, ni un autre jury ne changent rien à un bloc acquis."
    )
    return (
        f"{stays} {taken} dans {where}, à la page {RESULTS}. Toute personne à qui vous donnez le numéro d’un "
        f"certificat peut le vérifier, sans compte, à l’adresse {site}/verifier."
    )


def summary_message(letter: Letter) -> str:
    """Say how many blocks this decision grants and how many remain, and whether the whole certification is
    obtained (R7).
    """
    sentences = []
    held = sum(letter_granted.status == GrantStatus.HELD for letter_granted in letter.granted)
    is_whole = letter.whole or 0 < letter.blocks <= letter.acquired
    if held and not is_whole:
        sentences.append(f"{count(held, 'bloc')} {'vous est acquis' if held == 1 else 'vous sont acquis'}.")
    if letter.refused:
        sentences.append(f"{count(len(letter.refused), 'bloc n’est pas acquis', 'blocs ne sont pas acquis')}.")
    sentences += [*_others_counted(letter), *_whole(letter)]
    return " ".join(sentences)


def _whole(letter: Letter) -> list[str]:
    if not letter.blocks and not letter.whole:
        return []
    number = f", certificat {letter.whole}" if letter.whole else ""
    if letter.acquired >= letter.blocks and not letter.others:
        return [f"Tous les blocs vous sont acquis{NBSP}: la certification entière est obtenue{number}."]
    if letter.whole:  # made by one of several sets of blocks, or beside a block that lapsed since
        return [f"La certification entière est obtenue{number}."]
    rest = (
        f"La certification entière est obtenue quand ses {count(letter.blocks, 'bloc')} sont acquis"
        if letter.blocks > 1
        else "La certification entière est obtenue quand son bloc est acquis"
    )
    return [f"{rest}{NBSP}: ce n’est pas encore le cas."]


def _others_counted(letter: Letter) -> list[str]:
    given = sum(letter_granted.status is GrantStatus.SUSPENDED for letter_granted in letter.granted)
    grounds = [letter_other.ground for letter_other in letter.others]
    suspended = given + grounds.count(GrantGround.SUSPENDED)
    waiting = grounds.count(GrantGround.LAPSE_NOT_RULED)
    absent = grounds.count(GrantGround.NOT_PRESENTED)
    counted = (
        (suspended, "est suspendu", "sont suspendus"),
        (waiting, "attend notre décision sur votre délai", "attendent notre décision sur votre délai"),
        (absent, "n’était pas présenté", "n’étaient pas présentés"),
    )
    return [f"{count(many, 'bloc')} {singular if many == 1 else plural}." for many, singular, plural in counted if many]


def receipt_message(receipts: Sequence[NotificationReceipt]) -> str:
    """Return what proves that the letter was received; the receipts come with the first day first."""
    if not receipts:
        return "Aucune preuve de réception : la personne n’a pas ouvert la lettre en ligne."
    said = [
        f"reçue le {date_fr(each.received_on)}, lettre recommandée n° {each.registered_number}"
        if each.registered_number
        else f"ouverte en ligne le {date_fr(each.received_on)}"
        for each in receipts
    ]
    since = date_fr(receipts[0].received_on)
    return f"Lettre {' ; '.join(said)}. Les délais de recours courent du {since}."


def letter_pdf(letter: Letter, site: str, look: Look = PLAIN_LOOK) -> bytes:
    """Answer the letter as it left, as a PDF; `site` is the installation's address.

    Raises MissingRemedies.
    """
    assert letter.notified_at is not None
    return notification_pdf(
        Notification(
            certifier=letter.certifier,
            certifier_address=tuple(letter.address.splitlines()),
            candidate=letter.candidate,
            candidate_address=tuple(letter.recipient.splitlines()),
            certification=CertificationName(letter.title, format_code(letter.code)),
            minutes=letter.minutes,
            decided_on=letter.decided_on,
            place=letter.city,
            notified_at=letter.notified_at,
            result=result_message(letter.result),
            granted=tuple(_granted(letter, letter_granted) for letter_granted in letter.granted),
            refused=tuple(_refused(letter_block) for letter_block in letter.refused),
            remedies=letter.remedies,
            greeting=greeting_message(letter),
            warm=warm_message(letter),
            summary=summary_message(letter),
            proof=verification_message(letter, site),
            rule=rule_words(letter) if letter.refused else "",
            others=tuple(
                OtherBlock(BlockName(letter_other.number, letter_other.title), other_message(letter_other))
                for letter_other in letter.others
            ),
            reminder=reminder_message(letter),
            steps=next_message(letter, site),
            held=tuple(
                HeldName(
                    letter_held.number,
                    letter_held.title,
                    letter_held.held_on,
                    letter_held.certificate,
                    letter_held.valid_until,
                )
                for letter_held in letter.held
            ),
            contest=appeal_message(letter),
            contact=letter.contact,
            closing=CLOSING,
            signed_by=Signature(letter.signatory, letter.quality, letter.notified_at, HOW),
        ),
        look,
    )


def _granted(letter: Letter, block: LetterGranted) -> GrantedBlock:
    return GrantedBlock(
        BlockName(block.number, block.title), block.certificate, block.reason, granted_message(letter, block)
    )


def _refused(block: LetterBlock) -> RefusedBlock:
    competencies = tuple(
        MissingCompetency(competency.number, competency.text, FINDINGS[competency.finding], answers_of(competency.said))
        for competency in block.competencies
    )
    way = "" if competencies else block.recommendation
    head, acquired = acquired_message(block)
    return RefusedBlock(BlockName(block.number, block.title), block.reason, competencies, head, acquired, way)


def unsigned_message(numbers: Collection[str]) -> str:
    """Say, before a letter is sent, which of the certificates that it gives are not signed; nothing when all are."""
    if not numbers:
        return ""
    if len(numbers) == 1:
        return (
            f"Le certificat {next(iter(numbers))} n’est pas encore signé. La lettre le donne : tant "
            "qu’il n’est pas signé, la personne n’en lit qu’un projet sans valeur."
        )
    return (
        f"{len(numbers)} certificats ne sont pas encore signés ({', '.join(numbers)}). La lettre les donne : "
        "tant qu’ils ne sont pas signés, la personne n’en lit que des projets sans valeur."
    )


_ANSWERS = {
    AppealOutcome.REJECTED: (
        "Réponse à votre recours",
        f"Votre recours est rejeté{NBSP}: la décision du jury ne change pas.",
    ),
    AppealOutcome.GRANTED: ("Réponse à votre recours", "Votre recours est accueilli."),
    AppealOutcome.WITHDRAWN: (
        "Fin de votre recours",
        f"Vous avez abandonné votre recours{NBSP}: la décision du jury ne change pas.",
    ),
}


def receipt_pdf(data: AppealLetterData) -> bytes:
    """Return the acknowledgement of an appeal: what was received, by which day it is answered."""
    appeal = data.details.appeal
    said = (*_received(data), due_message(replace(data.details, answer=None), appeal.received_on))
    title, grounds = "Accusé de réception de votre recours", ("Ce que vous contestez", appeal.grounds)
    letter = _letter(data, title, appeal.words, appeal.recorded_at, said, grounds, signed=False)
    return appeal_letter_pdf(replace(letter, closing=_closing(appeal.words or data.words)), data.look)


def answer_pdf(data: AppealLetterData, today: date) -> bytes | None:
    """Return the letter of answer, or the one that says that silence refused; None while one is awaited."""
    details = data.details
    if details.answer is not None:
        title, words = _ANSWERS[details.answer.outcome]
        # The letter is that of its day, whatever was decided since.
        follows = follow_message(replace(details, again=()))
        again = (
            "La date de ce jury, et ce que vous avez à faire s’il y a lieu, vous attendent sur la page de "
            "vos résultats."
        )
        return appeal_letter_pdf(
            _letter(
                data,
                title,
                details.answer.words,
                details.answer.recorded_at,
                (*_received(data), words),
                ("Motif de la réponse", details.answer.text),
                after=(follows, again) if follows else (),
                contests=details.answer.outcome is AppealOutcome.REJECTED,
            ),
            data.look,
        )
    if details.state(today) is not AppealState.LAPSED or details.due_on is None:
        return None
    lapsed_at = datetime.combine(details.due_on, time(12), UTC)
    said = (*_received(data), due_message(details, today), "La décision du jury ne change pas.")
    letter = _letter(
        data,
        "Rejet de votre recours par le silence",
        details.appeal.words,
        lapsed_at,
        said,
        contests=True,
        signed=False,
    )
    return appeal_letter_pdf(letter, data.look)


def absence_pdf(data: AbsenceLetterData) -> bytes:
    """Return the letter that says that the jury met without the person, and that nothing is lost."""
    told = "une absence excusée" if data.is_excused else "votre absence"
    waits = "Le relevé de vos évaluations" if data.is_record else "Votre dossier déposé"
    held_on, body = date_fr(data.decided_on), data.words["legal_name"]
    said = (
        f"Le jury s’est réuni le {held_on} sans vous. Son procès-verbal indique {told}, sans aucune "
        f"décision{NBSP}: ce n’est pas un échec, et vous ne perdez rien.",
        f"{waits} attend un autre jury. {body} vous écrit dès que la date est fixée.",
        f"Si quelque chose vous empêche de venir devant un jury, écrivez-le à {body}.",
    )
    letter = _letter(data, "Votre absence devant le jury", data.words, data.written_at, said, signed=False)
    letter = replace(letter, subject=f"Jury du {held_on}", closing=_closing(data.words))
    return appeal_letter_pdf(letter, data.look)


def _closing(words: dict[str, Any]) -> str:
    """Return the last words of a letter written by a click, without a password: who wrote it, and no signature."""
    writer = ", ".join(filter(None, [words["signatory"], words["quality"]]))
    return f"{CLOSING} Pour {words['legal_name']}{NBSP}: {writer}." if writer else CLOSING


def _received(data: AppealLetterData) -> tuple[str, ...]:
    appeal = data.details.appeal
    kind = APPEAL_KINDS[appeal.kind]
    return (
        f"Votre recours a été formé le {date_fr(appeal.filed_on)} et reçu le {date_fr(appeal.received_on)} "
        f"({kind[:1].lower()}{kind[1:]}). Il porte sur {contested_message(data.details.blocks)}.",
    )


def _letter(
    data: AppealLetterData | AbsenceLetterData,
    title: str,
    words: dict[str, Any] | None,
    at: datetime,
    said: tuple[str, ...],
    reason: tuple[str, str] = ("", ""),
    *,
    after: tuple[str, ...] = (),
    contests: bool = False,
    signed: bool = True,
) -> AppealLetter:
    told = words or data.words
    return AppealLetter(
        title=title,
        certifier=told["legal_name"],
        certifier_address=tuple(told["address"].splitlines()),
        candidate=data.candidate,
        candidate_address=tuple(data.recipient.splitlines()),
        certification=CertificationName(data.title, format_code(data.code)),
        subject=f"Décision du jury du {date_fr(data.decided_on)}",
        minutes=data.minutes,
        place=told["city"],
        written_at=at,
        said=said,
        reason_title=reason[0],
        reason=reason[1],
        after=after,
        remedies=told["remedies"] if contests else "",
        contact=told["contact"],
        closing=CLOSING,
        signed_by=Signature(told["signatory"], told["quality"], at, HOW) if signed and told["signatory"] else None,
    )
