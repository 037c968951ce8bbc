"""French sentences about what a candidate masks."""

from __future__ import annotations

from collections.abc import Sequence

from portfolio.french_text import count, enumeration

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
    """Return what is told of a flattened copy that others read; nothing of a file that is as it was
    received.
    """
    if masks is None:
        return ""
    if not masks:
        return "Copie aplatie : les pages sont des images."
    return (
        "Des parties de ce fichier sont masquées." if masks > 1 else "Une partie de ce fichier est masquée."
    )


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
