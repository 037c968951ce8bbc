"""Members before one candidate: declaring, recusing, attesting, being there; online or on a signed form."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from portfolio.calendar import day_of
from portfolio.db.engine import read_once
from portfolio.db.together import side_by_side
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.use_cases.jury_rules import jury_rule_of
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.jury.models.deliberation import AttendanceChange, Ballot, InterviewEntry
from portfolio.domain.jury.models.sessions import FindingDraft, Hearing, HearingMember, JuryMember, JurySession
from portfolio.domain.jury.models.statements import MemberAttendance, SignedDocument, Statement, Summons
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal, RelationAsked, StatementKind
from portfolio.domain.jury.rules.member_status import MemberDeclarations, MemberState, SignedStatement, president_of
from portfolio.domain.jury.rules.paper import PaperDays, PaperRefusal, signed_day_refusal
from portfolio.domain.jury.rules.passage import SummonedAs, SummonsAnswer, is_outdated
from portfolio.domain.jury.rules.predicates import relation_asked
from portfolio.domain.jury.rules.sitting import SittingEnding
from portfolio.domain.jury_session.use_cases.conflicts_of_interest import NOBODY, has_advised, load_barred
from portfolio.domain.jury_session.use_cases.loaders import (
    barring_of,
    list_sittings,
    load_hearing,
    lock_to_write,
    require_not_adjourned,
    require_sitting_day,
)
from portfolio.domain.jury_session.use_cases.new_version import require_not_returned
from portfolio.domain.jury_session.use_cases.reading import load_extents
from portfolio.domain.jury_session.use_cases.summons import event_of
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal
from portfolio.files.file_types.types import is_scan

# Asked at every page of a jury, so built once.
_HEARINGS: BindParameter[UUID] = bindparam("hearings", expanding=True)
_SAID = (
    side_by_side(
        Hearing,
        (Statement, Statement.hearing_id == Hearing.id),
        (MemberAttendance, MemberAttendance.hearing_id == Hearing.id),
        (Summons, and_(Summons.session_id == Hearing.session_id, Summons.summoned_as == SummonedAs.JUROR)),
    )
    .where(Hearing.id.in_(_HEARINGS))
    .order_by(Statement.created_at, Statement.id)
)


def record_statement(
    session: Session,
    hearing_id: UUID,
    declared: MemberDeclarations,
    document: ReceivedFile | None = None,
    *,
    by: UUID,
    at: datetime,
) -> Statement:
    """Keep what a member states about a candidate (J10, J13); said twice, the first stays.

    By the member, or by the certifier from a signed form, with its scan. A recusal can be withdrawn until the
    minutes are closed; both stay recorded. Raises Refusal: already closed, not a member, recused before,
    having read without having declared, withdrawing no recusal or another person's without their signed form,
    declaring that no relation exists with whom one accompanied, or against a conflict that the body knows, a file
    that holds no signature, or a day on which nobody could sign it.
    """
    hearing = lock_to_write(session, hearing_id)
    _check_member(session, hearing.session_id, declared.person)
    made = {
        made_statement.kind: made_statement
        for made_statement in _not_withdrawn(hearing, _statements(session, hearing_id, declared.person))
    }
    recusal = made.get(StatementKind.RECUSAL)
    withdraws = declared.kind is StatementKind.RECUSAL_WITHDRAWN
    if declared.kind in made and not (recusal and withdraws):
        return made[declared.kind]
    if withdraws and recusal is None:
        raise Refusal(JuryRefusal.NOT_RECUSED)
    if recusal is not None and not withdraws:
        raise Refusal(JuryRefusal.RECUSED)
    if declared.kind is StatementKind.READ and StatementKind.NO_RELATION not in made:
        raise Refusal(JuryRefusal.NOT_DECLARED)
    if withdraws and by != declared.person and document is None:
        raise Refusal(JuryRefusal.RECUSAL_IS_THEIRS)
    denies = withdraws or declared.kind is StatementKind.NO_RELATION
    if (denies or declared.kind is StatementKind.READ) and declared.person in load_barred(session, [hearing_id])[
        hearing_id
    ]:
        raise Refusal(JuryRefusal.BARRED)
    if denies and by == declared.person:  # told to nobody else: it may have been at another body
        _require_recusal_if_advisor(session, hearing, declared.person)
    if document is not None:
        _check_signed_day(session, hearing, declared, at=at)
    known = _find_document_of(session, document)
    new = store_signed_document(session, hearing.session_id, document, by=by, at=at) if known is None else None
    result = known or new
    statement = Statement(
        hearing_id=hearing_id,
        person_id=declared.person,
        kind=declared.kind,
        reason=declared.reason if declared.kind is StatementKind.RECUSAL else "",
        signed_on=declared.signed_on if result else None,
        document_id=result.id if result else None,
        created_at=at,
        recorded_by=by,
        withdraws_id=recusal.id if recusal is not None else None,
        submission_id=hearing.submission_id if declared.kind is StatementKind.READ else None,
        relation=_relation_denied(hearing) if denies else None,
        **_extent(session, hearing, declared, on_paper=result is not None),
    )
    session.add(statement)
    session.flush()
    facts = {"member": declared.person, "on_paper": result is not None}
    record_event(session, f"juror_{declared.kind}", ("hearing", hearing_id), by=by, at=at, **facts)
    append(session, [row for row in (new, statement) if row is not None], at=at)  # last: it takes the ledger's lock
    return statement


def _check_signed_day(session: Session, hearing: Hearing, declared: MemberDeclarations, *, at: datetime) -> None:
    """Raise Refusal when the form of a member cannot have been signed on the day that is typed."""
    if declared.signed_on is None:
        return
    own = JuryMember.session_id == hearing.session_id, JuryMember.person_id == declared.person
    member = session.scalars(select(JuryMember).where(*own)).one()
    sealed = hearing.submission.submitted_at
    days = PaperDays(
        day_of(sealed), day_of(member.named_at or member.session.planned_at), day_of(hearing.listed_at or sealed)
    )
    refused = signed_day_refusal(declared.kind, declared.signed_on, days, day_of(at))
    if refused is not None:
        code, day = refused
        candidate = hearing.submission.candidacy.candidate_name
        raise Refusal(code, day=day.isoformat(), name=member.name, candidate=candidate)


def relation_of(hearing: Hearing) -> RelationAsked:
    """Return which relations with the candidate of a hearing its members deny (J10)."""
    route = hearing.submission.candidacy.route
    rule = jury_rule_of(hearing.session.version, route)
    return relation_asked(route, rule.seats if rule else ())


def _relation_denied(hearing: Hearing) -> RelationAsked | None:
    asked = relation_of(hearing)
    return None if asked is RelationAsked.ANY else asked


def _extent(session: Session, hearing: Hearing, said: MemberDeclarations, *, on_paper: bool) -> dict[str, int]:
    """Return the exhibits that a member had opened when they attested their reading here (J13)."""
    if said.kind is not StatementKind.READ or on_paper:
        return {}
    extent = load_extents(session, [hearing], said.person)[hearing.id]
    return {"opened_exhibits": extent.count, "sealed_exhibits": extent.total}


def _require_recusal_if_advisor(session: Session, hearing: Hearing, person_id: UUID) -> None:
    if has_advised(session, person_id, hearing.submission.candidacy.candidate_id):
        raise Refusal(JuryRefusal.ACCOMPANIED)


def store_signed_document(
    session: Session, session_id: UUID, file: ReceivedFile | None, *, by: UUID, at: datetime
) -> SignedDocument | None:
    """Keep the scan of a signed document; the caller records it in the ledger, last.

    Each reception has a key of its own. Raises Refusal for a file that cannot show a signature.
    """
    if file is None:
        return None
    if not is_scan(file.mime, file.family):
        raise Refusal(PaperRefusal.NOT_A_SCAN)
    document = SignedDocument(
        session_id=session_id,
        key=file.key,
        name=file.name,
        mime=file.mime,
        size=file.size,
        sha256=file.sha256,
        received_at=at,
        received_by=by,
    )
    session.add(document)
    session.flush()
    return document


def _find_document_of(session: Session, file: ReceivedFile | None) -> SignedDocument | None:
    """Return the paper that this very file already made: one form may hold two statements."""
    return session.scalar(select(SignedDocument).where(SignedDocument.key == file.key)) if file is not None else None


def find_signed_document(session: Session, session_id: UUID, document_id: UUID) -> SignedDocument | None:
    """Find a paper of a session, or the act of an earlier session that also appoints a member of this one."""
    appoints = exists().where(JuryMember.session_id == session_id, JuryMember.appointment_id == SignedDocument.id)
    return session.scalar(
        select(SignedDocument).where(
            SignedDocument.id == document_id, (SignedDocument.session_id == session_id) | appoints
        )
    )


def find_signed_form(session: Session, hearing_id: UUID, document_id: UUID) -> SignedDocument | None:
    """Find the scan of a form signed for a hearing, also when the hearing was moved since to another session."""
    signed = exists().where(Statement.document_id == SignedDocument.id, Statement.hearing_id == hearing_id)
    return session.scalar(select(SignedDocument).where(SignedDocument.id == document_id, signed))


def check_presence(
    session: Session,
    hearing_id: UUID,
    present: Collection[UUID],
    attendance: Attendance,
    reason: str = "",
    *,
    by: UUID,
    at: datetime,
    is_resumption: bool = False,
) -> None:
    """Say which members are there for a candidate, and whether the candidate came (J14); may be corrected
    until closing, with a reason once the jury has heard, found or voted something.

    Raises Refusal: already closed, suspended, a dossier returned, before the day, someone who is not a member, a
    correction without its reason, or an absence after a vote: the jury that voted on a candidate had heard them.
    """
    hearing = lock_to_write(session, hearing_id)
    require_not_adjourned(session, hearing_id)
    require_not_returned(session, hearing)
    require_sitting_day(hearing, at)
    members = set(session.scalars(select(JuryMember.person_id).where(JuryMember.session_id == hearing.session_id)))
    if not set(present) <= members:
        raise Refusal(JuryRefusal.NOT_A_MEMBER)
    recorded = {
        member_attendance.person_id: member_attendance
        for member_attendance in session.scalars(
            select(MemberAttendance).where(MemberAttendance.hearing_id == hearing_id)
        )
    }
    changed = {person for person, row in recorded.items() if row.present is not (person in present)}
    if not is_resumption:
        _check_correction(session, hearing, attendance, reason, has_changed=bool(changed))
    for person in sorted(members):
        row = recorded.get(person) or MemberAttendance(hearing_id=hearing_id, person_id=person)
        if person in changed:
            change = AttendanceChange(hearing_id=hearing_id, person_id=person, present=person in present)
            change.noted_at, change.noted_by, change.reason = at, by, reason.strip() or None
            session.add(change)
        row.present, row.recorded_at, row.recorded_by = person in present, at, by
        session.add(row)
    if attendance is not hearing.attendance and reason.strip():
        candidate = hearing.submission.candidacy.candidate_id
        change = AttendanceChange(hearing_id=hearing_id, person_id=candidate, present=attendance is Attendance.HEARD)
        change.noted_at, change.noted_by, change.reason, change.attendance = at, by, reason.strip(), attendance
        session.add(change)
    hearing.attendance = attendance
    session.flush()
    facts = {"present": len(present), "candidate": attendance} | ({"reason": reason.strip()} if reason.strip() else {})
    record_event(session, "presence_checked", ("hearing", hearing_id), by=by, at=at, **facts)


def _check_correction(
    session: Session, hearing: Hearing, attendance: Attendance, reason: str, *, has_changed: bool
) -> None:
    """Ask why presence changes once something was made of it (domain §10): nothing makes a vote disappear."""
    is_away = attendance is not Attendance.HEARD
    voted = select(Ballot.id).where(Ballot.hearing_id == hearing.id, Ballot.closed_at.is_not(None)).limit(1)
    if is_away and (session.scalar(voted) is not None or _voted_before(session, hearing.id)):
        raise Refusal(JuryRefusal.BALLOT_WAS_CLOSED)
    if not (has_changed or attendance is not hearing.attendance) or reason.strip():
        return
    made = [exists().where(table.hearing_id == Hearing.id) for table in (InterviewEntry, FindingDraft, Ballot)]
    if session.scalar(select(Hearing.id).where(Hearing.id == hearing.id, or_(*made))) is not None:
        raise Refusal(JuryRefusal.PRESENCE_NEEDS_REASON)


def _voted_before(session: Session, hearing_id: UUID) -> bool:
    """Return whether the deliberation that goes on voted before it was suspended."""
    ended = reversed(list_sittings(session, hearing_id))
    suspended = takewhile(lambda row: row.ending is SittingEnding.SUSPENDED, ended)
    ballots = [ballot for row in suspended for ballot in row.record.get("course", {}).get("ballots", ())]
    return any("closed_at" in ballot for ballot in ballots)


def load_member_states(
    session: Session, hearing: Hearing, jury: JurySession | None = None, barred: frozenset[UUID] | None = None
) -> tuple[MemberState, ...]:
    """List the members of a hearing's jury, substitutes included, with what each stated and whether they are there.

    `barred`: who may not judge its candidate (`load_barred`), when the caller has just read it.
    """
    known = None if barred is None else {hearing.id: barred}
    juries = () if jury is None else (jury,)
    return load_member_states_by_hearing(session, [hearing], juries, known)[hearing.id]


def presiding(session: Session, hearing_id: UUID) -> UUID | None:
    """Say who presides for a candidate: the president, or the substitute when recused or absent (J11)."""
    hearing = load_hearing(session, hearing_id)
    barred = barring_of(session, hearing)[1]
    return president_of(load_member_states(session, hearing, hearing.session, barred))


def load_member_states_by_hearing(
    session: Session,
    hearings: Collection[Hearing],
    juries: Collection[JurySession] = (),
    barred: Mapping[UUID, frozenset[UUID]] | None = None,
) -> dict[UUID, tuple[MemberState, ...]]:
    """Return the same for hearings of one session or of several, in a constant number of queries.

    `juries`: their sessions, when the caller has read them with their members.
    A hearing whose minutes are closed keeps the members recorded at its closing.
    """
    if not hearings:
        return {}
    ids, closed = (
        [hearing.id for hearing in hearings],
        [hearing.id for hearing in hearings if hearing.closed_at is not None],
    )
    statements: dict[tuple[UUID, UUID], list[Statement]] = {}
    there: dict[tuple[UUID, UUID], bool] = {}
    summoned: dict[tuple[UUID, UUID], Summons] = {}
    for statement, attendance, summons in _said(session, *ids):
        if statement is not None:
            statements.setdefault((statement.hearing_id, statement.person_id), []).append(statement)
        if attendance is not None:
            there[attendance.hearing_id, attendance.person_id] = attendance.present
        if summons is not None:
            summoned[summons.session_id, summons.person_id] = summons
    members = (
        [member for jury in juries for member in jury.members]
        if juries
        else _members(session, {hearing.session_id for hearing in hearings})
    )
    of_closed = select(HearingMember).where(HearingMember.hearing_id.in_(closed))
    seated: dict[UUID, list[JuryMember | HearingMember]] = {}
    for member in members:
        seated.setdefault(member.session_id, []).append(member)
    for recorded in session.scalars(of_closed) if closed else ():
        seated.setdefault(recorded.hearing_id, []).append(recorded)
    if barred is None:
        barred = load_barred(session, [hearing.id for hearing in hearings if hearing.closed_at is None])
    return {
        hearing.id: tuple(
            MemberState(
                member.to_value(),
                member.rank,
                _values(hearing, statements.get((hearing.id, member.person_id), ())),
                there.get((hearing.id, member.person_id)),
                member.deliberated if isinstance(member, HearingMember) else None,
                member.person_id in barred.get(hearing.id, NOBODY),
                _comes(hearing, summoned.get((hearing.session_id, member.person_id))),
            )
            for member in seated.get(hearing.session_id if hearing.closed_at is None else hearing.id, ())
        )
        for hearing in hearings
    }


def _comes(hearing: Hearing, summons: Summons | None) -> bool | None:
    """Return what a member answered to their summons; an answer about another day, or hours, is none."""
    if summons is None or summons.answer is None or is_outdated(summons.to_value(), event_of(hearing.session)):
        return None
    return summons.answer is SummonsAnswer.RECEIVED


@read_once
def _said(session: Session, *hearings: UUID) -> Sequence[Any]:
    return session.execute(_SAID, {"hearings": list(hearings)}).all()


def _values(hearing: Hearing, statements: Collection[Statement]) -> tuple[SignedStatement, ...]:
    kept = {statement.id for statement in _not_withdrawn(hearing, statements)}
    return tuple(statement.to_value(withdrawn=statement.id not in kept) for statement in statements)


def _not_withdrawn(hearing: Hearing, statements: Collection[Statement]) -> list[Statement]:
    """List the statements that count: no recusal that was withdrawn, no reading of an earlier sealed version."""
    withdrawn = {statement.withdraws_id for statement in statements}
    return [
        statement
        for statement in statements
        if statement.id not in withdrawn and not statement.is_of_earlier_version(hearing)
    ]


def _members(session: Session, sessions: Collection[UUID]) -> list[JuryMember]:
    query = select(JuryMember).where(JuryMember.session_id.in_(sessions)).order_by(JuryMember.seat, JuryMember.rank)
    with_details = query.options(joinedload(JuryMember.person), joinedload(JuryMember.ties))
    return list(session.scalars(with_details).unique())


def _check_member(session: Session, session_id: UUID, person_id: UUID) -> None:
    query = select(JuryMember.id).where(JuryMember.session_id == session_id, JuryMember.person_id == person_id)
    if session.scalar(query) is None:
        raise Refusal(JuryRefusal.NOT_A_MEMBER)


def _statements(session: Session, hearing_id: UUID, person_id: UUID) -> list[Statement]:
    query = select(Statement).where(Statement.hearing_id == hearing_id, Statement.person_id == person_id)
    return list(session.scalars(query.order_by(Statement.created_at, Statement.id)))
