"""Running every check: the ledger with its heads kept elsewhere, the grants, the files, in bounded time and memory."""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import structlog

from portfolio.db.engine import Database
from portfolio.db.maintenance import find_damage
from portfolio.domain.dossier.models.renditions import PageImage, Rendition
from portfolio.domain.holdings.use_cases.decision_audit import audit_decisions
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.integrity_checks.models import IntegrityCheck
from portfolio.domain.integrity_checks.use_cases import (
    WHOLE_BELOW,
    delete_damage,
    find_last_check,
    list_damaged_keys,
    nightly_parts,
    record_check,
    report_damage,
)
from portfolio.domain.integrity_checks.verification import WHOLE, Part, check
from portfolio.domain.ledger.checkpoints import HEADS_FILE
from portfolio.domain.ledger.rules.chain import Checkpoint, read_checkpoints
from portfolio.domain.ledger.rules.comparing import Change, VerificationReport
from portfolio.files.integrity.check import IntegrityIssue
from portfolio.files.integrity.references import check_some_files, check_these_files, requeue_damaged
from portfolio.files.storage.store import FileStore
from portfolio.signing_key import Keys

log = structlog.get_logger("acquis")

# The files are read for so long in one night; the next night goes on from there.
MOST = timedelta(hours=2)
# So many contradictions of closed minutes are kept; `flask audit-decisions` names every one.
MOST_DECISIONS = 500
# At which hour (UTC) a night's checks are due, and after how long without any they are due at any hour.
HOUR, OVERDUE = 1, timedelta(hours=25)
# A run that ended so lately was this night's.
SAME_NIGHT = timedelta(hours=12)
Found = TypeVar("Found")
_REMADE = (PageImage.__tablename__, Rendition.__tablename__)


