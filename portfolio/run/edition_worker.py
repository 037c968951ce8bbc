"""Make the editions that were requested: read the dossier, wait for its page images, make the book, keep it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.documents.livret import book, making
from portfolio.documents.livret.editions import (
    BookSource,
    EditionCancelled,
    EditionFailed,
    Progress,
    made_book,
    no_progress,
)
from portfolio.documents.livret.sources import ExhibitFile, read_sources
from portfolio.documents.word.client import NotFilled, filled_template
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.rules.rendition import UNFINISHED, RenditionKind
from portfolio.domain.submission.models import BookEdition, ControlPack
from portfolio.domain.submission.rules.returns import EditionKind, EditionRefusal
from portfolio.domain.submission.use_cases import editions
from portfolio.domain.submission.use_cases.editions import PrintableDossier, load_printable, load_printable_draft
from portfolio.errors import Refusal
from portfolio.files.integrity.verified import Verified
from portfolio.files.renditions.rendition_worker import RenditionWorker
from portfolio.files.storage.store import FileStore, StoreError, new_key
from portfolio.files.storage.temporary_folder import temporary_folder
from portfolio.tasks.queue import Task
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


def _unfinished(session: Session, keys: list[str]) -> list[UUID]:
    query = (
        select(Rendition.id)
        .join(Rendition.file)
        .where(EvidenceFile.key.in_(keys), Rendition.kind == RenditionKind.PAGES, Rendition.state.in_(UNFINISHED))
    )
    return list(session.scalars(query))
