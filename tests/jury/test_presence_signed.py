"""Presence signed on the day: by a code of one's own on a device handed round, or on a scanned sheet."""

import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portfolio.calendar import PARIS
from portfolio.db.engine import Database, new_id
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.funding.models import Appointment
from portfolio.domain.funding.rules import Held
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.rules.enums import Attendance, StatementKind
from portfolio.domain.jury.rules.passage import SummonedAs
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.presence.models import PresenceSignature
from portfolio.domain.presence.rules import PresenceMeans, presence_code
from portfolio.domain.presence.use_cases import find_signing, load_convened, note_presence
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.web.clock import now, today
from tests import factories, samples
from tests.documents.reading import words_of
from tests.jury import builders as stage
from tests.jury.builders import Scene, close, deliberate
from tests.jury.pages import as_certifier, as_member, hearing, staged
from tests.page import CheckedClient, Page


@pytest.fixture
def made(store: Database) -> Scene:
    """A jury of today, each member ready, before presence is noted."""
    made = staged(store, ready=False)
    for member in made.members.values():
        for kind in (StatementKind.NO_RELATION, StatementKind.READ):
            stage.say(store, made, member.id, kind)
    return made


def leave(client: CheckedClient) -> None:
    token = Page(client.get("/", follow_redirects=True).text).hidden("csrf_token")
    client.post("/deconnexion", data={"csrf_token": token})


def opened(client: CheckedClient, made: Scene) -> str:
    as_certifier(client, made)
    shown = client.send(
        f"/sessions/{made.session_id}/presences/ouverture", form=f"/sessions/{made.session_id}/presences"
    )
    leave(client)
    return re.search(r"(/emargement/[A-Z0-9]+)", shown.text)[1]


def code_of(client: CheckedClient, made: Scene, person_id) -> str:
    return presence_code(str(client.application.config["SECRET_KEY"]), made.session_id, person_id)


def signatures(store: Database) -> list[PresenceSignature]:
    with store.reader() as session:
        return list(session.scalars(select(PresenceSignature).order_by(PresenceSignature.signed_at)))


def test_a_candidate_signs_by_the_code_of_their_own_page(client: CheckedClient, made: Scene, store: Database) -> None:
    stage.summon(store, made)
    with store.transaction() as session:
        row = session.get_one(Hearing, made.hearing_id)
        row.start_minute, row.end_minute = 9 * 60, 9 * 60 + 45
    client.log_in(made.candidate.email, factories.PASSWORD)
    code = code_of(client, made, made.candidate.id)
    assert f"{code[:3]} {code[3:]}" in client.page(f"/dossiers/{made.candidacy_id}").text
    leave(client)
    url = opened(client, made)
    typed = {"person_id": str(made.candidate.id), "code": "000000" if code != "000000" else "000001"}
    wrong = client.send(url, typed)
    assert wrong.status_code == 422
    assert "n’est pas celui de cette personne" in wrong.text
    assert signatures(store) == []
    assert client.send(url, {**typed, "code": f"{code[:3]} {code[3:]}"}).status_code == 303
    again = client.send(url, {**typed, "code": code}, form=url)
    assert again.status_code in (409, 422)
    (signed,) = signatures(store)
    assert (signed.role, signed.hearing_id, signed.means) == (
        SummonedAs.CANDIDATE,
        made.hearing_id,
        PresenceMeans.OWN_CODE,
    )
    assert abs(signed.signed_at - now()) < timedelta(minutes=1)
    with store.reader() as session:
        assert session.scalar(select(LedgerEntry.seq).where(LedgerEntry.row_id == signed.id)) is not None
        (diary,) = session.scalars(select(Appointment))
    # The certificate of attendance and the funder read it there: nobody types it again.
    assert (diary.held, diary.minutes, diary.attended, diary.signed_at) == (Held.HELD, 45, 45, signed.signed_at)
    assert diary.starts_at.astimezone(PARIS).strftime("%H:%M") == "09:00"
    as_certifier(client, made)
    assert "Signature par son code" in client.page(f"/sessions/{made.session_id}/presences").text
    path = f"/candidatures/{made.candidacy_id}"
    assert client.send(f"{path}/realisation", form=f"{path}/financement").status_code == 303
    printed = " ".join(words_of(client.get(f"{path}/realisation/1.pdf").data).split())
    assert "45 min" in printed
    assert "par la personne" in printed


