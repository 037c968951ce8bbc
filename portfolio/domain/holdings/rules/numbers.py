"""Certificate numbers: too many to guess, easy to read aloud and to type back."""

from __future__ import annotations

import secrets

# Crockford's base 32: no I, L, O or U, so that nothing is mistaken for 1 or 0.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16  # 5 bits a sign: 80 random bits (trust.md §5)
GROUP = 4
_MEANT = str.maketrans("ILO", "110")
_IGNORED = str.maketrans("", "", " -\u00a0\u202f\u2010\u2011\u2013\u2014._")


def new_number() -> str:
    """Draw a certificate number of 80 random bits, « K7QD-94MT-XW2B-R8FN »."""
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def read_number(typed: str) -> str | None:
    """Read a number as people type it: lower case, spaces or no dashes, O for 0, I or L for 1.

    None when it cannot be one.
    """
    signs = typed.translate(_IGNORED).strip().upper().translate(_MEANT)
    if len(signs) != LENGTH or any(sign not in ALPHABET for sign in signs):
        return None
    return _grouped(signs)


def _grouped(signs: str) -> str:
    return "-".join(signs[at : at + GROUP] for at in range(0, LENGTH, GROUP))
