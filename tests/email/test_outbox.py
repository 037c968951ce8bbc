"""Check which letters a certifier hands over, whose text they may read, and how a letter is marked.

On both stores.
"""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, select

from portfolio.db.engine import Database
from portfolio.domain.account.models import AccountToken, Person
from portfolio.domain.account.rules import token_hash
from portfolio.domain.account.use_cases import (
    find_or_create_person,
    invite,
    reinstate,
    send_reset_link,
    suspend,
    use_token,
)
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.rules import Box, DeliveryFailure, DeliveryState, WithheldReason, delivery_state
from portfolio.domain.email.use_cases import (
    EmailTemplate,
    add_attachment,
    mark_handed_over,
    queue_email,
    undo_handed_over,
)
from portfolio.screens.certifier.letters.queries import (
    Outbox,
    OutboxQuery,
    count_waiting,
    find_email,
    is_alone,
    load_outbox,
)
from tests import factories
from tests.factories import AT, World

pytestmark = pytest.mark.both


def written(db: Database) -> World:
    """Return the candidate asked for a new password, an advisor was invited anew, somebody new too; a decision was
    told.
    """
    with db.transaction() as session:
        made = factories.world(session, filled=False)
        send_reset_link(session, made.candidate.email, at=AT)
        for email in (made.advisor.email, "neuve@exemple.fr"):
            invite(session, email, "Qui", made.body.id, by=made.certifier.id, at=AT, why="advisor")
        email_candidate(session, made.candidacy, EmailTemplate.DECIDED_LATER, at=AT)
        return made


def box(db: Database, made: World, asked: OutboxQuery | None = None, *, has_server: bool = False, at=AT) -> Outbox:
    with db.reader() as session:
        return load_outbox(session, made.body.id, asked or OutboxQuery(), has_server=has_server, at=at)


def waiting(db: Database, made: World) -> int:
    with db.reader() as session:
        return count_waiting(session, made.body.id, has_server=False, at=AT)


def mark(db: Database, made: World, kind: EmailTemplate, *, undo: bool = False, at=AT) -> None:
    with db.transaction() as session:
        key = session.scalars(select(OutgoingEmail.id).where(OutgoingEmail.kind == kind)).one()
        mail = find_email(session, made.body.id, key)
        assert mail is not None
        (undo_handed_over if undo else mark_handed_over)(session, mail, by=made.certifier.id, at=at)


def test_a_body_hands_over_first_invitations_and_never_sees_a_link_to_change_a_password(db: Database) -> None:
    made = written(db)
    with db.reader() as session:
        assert is_alone(session)
    letters = box(db, made).letters
    assert sorted(str(letter.mail.kind) for letter in letters) == ["decided_later", "invitation", "news"]
    assert [letter.mail.kind for letter in letters if letter.opens] == ["invitation"]
    assert all(letter.withheld is None for letter in letters)
    with db.transaction() as session:
        reset = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == EmailTemplate.RESET)).one()
        assert find_email(session, made.body.id, reset.id) is None, "nor is it marked from there"


def test_where_several_bodies_live_none_reads_what_tells_of_an_account(db: Database) -> None:
    made = written(db)
    with db.transaction() as session:
        factories.body(session, "Un autre institut")
    letters = box(db, made).letters
    assert sorted((str(letter.mail.kind), letter.withheld) for letter in letters) == [
        ("decided_later", None),
        ("invitation", WithheldReason.ACCOUNT),
        ("news", WithheldReason.ACCOUNT),
    ]


def test_an_invitation_is_useless_once_its_reader_has_a_password_and_a_later_one_changes_nothing(db: Database) -> None:
    made = written(db)
    with db.transaction() as session:
        for minute in (1, 2):
            later = AT + timedelta(minutes=minute)
            invite(session, "deux@exemple.fr", "Deux", made.body.id, by=made.certifier.id, at=later, why="juror")
        newcomer = session.scalars(select(Person).where(Person.email == "neuve@exemple.fr")).one()
        newcomer.password_hash = "chosen"
    page = box(db, made)
    assert [letter.mail.email for letter in page.letters if letter.mail.kind == "invitation"] == ["deux@exemple.fr"] * 2
    assert (page.counts[Box.WAITING], page.counts[Box.USELESS], waiting(db, made)) == (4, 1, 4)
    assert all(letter.withheld for letter in box(db, made, OutboxQuery(Box.USELESS)).letters)


@pytest.mark.records("account_reinstated", "account_suspended", "password_chosen")
def test_an_account_that_once_had_a_password_is_never_opened_from_the_page(db: Database) -> None:
    with db.transaction() as session:
        made = factories.world(session, filled=False)
        person = find_or_create_person(session, "lea@exemple.fr", "Léa", at=AT)
        session.add(AccountToken(token_digest=token_hash("x"), person_id=person.id, purpose="invitation", created_at=AT,
                           expires_at=AT + timedelta(days=1)))  # fmt: skip
        session.flush()
        assert use_token(session, "x", "chosen", at=AT)
        suspend(session, "lea@exemple.fr", at=AT)
        reinstate(session, "lea@exemple.fr", at=AT)
        assert person.password_hash is None
        invite(session, "lea@exemple.fr", "Léa", made.body.id, by=made.certifier.id, at=AT, why="candidate")
    texts = [letter for letter in box(db, made).letters if "/invitation/" in letter.mail.text and not letter.withheld]
    assert texts == []


