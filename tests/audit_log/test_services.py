"""Bulk reading is told once a day to the body concerned, and to it alone, on both stores."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from portfolio.db.engine import Database
from portfolio.domain.access_monitoring.models import AccessRecord
from portfolio.domain.access_monitoring.rules import AccessVolume
from portfolio.domain.access_monitoring.use_cases import Access, purge_access_records, record_access
from portfolio.domain.account.models import CertifyingBodyMember, Person
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.screens.certifier.letters.queries import OutboxQuery, load_outbox
from tests import factories
from tests.factories import AT

BOUNDS = AccessVolume(people=3, files=4)
DAY = date(2026, 3, 2)


@pytest.fixture
def world(db: Database) -> factories.World:
    """A body with two members, one of them suspended; another body with one."""
    with db.transaction() as session:
        made = factories.world(session, filled=False)
        gone = factories.person(session, "Sacha Partie")
        gone.suspended_at = AT
        session.add(CertifyingBodyMember(body_id=made.body.id, person_id=gone.id))
        factories.certifier(session, factories.body(session, "Un autre institut").id, "Noé Ailleurs")
        return made


def opens(
    db: Database, world: factories.World, subject, file: str = "", *, at=AT, day=DAY, body=None, reader=None, contact=""
) -> bool:
    with db.transaction() as session:
        opened = Access(reader or world.advisor.id, body or world.body.id, subject, file)
        return record_access(session, opened, BOUNDS, day=day, at=at, contact=contact)


def people(db: Database, number: int) -> list:
    with db.transaction() as session:
        return [factories.person(session, f"Candidat {one}").id for one in range(number)]


def letters(db: Database) -> list[OutgoingEmail]:
    """Return the letters, those of the person concerned last."""
    with db.reader() as session:
        return sorted(
            session.scalars(select(OutgoingEmail)), key=lambda mail: mail.kind == EmailTemplate.OWN_BULK_READING
        )


def test_many_dossiers_in_an_hour_are_told_once_a_day_to_the_members_of_the_body(
    db: Database, world: factories.World
) -> None:
    subjects = people(db, 6)
    minutes = [AT + timedelta(minutes=5 * place) for place in range(6)]
    told = [opens(db, world, subject, at=at) for subject, at in zip(subjects, minutes, strict=True)]
    assert told == [False, False, False, True, False, False]
    assert not opens(db, world, subjects[0], at=minutes[1]), "the same dossier again is one dossier"
    with db.reader() as session:
        line = session.scalars(select(AuditEvent).where(AuditEvent.action == "bulk_reading")).one()
    assert (line.actor_id, line.object_id) == (world.advisor.id, world.body.id)
    assert line.details == {"people": 4, "files": 0, "beyond": "people"}
    letter, own = letters(db)
    assert (letter.person_id, letter.body_id) == (world.certifier.id, world.body.id), (
        "not to another body, nor to who is suspended"
    )
    assert (own.person_id, own.kind) == (world.advisor.id, EmailTemplate.OWN_BULK_READING), (
        "the person concerned, in other words"
    )
    assert "C’était vous" in own.text
    assert world.advisor.email in letter.text
    assert "les dossiers de 4 personnes" in letter.text
    assert "Candidat" not in letter.text
    tomorrow = AT + timedelta(days=1)
    again = [opens(db, world, subject, at=tomorrow, day=DAY + timedelta(days=1)) for subject in subjects]
    assert again == [False, False, False, True, False, False]


def test_many_files_of_one_dossier_are_told_too_and_pages_of_one_file_are_one(
    db: Database, world: factories.World
) -> None:
    other = people(db, 1)[0]
    assert not any(opens(db, world, world.candidate.id, "label P1") for _ in range(9))
    told = [opens(db, world, world.candidate.id, f"label P{number}") for number in (2, 3, 4)]
    told.append(opens(db, world, other, "label P1"))
    assert told == [False, False, False, True], "P1 of someone else is another file"
    assert "2 personnes et 5 pièces" in letters(db)[0].text


def test_what_was_opened_more_than_an_hour_ago_or_at_another_body_does_not_count(
    db: Database, world: factories.World
) -> None:
    subjects = people(db, 8)
    with db.transaction() as session:
        other = factories.body(session, "Un troisième institut").id
    slow = [opens(db, world, subject, at=AT + timedelta(minutes=21 * place)) for place, subject in enumerate(subjects)]
    assert not any(slow)
    assert not any(opens(db, world, subject, at=AT + timedelta(days=3), body=body)
                   for subject, body in zip(subjects[:6], [world.body.id, other] * 3, strict=True))  # fmt: skip
    assert letters(db) == []


def test_who_opened_what_is_forgotten_twelve_months_later(db: Database, world: factories.World) -> None:
    for place, subject in enumerate(people(db, 3)):
        opens(db, world, subject, at=AT + timedelta(days=place))
    with db.transaction() as session:
        assert purge_access_records(session, at=AT + timedelta(days=365, hours=1)) == 1
        assert session.scalar(select(func.count()).select_from(AccessRecord)) == 2


def test_a_body_is_told_the_name_under_which_it_knows_the_account(db: Database, world: factories.World) -> None:
    with db.transaction() as session:
        session.get_one(Person, world.advisor.id).name = "Nom d’ailleurs"
        session.get_one(Candidacy, world.candidacy.id).advisor_display_name = "Claire Ici"
    for subject in people(db, 4):
        opens(db, world, subject)
    letter = letters(db)[0]
    assert "le compte de Claire Ici (" in letter.text
    assert "ailleurs" not in letter.text


def test_a_certifier_alone_is_not_the_one_who_is_warned_about_themselves(db: Database, world: factories.World) -> None:
    for subject in people(db, 4):
        opens(db, world, subject, reader=world.certifier.id, contact="exploitation@exemple.fr")
    warned, own = letters(db)
    assert (warned.to_email, warned.person_id, warned.body_id) == ("exploitation@exemple.fr", None, None)
    assert world.certifier.email in warned.text
    assert (own.kind, own.person_id) == (EmailTemplate.OWN_BULK_READING, world.certifier.id)
    with db.reader() as session:
        page = load_outbox(session, world.body.id, OutboxQuery(), has_server=False, at=AT)
    assert page.letters == (), "the letters page of the person concerned shows neither"


@pytest.mark.records("bulk_reading")
def test_another_member_is_warned_before_the_contact_of_the_installation(db: Database, world: factories.World) -> None:
    with db.transaction() as session:
        other = factories.certifier(session, world.body.id, "Odile Autre").id
    for subject in people(db, 4):
        opens(db, world, subject, reader=world.certifier.id, contact="exploitation@exemple.fr")
    assert [(letter.kind, letter.person_id) for letter in letters(db)] == [
        (EmailTemplate.BULK_READING, other),
        (EmailTemplate.OWN_BULK_READING, world.certifier.id),
    ]


def test_creating_candidacies_is_no_reading(db: Database, world: factories.World) -> None:
    subjects = people(db, 6)
    for subject in subjects:
        with db.transaction() as session:
            created = factories.candidacy(session, world.version, session.get_one(Person, subject)).id
            record_event(session, "candidacy_opened", ("candidacy", created), by=world.certifier.id, at=AT)
        with db.transaction() as session:
            opened = Access(world.certifier.id, world.body.id, subject, candidacy_id=created)
            assert not record_access(session, opened, BOUNDS, day=DAY, at=AT + timedelta(minutes=1))
    assert letters(db) == []
    told = [opens(db, world, subject, "label P1", reader=world.certifier.id) for subject in subjects]
    assert any(told), "their files are read as those of anybody"
