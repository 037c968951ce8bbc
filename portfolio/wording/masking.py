"""French sentences about what a candidate masks."""

from __future__ import annotations

NO_RECTANGLE = "Dessinez un cache sur la page, ou donnez ses quatre mesures."
NO_MEASURE = "Écrivez un nombre de 0 à 100."
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
        return "Copie aplatie par le candidat : les pages sont des images."
    return (
        "Des parties de ce fichier sont masquées par le candidat."
        if masks > 1
        else "Une partie est masquée par le candidat."
    )


def file_name(number: int, *, masked: bool) -> str:
    """Return the name of a flattened copy: that of the original may hold what is masked."""
    return f"piece-{number}-masquee.pdf" if masked else f"piece-{number}-aplatie.pdf"


def applied_message(masks: int) -> str:
    """Return that a copy replaces the file for the others."""
    if not masks:
        return "La copie aplatie remplace le fichier. Personne d’autre que vous ne peut lire l’original."
    done = "Le cache est appliqué." if masks == 1 else f"Les {masks} caches sont appliqués."
    return f"{done} Personne d’autre que vous ne peut lire ce qu’il y a dessous, ni télécharger l’original."
