"""Throttle login attempts and other guesses, without locking out an account; all processes share the counts.

Counts, each apart from the others:

* a browser in which the person has logged in before has ten tries in ten minutes of its own: no stranger can
  use them up;
* all other browsers together have ten tries in ten minutes on one account, of which one network address has
  five;
* one network address that has made thirty tries in ten minutes on all accounts together has two on each: the
  people behind it, who share it with whoever guesses, still enter;
* one network address whose wrong passwords aimed at twenty accounts within an hour has one try a minute: the audit
  log, the log of the server and its figures say it;
* a signature counts for one person in one session: tries to log in never stop it, and it never stops a
  log-in;
* a link to a new password is mailed twice an hour at most at the request of unknown browsers, three times
  more at that of a known one. A link that was mailed works until its time ends: a request that is not
  followed by a letter takes none away.

Only strangers who hold four addresses or more can use up the ten tries of an account. Its owner then enters from a
browser used before, or by a mailed link: neither can be closed by them. A refused try waits in no thread: it is
answered at once, with the time to wait. A try that was right is given back, and gives back no other one.

Browsers in which a person has logged in.

Their cookie opens nothing: it only gives the browser a count of tries of its own. A token is random, bound to one
account, replaced at each log-in, and kept as a digest. It ends after a year, with a new password, with the suspension
of its account, or when the person has logged in in ten later browsers.
"""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from portfolio.domain.account.models import KnownBrowser, LoginAttempt, Person
from portfolio.domain.account.rules import (
    KNOWN_BROWSER_LIFE,
    KNOWN_BROWSERS,
    OWN_RESET_LETTERS,
    RESET_WINDOW,
    SPRAY_ACCOUNTS,
    TRIES,
    ThrottledAction,
    login_wait,
    reset_wait,
    wait_before,
)
from portfolio.domain.audit_log.use_cases import record_event


def find_known_browser(session: Session, tokens: Sequence[str], email: str, *, at: datetime) -> bytes | None:
    """Return the digest of the token, among these, that was given to this account; None without one."""
    return session.scalar(
        select(KnownBrowser.token_digest)
        .join(Person, Person.id == KnownBrowser.person_id)
        .where(
            KnownBrowser.token_digest.in_([_digest(token) for token in tokens]),
            KnownBrowser.known_at > at - KNOWN_BROWSER_LIFE,
            Person.email == email,
        )
        .limit(1)
    )


def know_browser(session: Session, person_id: UUID, tokens: Sequence[str], *, at: datetime) -> tuple[str, ...]:
    """Give the browser of a person who has just proved their password a new token, and return the tokens its
    cookie then holds.

    The token that it had for this person ends. Those of other people who use the same browser stay.
    """
    digests = {token: _digest(token) for token in tokens}
    mine = select(KnownBrowser.token_digest).where(
        KnownBrowser.person_id == person_id, KnownBrowser.token_digest.in_(list(digests.values()))
    )
    replaced = set(session.scalars(mine).all())
    session.execute(delete(KnownBrowser).where(KnownBrowser.token_digest.in_(replaced)))
    token = secrets.token_urlsafe(32)
    session.add(KnownBrowser(token_digest=_digest(token), person_id=person_id, known_at=at))
    session.flush()
    _delete_oldest(session, person_id, at)
    return (token, *(other for other, digest in digests.items() if digest not in replaced))


def delete_browsers(session: Session, person_id: UUID) -> None:
    """Forget every browser of a person: after a new password, or a suspension."""
    session.execute(delete(KnownBrowser).where(KnownBrowser.person_id == person_id))


def _delete_oldest(session: Session, person_id: UUID, at: datetime) -> None:
    newest = (
        select(KnownBrowser.token_digest)
        .where(KnownBrowser.person_id == person_id, KnownBrowser.known_at > at - KNOWN_BROWSER_LIFE)
        .order_by(KnownBrowser.known_at.desc(), KnownBrowser.token_digest)
        .limit(KNOWN_BROWSERS)
    )
    keep = session.scalars(newest).all()
    session.execute(
        delete(KnownBrowser).where(KnownBrowser.person_id == person_id, KnownBrowser.token_digest.not_in(keep))
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


_log = logging.getLogger(__name__)

NO_WAIT = timedelta(0)
_ADDRESS, _REFUSED = "address", "refused"


@dataclass(frozen=True)
class Origin:
    """Origin of an attempt: a network address, the tokens of known browsers that its cookie holds, the key of the
    digests.
    """

    address: str
    tokens: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True)
