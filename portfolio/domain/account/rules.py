"""The law of accounts: tries, links, sessions, and what a password must be.

Random tokens of sessions and links: what is kept of one, and until when it works.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

TRIES = 10
TRIES_WINDOW = timedelta(minutes=10)
# Tries of one network address on one account; fewer once other addresses have used as many.
ADDRESS_TRIES, LATER_ADDRESS_TRIES = 5, 2
# Once one network address has made as many tries on all accounts together, it has fewer on each.
SPRAY_TRIES = 30
# Once wrong passwords of one address have aimed at as many accounts within an hour, it has one try a minute on all.
SPRAY_ACCOUNTS, SPRAY_PACE = 20, timedelta(minutes=1)
# Links mailed to one account at the request of unknown browsers, and of a known one. A link lives longer than
# the window.
RESET_LETTERS, OWN_RESET_LETTERS = 2, 3
RESET_WINDOW = timedelta(hours=1)
KNOWN_BROWSER_LIFE = timedelta(days=365)
KNOWN_BROWSERS = 10
RESET_LIFE = timedelta(hours=2)
PASSWORD_MIN = 12
PASSWORD_MAX = 256
# A word shorter than this is no part of a name; characters that a password has beside names; keys of a run on
# a keyboard.
WORD_MIN, OTHER_CHARACTERS_MIN, RUN_MIN = 3, 6, 4
_ROWS = (
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
)


class TokenPurpose(StrEnum):
    """Reasons why a single-use link was sent."""

    INVITATION = "invitation"
    RESET = "reset"


class PasskeyPurpose(StrEnum):
    """Purpose of a challenge of a passkey: it serves nothing else."""

    ADD = "add"
    LOG_IN = "log_in"
    SIGN = "sign"


class ThrottledAction(StrEnum):
    """Attempts at login and its links; each is counted apart, so that who guesses passwords closes no way back in."""

    LOGIN = "login"
    RESET = "reset"
    SIGNATURE = "signature"
    SECOND_FACTOR = "second_factor"
    PRESENCE = "presence"
    GROUP_CODE = "group_code"


class MemberRight(StrEnum):
    """Rights of a member of a certifying body."""

    MANAGER = "manager"  # everything, colleagues included
    SIGNATORY = "signatory"  # every task; given before tasks were
    READER = "reader"  # what the tasks of the row say; without any, reads and writes nothing


class MemberTask(StrEnum):
    """A task that a member of a certifying body is given; each lets read, and one of them nothing else."""

    READING = "reading"
    SECRETARIAT = "secretariat"
    SESSIONS = "sessions"
    CERTIFICATIONS = "certifications"
    SIGNATURE = "signature"


# The certifications that each task is limited to; none named is all of them.
Tasks = Mapping[MemberTask, frozenset[UUID]]
EVERY_TASK: Tasks = dict.fromkeys(MemberTask, frozenset())


def tasks_of(right: MemberRight | None, given: Mapping[str, Sequence[str]] | None) -> Tasks:
    """Return the tasks of a member from the row that keeps them."""
    if right is not MemberRight.READER:
        return EVERY_TASK
    if given is None:
        return {MemberTask.READING: frozenset()}
    return {MemberTask(task): frozenset(map(UUID, limits)) for task, limits in given.items()}


def readable_certifications(tasks: Tasks) -> frozenset[UUID] | None:
    """Return the certifications that a member reads, those of their tasks; None is all of them."""
    return frozenset().union(*tasks.values()) if all(tasks.values()) else None


class AccountRefusal(StrEnum):
    """Reasons why a change of an account is not made."""

    EMAIL_TAKEN = "email_taken"


class PasswordError(StrEnum):
    """Reasons why a password is not accepted."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    REPEATS = "repeats"
    IS_EMAIL = "is_email"
    FREQUENT = "frequent"
    KEYBOARD = "keyboard"
    PERSONAL = "personal"


def wait_before(tries: Sequence[datetime], limit: int, at: datetime, window: timedelta = TRIES_WINDOW) -> timedelta:
    """Return how long to wait before one more try is allowed; zero when it is allowed now.

    At most `limit` tries are allowed in any window. Old tries fall out of it, so the wait always ends.
    """
    recent = sorted(moment for moment in tries if moment > at - window)
    return recent[-limit] + window - at if len(recent) >= limit else timedelta(0)


