"""The worker: polls the rows that wait and runs periodic tasks; `make run` starts it beside the server."""

import json
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import structlog
from flask import Flask
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from config import Config
from portfolio.backup.create import Installation
from portfolio.backup.migration import remove_old_copies
from portfolio.backup.scheduled import run_scheduled_backup
from portfolio.calendar import day_of
from portfolio.db.engine import Database, UtcDateTime
from portfolio.documents.livret import book, making
from portfolio.documents.livret.book import PageSource
from portfolio.documents.livret.making import (
    BookSource,
    EditionCancelled,
    EditionFailed,
    Progress,
    made_book,
    no_progress,
)
from portfolio.documents.livret.sources import ExhibitFile, read_sources
from portfolio.documents.word.client import NotFilled, filled_template
from portfolio.domain.api_access.webhooks import claim_webhook, webhook_due
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.rules.rendition import UNFINISHED, Priority, Proof, RenditionKind
from portfolio.domain.dossier.use_cases import proofs
from portfolio.domain.dossier.use_cases.page_images import page_request_due
from portfolio.domain.dossier.use_cases.proofs import ProofJob, proof_due
from portfolio.domain.dossier.use_cases.quarantine import claim_scan, scan_due
from portfolio.domain.dossier.use_cases.renditions import rendition_due
from portfolio.domain.email.delivery import claim_letter, letter_due
from portfolio.domain.france_vae.use_cases import claim_push, claim_reading, push_due, reading_due
from portfolio.domain.group_acts.use_cases.openings import claim_opening, opening_due
from portfolio.domain.group_acts.use_cases.orders import claim_group_act, group_act_due, purge_ended
from portfolio.domain.retention.use_cases.clocks import compute_missing
from portfolio.domain.submission.models import BookEdition, ControlPack
from portfolio.domain.submission.rules.returns import EditionKind, EditionRefusal
from portfolio.domain.submission.use_cases import editions
from portfolio.domain.submission.use_cases.editions import (
    PrintableDossier,
    edition_due,
    load_printable,
    load_printable_draft,
)
from portfolio.errors import Refusal
from portfolio.files.conversion import office
from portfolio.files.integrity.references import Verified, delete_abandoned_uploads, delete_orphan_files
from portfolio.files.renditions.page_images import client
from portfolio.files.renditions.rendition_worker import RenditionWorker
from portfolio.files.storage.store import FileStore, StoreError, new_key
from portfolio.files.storage.temporary_folder import temporary_folder
from portfolio.run.integrity_checks import MOST, Checks
from portfolio.run.maintenance import (
    HeadExport,
    apply_retention,
    ask_holders,
    digest_audit_log,
    index_texts,
    purge_access_records,
    purge_api_calls,
    purge_juror_notes,
    purge_removed_evidence,
    purge_third_party_data,
    queue_due_digests,
    queue_to_do_letters,
    remind_summoned,
    seal_certificates,
    sign_credentials,
    warn_of_tokens,
    witness_ledger,
    write_silence_letters,
)
from portfolio.screens.certifier.control.archive import write_pack
from portfolio.server.run import configure_malloc
from portfolio.tasks.heartbeat import send_heartbeats
from portfolio.tasks.periodic import PeriodicTask, Schedule
from portfolio.tasks.queue import Task, TaskSource, Worker
from portfolio.web.clock import now
from portfolio.wording.documents.livret import WORDS, book_values
from portfolio.wording.documents.receipt import booklet_values
from portfolio.wording.documents.word_template import word_values

log = structlog.get_logger("acquis")