class Attempt:
    """Answer about an attempt: how long to wait before it, and the row that counts it."""

    wait: timedelta = NO_WAIT
    seq: int | None = None


def normalise_email(email: str) -> str:
    """Return the form under which an address is kept and compared."""
    return email.strip().casefold()


def register_login_attempt(session: Session, email: str, origin: Origin, *, at: datetime) -> Attempt:
    """Count one try to log in, before the password is looked at; simultaneous tries count too.

    An account that does not exist is counted like another one.
    """
    _purge_old(session, at)
    if (browser := find_known_browser(session, origin.tokens, normalise_email(email), at=at)) is not None:
        account = _address_digest(ThrottledAction.LOGIN, browser.hex())
        _lock(session, account)
        attempt = _taken(session, account, None, wait_before(_moments(session, account), TRIES, at), at)
    else:
        account, address = (
            _address_digest(ThrottledAction.LOGIN, normalise_email(email)),
            _address(ThrottledAction.LOGIN, origin),
        )
        _lock(session, account, address)
        accounts = _accounts_tried(session, address)
        wait = login_wait(*_tries(session, account, address), at, accounts)
        attempt = _taken(session, account, address, wait, at)
        if accounts >= SPRAY_ACCOUNTS and _is_first_refusal(session, address, at):
            record_login(session, "login_sprayed", email, origin, at=at)
            _log.warning("wrong passwords of one network address aimed at %d accounts within an hour", accounts)
    if attempt.wait and _is_first_refusal(session, account, at):
        record_login(session, "login_throttled", email, origin, at=at)
    return attempt


def register_reset_request(session: Session, email: str, origin: Origin, *, at: datetime) -> Attempt:
    """Count one request for a link to a new password; a wait says that no letter follows this one.

    Letters asked for by unknown browsers are counted together; those of a known browser have a count of their own.
    """
    _purge_old(session, at)
    if (browser := find_known_browser(session, origin.tokens, normalise_email(email), at=at)) is not None:
        account, address = _address_digest(ThrottledAction.RESET, browser.hex()), None
        _lock(session, account)
        wait = wait_before(_moments(session, account), OWN_RESET_LETTERS, at, RESET_WINDOW)
    else:
        account, address = (
            _address_digest(ThrottledAction.RESET, normalise_email(email)),
            _address(ThrottledAction.RESET, origin),
        )
        _lock(session, account, address)
        wait = reset_wait(*_tries(session, account, address), at)
    attempt = _taken(session, account, address, wait, at)
    if attempt.wait and _is_first_refusal(session, account, at):
        record_login(session, "reset_throttled", email, origin, at=at)
    return attempt


def register_signature_attempt(session: Session, person_id: UUID, token: str, *, at: datetime) -> Attempt:
    """Count one password typed again to sign, by this person in this session of login."""
    subject = f"{person_id} {token}"
    attempt = register_guess(session, ThrottledAction.SIGNATURE, subject, at=at)
    if attempt.wait and _is_first_refusal(session, _address_digest(ThrottledAction.SIGNATURE, subject), at):
        record_event(session, "signature_throttled", ("person", person_id), by=person_id, at=at)
    return attempt


def register_code_attempt(session: Session, person_id: UUID, *, at: datetime) -> Attempt:
    """Count one code of the second factor, whatever asks for it: all sessions and all processes share one count."""
    attempt = register_guess(session, ThrottledAction.SECOND_FACTOR, str(person_id), at=at)
    if attempt.wait and _is_first_refusal(session, _address_digest(ThrottledAction.SECOND_FACTOR, str(person_id)), at):
        record_event(session, "second_factor_throttled", ("person", person_id), by=person_id, at=at)
    return attempt


def register_guess(session: Session, action: ThrottledAction, subject: str, *, at: datetime) -> Attempt:
    """Count one code typed for a subject, before it is looked at: ten in ten minutes."""
    _purge_old(session, at)
    account = _address_digest(action, subject)
    _lock(session, account)
    return _taken(session, account, None, wait_before(_moments(session, account), TRIES, at), at)