@dataclass(frozen=True)
class Checks:
    """Sources that the checks read, and the clock."""

    database: Database
    files: FileStore
    keys: Keys
    heads: Path
    clock: Callable[[], datetime]
    most: timedelta = MOST
    # A smaller ledger is read whole every night.
    whole_below: int = WHOLE_BELOW
    _running: threading.Lock = field(default_factory=threading.Lock, init=False, compare=False)

    def run_when_due(self) -> bool:
        """Run the checks of the night unless they were run or are running; answer whether they were run."""
        with self.database.reader() as session:
            last = find_last_check(session)
        if not _is_due(last, self.clock()) or not self._running.acquire(blocking=False):
            return False
        try:
            self.run()
        finally:
            self._running.release()
        return True

    def run(self, *, whole: bool = False) -> IntegrityCheck:
        """Run every check, one after the other, and write down what they found; nothing raised by one holds
        the others up.

        `whole`: every file and every act is read and every index compared, however long it takes.
        """
        began = self.clock()
        database = self._database(whole=whole)
        parts = self._try(lambda: self._parts(whole=whole), "ledger") or WHOLE
        report, grants = self._try(lambda: self._ledger(parts), "ledger"), self._try(self._grants)
        decisions = self._try(self._decisions)
        ledger, audit_day = report and report.ok, _altered_day(report)
        files, until = self._files(began, whole=whole)
        found = IntegrityCheck(
            started_at=began,
            ended_at=self.clock(),
            database=database,
            ledger=ledger,
            audit_day=audit_day,
            grants=grants,
            files=files,
            files_until=until,
            decisions=decisions,
        )
        found.ledger_head, found.ledger_old = self._read_until(parts, report)
        with self.database.transaction() as session:
            record_check(session, found)
        log.log(
            20 if found.ok else 40,
            "checks_run",
            database=database,
            ledger=ledger,
            audit_day=str(audit_day or ""),
            grants=grants,
            files=files,
            files_until=until,
        )
        return found

    def _database(self, *, whole: bool) -> bool:
        """Return whether the database was read to its end and is not damaged."""
        address = self.database.engine.url.render_as_string(hide_password=False)
        damage = self._try(lambda: find_damage(address, whole=whole), "database")
        if damage:
            log.error("database_damaged", says=damage)
        return damage == ""

    def _parts(self, *, whole: bool) -> Sequence[Part]:
        with self.database.reader() as session:
            last = find_last_check(session)
            if whole or last is None:
                return WHOLE
            return nightly_parts(session, self.keys, last.ledger_head, last.ledger_old or 0, self.whole_below)

    def _read_until(self, parts: Sequence[Part], report: VerificationReport | None) -> tuple[int | None, int]:
        """Return how far the ledger is read, and how far what is old; a part that differs is read again."""
        if report is not None and report.ok:
            return report.head.seq if report.head else None, 0 if len(parts) == 1 else parts[0][1] or 0
        with self.database.reader() as session:
            last = find_last_check(session)
        return (last.ledger_head, last.ledger_old or 0) if last else (None, 0)

    def _ledger(self, parts: Sequence[Part]) -> VerificationReport:
        with self.database.reader() as session:
            return check(session, self.keys, self._outside(parts), parts)

    def _outside(self, parts: Sequence[Part]) -> list[Checkpoint]:
        """Read the heads kept elsewhere, those of these parts only where a night reads no more."""
        file = self.heads / HEADS_FILE
        if not file.exists():
            return []
        with file.open() as lines:
            text = "".join(lines if parts == WHOLE else filter(partial(_is_in, parts), lines))
        return read_checkpoints(text) if text else []

    def _grants(self) -> bool:
        with self.database.reader() as session:
            return recompute(session).ok

    def _decisions(self) -> list[dict[str, Any]]:
        with self.database.reader() as session:
            return [found.to_record() for found in islice(audit_decisions(session), MOST_DECISIONS)]

    def _files(self, began: datetime, *, whole: bool) -> tuple[bool | None, str]:
        with self.database.reader() as session:
            last, known = find_last_check(session), list(list_damaged_keys(session))
        after = last.files_until if last and not whole else ""
        try:
            return self._read_files(after, known, lambda: not whole and self.clock() - began > self.most)
        except Exception:
            log.exception("check_failed", check="files")
            return None, after

    def _read_files(self, after: str, known: list[str], is_over: Callable[[], bool]) -> tuple[bool, str]:
        again = check_these_files(self.files, self.database, known)
        found, until = check_some_files(self.files, self.database, after, is_over)
        findings = [*again.findings, *found.findings]
        wrong = {finding.key for finding in findings if finding.table not in _REMADE}
        self._remake([finding for finding in findings if finding.table in _REMADE])
        with self.database.transaction() as session:
            delete_damage(session, [key for key in known if key not in wrong])
            for key in sorted(wrong):
                report_damage(session, key, at=self.clock())
        return not wrong, until

    def _remake(self, findings: list[IntegrityIssue]) -> None:
        """Order the page images and copies that are lost or changed again: nothing has to be restored for them."""
        if findings:
            log.warning("renditions_damaged", count=len(findings))
            requeue_damaged(self.database, self.files, findings, self.clock())

    def _try(self, integrity_check: Callable[[], Found], name: str = "") -> Found | None:
        try:
            return integrity_check()
        except Exception:
            log.exception("check_failed", check=name or integrity_check.__name__.strip("_"))
            return None


def _is_in(parts: Sequence[Part], line: str) -> bool:
    seq = json.loads(line)["seq"]
    return any(after < seq and (until is None or seq <= until) for after, until in parts)


def _altered_day(report: VerificationReport | None) -> date | None:
    """Return the first day of the audit log that differs, when it is what the check of the ledger found."""
    difference = report and report.difference
    return date.fromisoformat(difference.row) if difference and difference.change is Change.AUDIT_DAY else None


def _is_due(last: IntegrityCheck | None, at: datetime) -> bool:
    if last is None or at - last.ended_at > OVERDUE:
        return True
    return at.hour == HOUR and at - last.ended_at > SAME_NIGHT
