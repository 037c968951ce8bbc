"""Check what the minutes keep, and what is written after."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.jury.models.deliberation import Minutes, MinutesRectification
from portfolio.domain.jury.models.statements import MemberAttendance
from portfolio.domain.jury.rules.composition import PredicateId
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal
from portfolio.domain.jury_session.use_cases import minutes as minutes_use_cases
from portfolio.domain.jury_session.use_cases import planning
from portfolio.errors import Refusal
from tests.jury.assert_refused import FREE, refusal_of
from tests.jury.builders import ON_THE_DAY, SEALED_AT, close, say, scene


def test_the_minutes_keep_declarations_reading_presence_and_the_signature(db):
    made = scene(db, refused=())
    close(db, made)
    with db.reader() as session:
        minutes = session.scalars(select(Minutes)).one()
        presences = session.scalars(select(MemberAttendance)).all()
    assert (minutes.signed_at, minutes.closed_by, minutes.attendance) == (
        ON_THE_DAY,
        made.president.id,
        Attendance.HEARD,
    )
    assert len(presences) == 5
    for member in minutes.composition["members"]:
        assert member["present"] is True
        said = {"at": SEALED_AT.isoformat(), "on_paper": False}
        assert member["statements"] == {"no_relation": said, "read": said | {"opened": 0, "of": 11}}
    assert [one["id"] for one in minutes.composition["predicates"]] == [
        predicate_id
        for predicate_id in PredicateId
        if predicate_id.startswith("J") and predicate_id not in {PredicateId.J9, PredicateId.J15}
    ]


def test_a_rectification_is_a_later_entry_in_the_ledger_and_changes_nothing(db):
    made = scene(db, refused=())
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        minutes_use_cases.rectify(session, made.hearing_id, "Trop tôt.", by=made.certifier.id, at=ON_THE_DAY)
    assert refused.value.code is JuryRefusal.STILL_OPEN
    close(db, made)
    with db.reader() as session:
        before = minutes_use_cases.load_minutes_page(session, made.hearing_id)
    with db.transaction() as session:
        minutes_use_cases.rectify(
            session, made.hearing_id, "Lire « Lyon ».", by=made.president.id, at=ON_THE_DAY + timedelta(days=2)
        )
    with db.reader() as session:
        after = minutes_use_cases.load_minutes_page(session, made.hearing_id)
        kept = session.scalars(select(MinutesRectification)).one()
        ledger = check(session)
    assert replace_rectifications(after) == replace_rectifications(before)
    assert [(rectification.text, rectification.author) for rectification in after.rectifications] == [
        ("Lire « Lyon ».", "Paul Marin")
    ]
    assert kept.written_by == made.president.id
    assert ledger.ok


def replace_rectifications(page):
    return (page.number, page.members, page.place, page.closed_at, page.signed_at, page.parity_reason)


def test_a_dossier_its_jury_acted_on_stays_on_the_list(db):
    made = scene(db, ready=False)
    say(db, made, made.president.id, FREE)

    def remove():
        with db.transaction() as session:
            planning.remove_hearing(session, made.session_id, made.hearing_id, by=made.certifier.id, at=SEALED_AT)

    assert refusal_of(remove).code is JuryRefusal.NOTES_TAKEN
