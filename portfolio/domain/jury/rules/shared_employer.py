"""Whether two people name the same organisation: the presumption of a professional relation (J10, design)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# What a company adds to its name, or omits, without being another one.
_LEGAL_FORMS = frozenset(
    {"sa", "sas", "sasu", "sarl", "eurl", "snc", "sci", "scop", "scic", "gie", "ste", "societe"}
)

_SITE = re.compile(r"[,;(–—]|\s-\s")
# What people write where they have no employer; it names nobody.
_NO_NAMES = frozenset(
    {
        (),
        ("independant",),
        ("independante",),
        ("freelance",),
        ("auto", "entrepreneur"),
        ("auto", "entrepreneuse"),
        ("autoentrepreneur",),
        ("micro", "entreprise"),
        ("profession", "liberale"),
        ("interim",),
        ("benevolat",),
        ("retraite",),
        ("retraitee",),
        ("sans",),
        ("sans", "emploi"),
        ("aucun",),
        ("aucune",),
        ("neant",),
        ("confidentiel",),
    }
)


def same_organisation(one: str, other: str) -> bool:
    """Return whether two names are those of one organisation: the same words, without case, accents, legal
    form and site.

    The site is what follows a comma, a dash or a parenthesis: « Crédit des Rives, agence de Rezé ».
    """
    words = _words(one)
    return words not in _NO_NAMES and words == _words(other)


def shared_organisation(employer: str, structures: Iterable[str]) -> str:
    """Return the structure that is the employer, as the other person wrote it; empty when there is none."""
    return next((structure for structure in structures if same_organisation(employer, structure)), "")


def _words(name: str) -> tuple[str, ...]:
    head = _SITE.split(name, maxsplit=1)[0]
    decomposed = unicodedata.normalize("NFKD", head.casefold())
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign)).replace(".", "")
    return tuple(word for word in re.findall(r"[^\W_]+", plain) if word not in _LEGAL_FORMS)
