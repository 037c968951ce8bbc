"""Check what a member opens, their private notes, and what their attestation of reading records."""

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import SealedFile
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.jury.models.deliberation import ExhibitOpening, JurorNote, Minutes
from portfolio.domain.jury.models.statements import Statement
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal, StatementKind
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury.rules.opinions import NoteInput, NoteKind, reading_extent
from portfolio.domain.jury_session.use_cases import declarations, reading
from portfolio.errors import Conflict, Refusal
from portfolio.run.worker import rendition_worker
from tests import factories, samples
from tests.jury.builders import ON_THE_DAY, SEALED_AT, close, deliberate, scene
from tests.jury.pages import as_member, competency, count, hearing, staged
from tests.page import CheckedClient

QUESTION = NoteInput(NoteKind.QUESTION, "Qui a chiffré ce budget ?")


def test_only_sealed_exhibits_count_and_less_than_half_is_little():
    sealed = ["B1-01", "B1-02", "A-01"]
    assert reading_extent(["B1-01", "A-99"], sealed).count == 1
    assert reading_extent(["B1-01"], sealed).is_little
    assert not reading_extent(["B1-01", "A-01"], sealed).is_little
    assert reading_extent([], []).is_complete
    assert not reading_extent([], []).is_little


def test_the_attestation_records_what_was_opened_and_the_minutes_copy_it(db: Database):
    made = scene(db, ready=False)
    teacher = made.members[Seat.TEACHER_TRAINER].id
    with db.transaction() as session:
        for exhibit, page in (("B1-01", 1), ("B1-01", 2), ("B1-01", 1), ("Z-99", 1)):
            reading.record_opening(session, made.hearing_id, exhibit, page, by=teacher, at=SEALED_AT)
        assert session.query(ExhibitOpening).count() == 3
        for person in made.members.values():
            for kind in (StatementKind.NO_RELATION, StatementKind.READ):
                said = MemberDeclarations(person.id, kind)
                declarations.record_statement(session, made.hearing_id, said, by=person.id, at=SEALED_AT)
        declarations.check_presence(
            session,
            made.hearing_id,
            [member.id for member in made.members.values()],
            Attendance.HEARD,
            by=made.certifier.id,
            at=ON_THE_DAY,
        )
        rows = session.scalars(select(Statement).where(Statement.kind == StatementKind.READ)).all()
        read = {row.person_id: (row.opened_exhibits, row.sealed_exhibits) for row in rows}
        total = read[teacher][1]
        assert total > 1
        assert read == {member.id: (1 if member.id == teacher else 0, total) for member in made.members.values()}
    deliberate(db, made)
    close(db, made)
    with db.reader() as session:
        members = session.scalars(select(Minutes)).one().composition["members"]
        record = next(member for member in members if member["seat"] == Seat.TEACHER_TRAINER)["statements"]["read"]
        assert (record["opened"], record["of"]) == (1, total)


def test_a_note_is_of_one_member_and_a_stale_change_shows_both_texts(db: Database):
    made = scene(db)
    teacher, director = made.members[Seat.TEACHER_TRAINER].id, made.members[Seat.DIRECTOR_OR_DELEGATE].id
    with db.transaction() as session:
        note = reading.write_note(session, made.hearing_id, QUESTION, by=teacher, at=SEALED_AT)
        assert reading.load_margin(session, made.hearing_id, director)[1] == []
        assert reading.find_note(session, made.hearing_id, note.id, director) is None
        with pytest.raises(Refusal) as refused:
            reading.change_note(
                session, made.hearing_id, note.id, NoteKind.NOTE, "À moi", revision=1, by=director, at=SEALED_AT
            )
        assert refused.value.code is JuryRefusal.NOTE_GONE
        reading.change_note(
            session, made.hearing_id, note.id, NoteKind.NOTE, "Vu.", revision=1, by=teacher, at=SEALED_AT
        )
        with pytest.raises(Conflict) as conflict:
            reading.change_note(
                session, made.hearing_id, note.id, NoteKind.NOTE, "Autre", revision=1, by=teacher, at=SEALED_AT
            )
        assert conflict.value.theirs["text"] == "Vu."
        reading.delete_note(session, made.hearing_id, note.id, by=director, at=SEALED_AT)
        assert [one.id for one in reading.load_margin(session, made.hearing_id, teacher)[1]] == [note.id]


def test_a_note_is_pinned_to_a_place_of_the_dossier_only(db: Database):
    made = scene(db)
    elsewhere = NoteInput(NoteKind.NOTE, "Là", exhibit="Z-99", page=1)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        reading.write_note(session, made.hearing_id, elsewhere, by=made.president.id, at=SEALED_AT)
    assert refused.value.code is JuryRefusal.OUT_OF_SCOPE


def test_notes_are_deleted_when_the_reading_ends_and_not_before(db: Database):
    made = scene(db)
    with db.transaction() as session:
        reading.write_note(session, made.hearing_id, QUESTION, by=made.president.id, at=SEALED_AT)
    deliberate(db, made)
    close(db, made)
    with db.transaction() as session:
        assert reading.purge_notes(session, closed_before=ON_THE_DAY - timedelta(days=1)) == 0
        assert session.query(JurorNote).count() == 1
        assert reading.purge_notes(session, closed_before=ON_THE_DAY + timedelta(minutes=1)) == 1
        assert session.query(JurorNote).count() == 0


