"""Metrics in the OpenMetrics format, for who holds the token of the installation.

Figures of the installation at this moment: queues, workers, checks, backups, disk.

No identity, no text.
"""

import hmac
import os
import resource
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime

from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config import Config
from portfolio.access.decorators import public_page
from portfolio.backup.errors import BackupError
from portfolio.backup.scheduled import last_backup_at
from portfolio.db.engine import read_session
from portfolio.domain.account.models import LoginSession
from portfolio.domain.account.throttle import count_spraying_addresses
from portfolio.domain.dossier.models.evidence import Upload
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.rules.rendition import UNFINISHED, RenditionState
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.rules import MAX_TRIES
from portfolio.domain.integrity_checks.models import DamagedFile
from portfolio.domain.integrity_checks.use_cases import Health, load_health
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.tasks.heartbeat import worker_status
from portfolio.web.clock import now

bp = Blueprint("metrics", __name__)

# Kibibytes are what Linux counts the resident memory of a process in.
_KIBIBYTE = 1024


def load_gauges(session: Session, config: Config, at: datetime) -> Mapping[str, tuple[str, float]]:
    """Return each figure by its name, with what it is; an age that is not known is left out."""
    unsent = OutgoingEmail.sent_at.is_(None) & OutgoingEmail.handed_over_at.is_(None)
    found = {
        "acquis_emails_waiting": ("E-mails not sent yet", _count(session, OutgoingEmail, unsent)),
        "acquis_emails_given_up": (
            "E-mails given up",
            _count(session, OutgoingEmail, unsent, OutgoingEmail.attempts >= MAX_TRIES),
        ),
        "acquis_renditions_waiting": (
            "Files whose pages wait",
            _count(session, Rendition, Rendition.state.in_(UNFINISHED)),
        ),
        "acquis_renditions_refused": (
            "Files whose pages failed",
            _count(session, Rendition, Rendition.state == RenditionState.REFUSED),
        ),
        "acquis_uploads_open": ("Uploads that are not finished", _count(session, Upload)),
        "acquis_login_sessions": ("Login sessions kept", _count(session, LoginSession)),
        "acquis_spraying_addresses": (
            "Network addresses that tried many accounts within an hour",
            count_spraying_addresses(session),
        ),
        "acquis_ledger_entries": ("Entries of the ledger", session.scalar(select(func.max(LedgerEntry.seq))) or 0),
        "acquis_damaged_files": ("Files found damaged", _count(session, DamagedFile)),
        "acquis_checks_clean": (
            "1 when the last checks are recent and clean",
            load_health(session, at) is Health.CLEAN,
        ),
        "acquis_disk_free_bytes": ("Room left in the data folder", shutil.disk_usage(config.data).free),
        "acquis_process_resident_bytes": (
            "Highest resident memory of this process",
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIBIBYTE,
        ),
        "acquis_process_open_descriptors": ("Descriptors open in this process", _descriptors()),
    }
    for name, meaning, moment in (
        ("acquis_worker_silent_seconds", "Time since a worker was last alive", worker_status(session).last),
        ("acquis_backup_age_seconds", "Age of the last backup", _last_backup(config)),
    ):
        if moment is not None:
            found[name] = (meaning, max(0.0, (at - moment).total_seconds()))
    return found


def _count(session: Session, table: type, *conditions: object) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0  # type: ignore[arg-type]


def _last_backup(config: Config) -> datetime | None:
    try:
        return last_backup_at(config)
    except (BackupError, OSError):
        return None


def _descriptors() -> int:
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return -1


class _Gauges:
    """The figures of this moment, as a collector reads them."""

    def collect(self) -> Iterator[Metric]:
        """Yield one gauge for each figure."""
        for name, (meaning, value) in load_gauges(read_session(), current_app.config["SETTINGS"], now()).items():
            yield GaugeMetricFamily(name, meaning, float(value))


@bp.get("/metrics")
@public_page
def metrics() -> Response:
    """Return the figures of the installation and the counters of this process; 404 without the token of
    METRICS_TOKEN.
    """
    expected = current_app.config["SETTINGS"].metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        abort(404)
    moment = CollectorRegistry()
    moment.register(_Gauges())  # type: ignore[arg-type]
    counters = generate_latest(current_app.extensions["metrics"]).removesuffix(b"# EOF\n")
    return Response(counters + generate_latest(moment), content_type=CONTENT_TYPE_LATEST)
