"""French sentences used when a dossier is sealed, and what the candidate swears.

What is said in French of a dossier returned for completion, to its candidate and to its certifier.

What each reading hint says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from portfolio.calendar import day_of
from portfolio.domain.certification.rules.book_frame import FrameSection
from portfolio.domain.dossier.rules.citation import CitationErrorCode
from portfolio.domain.dossier.rules.completeness import Gap, MissingItem
from portfolio.domain.dossier.rules.description import MissingFact
from portfolio.domain.dossier.rules.draft import WritingHelp
from portfolio.domain.submission.rules.returns import SubmissionRefusal
from portfolio.french_text import NBSP, count, date_fr, enumeration, shortened
from portfolio.wording.certification.versions import length_message, part_title, written_message
from portfolio.wording.dossier import TEXTS, misplaced_message, unprinted_message
from portfolio.wording.evidence import missing_message
from portfolio.wording.holdings.grants import granting_event_message
from portfolio.wording.holdings.status_changes import held_until

if TYPE_CHECKING:
    pass


from portfolio.domain.submission.models import DossierReturn
from portfolio.domain.submission.rules.readability import Hint, HintKind, ReadingEffort
from portfolio.domain.submission.rules.returns import ReturnEnding, ReturnState

_RELOAD = "Ouvrez de nouveau la page du dépôt, relisez ce qui sera scellé, puis signez."

REFUSALS: dict[SubmissionRefusal, Callable[[dict[str, Any]], str]] = {
    SubmissionRefusal.STATEMENT_NOT_SIGNED: lambda _: (
        "La déclaration sur l’honneur n’est pas signée. Lisez-la, cochez la case, puis déposez votre dossier."
    ),
    SubmissionRefusal.NOT_READY: lambda facts: (
        f"Il reste {count(facts['missing'], 'point')} à régler avant le dépôt. Rien n’est perdu, "
        f"mais votre dossier n’est pas déposé. La page du dépôt donne la liste de ce qui manque."
    ),
    SubmissionRefusal.MASKING: lambda facts: (
        f"Vous avez commencé à masquer la pièce {facts.get('piece', '')}{NBSP}: appliquez les caches, ou "
        "retirez-les. Déposez votre dossier ensuite."
    ),
    SubmissionRefusal.NOT_SCANNED: lambda facts: (
        f"La pièce {facts['piece']} n’a pas encore été vérifiée par l’antivirus, ou il l’a refusée{NBSP}: "
        "elle ne peut pas être déposée. Attendez sa vérification, remplacez son fichier, ou choisissez de ne "
        "pas la joindre."
    ),
    SubmissionRefusal.LAPSED: lambda _: (
        f"L’organisme certificateur a constaté que votre recevabilité est caduque{NBSP}: ce dossier ne peut "
        "pas être déposé. Son motif est sur la page de vos résultats. Vous pouvez lui demander une nouvelle "
        "recevabilité."
    ),
    SubmissionRefusal.BLOCK_HELD: lambda facts: (
        f"Le bloc{NBSP}{facts['block']} vous est acquis {held_until(facts['act'].until)} depuis le "
        f"{date_fr(facts['act'].on)}, {granting_event_message(facts['act'])}{NBSP}: il n’est pas à "
        f"présenter de nouveau. Rien n’est déposé. {_RELOAD}"
    ),
    SubmissionRefusal.BLOCK_SUSPENDED: lambda facts: (
        f"Le bloc{NBSP}{facts['block']} est suspendu{NBSP}: ni acquis ni perdu. Le certificateur vérifie que la "
        "session du jury a suivi les règles. Attendez sa décision pour présenter ce bloc. "
        f"Rien n’est déposé. {_RELOAD}"
    ),
    SubmissionRefusal.SCOPE_CHANGED: lambda _: (
        f"Les blocs à présenter ont changé depuis que vous avez ouvert la page du dépôt. Rien n’est déposé. {_RELOAD}"
    ),
    SubmissionRefusal.BEFORE_A_JURY: lambda _: (
        "Un de ces blocs est déjà déposé dans une autre de vos candidatures, et le jury n’a pas encore "
        f"décidé. Attendez sa décision{NBSP}: un bloc acquis n’est pas à présenter deux fois."
    ),
    SubmissionRefusal.NEVER_SUBMITTED: lambda _: (
        f"Ce dossier n’a pas encore été déposé{NBSP}: il n’y a rien à rouvrir."
    ),
    SubmissionRefusal.NOT_DECIDED: lambda _: (
        "Le jury n’a pas encore décidé sur votre dernier dépôt. Vous pourrez préparer le suivant après sa "
        "décision, pour les blocs qui vous manqueraient."
    ),
    SubmissionRefusal.NOT_NOTIFIED: lambda _: (
        "Le jury a délibéré. Une lettre vous donnera son résultat. Attendez-la, puis préparez le dépôt suivant."
    ),
    SubmissionRefusal.NOTHING_LEFT: lambda _: (
        f"Tous les blocs que vous demandiez vous sont acquis{NBSP}: il n’y a rien à déposer."
    ),
    SubmissionRefusal.ONLY_SUSPENDED_LEFT: lambda _: (
        f"Les blocs qui ne vous sont pas acquis sont suspendus{NBSP}: ni acquis ni perdus. "
        "Attendez que le certificateur confirme la décision du jury, ou l’annule."
    ),
    SubmissionRefusal.NOT_RETURNABLE: lambda _: (
        "Ce dossier ne peut pas être renvoyé pour complément : il n’est pas déposé, ou le jury a déjà décidé."
    ),
    SubmissionRefusal.RETURNED_ALREADY: lambda _: (
        "Ce dossier est déjà renvoyé pour complément : ce qui est demandé, et pour quand, est sur cette page."
    ),
    SubmissionRefusal.JURY_HAS_BEGUN: lambda _: (
        "Le jury a commencé : il décide sur la version qu’il a lue. Rien n’est changé."
    ),
    SubmissionRefusal.DUE_DAY_PASSED: lambda _: "Cette date est passée. Donnez un jour à venir.",
    SubmissionRefusal.DUE_DAY_AFTER_JURY: lambda facts: (
        f"Le jury se réunit le {date_fr(date.fromisoformat(facts['held_on']))}. Donnez une date avant ce "
        "jour, ou déplacez d’abord le passage devant le jury."
    ),
    SubmissionRefusal.NOT_RETURNED: lambda _: "Aucun complément n’est demandé pour ce dossier en ce moment.",
    SubmissionRefusal.REQUEST_GONE: lambda _: "Ce point n’est plus demandé. Ouvrez de nouveau la page.",
}


# What is left to do, gathered under one sentence a kind: the checklist names each thing once.
GAPS: Mapping[Gap, str] = {
    Gap.NOTHING_TO_PROVE: "Aucun bloc n’est à présenter",
    Gap.NO_EXPERIENCE: "Décrivez au moins une expérience",
    Gap.EMPTY_COMPETENCY: f"Ni récit ni preuve{NBSP}: le jury n’aurait rien à lire",
    Gap.PIECE_NOT_SWORN: "Une pièce à compléter avant de pouvoir la joindre",
    Gap.PASSAGE_MISPLACED: "Un passage à regarder qui n’est pas dans le fichier, ou pas encore vérifié",
    Gap.PIECE_UNPRINTABLE: "Une pièce dont aucune page ne peut être mise dans le livret",
    Gap.PAGES_UNPRINTABLE: "Une pièce dont des pages ne peuvent pas être mises dans le livret",
    Gap.NO_CLAIM: "Un récit, mais aucune preuve",
    Gap.NO_NARRATIVE: "Des preuves, mais pas de récit",
    Gap.EMPTY_PROMPTS: "Un récit qui ne répond pas aux quatre questions",
    Gap.NO_COMMENT: "Une preuve sans commentaire",
    Gap.PIECE_UNDESCRIBED: "Une pièce qui n’est pas entièrement décrite",
    Gap.PIECE_UNUSED: "Une pièce qui n’est reliée à aucune compétence",
    Gap.EMPTY_TEXT: "Un texte du dossier encore vide",
    Gap.REQUIRED_TEXT: "Une partie que l’organisme certificateur demande est encore vide",
    Gap.REQUIRED_NARRATIVE: "L’organisme certificateur demande un récit pour chaque compétence",
    Gap.TOO_LONG: "Un texte plus long que ce que demande l’organisme certificateur",
}


def item_message(item: MissingItem) -> str:
    """Name what a missing thing is about, under the sentence of its kind."""
    if item.misplaced is not None:
        return misplaced_message(item.misplaced)
    if item.section is not None:
        return _frame_message(item, item.section)
    if item.competency is not None:
        return f"{item.competency.label} {item.competency.text}"
    if item.unprinted is not None:
        return unprinted_message(item.unprinted)
    if item.piece is not None:
        text = f"Pièce {item.piece.number}, «{NBSP}{item.piece.piece.title}{NBSP}»"
        return f"{text}. {missing_message(item.facts)}" if item.facts else text
    return TEXTS[item.text] if item.text is not None else "Ouvrir la page"


def _frame_message(item: MissingItem, section: FrameSection) -> str:
    """Name a text that its certifier asks for, and how long it is when it is too long."""
    name = f"{item.competency.label} {item.competency.text}" if item.competency else part_title(section)
    return (
        f"{name}. {length_message(section)} {written_message(section, item.words)}"
        if item.gap is Gap.TOO_LONG
        else name
    )


def first_message(item: MissingItem) -> tuple[str, str, str]:
    """Say the first thing to settle before a deposit: what to do, why, and what its button says."""
    if item.gap is Gap.EMPTY_COMPETENCY and item.competency:
        reason = f"«{NBSP}{item.competency.text}{NBSP}» n’a ni récit ni preuve{NBSP}: le jury n’aurait rien à lire."
        return (
            f"Racontez ou prouvez la compétence{NBSP}{item.competency.label}",
            reason,
            f"Ouvrir la compétence{NBSP}{item.competency.label}",
        )
    if item.gap is Gap.PIECE_NOT_SWORN and item.piece:
        reason = f"«{NBSP}{item.piece.piece.title}{NBSP}». {missing_message(item.facts)}"
        if item.facts == (MissingFact.ANONYMITY_TO_DO,):
            return f"Masquez les noms de la pièce{NBSP}{item.piece.number}", reason, "Masquer"
        return f"Complétez la pièce{NBSP}{item.piece.number}", reason, "Compléter la description"
    if item.gap is Gap.PIECE_UNPRINTABLE and item.unprinted:
        what = f"Remplacez la pièce{NBSP}{item.unprinted.piece.number}, ou retirez-la"
        return what, unprinted_message(item.unprinted), "Remplacer le fichier"
    if item.misplaced and item.piece:
        waits = item.misplaced.fault.code is CitationErrorCode.NOT_COUNTED_YET
        what = "Attendez que soit vérifié" if waits else "Corrigez"
        return (
            f"{what} le passage de la pièce{NBSP}{item.piece.number}",
            misplaced_message(item.misplaced),
            "Corriger le passage",
        )
    if item.gap is Gap.REQUIRED_TEXT and item.section:
        reason = "L’organisme certificateur demande cette partie, et elle est encore vide."
        return f"Écrivez la partie «{NBSP}{part_title(item.section)}{NBSP}»", reason, "Écrire cette partie"
    if item.gap is Gap.REQUIRED_NARRATIVE and item.competency:
        reason = (
            f"L’organisme certificateur demande un récit pour chaque compétence. «{NBSP}{item.competency.text}{NBSP}»"
        )
        label = f"Ouvrir la compétence{NBSP}{item.competency.label}"
        return f"Racontez la compétence{NBSP}{item.competency.label}", f"{reason} n’en a pas.", label
    label = "Décrire une expérience" if item.gap is Gap.NO_EXPERIENCE else "Ouvrir mon livret"
    return GAPS[item.gap], "", label


_HELPS: Mapping[str, str] = {
    WritingHelp.DICTATION: "la dictée de mes mots",
    WritingHelp.TRANSCRIPTION: "un logiciel qui écrit ce que dit ma voix enregistrée",
    WritingHelp.READING_ALOUD: "la lecture à voix haute",
}


def statement_of(candidate: str, title: str, code: str, helps: Sequence[str] = ()) -> str:
    """Word the sworn statement, exactly as it is shown, signed and sealed: one engagement a line (domain §6).

    `helps`: what helped to write (`WritingHelp`), which it names.
    """
    used = enumeration(_HELPS[help_] for help_ in WritingHelp if help_ in helps)
    return "\n".join(
        (
            f"Moi, {candidate}, qui présente ce dossier pour la certification «{NBSP}{title}{NBSP}» "
            f"({code}), je déclare sur l’honneur que{NBSP}:",
            f"— j’ai rédigé ce dossier moi-même, à partir de mon expérience{NBSP};",
            *([f"— pour l’écrire, j’ai utilisé {used}, et j’ai tout relu{NBSP};"] if used else ()),
            f"— ce que j’y dis de mes activités, de mes responsabilités et de mon rôle est exact{NBSP};",
            f"— rien n’y est plagié{NBSP}: ce qui vient d’une autre personne est dit comme tel{NBSP};",
            f"— les pièces jointes sont authentiques, et j’ai le droit de les montrer à un jury{NBSP};",
            "— les personnes qui n’ont pas à y être nommées ont été rendues anonymes.",
            "Je sais que ce qui m’est accordé peut m’être retiré pour fraude ou plagiat "
            "(article R6412-7 du code du travail).",
        )
    )


def deposit_steps(here: int, *, is_blocked: bool = False) -> list[dict[str, str | None]]:
    """Return the steps of a deposit, as the path shows them; `here` is the place of the present one.

    While something prevents the deposit, what is missing is still to do.
    """
    labels = ("Ce qui manque", "Lire comme le jury", "Signer et déposer")
    states = ["todo" if is_blocked else "done"] * here + ["here"] + ["todo"] * (len(labels) - here - 1)
    return [{"label": label, "state": state, "date": None} for label, state in zip(labels, states, strict=True)]


STATES: Mapping[ReturnState, str] = {
    ReturnState.AWAITED: "Attendu",
    ReturnState.OVERDUE: "Date dépassée",
    ReturnState.ENDED: "Terminé",
}
TONES: Mapping[ReturnState, str] = {ReturnState.AWAITED: "plain", ReturnState.OVERDUE: "bad", ReturnState.ENDED: "good"}
_ENDINGS: Mapping[ReturnEnding, Callable[[date], str]] = {
    ReturnEnding.SUBMITTED: lambda day: f"Nouvelle version déposée le {date_fr(day)}",
    ReturnEnding.LIFTED: lambda day: f"Demande retirée par le certificateur le {date_fr(day)}",
}


def candidate_sentence(row: DossierReturn, state: ReturnState) -> str:
    """Tell the candidate where the return is, and what follows from it."""
    left = sum(request.done_at is None for request in row.requests)
    if state is ReturnState.OVERDUE:
        return (
            f"La date du {date_fr(row.due_on)} est passée. Vous pouvez encore compléter votre dossier et le "
            "déposer. Prévenez aussi votre certificateur : il peut vous donner plus de temps, ou "
            "transmettre au jury la version déjà déposée."
        )
    if not left:
        return f"Tous les points sont cochés. Déposez de nouveau votre dossier, au plus tard le {date_fr(row.due_on)}."
    return (
        f"{count(left, 'point')} à compléter. Déposez ensuite de nouveau votre dossier, au plus tard le "
        f"{date_fr(row.due_on)}."
    )


UNTICKED_BY_JURY = "Ce que le jury a préconisé, et que vous n’avez pas coché"
UNTICKED_OF_RETURN = "Ce que l’organisme certificateur a demandé, et que vous n’avez pas coché"


def unticked_message(title: str, text: str) -> str:
    """Return one thing that a jury recommended, with its first words."""
    return f"{title}. {shortened(text, 120)}" if text else title


def certifier_sentence(row: DossierReturn, state: ReturnState) -> str:
    """Tell the certifier where the return is."""
    done = sum(request.done_at is not None for request in row.requests)
    ticked = (
        f"La personne a coché {done or 'aucun'} des {count(len(row.requests), 'point')}."
        if len(row.requests) > 1
        else ("La personne a coché ce point." if done else "La personne n’a pas encore coché ce point.")
    )
    if state is ReturnState.OVERDUE:
        return (
            f"La date du {date_fr(row.due_on)} est passée sans nouveau dépôt. {ticked} "
            "Donnez une autre date, ou laissez le jury lire la version déjà déposée."
        )
    return f"À compléter au plus tard le {date_fr(row.due_on)}. {ticked}"


def ending_sentence(row: DossierReturn) -> str:
    """Tell how a return ended."""
    return (
        _ENDINGS[row.ending](day_of(row.ended_at))
        if row.ending and row.ended_at
        else f"En cours{NBSP}: {date_fr(row.due_on)}"
    )


def effort_sentence(effort: ReadingEffort) -> str:
    """Say how much there is to read."""
    amount = f"{count(effort.words, 'mot')} et {count(effort.pages, 'page')} de pièces"
    return f"Le jury aura {amount} à lire{NBSP}: environ {_duration(effort.minutes)}."


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes}{NBSP}minutes"
    return f"{hours}{NBSP}h{NBSP}{rest:02d}" if rest else count(hours, "heure")


def hint_sentence(hint: Hint) -> str:
    """Say what was noticed, with its figures, and what to do."""
    if hint.kind is HintKind.SHORT_BLOCK:
        said = count(hint.count, "mot") if hint.count else "aucun mot"
        return (
            f"Bloc {hint.block}{NBSP}: {said} en tout, bien moins que les autres blocs. "
            "Relisez ce qui manque au jury pour comprendre."
        )
    if hint.kind is HintKind.UNCOMMENTED:
        many = "Une pièce citée" if hint.count == 1 else f"{hint.count} pièces citées"
        return f"Compétence {hint.competency}{NBSP}: {many} sans commentaire. Dites ce que le jury doit y voir."
    if hint.kind is HintKind.OVERUSED_PIECE:
        return (
            f"{hint.exhibit} est citée pour {hint.count} compétences. "
            "Le jury croit plus facilement plusieurs pièces, chacune pour ce qu’elle montre bien."
        )
    return (
        f"Compétence {hint.competency}{NBSP}: «{NBSP}nous{NBSP}» {hint.count} fois, «{NBSP}je{NBSP}» "
        f"{hint.other} fois. Le jury cherche ce que vous avez fait, vous."
    )


def label_example(labels: Iterable[str]) -> str:
    """Say of the last exhibit that a block cites what its number tells; nothing when there is none."""
    cited = [label for label in labels if label.startswith("B")]
    if not cited:
        return ""
    block, number = cited[-1][1:].split("-")
    return f"{cited[-1]} est la pièce n°{NBSP}{int(number)} du bloc{NBSP}{block}"
