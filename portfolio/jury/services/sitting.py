"""Members before one candidate: declaring, recusing, attesting, being there; online or on a signed form."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.certificate.services.ledger import append
from portfolio.evidence.services import ReceivedFile
from portfolio.journal.services import note
from portfolio.jury.models import Hearing, HearingMember, JurySession, Member
from portfolio.jury.rules import (
    Attendance,
    JuryRefusal,
    Said,
    Seat,
    SignedStatement,
    SittingMember,
    StatementKind,
    deliberating,
)
from portfolio.jury.services.barring import has_accompanied
from portfolio.jury.statements import Paper, Presence, Statement
from portfolio.refusal import Refusal


def state(
    session: Session, hearing_id: UUID, said: Said, paper: ReceivedFile | None = None, *, by: UUID, at: datetime
) -> Statement:
    """Keep what a member states about a candidate (J10, J13); said twice, the first stays.

    By the member, or by the certifier from a signed form, with its scan. A recusal can be withdrawn until the minutes are
    closed; both stay recorded. Raises Refusal: already closed, not a member, recused before, having read without having
    declared, withdrawing no recusal, or declaring that no relation exists with whom one accompanied.
    """
    hearing = _open(session, hearing_id)
    _check_member(session, hearing.session_id, said.person)
    made = {one.kind: one for one in _not_withdrawn(_statements(session, hearing_id, said.person))}
    recusal = made.get(StatementKind.RECUSAL)
    withdraws = said.kind is StatementKind.RECUSAL_WITHDRAWN
    if said.kind in made and not (recusal and withdraws):
        return made[said.kind]
    if withdraws and recusal is None:
        raise Refusal(JuryRefusal.NOT_RECUSED)
    if recusal is not None and not withdraws:
        raise Refusal(JuryRefusal.RECUSED)
    if said.kind is StatementKind.READ and StatementKind.NO_RELATION not in made:
        raise Refusal(JuryRefusal.NOT_DECLARED)
    denies = withdraws or said.kind is StatementKind.NO_RELATION
    if denies and by == said.person:  # told to nobody else: it may have been at another body
        _refuse_to_deny(session, hearing, said.person)
    known = _paper_of(session, paper)
    new = keep_paper(session, hearing.session_id, paper, by=by, at=at) if known is None else None
    kept = known or new
    statement = Statement(
        hearing_id=hearing_id,
        person_id=said.person,
        kind=said.kind,
        reason=said.reason if said.kind is StatementKind.RECUSAL else "",
        signed_on=said.signed_on if kept else None,
        paper_id=kept.id if kept else None,
        made_at=at,
        recorded_by=by,
        withdraws_id=recusal.id if recusal is not None else None,
    )
    session.add(statement)
    session.flush()
    facts = {"member": said.person, "on_paper": kept is not None}
    note(session, f"juror_{said.kind}", ("hearing", hearing_id), by=by, at=at, **facts)
    append(session, [one for one in (new, statement) if one is not None], at=at)  # last: it takes the ledger's lock
    return statement


def _refuse_to_deny(session: Session, hearing: Hearing, person_id: UUID) -> None:
    if has_accompanied(session, person_id, hearing.submission.candidacy.candidate_id):
        raise Refusal(JuryRefusal.ACCOMPANIED)


def keep_paper(session: Session, session_id: UUID, file: ReceivedFile | None, *, by: UUID, at: datetime) -> Paper | None:
    """Keep the scan of a signed document; whoever asks records it in the ledger, last. Each reception has a key of its own."""
    if file is None:
        return None
    kept = Paper(
        session_id=session_id,
        key=file.key,
        name=file.name,
        mime=file.mime,
        size=file.size,
        sha256=file.sha256,
        received_at=at,
        received_by=by,
    )
    session.add(kept)
    session.flush()
    return kept


def _paper_of(session: Session, file: ReceivedFile | None) -> Paper | None:
    """The paper that this very file already made: one form may hold two statements."""
    return session.scalar(select(Paper).where(Paper.key == file.key)) if file is not None else None


def find_paper(session: Session, session_id: UUID, paper_id: UUID) -> Paper | None:
    """Find a paper of a session."""
    return session.scalar(select(Paper).where(Paper.id == paper_id, Paper.session_id == session_id))


def find_signed_form(session: Session, hearing_id: UUID, paper_id: UUID) -> Paper | None:
    """Find the scan of a form signed for a hearing, also when the hearing was moved since to another session."""
    signed = exists().where(Statement.paper_id == Paper.id, Statement.hearing_id == hearing_id)
    return session.scalar(select(Paper).where(Paper.id == paper_id, signed))


def check_presence(
    session: Session, hearing_id: UUID, present: Collection[UUID], attendance: Attendance, *, by: UUID, at: datetime
) -> None:
    """Say which members are there for a candidate, and whether the candidate came (J14); may be corrected until closing.

    Raises Refusal: already closed, or someone who is not a member.
    """
    hearing = _open(session, hearing_id)
    members = set(session.scalars(select(Member.person_id).where(Member.session_id == hearing.session_id)))
    if not set(present) <= members:
        raise Refusal(JuryRefusal.NOT_A_MEMBER)
    kept = {one.person_id: one for one in session.scalars(select(Presence).where(Presence.hearing_id == hearing_id))}
    for person in sorted(members):
        row = kept.get(person) or Presence(hearing_id=hearing_id, person_id=person)
        row.present, row.checked_at, row.checked_by = person in present, at, by
        session.add(row)
    hearing.attendance = attendance
    session.flush()
    note(session, "presence_checked", ("hearing", hearing_id), by=by, at=at, present=len(present), candidate=attendance)


def sitting_of(session: Session, hearing: Hearing, jury: JurySession | None = None) -> tuple[SittingMember, ...]:
    """List the members of a hearing's jury, substitutes included, with what each stated and whether they are there."""
    return sittings_of(session, [hearing], jury)[hearing.id]