@pytest.mark.records("jury_presence_signed", "presence_signing_opened")
def test_a_member_who_signed_is_ticked_for_the_presidency(client: CheckedClient, made: Scene, store: Database) -> None:
    juror = made.members[Seat.EMPLOYEE_REPRESENTATIVE].id
    url = opened(client, made)
    assert client.send(url, {"person_id": str(juror), "code": code_of(client, made, juror)}).status_code == 303
    as_member(client, made)
    page = client.page(hearing(made, "/presence"))
    ticked = re.findall(
        r'name="present"[^>]*value="([0-9a-f-]+)"[^>]*checked', client.get(hearing(made, "/presence")).text
    )
    assert ticked == [str(juror)]
    assert "Signature par son code" in page.text
    assert "Code de présence" in client.page("/jurys").text


def test_a_presence_signed_for_a_day_does_not_stand_for_another(
    client: CheckedClient, made: Scene, store: Database
) -> None:
    juror = made.members[Seat.EMPLOYEE_REPRESENTATIVE].id
    url = opened(client, made)
    typed = {"person_id": str(juror), "code": code_of(client, made, juror)}
    assert client.send(url, typed).status_code == 303
    with store.transaction() as session:
        jury = session.get_one(JurySession, made.session_id)
        signed_for, jury.held_on = jury.held_on, jury.held_on - timedelta(days=1)
    with store.reader() as session:
        (member,) = [each for each in load_convened(session, made.session_id) if each.person_id == juror]
    assert member.signed_at is None
    as_member(client, made)
    assert not re.findall(r'name="present"[^>]*checked', client.get(hearing(made, "/presence")).text)
    with store.transaction() as session:
        session.get_one(JurySession, made.session_id).held_on = signed_for
    assert f'value="{juror}"' in client.get(hearing(made, "/presence")).text
    (row,) = signatures(store)
    assert row.signed_for == signed_for


def test_wrong_codes_are_throttled_and_a_right_one_waits(client: CheckedClient, made: Scene, store: Database) -> None:
    url, right = opened(client, made), code_of(client, made, made.candidate.id)
    wrong = "111111" if right != "111111" else "222222"
    typed = {"person_id": str(made.candidate.id), "code": wrong}
    assert {client.send(url, typed).status_code for _ in range(10)} == {422}
    slowed = client.send(url, {**typed, "code": right})
    assert slowed.status_code == 429
    assert "Trop de codes faux" in slowed.text
    assert signatures(store) == []


def test_nobody_signs_who_is_not_expected_nor_by_the_code_of_another(
    client: CheckedClient, made: Scene, store: Database
) -> None:
    with store.transaction() as session:
        stranger = factories.person(session, "Une Inconnue", "inconnue@exemple.fr").id
    url = opened(client, made)
    typed = {"person_id": str(stranger), "code": code_of(client, made, stranger)}
    assert client.send(url, typed).status_code == 422
    other = {"person_id": str(made.candidate.id), "code": code_of(client, made, made.president.id)}
    assert client.send(url, other).status_code == 422
    assert signatures(store) == []
    assert client.get("/emargement/AAAAAAAAAA").status_code == 404


@pytest.mark.records("presence_signing_closed")
def test_the_page_ends_by_itself_or_when_it_is_closed(client: CheckedClient, made: Scene, store: Database) -> None:
    first = opened(client, made)
    second = opened(client, made)
    assert client.get(first).status_code == 404
    assert client.get(second.lower()).status_code == 200
    with store.reader() as session:
        assert find_signing(session, second.rsplit("/", 1)[1], now() + timedelta(hours=4)) is None
    as_certifier(client, made)
    page = f"/sessions/{made.session_id}/presences"
    assert client.send(f"{page}/fermeture", form=page).status_code == 303
    assert client.get(second).status_code == 404


@pytest.mark.records("presence_sheet_recorded")
def test_a_scanned_sheet_is_kept_with_the_session(client: CheckedClient, made: Scene, store: Database) -> None:
    as_certifier(client, made)
    page = f"/sessions/{made.session_id}/presences"
    blank = " ".join(words_of(client.get(f"{page}/feuille.pdf").data).split())
    assert made.candidate.name in blank
    assert "Signature" in blank
    assert client.send(f"{page}/feuille", {"people": str(made.candidate.id)}, form=page).status_code == 422
    scan = (io.BytesIO(samples.pdf()), "feuille.pdf")
    assert (
        client.send(f"{page}/feuille", {"people": str(made.candidate.id), "scan": scan}, form=page).status_code == 303
    )
    (signed,) = signatures(store)
    assert signed.means is PresenceMeans.PAPER_SHEET
    with store.reader() as session:
        event = session.scalar(select(AuditEvent).where(AuditEvent.action == "presence_sheet_recorded"))
    assert event.actor_id == made.certifier.id
    assert client.get(f"/sessions/{made.session_id}/actes/{signed.document_id}").status_code == 200


