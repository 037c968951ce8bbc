"""French words of the list of pieces.

French sentences about what a candidate masks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from portfolio.domain.dossier.rules.description import LibraryOrder, LibraryState, MissingFact
from portfolio.domain.dossier.use_cases.evidence import SeveralAction, SeveralResult
from portfolio.domain.search.models import SearchKind
from portfolio.domain.search.use_cases.leads import SuggestedCompetency
from portfolio.domain.search.use_cases.search import PAGE_SIZE, FoundPiece, Hit
from portfolio.errors import Refusal
from portfolio.french_text import NBSP, count, enumeration
from portfolio.wording.dossier.names import REFUSALS as DOSSIER_REFUSALS
from portfolio.wording.evidence import REFUSALS

STATES: Mapping[LibraryState, str] = {
    LibraryState.UNUSED: "Pas encore utilisées",
    LibraryState.INCOMPLETE: "À compléter",
    LibraryState.LEFT_OUT: "À ne pas joindre",
}
ORDERS: Mapping[LibraryOrder, str] = {
    LibraryOrder.NUMBER: "par numéro",
    LibraryOrder.NEWEST: "les plus récentes d’abord",
    LibraryOrder.DATE: "par date du document",
    LibraryOrder.TITLE: "par titre",
}
ACTIONS: Mapping[SeveralAction, str] = {
    SeveralAction.LEAVE_OUT: "Ne pas les joindre au dépôt",
    SeveralAction.JOIN: "Les joindre de nouveau",
    SeveralAction.KIND: "Choisir leur nature",
    SeveralAction.EXPERIENCE: "Choisir leur expérience",
    SeveralAction.REMOVE: "Les retirer du dossier",
}
_DONE: Mapping[SeveralAction, tuple[str, str]] = {
    SeveralAction.REMOVE: ("1 pièce est retirée", "{} pièces sont retirées"),
    SeveralAction.KIND: ("La nature de 1 pièce est enregistrée", "La nature de {} pièces est enregistrée"),
    SeveralAction.EXPERIENCE: ("L’expérience de 1 pièce est enregistrée", "L’expérience de {} pièces est enregistrée"),
    SeveralAction.LEAVE_OUT: ("1 pièce ne sera pas jointe au dépôt", "{} pièces ne seront pas jointes au dépôt"),
    SeveralAction.JOIN: ("1 pièce sera jointe au dépôt", "{} pièces seront jointes au dépôt"),
}


def several_message(action: SeveralAction, result: SeveralResult) -> str:
    """Return what happened to the chosen pieces, and why some did not change."""
    singular, plural = _DONE[action]
    done = (
        (singular if result.changed == 1 else plural.format(result.changed)) + "."
        if result.changed
        else "Aucune pièce n’a changé."
    )
    if action is SeveralAction.REMOVE and result.changed:
        done += " Pendant trente jours, vous pouvez les remettre : voyez « Pièces retirées »."
    return " ".join([done, *(f"Pièce {number} : {_sentence(refusal)}" for number, refusal in result.refused)])


# One question for several pieces; and, of a piece that has its answer proposed, from what.
_QUESTIONS: Mapping[MissingFact, str] = {
    MissingFact.AUTHORSHIP: "qui a fait ce travail",
    MissingFact.OWN_PART: "quelle a été votre part",
    MissingFact.CONFIDENTIALITY: "est-ce confidentiel",
    MissingFact.ANONYMITY: "d’autres personnes sont-elles citées",
    MissingFact.ANONYMITY_TO_DO: "il reste des noms à masquer",
}
GUESSED: Mapping[MissingFact, str] = {
    MissingFact.AUTHORSHIP: "Réponse devinée d’après le titre ou la nature. Corrigez si besoin.",
    MissingFact.CONFIDENTIALITY: "Réponse devinée : le titre ou le texte parle de confidentialité. Corrigez si besoin.",
    MissingFact.ANONYMITY: "Réponse devinée d’après le texte et les caches posés. Corrigez si besoin.",
}
SEVERAL_TITLE = "Répondez pour plusieurs pièces à la fois"
SEVERAL_LABEL = "Répondre en une fois"
NO_ANSWER = "Donnez au moins une réponse, et laissez cochée une pièce au moins."


def question_for(fact: MissingFact, pieces: int) -> str:
    """Ask one question for so many pieces: « 11 pièces : qui a fait ce travail ? »."""
    mark = "" if fact is MissingFact.ANONYMITY_TO_DO else f"{NBSP}?"
    return f"{count(pieces, 'pièce')}{NBSP}: {_QUESTIONS[fact]}{mark}"


def answered_message(result: SeveralResult) -> str:
    """Say for how many pieces answers are kept, and why some did not change."""
    kept = f"Vos réponses sont enregistrées pour {count(result.changed, 'pièce')}."
    done = kept if result.changed else "Aucune pièce n’a changé."
    return " ".join([done, *(f"Pièce {number} : {_sentence(refusal)}" for number, refusal in result.refused)])


def restored_message(lost: int) -> str:
    """Return that a piece is back, with the claims that could not come back."""
    if not lost:
        return "La pièce est de nouveau dans votre dossier, avec ce qu’elle montrait."
    claims = "Une compétence n’est" if lost == 1 else f"{lost} compétences ne sont"
    return f"La pièce est de nouveau dans votre dossier. {claims} plus à prouver : le lien n’est pas remis."


def _sentence(refusal: Refusal) -> str:
    table: dict[Any, Any] = {**REFUSALS, **DOSSIER_REFUSALS}
    return str(table[refusal.code](refusal.facts))


# How many pages without text a sentence names.
MOST_PAGES_NAMED = 5

NO_RECTANGLE = "Dessinez un cache sur la page, ou donnez ses quatre mesures."
NO_MEASURE = "Écrivez un nombre de 0 à 100."
NO_WORD = "Écrivez le mot à masquer."
NO_TITLE = "Écrivez le titre que les autres personnes liront."
NOT_FLATTENED = (
    "Une page de ce fichier ne se dessine pas : les caches ne peuvent pas être appliqués. "
    "Masquez ce document avant de l’envoyer, puis remplacez le fichier."
)


def masked_message(masks: int | None) -> str:
    """Return what is told of a flattened copy that others read; nothing of a file that is as it was received."""
    if masks is None:
        return ""
    if not masks:
        return "Copie aplatie : les pages sont des images."
    return "Des parties de ce fichier sont masquées." if masks > 1 else "Une partie de ce fichier est masquée."


def not_found_message(word: str, unread: Sequence[int]) -> str:
    """Return that a word is nowhere in the text of a file."""
    return f"« {word} » n’est pas dans le texte de ce fichier. {_unread_message(unread)}".strip()


def words_masked_message(word: str, masks: int, pages: int, unread: Sequence[int]) -> str:
    """Return what masking a word everywhere has done, and the pages that the candidate looks through."""
    done = (
        f"« {word} » était déjà masqué partout."
        if not masks
        else f"« {word} » : {count(masks, 'cache posé', 'caches posés')} sur {count(pages, 'page')}."
    )
    return f"{done} Regardez aussi les autres formes de ce mot. {_unread_message(unread)}".strip()


def _unread_message(unread: Sequence[int]) -> str:
    if not unread:
        return ""
    named = enumeration([str(page) for page in unread[:MOST_PAGES_NAMED]])
    return (
        f"La page {named} est une image sans texte : regardez-la vous-même."
        if len(unread) == 1
        else f"{len(unread)} pages sont des images sans texte (par exemple {named}) : regardez-les vous-même."
        if len(unread) > MOST_PAGES_NAMED
        else f"Les pages {named} sont des images sans texte : regardez-les vous-même."
    )


def file_name(number: int, *, masked: bool) -> str:
    """Return the name of a flattened copy: that of the original may hold what is masked."""
    return f"piece-{number}-masquee.pdf" if masked else f"piece-{number}-aplatie.pdf"


def applied_message(masks: int) -> str:
    """Return that a copy replaces the file for the others."""
    if not masks:
        return "La copie aplatie remplace le fichier. Personne d’autre que vous ne peut lire l’original."
    done = "Le cache est appliqué." if masks == 1 else f"Les {masks} caches sont appliqués."
    return (
        f"{done} La description indique que les noms sont masqués. Personne d’autre que vous ne peut lire ce "
        "qu’il y a dessous, ni télécharger l’original."
    )


def piece_message(piece: FoundPiece) -> str:
    """Return what is found: « Pièce 7 », « Récit »."""
    first = piece.hits[0]
    label = first.exhibit or first.number
    return f"Pièce {label}" if label else "Récit"


def place_message(hit: Hit) -> str:
    """Return where in a piece a match is: « Page 12 », « Commentaire »; nothing of the piece itself."""
    if hit.kind is SearchKind.PAGE:
        return f"Page {hit.page}, lu par machine" if hit.is_machine_read else f"Page {hit.page}"
    return "Commentaire" if hit.kind in (SearchKind.CLAIM, SearchKind.SEALED_CLAIM) else ""


def pages_message(count: int) -> str:
    """Return how many pages of a piece match."""
    return f"{count} page{'s' if count > 1 else ''}" if count else ""


def more_message(count: int, name: str) -> str:
    """Return how many matches of a piece are not quoted: « 46 autres pages »."""
    return f"1 autre {name}" if count == 1 else f"{count} autres {name}s"


def count_message(found: Sequence[FoundPiece], page: int, *, has_next: bool) -> str:
    """Return how many pieces and narratives the page shows."""
    if not found:
        return "Aucun résultat" if page == 1 else "Plus aucun résultat"
    if page == 1 and not has_next:
        return "1 résultat" if len(found) == 1 else f"{len(found)} résultats"
    first = (page - 1) * PAGE_SIZE + 1
    return f"Résultats {first} à {first + len(found) - 1}"


def lead_hints(leads: Sequence[SuggestedCompetency]) -> Mapping[UUID, str]:
    """Return, under each competency that a piece may show, the words of the piece that made one think so."""
    return {
        lead.competency_id: f"Piste : le mot « {words} » est dans {_where(lead)}."
        if len(found) == 1
        else f"Piste : les mots « {words} » sont dans {_where(lead)}."
        for lead in leads
        for found in [list(dict.fromkeys(part.lower() for part, is_match in lead.parts if is_match))[:6]]
        for words in [", ".join(found)]
    }


def _where(lead: SuggestedCompetency) -> str:
    if not lead.page:
        return "votre description"
    return f"la page {lead.page}, lue par machine" if lead.is_machine_read else f"la page {lead.page}"