@dataclass(frozen=True)
class EditionWorker:
    """Maker of editions, with what it uses: the rows, the files, the time, the address of the application."""

    database: Database
    files: FileStore
    clock: Callable[[], datetime]
    address: str
    # Writes the control pack of some hearings, under a title.
    write_pack: Callable[[Sequence[UUID], str, IO[bytes], Progress], None]

    def claim(self) -> Task | None:
        """Lease the edition that waits for the longest time; return how to make it, or None when none waits."""
        at = self.clock()
        with self.database.reader() as session:
            waiting = editions.next_edition(session, at)
        if waiting is None:
            return None
        with self.database.transaction() as session:
            found = editions.claim_edition(session, waiting, at=at)
            return partial(self._make, found.id) if found is not None else None

    def make_now(self, edition_id: UUID) -> None:
        """Make an edition here and now; a command waits for it."""
        with self.database.transaction() as session:
            found = editions.claim_edition(session, edition_id, at=self.clock())
        if found is not None:
            self._make(edition_id)

    def _make(self, edition_id: UUID) -> None:
        with self.database.reader() as session:
            row = session.get(BookEdition, edition_id) or session.get_one(ControlPack, edition_id)
        try:
            if isinstance(row, ControlPack):
                return self._make_pack(edition_id, row.contents or {})
            kind, submission_id, candidacy_id, root = row.kind, row.submission_id, row.candidacy_id, row.root
            printable = self.read(submission_id, candidacy_id)
            if (
                printable.root_of(kind) != root
            ):  # the draft or the template has changed since: nobody wants the earlier one
                raise EditionCancelled
            with self.made(printable, kind, partial(self._record, edition_id)) as (path, contents):
                self._keep(edition_id, path, contents)
        except (EditionCancelled, Refusal):
            self._give_up(edition_id)
        except (EditionFailed, NotFilled, StoreError, OSError) as error:
            log.warning("edition_failed", edition=str(edition_id), kind=type(error).__name__)
            with self.database.transaction() as session:
                editions.fail_edition(session, edition_id, at=self.clock())

    def _make_pack(self, pack_id: UUID, about: Mapping[str, Any]) -> None:
        with temporary_folder() as folder:
            path = folder / "controle.zip"
            with path.open("wb") as file:
                hearings = [UUID(each) for each in about["hearings"]]
                self.write_pack(hearings, about["title"], file, partial(self._record, pack_id))
            self._keep(pack_id, path, {})

    def read(self, submission_id: UUID | None, candidacy_id: UUID) -> PrintableDossier:
        """Read the sealed dossier, or the draft as it stands."""
        with self.database.reader() as session:
            if submission_id is not None:
                return load_printable(session, submission_id)
            return load_printable_draft(session, candidacy_id, at=self.clock())

    @contextmanager
    def made(
        self, printable: PrintableDossier, kind: EditionKind, progress: Progress = no_progress
    ) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        """Lend the file of an edition, with facts of what was made; deleted afterwards."""
        at = self.clock()
        if kind is EditionKind.BOOKLET:
            with book.made_booklet(booklet_values, printable.dossier, printable.root, printable.look) as path:
                yield path, {}
            return
        if kind is EditionKind.WORD:
            with self._filled(printable, at) as path:
                yield path, {}
            return
        self._draw_pages(printable, progress)
        source = self._source(printable)
        is_pack = kind is EditionKind.FRANCE_VAE
        with made_book(
            self.files, source, kind, book_values, WORDS, at=at, progress=progress, every_image=is_pack
        ) as folder:
            if is_pack:
                yield making.made_pack(folder, printable, progress)
            else:
                yield folder / "output.pdf", json.loads((folder / "answer.json").read_text("utf-8"))

    @contextmanager
    def _filled(self, printable: PrintableDossier, at: datetime) -> Iterator[Path]:
        """Lend the texts of a dossier in the template of its certifier; deleted afterwards."""
        if printable.template is None:
            raise Refusal(EditionRefusal.NO_TEMPLATE)
        if not Verified(self.files).is_intact(printable.template.key, printable.template.sha256):
            raise NotFilled("the stored template has changed")
        values = word_values(printable.dossier, printable.root, is_draft=printable.is_draft, at=at)
        with self.files.open(printable.template.key) as template, filled_template(template, values) as path:
            yield path

    def _source(self, printable: PrintableDossier) -> BookSource:
        base = self.address.rstrip("/")
        files = [
            ExhibitFile(
                file.label,
                file.key,
                file.mime,
                file.sha256,
                file.pages,
                f"{base}/depots/{printable.submission_id}/pieces/{file.label}/lire" if printable.submission_id else "",
            )
            for file in printable.files
        ]
        with self.database.reader() as session:
            contents, sources = read_sources(session, files, WORDS)
        return BookSource(
            printable.dossier, printable.root, printable.manifest, contents, sources, printable.is_draft, printable.look
        )

    def _draw_pages(self, printable: PrintableDossier, progress: Progress) -> None:
        """Have the pages of the exhibits drawn first, those that are not."""
        with self.database.reader() as session:
            missing = _unfinished(session, [file.key for file in printable.files])
        worker = RenditionWorker(self.database, self.files, self.clock)
        for number, rendition_id in enumerate(missing):
            progress(number, 2 * len(missing))
            worker.run(rendition_id)

    def _record(self, edition_id: UUID, done: int, total: int) -> None:
        with self.database.transaction() as session:
            if not editions.record_progress(session, edition_id, done, total, at=self.clock()):
                raise EditionCancelled

    def _keep(self, edition_id: UUID, path: Path, contents: Mapping[str, Any]) -> None:
        with path.open("rb") as content:
            stored = self.files.save(new_key(), content)
        with self.database.transaction() as session:
            stays = editions.complete_edition(session, edition_id, stored, contents, at=self.clock())
        if not stays:
            with suppress(StoreError, OSError):  # the sweep of the store finds it later
                self.files.delete(stored.key)

    def _give_up(self, edition_id: UUID) -> None:
        with self.database.transaction() as session:
            editions.abandon_edition(session, edition_id, at=self.clock())


