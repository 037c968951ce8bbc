"""The notification of a result: its words, and its values for the PDF."""

from __future__ import annotations

from collections.abc import Collection

from portfolio.documents.notification import (
    GrantedBlock,
    MissingCompetency,
    Notification,
    OtherBlock,
    RefusedBlock,
    notification_pdf,
)
from portfolio.documents.values import BlockName, CertificationName, HeldName, Signature
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look
from portfolio.domain.holdings.rules.granting import GrantGround
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.notification.rules.letter import Letter, LetterBlock, LetterGranted
from portfolio.french_text import NBSP, count
from portfolio.wording.documents.blocks import (
    acquired_message,
    answers_of,
    granted_message,
    other_message,
    reminder_message,
    rule_words,
)
from portfolio.wording.documents.names import HOW, format_code
from portfolio.wording.documents.steps import RESULTS, appeal_message, next_message, space_message
from portfolio.wording.holdings.grants import result_message
from portfolio.wording.jury import FINDINGS

CLOSING = (
    "Nous restons à votre disposition pour toute question, et vous adressons nos salutations les meilleures."
)


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
            "Merci d’avoir présenté votre expérience au jury. Cette lettre explique ce que le jury a vu, et "
            "la suite."
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
        "Un bloc acquis le reste jusqu’au dernier jour écrit ci-dessus, ou pour toujours s’il n’y en a pas."
        if letter.is_limited
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
    if held:
        sentences.append(f"{count(held, 'bloc')} {'vous est acquis' if held == 1 else 'vous sont acquis'}.")
    if letter.refused:
        sentences.append(
            f"{count(len(letter.refused), 'bloc n’est pas acquis', 'blocs ne sont pas acquis')}."
        )
    sentences += [*_others_counted(letter), *_whole(letter)]
    return " ".join(sentences)


def _whole(letter: Letter) -> list[str]:
    if letter.whole:
        return [
            (
                f"Tous les blocs vous sont acquis{NBSP}: la certification entière est obtenue, certificat "
                f"{letter.whole}."
            )
        ]
    if not letter.blocks:
        return []
    if letter.acquired >= letter.blocks:
        return [f"Tous les blocs vous sont acquis{NBSP}: la certification entière est obtenue."]
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
    return [
        f"{count(many, 'bloc')} {singular if many == 1 else plural}."
        for many, singular, plural in counted
        if many
    ]


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
            candidate_address=(),
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
        MissingCompetency(
            competency.number, competency.text, FINDINGS[competency.finding], answers_of(competency.said)
        )
        for competency in block.competencies
    )
    way = "" if competencies else block.recommendation
    head, acquired = acquired_message(block)
    return RefusedBlock(BlockName(block.number, block.title), block.reason, competencies, head, acquired, way)


def unsigned_message(numbers: Collection[str]) -> str:
    """Say, before a letter is sent, which of the certificates that it gives are not signed; nothing when all
    are.
    """
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