def refund_attempt(session: Session, attempt: Attempt) -> None:
    """Take a try that was right out of the count."""
    session.execute(delete(LoginAttempt).where(LoginAttempt.seq == attempt.seq))


def record_login(session: Session, verb: str, email: str, origin: Origin, *, at: datetime) -> None:
    """Write in the audit log what happened to a try: the id of its account, else a keyed digest of what was typed."""
    person = session.scalar(select(Person.id).where(Person.email == normalise_email(email)))
    unknown = {} if person else {"account": keyed(origin.key, normalise_email(email)).hex()[:16]}
    record_event(
        session,
        verb,
        ("person", person),
        by=None,
        at=at,
        address=keyed(origin.key, origin.address).hex()[:16],
        **unknown,
    )


def keyed(key: str, content: str) -> bytes:
    """Return a digest that nobody can try values on without the key of the installation."""
    return hmac.digest(key.encode(), content.encode("utf-8", "surrogatepass"), "sha256")


def _tries(
    session: Session, account: bytes, address: bytes
) -> tuple[Sequence[datetime], Sequence[datetime], Sequence[datetime]]:
    """Return the tries of an address on an account, those of others on it, and its own elsewhere."""
    aimed = session.execute(
        select(LoginAttempt.attempted_at, LoginAttempt.address_digest).where(LoginAttempt.account_digest == account)
    ).all()
    own = [moment for moment, where in aimed if where == address]
    others = [moment for moment, where in aimed if where != address]
    elsewhere = session.scalars(
        select(LoginAttempt.attempted_at).where(
            LoginAttempt.address_digest == address, LoginAttempt.account_digest != account
        )
    ).all()
    return own, others, elsewhere


def _accounts_tried(session: Session, address: bytes) -> int:
    aimed = func.count(LoginAttempt.account_digest.distinct())
    return session.scalar(select(aimed).where(LoginAttempt.address_digest == address)) or 0


def count_spraying_addresses(session: Session) -> int:
    """Return how many network addresses aimed wrong passwords at many accounts within the last hour."""
    aimed = func.count(LoginAttempt.account_digest.distinct())
    spraying = select(LoginAttempt.address_digest).where(LoginAttempt.address_digest.is_not(None))
    spraying = spraying.group_by(LoginAttempt.address_digest).having(aimed >= SPRAY_ACCOUNTS)
    return session.scalar(select(func.count()).select_from(spraying.subquery())) or 0


def _taken(session: Session, account: bytes, address: bytes | None, wait: timedelta, at: datetime) -> Attempt:
    if wait > NO_WAIT:
        return Attempt(wait)
    row = LoginAttempt(account_digest=account, address_digest=address, attempted_at=at)
    session.add(row)
    session.flush()
    return Attempt(seq=row.seq)


def _is_first_refusal(session: Session, account: bytes, at: datetime) -> bool:
    """Say whether this refusal is the first one of the last hour: a flood of tries writes one line in the audit log."""
    refused = _address_digest(_REFUSED, account.hex())
    if session.scalar(select(LoginAttempt.seq).where(LoginAttempt.account_digest == refused).limit(1)) is not None:
        return False
    session.add(LoginAttempt(account_digest=refused, attempted_at=at))
    return True


def _moments(session: Session, account: bytes) -> Sequence[datetime]:
    return session.scalars(select(LoginAttempt.attempted_at).where(LoginAttempt.account_digest == account)).all()


def _purge_old(session: Session, at: datetime) -> None:
    session.execute(delete(LoginAttempt).where(LoginAttempt.attempted_at < at - RESET_WINDOW))


def _lock(session: Session, *digests: bytes) -> None:
    """Let simultaneous tries pass one after the other.

    The account always comes before the address: no two wait in a circle.
    """
    if session.get_bind().dialect.name != "postgresql":
        return  # the transaction has the write lock of SQLite already
    for digest in digests:
        session.execute(
            text("SELECT pg_advisory_xact_lock(:key)"), {"key": int.from_bytes(digest[:8], "big", signed=True)}
        )


def _address_digest(scope: str, subject: str) -> bytes:
    return hashlib.sha256(f"{scope} {subject}".encode("utf-8", "surrogatepass")).digest()


def _address(scope: str, origin: Origin) -> bytes:
    return keyed(origin.key, f"{_ADDRESS} {scope} {origin.address}")