@dataclass(frozen=True)
class ProofWorker:
    """Lays each piece before the seal as the book will hold it: one that no book prints is told in time."""

    database: Database
    files: FileStore
    clock: Callable[[], datetime]

    def claim(self) -> Task | None:
        """Lease the piece that waits for the longest time; return how to lay it, or None when none waits."""
        with self.database.transaction() as session:
            job = proofs.claim_proof(session, at=self.clock())
        return partial(self.prove, job) if job is not None else None

    def prove(self, job: ProofJob) -> None:
        """Lay a piece, and keep what was found. While a store is away, it waits to be laid once its lease has ended."""
        file = ExhibitFile("", job.key, job.mime, job.sha256, job.pages)
        with self.database.reader() as session:
            contents, sources = read_sources(session, [file], WORDS)
        pages = [page.number for page in contents[""].pages]
        replaced: Sequence[int] = ()
        unprinted: Sequence[int] = [page.number for page in contents[""].pages if page.source is PageSource.NONE]
        try:
            if sources[""].own:  # the others are images that we made
                replaced, unprinted = making.prove(self.files, sources[""], pages, WORDS)
        except (EditionFailed, StoreError, OSError) as error:
            log.warning("proof_failed", rendition=str(job.id), kind=type(error).__name__)
            return
        with self.database.transaction() as session:
            proofs.keep_proof(session, job.id, Proof(len(pages), tuple(replaced), tuple(unprinted)))


def _unfinished(session: Session, keys: list[str]) -> list[UUID]:
    query = (
        select(Rendition.id)
        .join(Rendition.file)
        .where(EvidenceFile.key.in_(keys), Rendition.kind == RenditionKind.PAGES, Rendition.state.in_(UNFINISHED))
    )
    return list(session.scalars(query))


# What a mail server or a second place that does not answer is spared.
_AWAY_SECONDS = 60.0
_LONG = timedelta(hours=1)


