"""Tell people before the end of a clock, and order the erasures that are due.

How long a body keeps each kind of data.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.engine import Database
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Erasure
from portfolio.domain.candidacy.rules.opening import has_livret2
from portfolio.domain.candidacy.rules.stage import Cause, Extent
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.email.use_cases import EmailTemplate, queue_email
from portfolio.domain.retention.models import RetentionClock, RetentionSettings
from portfolio.domain.retention.rules import NOTICE_DAYS, Clock, Periods, due_extent, extent_of
from portfolio.domain.retention.use_cases.clocks import compute_clocks
from portfolio.domain.retention.use_cases.erasing import find_erasure, plan_erasure
from portfolio.domain.retention.use_cases.facts import Dated, load_dated
from portfolio.errors import Conflict

CHUNK = 200


def list_ending(session: Session, until: date) -> Sequence[RetentionClock]:
    """List the clocks that end until a day and that nothing holds, the earliest first."""
    query = select(RetentionClock).where(RetentionClock.due_on <= until, RetentionClock.is_held.is_(False))
    return session.scalars(
        query.order_by(RetentionClock.due_on, RetentionClock.candidacy_id, RetentionClock.kind)
    ).all()


@dataclass(frozen=True, slots=True)
class NextRun:
    """Numbers of people that the next run would tell, and how many dossiers it would erase."""

    told: int
    erased: int


def foresee_run(session: Session, at: datetime) -> NextRun:
    """Return what a run at this moment would do, without doing it; the clocks are those computed last."""
    told = load_dated(session, _ids_to_tell(session, at), day_of(at)).values()
    waiting = select(Erasure).where(Erasure.files_at.is_(None), Erasure.run_after <= at)
    ordered = {row.candidacy_id: row for row in session.scalars(waiting)}
    held = {
        candidacy_id
        for candidacy_id, dated in load_dated(session, list(ordered), day_of(at)).items()
        if dated.facts.holds and ordered[candidacy_id].rows_at is None
    }
    planned = {
        candidacy_id
        for candidacy_id in _ids_due(session, at)
        if (extent := _extent_due(session, candidacy_id, at)) is not None
        and find_erasure(session, candidacy_id, extent) is None
    }
    return NextRun(sum(bool(_untold(session, dated, at)) for dated in told), len((set(ordered) - held) | planned))


def _ids_to_tell(session: Session, at: datetime) -> list[UUID]:
    rows = list_ending(session, day_of(at) + timedelta(days=max(NOTICE_DAYS)))
    return list(dict.fromkeys(row.candidacy_id for row in rows if row.noticed_due_on != row.due_on))


def _ids_due(session: Session, at: datetime) -> list[UUID]:
    rows = list_ending(session, day_of(at))
    return list(dict.fromkeys(row.candidacy_id for row in rows if row.noticed_at is not None))


def queue_notices(database: Database, at: datetime) -> int:
    """Write to each candidate whose data goes soon, once for each day of end, and return how many were told."""
    with database.reader() as session:
        ids = _ids_to_tell(session, at)
    told = 0
    for start in range(0, len(ids), CHUNK):
        with database.transaction() as session:
            chunk = load_dated(session, ids[start : start + CHUNK], day_of(at))
            told += sum(_tell(session, dated, at) for dated in chunk.values())
    return told


def _tell(session: Session, dated: Dated, at: datetime) -> bool:
    """Write the notice of a candidacy when one is due; its clocks then remember for which day."""
    soon = day_of(at) + timedelta(days=dated.periods.notice_days)
    untold = _untold(session, dated, at, lock=True)
    if not untold:
        return False
    candidacy = session.get_one(Candidacy, dated.candidacy_id)
    person = session.get_one(Person, dated.candidate_id)
    # Nothing goes before the person had the whole notice, however late the clock was seen.
    goes_on = max(max(clock.due_on for clock in untold if clock.due_on), soon)
    whole = any(extent_of(clock, dated.facts) is Extent.WHOLE for clock in untold)
    title = session.scalars(
        select(CertificationVersion.title).where(CertificationVersion.id == candidacy.version_id)
    ).one()
    if person.suspended_at is None:
        queue_email(
            session, person, EmailTemplate.RETENTION_NOTICE, at=at, body_id=dated.body_id,
            name=candidacy.candidate_name, title=title, goes_on=goes_on, whole=whole,
            candidacy_id=dated.candidacy_id, by_vae=has_livret2(candidacy.route),
        )  # fmt: skip
    for clock in untold:
        session.execute(
            update(RetentionClock)
            .where(RetentionClock.candidacy_id == dated.candidacy_id, RetentionClock.kind == clock.kind)
            .values(noticed_at=at, noticed_due_on=clock.due_on)
        )
    record_event(session, "retention_notice_sent", ("candidacy", dated.candidacy_id), by=None, at=at, goes_on=goes_on)
    return True


def _untold(session: Session, dated: Dated, at: datetime, *, lock: bool = False) -> list[Clock]:
    """Return the clocks of a candidacy that end soon, and of whose end nobody wrote."""
    soon = day_of(at) + timedelta(days=dated.periods.notice_days)
    ending = [clock for clock in compute_clocks(dated) if clock.due_on and clock.due_on <= soon and not clock.holds]
    query = select(RetentionClock).where(RetentionClock.candidacy_id == dated.candidacy_id)
    known = {row.kind: row for row in session.scalars(query.with_for_update() if lock else query)}
    return [clock for clock in ending if clock.kind in known and known[clock.kind].noticed_due_on != clock.due_on]


def plan_due(database: Database, at: datetime) -> int:
    """Order the erasure of what is due and was told long enough ago; return how many were ordered."""
    with database.reader() as session:
        ids = _ids_due(session, at)
    planned = 0
    for candidacy_id in ids:
        with database.transaction() as session:
            planned += _plan(session, candidacy_id, at)
    return planned


def _plan(session: Session, candidacy_id: UUID, at: datetime) -> bool:
    session.execute(select(Candidacy.id).where(Candidacy.id == candidacy_id).with_for_update())
    extent = _extent_due(session, candidacy_id, at)
    if extent is None:
        return False
    return plan_erasure(session, candidacy_id, extent, Cause.DUE, by=None, at=at, run_after=at)


def _extent_due(session: Session, candidacy_id: UUID, at: datetime) -> Extent | None:
    """Return what is due of a dossier and was told long enough ago."""
    dated = load_dated(session, [candidacy_id], day_of(at))[candidacy_id]
    notice = timedelta(days=dated.periods.notice_days)
    query = select(RetentionClock).where(RetentionClock.candidacy_id == candidacy_id)
    told = {row.kind: row for row in session.scalars(query)}
    clocks = [
        clock
        for clock in compute_clocks(dated)
        if clock.kind in told
        and told[clock.kind].noticed_due_on == clock.due_on
        and (noticed := told[clock.kind].noticed_at) is not None
        and noticed + notice <= at
    ]
    return due_extent(clocks, dated.facts, day_of(at))


def load_revision(session: Session, body_id: UUID) -> int:
    """Return the revision of the periods of a body; 0 while it keeps the defaults."""
    row = session.get(RetentionSettings, body_id)
    return row.revision if row is not None else 0


def save_periods(session: Session, body_id: UUID, periods: Periods, *, revision: int, by: UUID, at: datetime) -> None:
    """Change the periods of a body; clocks follow in the night.

    Raise Conflict when someone saved since `revision`.
    """
    session.get_one(CertifyingBody, body_id, with_for_update=True)
    row = session.get(RetentionSettings, body_id, with_for_update=True)
    known = row.revision if row else 0
    if known != revision:
        theirs = row.to_value() if row else Periods()
        raise Conflict({name: str(value) for name, value in asdict(theirs).items()}, known)
    if row is None:
        row = RetentionSettings(body_id=body_id, revision=0)
        session.add(row)
    for name, value in asdict(periods).items():
        setattr(row, name, value)
    row.revision, row.changed_at = revision + 1, at
    record_event(session, "retention_settings_saved", ("certifying_body", body_id), by=by, at=at, **asdict(periods))
