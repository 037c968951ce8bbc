"""Passwords that would be guessed soon are refused; phrases are not."""

import time

import pytest

from portfolio.domain.account.passwords import guessed_soon, hash_password, verify_password
from portfolio.domain.account.rules import PASSWORD_MAX, PasswordError

ABOUT = ("samia.benali@exemple.fr", "Samia Benali", "Institut Alma")


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("motdepasse123", PasswordError.FREQUENT),
        ("MotDePasse123", PasswordError.FREQUENT),
        ("motdepasse2026", PasswordError.FREQUENT),
        ("Bonjour123456!", PasswordError.FREQUENT),
        ("password1234", PasswordError.FREQUENT),
        ("123456789012", PasswordError.KEYBOARD),
        ("azertyuiop123", PasswordError.KEYBOARD),
        ("qsdfghjklm12", PasswordError.KEYBOARD),
        ("qwertyuiop12", PasswordError.KEYBOARD),
        ("abcdefghijkl", PasswordError.KEYBOARD),
        ("poiuytrezaml", PasswordError.KEYBOARD),
        ("samiabenali2026", PasswordError.PERSONAL),
        ("Institut Alma 35", PasswordError.PERSONAL),
        ("samia.benali@exemple", PasswordError.PERSONAL),
    ],
)
def test_a_password_that_everybody_tries_first_is_refused(password, fault):
    assert guessed_soon(password, *ABOUT) is fault


@pytest.mark.parametrize(
    "password",
    ["une phrase que je retiens", "les quatre blocs de la marée", "tR7#pq!Lz09v", "correct horse battery staple"],
)
def test_a_phrase_or_a_password_drawn_by_lot_is_accepted(password):
    assert guessed_soon(password, *ABOUT) is None


@pytest.mark.parametrize("pattern", ["a1", "azertyuiop", "é ", "0123456789"])
def test_the_longest_password_is_estimated_at_once(pattern):
    began = time.monotonic()
    guessed_soon((pattern * PASSWORD_MAX)[:PASSWORD_MAX], *ABOUT)
    assert time.monotonic() - began < 2


def test_what_is_kept_of_a_password_is_costly_to_guess():
    kept = hash_password("les quatre blocs")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password("les quatre blocs", kept)
    assert not verify_password("les quatre bloc", kept)