def worker_of(app: Flask) -> Worker:
    """Return the worker of this installation: its sources in the order in which they are served."""
    store, config = _stores(app)
    stopping = threading.Event()
    shop = RenditionWorker(store, app.extensions["files"], now, stopping)
    heads, schedule = HeadExport(store, config, now), Schedule(store, periodic_tasks(app), now)
    at = bindparam("now", callable_=now, type_=UtcDateTime())
    letter, act, opening = letter_due(config, at), group_act_due(), opening_due()
    sources = (
        TaskSource("requested_page", shop.claim_page, page_request_due(at)),
        TaskSource(
            "requested_rendition", partial(shop.claim_rendition, Priority.HIGH), rendition_due(at, Priority.HIGH)
        ),
        TaskSource("mail", lambda: claim_letter(store, config, now()), letter, pause_seconds=_AWAY_SECONDS),
        TaskSource(
            "scan", lambda: claim_scan(store, app.extensions["files"], now), scan_due(at), pause_seconds=_AWAY_SECONDS
        ),
        TaskSource("group_act", lambda: claim_group_act(store, now), act),
        TaskSource("bulk_opening", lambda: claim_opening(store, now), opening),
        TaskSource("webhook", lambda: claim_webhook(store, config, now), webhook_due(at)),
        TaskSource("france_vae_push", lambda: claim_push(store, config, now), push_due(at)),
        TaskSource("ledger_heads", heads.claim, heads.due, pause_seconds=_AWAY_SECONDS),
        TaskSource("france_vae_reading", lambda: claim_reading(store, config, now), reading_due(at)),
        TaskSource("periodic", schedule.claim, schedule.due(at)),
        TaskSource("edition", edition_worker(app).claim, edition_due(at)),
        TaskSource("rendition", shop.claim_rendition, rendition_due(at)),
        TaskSource("proof", ProofWorker(store, app.extensions["files"], now).claim, proof_due(at)),
    )
    return Worker(store.engine, sources, urgent=2, stopping=stopping, release=shop.release)


def periodic_tasks(app: Flask) -> Sequence[PeriodicTask]:
    """Return the tasks that run every few minutes, and those that run every night (UTC)."""
    store, config = _stores(app)
    files, keys = app.extensions["files"], app.extensions["keys"]
    installation = Installation(config, store, files, app.extensions["keys"])
    return (
        PeriodicTask("write_digests", lambda: queue_due_digests(store, config, now())),
        PeriodicTask("remind_summoned", lambda: remind_summoned(store, now()), every=timedelta(minutes=10)),
        PeriodicTask("write_silence_letters", lambda: write_silence_letters(store, now()), every=timedelta(minutes=10)),
        PeriodicTask("request_renditions", rendition_worker(app).request_missing),
        PeriodicTask("request_proofs", lambda: request_proofs(store, now())),
        PeriodicTask("inspect_files", rendition_worker(app).inspect_remaining, lease=_LONG),
        PeriodicTask("read_pictures", partial(read_pictures, app)),
        # What came before the machine read, and what the day left.
        PeriodicTask("read_pictures_at_night", partial(read_pictures, app, at_night=True), hour=1, lease=_LONG),
        PeriodicTask("sign_credentials", lambda: sign_credentials(store, config, now()), lease=_LONG),
        # At each award, and each night for the rest: an authority counts its time-stamps.
        PeriodicTask(
            "witness_awards", lambda: witness_ledger(store, keys, config, now(), only_awards=True), lease=_LONG
        ),
        PeriodicTask(
            "witness_ledger", lambda: witness_ledger(store, keys, config, now(), only_awards=False), hour=1, lease=_LONG
        ),
        PeriodicTask("seal_certificates", lambda: seal_certificates(store, files, keys, config, now()), lease=_LONG),
        PeriodicTask("index_texts", lambda: index_texts(store)),
        PeriodicTask("run_checks", integrity_checks(app).run_when_due, every=timedelta(minutes=10), lease=MOST + _LONG),
        # Before the checks and the backup of the night: they look at the day that has just ended.
        PeriodicTask("digest_audit_log", lambda: digest_audit_log(store, now()), hour=0, lease=_LONG),
        PeriodicTask("sweep_files", lambda: delete_orphan_files(files, store, now()), hour=2, lease=_LONG),
        PeriodicTask(
            "sweep_uploads",
            lambda: delete_abandoned_uploads(app.extensions["uploads"], store, now()),
            hour=2,
            lease=_LONG,
        ),
        PeriodicTask("remove_migration_copies", lambda: remove_copies(config, now()), hour=2),
        PeriodicTask(
            "back_up",
            lambda: run_scheduled_backup(installation, now),
            hour=config.backup_hour,
            lease=timedelta(hours=6),
        ),
        # Before the day begins for most, after what the night erased and checked.
        PeriodicTask(
            "write_to_do", lambda: queue_to_do_letters(store, now(), has_server=config.smtp is not None), hour=5
        ),
        PeriodicTask("purge_access_records", lambda: purge_access_records(store, now()), hour=3),
        PeriodicTask("ask_holders", lambda: ask_holders(store, config, now()), hour=4),
        PeriodicTask("warn_of_tokens", lambda: warn_of_tokens(store, now()), hour=5),
        PeriodicTask("purge_api_calls", lambda: purge_api_calls(store, now()), hour=3),
        PeriodicTask("purge_group_acts", lambda: purge_ended(store, now()), hour=3),
        PeriodicTask("purge_juror_notes", lambda: purge_juror_notes(store, config, now()), hour=3),
        PeriodicTask(
            "purge_third_party_data", lambda: purge_third_party_data(files, store, now()), hour=3, lease=_LONG
        ),
        PeriodicTask("compute_clocks", lambda: compute_missing(store, day_of(now())), every=timedelta(minutes=10)),
        PeriodicTask(
            "apply_retention",
            lambda: apply_retention(store, files, app.extensions["uploads"], now),
            hour=4,
            lease=timedelta(hours=6),
        ),
        PeriodicTask(
            "purge_removed_evidence", lambda: purge_removed_evidence(files, store, now()), hour=3, lease=_LONG
        ),
    )


