"""Tasks of the worker that are no file's: digests, copies of the ledger's heads, what is erased at night.

The task of the night that keeps clocks up to date, tells people, plans what is due, and erases it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from shlex import quote
from shutil import move
from typing import Any
from uuid import UUID

from alembic.script import ScriptDirectory
from sqlalchemy import ColumnElement, Integer, bindparam, select
from sqlalchemy.engine import make_url

from config import Config
from portfolio.backup.database_copy import database_copy, engine_name
from portfolio.backup.migration import SUFFIX, copy_messages, current_revision, remove_old_copies, settings_for, upgrade
from portfolio.calendar import day_of
from portfolio.db.engine import Database, yield_to_writers
from portfolio.domain.access_monitoring import use_cases as watch
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.admissibility.use_cases import requests as admissibility_requests
from portfolio.domain.api_access import use_cases as api_access
from portfolio.domain.api_access import webhooks
from portfolio.domain.certifying_body.members import list_members
from portfolio.domain.dossier.use_cases.attestation_requests import purge_expired
from portfolio.domain.dossier.use_cases.evidence import purge_removed
from portfolio.domain.dossier.use_cases.uploads import delete_file
from portfolio.domain.follow_up import use_cases as follow_up
from portfolio.domain.france_vae import use_cases as france_vae
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.use_cases.credentials import load_credential, sign_missing
from portfolio.domain.holdings.use_cases.signatures import list_to_seal, list_to_seal_again, record_seal
from portfolio.domain.jury_session.use_cases.letters import count_due_reminders, write_due_reminders
from portfolio.domain.jury_session.use_cases.reading import purge_notes
from portfolio.domain.ledger.checkpoints import digest_past_days, head_seq, last_head_seq, write_checkpoints
from portfolio.domain.ledger.witness import copy_tree_head, ledger_origin, write_tree_head
from portfolio.domain.notification.use_cases.document_data import find_certificate_data
from portfolio.domain.retention.use_cases.clocks import compute_all
from portfolio.domain.retention.use_cases.due import plan_due, queue_notices
from portfolio.domain.retention.use_cases.erasing import run_due_erasures
from portfolio.domain.review.use_cases.email_notifications import list_due_digests, queue_digests, queue_to_do
from portfolio.domain.review.use_cases.pace import list_due_silences, queue_silence_letters
from portfolio.domain.search.use_cases.indexing import index_missing
from portfolio.files.storage.store import FileStore, new_key
from portfolio.files.storage.temporary_folder import temporary_folder
from portfolio.files.uploads.partial import PartialUploads
from portfolio.screens.certifier.home.to_do import load_console
from portfolio.seals import Seal, load_seal
from portfolio.signing_key import Keys
from portfolio.tasks.queue import Task
from portfolio.time_stamps import load_authorities, stamp
from portfolio.verifiable_credentials import load_issuer
from portfolio.wording.documents import certificate_pdf, due_message, task_message
from portfolio.wording.documents.credential import Prover, credential_content, sealed_certificate
from portfolio.wording.dossier import next_title

# How often the second place is compared with the ledger when no head was signed.
HEADS_EVERY = timedelta(minutes=1)
_SEALED_AT_ONCE = 500


def queue_due_digests(store: Database, _config: Config, at: datetime) -> int:
    """Write the digests that are due, and answer how many; without one, nothing is locked."""
    with store.reader() as session:
        if not list_due_digests(session, at):
            return 0
    with store.transaction() as session:
        return queue_digests(session, at=at)


def queue_to_do_letters(store: Database, at: datetime, *, has_server: bool) -> int:
    """Write each morning what waits for each body to its members who may act; return how many letters.

    Each body has its own transaction: a night that stops half-way loses no other one.
    """
    with store.reader() as session:
        bodies = list(session.scalars(select(CertifyingBody.id).order_by(CertifyingBody.id)))
    return sum(_queue_to_do(store, body_id, at, has_server) for body_id in bodies)


def _queue_to_do(store: Database, body_id: UUID, at: datetime, has_server: bool) -> int:
    today, lists = day_of(at), {}
    with store.reader() as session:
        for member in list_members(session, body_id):
            asked: dict[str, Any] = {
                "has_server": has_server,
                "at": at,
                "member_id": member.person_id,
                "given": member.tasks,
            }
            tasks = load_console(session, body_id, today, **asked).tasks
            lists[member.person_id] = [(*task_message(task, today), due_message(task, today)) for task in tasks]
    if not any(lists.values()):
        return 0
    with store.transaction() as session:
        return queue_to_do(session, session.get_one(CertifyingBody, body_id), lists, at=at)


def remind_summoned(store: Database, at: datetime) -> int:
    """Write the reminders of summons that are due, and return how many; without one, nothing is locked."""
    with store.reader() as session:
        if not count_due_reminders(session, at):
            return 0
    with store.transaction() as session:
        return write_due_reminders(session, at)


def write_silence_letters(store: Database, at: datetime) -> int:
    """Write the letters about a silence that are due, and return how many; without one, nothing is locked."""
    with store.reader() as session:
        if not list_due_silences(session, at):
            return 0
    with store.transaction() as session:
        return queue_silence_letters(session, next_title, at=at)


@dataclass
class HeadExport:
    """Copies the signed heads of the ledger to their second place as soon as there is a new one."""

    database: Database
    config: Config
    clock: Callable[[], datetime]
    _copied: tuple[int, datetime] | None = field(default=None, init=False)

    @property
    def due(self) -> ColumnElement[bool]:
        """Return the condition that there is a new head, or that a minute has passed."""
        return head_seq() != bindparam("copied_seq", callable_=self._copied_seq, type_=Integer)

    def _copied_seq(self) -> int:
        """Return the number of the head that was copied less than a minute ago; -1 without one."""
        seq, at = self._copied or (-1, self.clock())
        return seq if self.clock() - at < HEADS_EVERY else -1

    def claim(self) -> Task | None:
        """Return how to copy the heads when there is a new one, or when a minute has passed; None otherwise."""
        with self.database.reader() as session:
            seq, at = last_head_seq(session), self.clock()
        if self._copied and self._copied[0] == seq and at - self._copied[1] < HEADS_EVERY:
            return None
        return partial(self._copy, seq, at)

    def _copy(self, seq: int, at: datetime) -> None:
        with self.database.reader() as session:
            write_checkpoints(session, self.config.heads)
        self._copied = seq, at


def digest_audit_log(store: Database, at: datetime) -> int:
    """Record the digest of each past day of the audit log that has none; return how many."""
    with store.transaction() as session:
        return digest_past_days(session, at=at)


def witness_ledger(store: Database, keys: Keys, config: Config, at: datetime, *, only_awards: bool) -> bool:
    """Write the root of the ledger for outside witnesses, with the time-stamp of the authority when there is one;
    return whether there was something new. Raise TimeStampError while the authority gives none: nothing is written.
    """
    stamper = None
    if config.tsa_url:
        authorities = load_authorities(config.tsa_ca_file) if config.tsa_ca_file else []
        stamper = partial(stamp, config.tsa_url, authorities=authorities)
    origin = ledger_origin(config.address)
    with store.reader() as session:
        head = write_tree_head(session, origin, keys.signer, stamper, at=at, only_awards=only_awards)
    if head is None:
        return False
    copy_tree_head(head, config.heads)
    with store.transaction() as session:
        session.add(head)
    return True


def sign_credentials(store: Database, config: Config, at: datetime) -> int:
    """Sign the credentials of the certificates that have none, some at a time; return how many."""
    issuer, count = load_issuer(config.data, config.address), 0
    while True:
        with store.transaction() as session:
            signed = sign_missing(session, issuer, credential_content, at=at)
        count += signed
        if not signed:
            return count


def seal_certificates(
    store: Database, files: FileStore, keys: Keys, config: Config, at: datetime, *, again_before: datetime | None = None
) -> int:
    """Seal the papers of the signed certificates that stand and have no seal; return how many.

    `again_before`: also those whose certificate of seal ends before this moment, when the one in use ends later. Raise
    SealError when the certificate of seal, or the authority that dates, cannot be used.
    """
    seal = load_seal(config.seal_file, config.seal_password_file)
    if seal is None or seal.until <= at:
        return 0
    with store.reader() as session:
        numbers = list(list_to_seal(session))
        if again_before is not None:
            numbers += list_to_seal_again(session, min(again_before, seal.until))
    prover = Prover(load_issuer(config.data, config.address), keys, config.tsa_ca_file)
    return sum(_seal(store, files, config, prover, seal, number, at) for number in numbers[:_SEALED_AT_ONCE])


def _seal(
    store: Database, files: FileStore, config: Config, prover: Prover, seal: Seal, number: str, at: datetime
) -> bool:
    with store.reader() as session:
        data, credential = find_certificate_data(session, number), load_credential(session, number)
        if data is None or credential is None or data.standing.status is not GrantStatus.HELD:
            return False
        pdf = certificate_pdf(data, f"{prover.issuer.address}/certificats/{number}")
        content = sealed_certificate(session, prover, credential, pdf, seal, at, config.tsa_url)
    kept = files.save(new_key(), BytesIO(content))
    with store.transaction() as session:
        record_seal(session, number, kept, seal, is_timestamped=bool(config.tsa_url), at=at)
    return True


def index_texts(store: Database) -> int:
    """Index the texts that are not in the search index, some at a time; return how many."""
    count = 0
    while True:
        with store.transaction() as session:
            indexed = index_missing(session)
        count += indexed
        if not indexed:
            return count
        yield_to_writers(store)


def purge_access_records(store: Database, at: datetime) -> int:
    """Forget who opened what, once it serves no more to count; answer how many rows went."""
    with store.transaction() as session:
        return watch.purge_access_records(session, at=at)


def ask_holders(store: Database, config: Config, at: datetime) -> int:
    """Write to the holders whose survey is due, for the bodies that ask them; return how many letters."""
    with store.reader() as session:
        bodies = follow_up.list_asking_bodies(session)
    written = 0
    for body_id in bodies:
        with store.transaction() as session:
            written += follow_up.ask_holders(session, body_id, config.secret_key, at=at)
    return written


def warn_of_tokens(store: Database, at: datetime) -> int:
    """Write to those whose tokens end soon; return how many letters."""
    with store.transaction() as session:
        return api_access.warn_of_expiry(session, at=at)


def purge_api_calls(store: Database, at: datetime) -> int:
    """Delete calls of programs, events, people whom nobody took and requests that nothing moves; return how many."""
    with store.transaction() as session:
        gone = api_access.purge(session, at=at) + webhooks.purge_deliveries(session, at=at)
        gone += france_vae.purge_proposals(session, at=at)
        return gone + admissibility_requests.purge_requests(session, at=at)


def purge_juror_notes(store: Database, config: Config, at: datetime) -> int:
    """Delete the private notes of jurors whose reading has ended; return how many were deleted."""
    with store.transaction() as session:
        return purge_notes(session, closed_before=at - timedelta(days=config.juror_days))


def purge_third_party_data(files: FileStore, store: Database, at: datetime) -> int:
    """Forget the third parties whose request ended long ago, with the files they had not signed; answer how
    many files went.
    """
    return _purge(purge_expired, files, store, at)


def purge_removed_evidence(files: FileStore, store: Database, at: datetime) -> int:
    """Erase the pieces taken away long ago that no seal names, with their files and pages; answer how
    many files went.
    """
    return _purge(purge_removed, files, store, at)


def _purge(act: Callable[..., list[str]], files: FileStore, store: Database, at: datetime) -> int:
    with store.transaction() as session:
        keys = act(session, at=at)
    for key in keys:
        delete_file(files, key)
    return len(keys)


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """Result of a run: clocks that changed, people told, erasures ordered, erasures that ended."""

    changed: int
    told: int
    planned: int
    erased: int


def apply_retention(
    database: Database, files: FileStore, uploads: PartialUploads, clock: Callable[[], datetime]
) -> RetentionReport:
    """Compute every clock, tell the people concerned, and erase what is due; a stop loses nothing, the next
    run goes on.
    """
    changed = compute_all(database, day_of(clock()))
    told = queue_notices(database, clock())
    planned = plan_due(database, clock())
    return RetentionReport(changed, told, planned, run_due_erasures(database, files, uploads, clock))


def migrate(config: Config, at: datetime, *, without_copy: bool = False) -> Iterator[str]:
    """Copy the database when there is something to change, migrate it, and yield what was done, in French.

    SQLite is copied beside its file by `migrations/env.py`; PostgreSQL by pg_dump into the data folder. Raise
    BackupError when pg_dump is missing or fails, before anything is changed, UnknownRoleError and
    UnknownRevisionError as `upgrade` does.
    """
    url = config.database_owner_url
    kept = timedelta(days=config.migration_copy_days)
    copy = None if without_copy else _copy_postgresql(config)
    copy = upgrade(url, application_url=config.database_url) or copy
    removed = [*remove_old_copies(url, kept, at), *_remove_old_dumps(config, kept, at)]
    yield from copy_messages(copy, removed, kept)
    if copy is not None:
        yield _way_back(config, copy)


def _copy_postgresql(config: Config) -> Path | None:
    url = config.database_owner_url
    if engine_name(url) != "postgresql":
        return None
    current = current_revision(url)
    if current in {None, ScriptDirectory.from_config(settings_for(url)).get_current_head()}:
        return None
    copy = config.data / f"acquis.{current}.pgdump{SUFFIX}"
    with (
        temporary_folder(config.data / "incoming") as folder,
        database_copy(url, config.postgresql_bin, folder) as (dump, _),
    ):
        copy.unlink(missing_ok=True)
        move(dump, copy)
    return copy


def _remove_old_dumps(config: Config, kept: timedelta, at: datetime) -> list[Path]:
    """Remove the copies of a PostgreSQL database that are older than `kept`."""
    if engine_name(config.database_owner_url) != "postgresql":
        return []
    old = [
        path
        for path in config.data.glob(f"acquis.*.pgdump{SUFFIX}")
        if datetime.fromtimestamp(path.stat().st_mtime, at.tzinfo) + kept <= at
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return old


def _way_back(config: Config, copy: Path) -> str:
    """Say how to put the copy back, by a line that a shell takes as it is."""
    if engine_name(config.database_owner_url) == "postgresql":
        base = '"$DATABASE_OWNER_URL"' if config.database_owner_url != config.database_url else '"$DATABASE_URL"'
        psql, restore = (quote(str(Path(config.postgresql_bin, name))) for name in ("psql", "pg_restore"))
        # Tables of after, that the copy does not know, refer to those that it has: everything goes first.
        way = (
            f"{psql} --dbname={base} -c 'DROP SCHEMA public CASCADE; CREATE SCHEMA public' && {restore} --no-owner "
            f"--exit-on-error --single-transaction --dbname={base} {quote(str(copy))}"
        )
        way += "\nEnfin flask migrate, qui rend ses droits au rôle de l’application."
    else:
        place = quote(make_url(config.database_owner_url).database or "")
        way = f"rm -f {place}-wal {place}-shm && mv {quote(str(copy))} {place}"
    return f"Pour revenir en arrière\u00a0: arrêtez tout, reprenez la version d’avant du programme, puis\n{way}"