def test_the_attestation_is_asked_twice_when_little_was_opened(client: CheckedClient, store: Database):
    made = staged(store, ready=False)
    as_member(client, made, Seat.TEACHER_TRAINER)
    client.send(hearing(made, "/declaration"), {"kind": "no_relation"})
    assert "0 pièce ouverte sur" in client.page(hearing(made)).text
    first = client.send(hearing(made, "/lecture"), {"sure": "y"}, form=hearing(made))
    assert first.status_code == 422
    assert "Vous n’avez ouvert ici aucune des" in first.text
    assert count(store, Statement) == 1
    again = client.send(hearing(made, "/lecture"), {"sure": "y", "elsewhere": "y"}, form=hearing(made))
    assert again.status_code == 303


def test_an_exhibit_opened_is_counted_and_a_thumbnail_is_not(client: CheckedClient, store: Database):
    made = staged(store)
    as_member(client, made, Seat.TEACHER_TRAINER)
    client.get(hearing(made, "/pieces/B1-01/pages/1?taille=vignette"))
    client.get(hearing(made, "/pieces/Z-99/pages/1"))
    assert count(store, ExhibitOpening) == 0
    with store.transaction() as session:
        reading.record_opening(
            session, made.hearing_id, "B1-01", 1, by=made.members[Seat.TEACHER_TRAINER].id, at=SEALED_AT
        )
    assert "1 pièce ouverte sur" in client.page(hearing(made, "/pieces")).text
    assert "1 pièce ouverte sur" in client.page("/jurys").text
    assert "pas encore ouverte" in client.page(hearing(made, "/experiences")).text


def test_the_page_of_an_exhibit_counts_the_opening_that_it_makes(
    client: CheckedClient, store: Database, app: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(factories, "CONTENT", samples.pdf(12))
    made = staged(store)
    with store.reader() as session:
        key = session.scalar(select(SealedFile.key).where(SealedFile.exhibit == "B1-01"))
    app.extensions["files"].save(key, BytesIO(factories.CONTENT))
    worker = rendition_worker(app)
    worker.request_missing()
    with store.reader() as session:
        worker.run(session.scalar(select(Rendition.id).join(EvidenceFile).where(EvidenceFile.key == key)))
    as_member(client, made, Seat.TEACHER_TRAINER)
    assert "1 pièce ouverte sur" in client.page(hearing(made, "/pieces/B1-01")).text
    assert count(store, ExhibitOpening) == 1


@pytest.mark.records("juror_note_changed", "juror_note_written")
def test_a_note_is_written_beside_a_page_and_read_by_its_author_alone(
    client: CheckedClient, store: Database, app: Flask
):
    made = staged(store)
    as_member(client, made, Seat.TEACHER_TRAINER)
    form = competency(made)
    typed = {
        "kind": "question",
        "text": "Comment avez-vous choisi ces sources ?",
        "competency": str(made.competencies[0].id),
    }
    assert client.send(hearing(made, "/notes"), {"kind": "note", "text": " "}, form=form).status_code == 422
    answer = client.send(hearing(made, "/notes"), typed, form=form)
    assert answer.headers["Location"] == f"{competency(made)}#mes-notes"
    assert "Comment avez-vous choisi" in client.page(competency(made)).text
    page = client.page(hearing(made, "/notes"))
    assert "Comment avez-vous choisi" in page.text
    assert "s’effacent 30 jours après la clôture" in page.text
    with store.reader() as session:
        note = session.scalars(select(JurorNote)).one()
    edit = hearing(made, f"/notes/{note.id}")
    assert client.send(edit, {"kind": "note", "text": "Fait."}).status_code == 303
    for seat in (Seat.PRESIDENT, Seat.DIRECTOR_OR_DELEGATE):
        other = as_member(app.test_client(), made, seat)
        assert other.get(edit).status_code == 404
        for path in ("/notes", "", "/pieces", "/presence"):
            assert "Fait." not in other.get(hearing(made, path)).text


def test_a_closed_hearing_takes_no_note(db: Database):
    made = scene(db, refused=())
    close(db, made)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        reading.write_note(session, made.hearing_id, QUESTION, by=made.president.id, at=ON_THE_DAY)
    assert refused.value.code is JuryRefusal.ALREADY_CLOSED


@pytest.mark.records("juror_note_deleted")
def test_a_member_deletes_a_note_of_their_own_and_nobody_elses(db):
    made = scene(db)
    teacher = made.members[Seat.TEACHER_TRAINER].id
    with db.transaction() as session:
        note = reading.write_note(session, made.hearing_id, QUESTION, by=teacher, at=SEALED_AT)
        reading.delete_note(session, made.hearing_id, note.id, by=made.president.id, at=SEALED_AT)
        assert reading.find_note(session, made.hearing_id, note.id, teacher) is note
        reading.delete_note(session, made.hearing_id, note.id, by=teacher, at=SEALED_AT)
    with db.reader() as session:
        assert reading.find_note(session, made.hearing_id, note.id, teacher) is None