def rendition_worker(app: Flask) -> RenditionWorker:
    """Return where page images and copies are made."""
    return RenditionWorker(app.extensions["database"], app.extensions["files"], now)


# For how long the machine reads in one run: by day, what was just received; by night, what is left.
_READING_SECONDS, _NIGHT_SECONDS = 20.0, 2400.0


def read_pictures(app: Flask, *, at_night: bool = False) -> None:
    """Read the words of pages that are pictures; by day, of the files drawn within a day."""
    since = None if at_night else now() - timedelta(days=1)
    rendition_worker(app).read_pictures(_NIGHT_SECONDS if at_night else _READING_SECONDS, since)


def edition_worker(app: Flask) -> EditionWorker:
    """Return where the editions of dossiers are made."""
    store, config = _stores(app)
    return EditionWorker(store, app.extensions["files"], now, config.address, partial(write_pack, app))


def integrity_checks(app: Flask) -> Checks:
    """Return the checks of everything that is kept."""
    store, config = _stores(app)
    return Checks(store, app.extensions["files"], app.extensions["keys"], config.heads, now)


def request_proofs(store: Database, at: datetime) -> None:
    """Have the pieces of drafts laid that were drawn before pieces were."""
    with store.transaction() as session:
        proofs.request_proofs(session, at=at)


def remove_copies(config: Config, at: datetime) -> None:
    """Remove the copies made before migrations that are older than the setting."""
    remove_old_copies(config.database_url, timedelta(days=config.migration_copy_days), at)


def work(app: Flask) -> None:
    """Work until SIGTERM or Ctrl-C; what is begun is ended first, within reason."""
    configure_malloc()
    store, config = _stores(app)
    worker = worker_of(app)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stopping.set())
    threading.Thread(target=send_heartbeats, args=(store, now, worker.stopping), daemon=True).start()
    client.start_ahead()
    office.start_ahead()
    log.info("working", at_once=config.workers)
    worker.run(config.workers)
    log.info("worker_stopped")


def _stores(app: Flask) -> tuple[Database, Config]:
    return app.extensions["database"], app.config["SETTINGS"]