def sittings_of(
    session: Session, hearings: Collection[Hearing], jury: JurySession | None = None
) -> dict[UUID, tuple[SittingMember, ...]]:
    """The same for hearings of one session or of several, in a constant number of queries.

    A hearing whose minutes are closed keeps the members recorded at its closing.
    """
    ids = [one.id for one in hearings]
    said: dict[tuple[UUID, UUID], list[Statement]] = {}
    query = select(Statement).where(Statement.hearing_id.in_(ids)).order_by(Statement.made_at, Statement.id)
    for one in session.scalars(query):
        said.setdefault((one.hearing_id, one.person_id), []).append(one)
    rows = session.scalars(select(Presence).where(Presence.hearing_id.in_(ids)))
    there = {(row.hearing_id, row.person_id): row.present for row in rows}
    members = list(jury.members) if jury is not None else _members(session, {one.session_id for one in hearings})
    recorded = session.scalars(select(HearingMember).where(HearingMember.hearing_id.in_(ids))).all()
    return {
        hearing.id: tuple(
            SittingMember(
                one.as_value(),
                one.rank,
                _values(said.get((hearing.id, one.person_id), ())),
                there.get((hearing.id, one.person_id)),
                one.deliberated if isinstance(one, HearingMember) else None,
            )
            for one in _jury_of(hearing, members, recorded)
        )
        for hearing in hearings
    }


def _jury_of(
    hearing: Hearing, members: Collection[Member], recorded: Collection[HearingMember]
) -> list[Member] | list[HearingMember]:
    if hearing.closed_at is None:
        return [one for one in members if one.session_id == hearing.session_id]
    return [one for one in recorded if one.hearing_id == hearing.id]


def _values(statements: Collection[Statement]) -> tuple[SignedStatement, ...]:
    withdrawn = {one.withdraws_id for one in statements}
    return tuple(one.as_value(withdrawn=one.id in withdrawn) for one in statements)


def _not_withdrawn(statements: Collection[Statement]) -> list[Statement]:
    withdrawn = {one.withdraws_id for one in statements}
    return [one for one in statements if one.id not in withdrawn]


def presiding(session: Session, hearing: Hearing) -> UUID | None:
    """Say who presides for a candidate: the president, or the substitute when recused or absent (J11)."""
    seated = deliberating(one for one in sitting_of(session, hearing) if one.member.seat is Seat.PRESIDENT)
    return seated[0].person if seated else None


def _members(session: Session, sessions: Collection[UUID]) -> list[Member]:
    query = select(Member).where(Member.session_id.in_(sessions)).order_by(Member.seat, Member.rank)
    return list(session.scalars(query.options(joinedload(Member.person), selectinload(Member.ties))))


def _open(session: Session, hearing_id: UUID) -> Hearing:
    hearing = session.get_one(Hearing, hearing_id, with_for_update=True)
    if hearing.closed_at is not None:
        raise Refusal(JuryRefusal.ALREADY_CLOSED)
    return hearing


def _check_member(session: Session, session_id: UUID, person_id: UUID) -> None:
    query = select(Member.id).where(Member.session_id == session_id, Member.person_id == person_id)
    if session.scalar(query) is None:
        raise Refusal(JuryRefusal.NOT_A_MEMBER)


def _statements(session: Session, hearing_id: UUID, person_id: UUID) -> list[Statement]:
    query = select(Statement).where(Statement.hearing_id == hearing_id, Statement.person_id == person_id)
    return list(session.scalars(query.order_by(Statement.made_at, Statement.id)))