def test_a_letter_handed_over_says_who_marked_it_and_when_and_a_mistake_is_undone(db: Database) -> None:
    made = written(db)
    later = AT + timedelta(hours=1)
    mark(db, made, EmailTemplate.INVITATION, at=later)
    page = box(db, made, OutboxQuery(Box.HANDED_OVER))
    assert [(letter.mail.handed_over_by, letter.mail.handed_over_at) for letter in page.letters] == [
        (made.certifier.id, later)
    ]
    assert page.letters[0].withheld is WithheldReason.LINK, "its link is its reader's now"
    assert (page.counts[Box.WAITING], waiting(db, made)) == (2, 2)
    mark(db, made, EmailTemplate.INVITATION, undo=True, at=later)
    assert waiting(db, made) == 3
    with db.reader() as session:
        verbs = session.scalars(
            select(AuditEvent.action).where(AuditEvent.object_kind == "mail").order_by(AuditEvent.seq)
        ).all()
    assert verbs == ["letter_handed_over", "letter_hand_over_undone"]


def test_letters_are_found_by_name_whatever_the_accents_and_shown_fifty_a_page_in_as_many_queries(db: Database) -> None:
    made = written(db)
    asked: list[str] = []

    def read(page: int = 1, words: str = "") -> Outbox:
        asked.clear()
        return box(db, made, OutboxQuery(Box.WAITING, words, page))

    event.listen(db.engine, "before_cursor_execute", lambda *found: asked.append(found[2]))
    read()
    few = len(asked)
    with db.transaction() as session:
        for number in range(120):
            name = "Éloïse Marchand" if number == 70 else f"Personne {number}"
            one = factories.person(session, name)
            queue_email(
                session,
                one,
                EmailTemplate.DECIDED_LATER,
                at=AT,
                body_id=made.body.id,
                name=name,
                body="Institut",
                candidacy_id=one.id,
            )
    first = read()
    assert len(asked) == few
    assert (len(first.letters), first.found, first.pages) == (50, 123, 3)
    assert len(read(3).letters) == len(read(999).letters) == 23
    assert [letter.mail.name for letter in read(words=" eloise  MARCHAND ").letters] == ["Éloïse Marchand"]
    assert read(words="%").found == 0, "a sign of the query language is a sign"


def test_another_body_marks_nothing_of_this_one(db: Database) -> None:
    written(db)
    with db.transaction() as session:
        other = factories.body(session, "Un autre institut")
        mail = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == EmailTemplate.DECIDED_LATER)).one()
        assert find_email(session, other.id, mail.id) is None


def test_with_a_mail_server_what_it_refuses_is_listed_and_no_link_is_shown(db: Database) -> None:
    made = written(db)
    with db.transaction() as session:
        refused = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == EmailTemplate.INVITATION)).one()
        refused.attempts, refused.failure, refused.failed_at = 1, DeliveryFailure.CERTIFICATE, AT
    page = box(db, made, has_server=True)
    assert page.failure is DeliveryFailure.CERTIFICATE
    found = {letter.mail.kind: (letter.state, letter.withheld) for letter in page.letters}
    assert found["invitation"] == (DeliveryState.RETRIED, WithheldReason.LINK)
    assert found["decided_later"] == (DeliveryState.QUEUED, None)
    with db.reader() as session:
        assert count_waiting(session, made.body.id, has_server=True, at=AT) == 1
        assert count_waiting(session, made.body.id, has_server=True, at=AT + timedelta(hours=1)) == 3, (
            "stuck ones count too"
        )


def test_a_letter_carries_its_files(db: Database) -> None:
    with db.transaction() as session:
        made = factories.world(session, filled=False)
        facts = {"name": "Samia", "body": "Institut", "candidacy_id": made.candidacy.id}
        add_attachment(
            queue_email(session, made.candidate, EmailTemplate.DECIDED_LATER, at=AT, body_id=made.body.id, **facts),
            "a.txt",
            "A",
        )
    assert [[file.name for file in letter.mail.attachments] for letter in box(db, made).letters] == [["a.txt"]]


@pytest.mark.parametrize(("tries", "has_server", "state"), [
    (0, False, DeliveryState.TO_HAND_OVER), (0, True, DeliveryState.QUEUED), (12, True, DeliveryState.TO_HAND_OVER),
])  # fmt: skip
def test_the_state_of_a_letter_is_that_of_its_row(tries: int, has_server: bool, state: DeliveryState) -> None:
    mail = OutgoingEmail(attempts=tries)
    assert delivery_state(mail.delivery(), has_server=has_server) is state
    mail.sent_at = AT
    assert delivery_state(mail.delivery(), has_server=has_server) is DeliveryState.SENT


OTHER_ROUTE = {"by_vae": False, "candidacy_id": "c"}
DAY = OTHER_ROUTE | {"held_on": date(2026, 11, 30)}


@pytest.mark.parametrize(
    ("letter", "facts"),
    [
        (EmailTemplate.SEAT_WITHDRAWN, DAY),
        (EmailTemplate.CANDIDACY_CLOSURE, OTHER_ROUTE | {"kind": "reopened", "reason": "Une erreur"}),
        (EmailTemplate.HEARING_CANCELLED, DAY),
        (EmailTemplate.HEARING_MISSED, DAY | {"excused": False}),
    ],
)
def test_a_letter_on_a_path_without_a_livret_2_speaks_of_no_vae_and_no_dossier(store, letter, facts) -> None:
    with store.transaction() as session:
        person = factories.person(session)
        told = queue_email(session, person, letter, at=AT, name="Léo Martin", body="Institut", **facts).text
        assert "VAE" not in told
        assert "dossier" not in told.replace("/dossiers/", "")