def login_wait(
    own: Sequence[datetime], others: Sequence[datetime], elsewhere: Sequence[datetime], at: datetime, accounts: int = 0
) -> timedelta:
    """Return how long a browser that the account does not know waits before its next try (design).

    `own` are the tries of this network address on the account, `others` those of other addresses on it,
    `elsewhere` those of this address on other accounts. All unknown browsers together have ten tries in ten
    minutes on one account. One address has five of them, so a single stranger never uses up the attempts of
    the owner, who comes from another address. Once others have used five, a new address has two: four
    addresses are needed to use all ten. An address that has tried thirty times on all accounts has two as
    well: whoever guesses in a classroom or a jury building does not shut out the others behind its address.

    `accounts` are those that this address tried in vain within an hour: whoever tries one password on each account
    of a body is slowed down, and those behind the same address enter by the browser that knows them.
    """
    others_recent = [moment for moment in others if moment > at - TRIES_WINDOW]
    sprays = wait_before([*own, *elsewhere], SPRAY_TRIES, at) > timedelta(0)
    is_late = sprays or len(others_recent) >= ADDRESS_TRIES
    share = LATER_ADDRESS_TRIES if is_late else ADDRESS_TRIES
    slow = wait_before([*own, *elsewhere], 1, at, SPRAY_PACE) if accounts >= SPRAY_ACCOUNTS else timedelta(0)
    return max(wait_before(own, share, at), wait_before([*own, *others], TRIES, at), slow)


def reset_wait(
    own: Sequence[datetime], others: Sequence[datetime], elsewhere: Sequence[datetime], at: datetime
) -> timedelta:
    """Return how long an unknown browser waits before one more letter with a link to a new password.

    `own` are the letters that this network address asked for on the account, `others` those of others on it,
    `elsewhere` those of this address on other accounts. An address that has asked for thirty has one letter an account.
    """
    sprays = wait_before([*own, *elsewhere], SPRAY_TRIES, at, RESET_WINDOW) > timedelta(0)
    share = 1 if sprays else RESET_LETTERS
    return max(wait_before(own, share, at, RESET_WINDOW), wait_before([*own, *others], RESET_LETTERS, at, RESET_WINDOW))


def password_error(password: str, email: str) -> PasswordError | None:
    """Say what is wrong with the form of a chosen password, or None."""
    if len(password) < PASSWORD_MIN:
        return PasswordError.TOO_SHORT
    if len(password) > PASSWORD_MAX:
        return PasswordError.TOO_LONG
    if len(set(password)) < 5:
        return PasswordError.REPEATS
    if password.casefold() == email.casefold():
        return PasswordError.IS_EMAIL
    return None


def words_in(*texts: str) -> frozenset[str]:
    """Return the words of a name or an address, without case or accents, of three letters or more; whole
    texts included.
    """
    folded = [_folded(text) for text in texts]
    joined = {re.sub(r"[^a-z0-9]", "", text) for text in folded}
    parts = {part for text in folded for part in re.findall(r"[a-z0-9]+", text)}
    return frozenset(word for word in joined | parts if len(word) >= WORD_MIN)


def is_personal(password: str, words: AbstractSet[str]) -> bool:
    """Say whether a password is little else than these words (design): fewer than six other letters and digits."""
    rest = re.sub(r"[^a-z0-9]", "", _folded(password))
    found = [word for word in sorted(words, key=len, reverse=True) if word in rest]
    for word in found:
        rest = rest.replace(word, "")
    return bool(found) and len(rest) < OTHER_CHARACTERS_MIN


def keyboard_words() -> frozenset[str]:
    """Return every run of four keys or more on a row of a keyboard, or of letters of the alphabet, both ways."""
    runs = set()
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        runs |= {row[start:end] for start in range(len(row)) for end in range(start + RUN_MIN, len(row) + 1)}
    return frozenset(runs)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in plain if not unicodedata.combining(character))


def name_order(name: str) -> tuple[str, str, str]:
    """Return what sorts a name « first last » as a French list does: by last name, then by first name,
    letters before accents. A last name is in capitals, or begins at its particle; « de » is not sorted.
    """
    words = name.split()
    capitals = [word for word in words if len(word) > 1 and word.isupper()]
    if capitals and len(capitals) < len(words):
        first, last = [word for word in words if word not in capitals], capitals
    else:
        inside = (rank for rank, word in enumerate(words) if 0 < rank < len(words) - 1 and _is_particle(word))
        begins = next(inside, max(len(words) - 1, 0))
        first, last = words[:begins], words[begins:]
    while len(last) > 1 and last[0].casefold() == "de":
        last = last[1:]
    return _letters(last), _letters(first), name


def sort_name(name: str, limit: int = 200) -> str:
    """Return the same order as one text, for a column that a database sorts: two spaces come before the one
    inside a name.
    """
    last, first, _ = name_order(name)
    return f"{last}  {first}".rstrip()[:limit]


_PARTICLES = frozenset(["de", "du", "des", "la", "le", "les", "van", "von", "da", "dos", "di", "el", "al", "ben"])


def _is_particle(word: str) -> bool:
    return word.casefold() in _PARTICLES


def _letters(words: Sequence[str]) -> str:
    plain = " ".join(words).replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae").replace("-", " ")
    return _folded(plain).removeprefix("d’").removeprefix("d'")


def token_hash(secret: str) -> bytes:
    """Return what is kept of a token: enough to recognise it, not to use it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def is_live(expires_at: datetime, ended_at: datetime | None, at: datetime) -> bool:
    """Say whether a session or a link still works at this moment."""
    return ended_at is None and at < expires_at