def test_nothing_is_signed_once_the_minutes_are_closed(client: CheckedClient, made: Scene, store: Database) -> None:
    url = opened(client, made)
    hidden = client.page(url).hidden_fields(url)
    stage.check(store, made, [each.id for each in made.members.values()])
    deliberate(store, made)
    close(store, made, now())
    typed = {"person_id": str(made.candidate.id), "code": code_of(client, made, made.candidate.id)}
    refused = client.post(url, data={**hidden, **typed})
    assert refused.status_code == 409
    assert "Le procès-verbal est clos" in refused.text
    assert "Plus rien ne se signe" in client.page(url).text
    assert signatures(store) == []


def test_a_candidate_noted_absent_after_all_has_no_presence(
    client: CheckedClient, made: Scene, store: Database
) -> None:
    with store.transaction() as session:
        session.get_one(JurySession, made.session_id).interview_minutes = 40
    url = opened(client, made)
    typed = {"person_id": str(made.candidate.id), "code": code_of(client, made, made.candidate.id)}
    assert client.send(url, typed).status_code == 303
    as_member(client, made)
    page = hearing(made, "/presence")
    assert client.send(page, {"attendance": "absent"}).status_code == 303
    with store.reader() as session:
        (diary,) = session.scalars(select(Appointment))
    assert (diary.held, diary.attended, diary.signed_at) == (Held.ABSENT, None, None)
    assert today() == diary.starts_at.astimezone(PARIS).date()


def second_hearing(store: Database, made: Scene) -> UUID:
    """The same candidate is heard for another certification in the same session."""
    with store.transaction() as session:
        version = factories.published_version(session, made.body_id, code="RNCP40000")
        person = session.get_one(Person, made.candidate.id)
        other = factories.candidacy(session, version, person)
        factories.fill(session, other.id, [each for block in version.blocks for each in block.competencies])
        session.flush()
        sealed = submit(session, other.id, stage.STATEMENT, by=person.id, at=now() - timedelta(days=2))
        row = Hearing(id=new_id(), session_id=made.session_id, submission_id=sealed.id)
        session.add(row)
        first = session.get_one(Hearing, made.hearing_id)
        first.start_minute, first.end_minute = 9 * 60, 9 * 60 + 45
        row.start_minute, row.end_minute = 10 * 60, 10 * 60 + 30
        session.flush()
        return row.id


def test_one_signature_of_the_day_serves_both_candidacies(client: CheckedClient, made: Scene, store: Database) -> None:
    second = second_hearing(store, made)
    url = opened(client, made)
    asked = client.page(url)
    assert asked.text.count(made.candidate.name) == 1
    typed = {"person_id": str(made.candidate.id), "code": code_of(client, made, made.candidate.id)}
    assert client.send(url, typed).status_code == 303
    assert len(signatures(store)) == 1
    with store.reader() as session:
        diary = session.scalars(select(Appointment).order_by(Appointment.starts_at)).all()
    assert [(row.held, row.attended) for row in diary] == [(Held.HELD, 45), (Held.HELD, 30)]
    with store.transaction() as session:
        note_presence(session, second, [], Attendance.ABSENT, by=made.president.id, at=now())
    with store.reader() as session:
        diary = session.scalars(select(Appointment).order_by(Appointment.starts_at)).all()
    assert [row.held for row in diary] == [Held.HELD, Held.ABSENT]


def test_the_presidency_signs_first(made: Scene, store: Database) -> None:
    with store.transaction() as session:
        member = session.scalars(select(JuryMember).where(JuryMember.seat == Seat.PRESIDENT)).one()
        member.display_name = "Zoé Zimmer"
    with store.reader() as session:
        jury = [each for each in load_convened(session, made.session_id) if each.role is SummonedAs.JUROR]
        assert len(jury) == len(made.members)
        assert jury[0].person_id == made.president.id
