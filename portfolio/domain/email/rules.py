"""Pure rules of letters: their state, why one was not taken, how a person is searched for."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

# How often a letter is handed to the mail server before it waits for a person.
MAX_TRIES = 12
# A letter that the mail server has not taken by then is shown to its body.
SLOW_AFTER = timedelta(minutes=10)
PAGE_SIZE = 50
# The name under which a session finds the address from which letters leave, as the settings say it.
MAIL_FROM = "mail_from"


class Recipient(Protocol):
    """Someone with an account, as a letter names them."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...


class DeliveryFailure(StrEnum):
    """Reasons why the mail server did not take a letter."""

    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    NO_TLS = "no_tls"
    LOGIN = "login"
    REFUSED = "refused"
    NO_SUCH_ADDRESS = "no_such_address"
    # It cannot be written as a letter: a line end in its subject, an address that is none.
    UNWRITABLE = "unwritable"


class DeliveryState(StrEnum):
    """States of the delivery of a letter."""

    TO_HAND_OVER = "to_hand_over"
    QUEUED = "queued"
    RETRIED = "retried"
    SENT = "sent"
    HANDED_OVER = "handed_over"


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """Record of the delivery of a letter."""

    sent_at: datetime | None
    handed_over_at: datetime | None
    tries: int
    failure: DeliveryFailure | None


def delivery_state(facts: DeliveryFacts, *, has_server: bool) -> DeliveryState:
    """Return the state of a letter from its row, and from whether a mail server is set."""
    if facts.sent_at is not None:
        return DeliveryState.SENT
    if facts.handed_over_at is not None:
        return DeliveryState.HANDED_OVER
    if not has_server or facts.tries >= MAX_TRIES:
        return DeliveryState.TO_HAND_OVER
    return DeliveryState.RETRIED if facts.failure is not None else DeliveryState.QUEUED


def plain_words(words: str) -> str:
    """Return words without case, accents and repeated spaces, as two people would both type them."""
    decomposed = unicodedata.normalize("NFD", " ".join(words.split()).casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


class Box(StrEnum):
    """Selections of letters that a page lists."""

    WAITING = "waiting"
    HANDED_OVER = "handed_over"
    SENT = "sent"
    USELESS = "useless"


class WithheldReason(StrEnum):
    """Reasons why the text of a letter is not shown to the members of its body."""

    ACCOUNT = "account"  # several bodies share the installation: the letter tells whether an account existed
    # It holds a link of its reader, who has it, or gets it by mail, or for whom it opens an account with a
    # past.
    LINK = "link"
    EXPIRED = "expired"  # its link no longer works


@dataclass(frozen=True, slots=True)
class InvitationStatus:
    """State of the last invitation of a person by a body, and since when."""

    state: DeliveryState
    at: datetime
    failure: DeliveryFailure | None
