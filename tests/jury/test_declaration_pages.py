"""Check what members and certifiers meet around a sitting: recusals, signatures, forms on paper, presence,
rectifications, the end.
"""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event, select

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.status_changes import StatusChange, StatusChangeKind
from portfolio.domain.holdings.use_cases.status_changes import change_status
from portfolio.domain.jury.models.deliberation import Minutes, MinutesRectification
from portfolio.domain.jury.models.statements import MemberAttendance, SignedDocument, Statement
from portfolio.domain.jury.rules.enums import Attendance, StatementKind
from portfolio.domain.jury_session.use_cases import former_jury
from portfolio.files.storage.store import StoreFull, StoreUnavailable
from portfolio.screens.certifier.sessions.page_queries import load_session_page
from portfolio.screens.juror.hearing import minutes
from portfolio.screens.juror.home import queries
from portfolio.web.clock import now, today
from tests import factories, samples
from tests.applications import failing
from tests.jury import builders as stage
from tests.jury.builders import DAY, SUBSTITUTE, TEACHER, Scene, deliberate, name
from tests.jury.pages import SIGNED, as_certifier, as_member, count, hearing, staged
from tests.jury.panels import candidate_before
from tests.page import CheckedClient, Page

TYPED = {"kinds": "no_relation", "signed_on": today().isoformat()}


@pytest.fixture
def made(store: Database) -> Scene:
    """A jury of today, before anyone has declared."""
    return staged(store, ready=False)


def leave(client: CheckedClient) -> None:
    token = Page(client.get("/", follow_redirects=True).text).hidden("csrf_token")
    client.post("/deconnexion", data={"csrf_token": token})


# --- Recusal on line, and the substitute ---


def test_a_recusal_on_line_is_kept_shuts_the_dossier_and_calls_the_substitute(
    client: CheckedClient, made: Scene, store: Database
) -> None:
    with store.transaction() as session:
        ivan = factories.person(session, SUBSTITUTE.name, SUBSTITUTE.email)
    name(store, made, SUBSTITUTE)
    as_member(client, made, Seat.TEACHER_TRAINER)
    asked = client.send(hearing(made, "/declaration"), {"kind": "recusal"})
    assert asked.headers["Location"] == hearing(made, "/recusation")
    unsure = client.send(hearing(made, "/recusation"), {"reason": "Nous avons travaillé ensemble."})
    assert unsure.status_code == 422
    assert "Cochez la phrase pour confirmer" in unsure.text
    assert "Nous avons travaillé ensemble." in unsure.text
    assert count(store, Statement) == 0
    client.send(hearing(made, "/recusation"), {"reason": "Nous avons travaillé ensemble.", "sure": "y"})
    assert "Votre récusation est enregistrée" in client.page(hearing(made, "/declaration")).text
    assert "Votre siège revient à Ivan Perrin" in client.page(hearing(made, "/recusation")).text
    assert "Votre récusation est enregistrée" in client.page("/jurys").text
    for rest in ("/parcours", "/pieces", "/apercu", "/presence"):
        assert client.get(hearing(made, rest)).status_code == 403, rest
    assert client.get(f"/depots/{made.submission_id}").status_code == 404
    leave(client)
    client.log_in(SUBSTITUTE.email, factories.PASSWORD)
    client.send(hearing(made, "/declaration"), {"kind": "no_relation"})
    assert (
        client.send(hearing(made, "/lecture"), {"sure": "y", "elsewhere": "y"}, form=hearing(made)).status_code == 303
    )
    leave(client)
    page = as_certifier(client, made).page(hearing(made, "/presence"))
    assert "Nous avons travaillé ensemble." in page.text
    others = [str(one.id) for seat, one in made.members.items() if seat is not Seat.TEACHER_TRAINER]
    client.send(hearing(made, "/presence"), {"present": [*others, str(ivan.id)], "attendance": "heard"})
    with store.reader() as session:
        seated = minutes.load_attendance_page(session, made.hearing_id).deliberates
    assert ivan.id in seated
    assert made.members[Seat.TEACHER_TRAINER].id not in seated


def test_a_reading_refused_is_not_said_to_be_attested(client: CheckedClient, made: Scene, store: Database) -> None:
    as_member(client, made, Seat.TEACHER_TRAINER)
    client.send(hearing(made, "/declaration"), {"kind": "no_relation"})
    token = client.page(hearing(made)).hidden("csrf_token")
    with store.transaction() as session:
        former_jury.void_hearing(
            session, made.hearing_id, "Un lien n’avait pas été déclaré.", by=made.certifier.id, at=now()
        )
    refused = client.post(hearing(made, "/lecture"), data={"csrf_token": token, "sure": "y"})
    assert refused.status_code == 409
    assert "attestée" not in refused.text
    assert "attestée" not in client.page(hearing(made)).text


def test_who_accompanied_the_candidate_elsewhere_is_told_to_recuse(
    client: CheckedClient, made: Scene, store: Database
) -> None:
    with store.transaction() as session:
        other = factories.published_version(session, factories.body(session, "Un autre institut").id, "RNCP54321")
        candidate = session.get_one(Person, made.candidate.id)
        factories.candidacy(session, other, candidate, session.get_one(Person, made.members[Seat.TEACHER_TRAINER].id))
    as_member(client, made, Seat.TEACHER_TRAINER)
    refused = client.send(hearing(made, "/declaration"), {"kind": "no_relation"})
    assert refused.status_code == 409
    assert "Récusez-vous" in Page(refused.text).text
    assert client.send(hearing(made, "/recusation"), {"reason": "Une relation.", "sure": "y"}).status_code == 303
    page = client.page(hearing(made, "/recusation"))
    token = {name: page.hidden(name) for name in ("csrf_token", "nonce")} | {"sure": "y"}
    denied = client.post(hearing(made, "/recusation/retrait"), data=token)
    assert denied.status_code == 409, "withdrawing would deny the relation"


def test_a_declaration_without_a_choice_says_so_and_nothing_is_declared_while_recused(
    client: CheckedClient, made: Scene, store: Database
) -> None:
    as_member(client, made, Seat.TEACHER_TRAINER)
    answer = client.send(hearing(made, "/declaration"), {})
    assert answer.status_code == 422
    assert "Choisissez l’une des deux déclarations." in answer.text
    token = Page(client.get("/jurys").text).hidden("csrf_token")
    client.send(hearing(made, "/recusation"), {"sure": "y"})
    again = {"csrf_token": token, "nonce": uuid4().hex, "kind": "no_relation"}
    answer = client.post(hearing(made, "/declaration"), data=again)
    assert answer.status_code == 409
    assert "s’est récusée" in answer.text
    assert count(store, Statement) == 1


@pytest.mark.records("juror_recusal_withdrawn")
def test_a_juror_who_declared_no_relation_recuses_later_by_a_button_and_can_withdraw_it_traced(
    client: CheckedClient, made: Scene, store: Database
) -> None:
    as_member(client, made, Seat.TEACHER_TRAINER)
    client.send(hearing(made, "/declaration"), {"kind": "no_relation"})
    assert "Votre déclaration est signée" in client.page(hearing(made, "/declaration")).text
    page = client.page(hearing(made))
    assert [one["href"] for one in page.all("a") if one.get("href", "").endswith("/recusation")]
    client.send(hearing(made, "/recusation"), {"sure": "y", "reason": "Un lien m’est revenu."})
    assert client.get(hearing(made, "/parcours")).status_code == 403
    assert "Votre siège est vide pour cette audition" in client.page(hearing(made, "/recusation")).text
    page = client.page(hearing(made, "/recusation"))
    token = {name: page.hidden(name) for name in ("csrf_token", "nonce")}
    unsure = client.post(hearing(made, "/recusation/retrait"), data=token)
    assert unsure.status_code == 422
    assert client.post(hearing(made, "/recusation/retrait"), data=token | {"sure": "y"}).status_code == 303
    assert client.get(hearing(made, "/parcours")).status_code == 200
    assert count(store, Statement) == 3
    with store.reader() as session:
        verbs = session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)).all()
    assert [verb for verb in verbs if verb.startswith("juror_")] == [
        "juror_no_relation",
        "juror_recusal",
        "juror_recusal_withdrawn",
    ]
    client.send(hearing(made, "/recusation"), {"sure": "y"})
    assert client.get(hearing(made, "/parcours")).status_code == 403, "and recuse again"


def test_a_sealed_dossier_does_not_exist_for_a_juror_who_has_not_declared(
    client: CheckedClient, made: Scene, store: Database
) -> None:
    as_member(client, made, Seat.PEDAGOGICAL_MANAGER)
    addresses = [f"/depots/{made.submission_id}{rest}" for rest in ("", "/lecture", "/lecture/bloc-2", "/manifeste")]
    assert {client.get(url).status_code for url in addresses} == {404}
    client.send(hearing(made, "/declaration"), {"kind": "no_relation"})
    assert {client.get(url).status_code for url in addresses} == {200}


# --- The signature ---


@pytest.mark.slow
def test_a_wrong_password_signs_nothing_and_too_many_tries_wait(client: CheckedClient, store: Database) -> None:
    made = staged(store)
    deliberate(store, made)
    as_member(client, made)
    wrong = SIGNED | {"password": "ce n’est pas lui"}
    answer = client.send(hearing(made, "/cloture"), wrong)
    assert answer.status_code == 422
    assert "rien n’est signé" in answer.text
    said = [client.send(hearing(made, "/cloture"), wrong).text for _ in range(12)]
    assert re.search(r"Attendez \d+.minutes", said[-1])
    answer = client.send(hearing(made, "/cloture"), SIGNED)
    assert answer.status_code == 422, "the right password waits like the others"
    assert re.search(r"Attendez \d+.minutes", answer.text)
    assert count(store, Minutes) == 0
    assert "checked" in Page(answer.text).all("input", name="sure")[0]


# --- Forms on paper ---


def scan(content: bytes = samples.pdf(), named: str = "formulaire.pdf") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), named


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"person_id": ""}, "Dites de qui est ce formulaire."),
        ({"person_id": str(uuid4())}, "Choisissez une des réponses proposées."),
        ({"person_id": "quelqu’un"}, "Choisissez une des réponses proposées."),
        ({"kinds": []}, "Cochez ce que la personne a signé."),
        ({"kinds": ["recusal", "read"]}, "Une personne récusée ne déclare et n’atteste rien d’autre."),
        ({"signed_on": ""}, "Donnez la date qui figure sur le formulaire."),
        ({"signed_on": (today() + timedelta(days=2)).isoformat()}, "Cette date est à venir."),
        ({"scan": (io.BytesIO(b""), "")}, "Joignez le formulaire signé."),
        ({"scan": (io.BytesIO(b"7z\xbc\xaf\x27\x1c" + bytes(64)), "formulaire.7z")}, "Ce fichier est une archive"),
        ({"scan": (io.BytesIO(b"bonjour"), "formulaire.txt")}, "Ce fichier ne peut pas porter de signature"),
        ({"scan": (io.BytesIO(b"bonjour"), "formulaire.pdf")}, "Ce fichier"),
        ({"signed_on": "2020-01-05"}, "n’a pas pu être signé avant"),
        ({"signed_on": "2020-01-05", "kinds": ["no_relation", "read"]}, "n’a pas pu être signé avant"),
    ],
)
def test_a_bad_form_on_paper_keeps_nothing_and_says_why(
    client: CheckedClient, made: Scene, store: Database, changes: dict, sentence: str
) -> None:
    before = count(store, SignedDocument)
    as_certifier(client, made)
    teacher = str(made.members[Seat.TEACHER_TRAINER].id)
    data = {"person_id": teacher, "scan": scan(), "reason": "Déjà écrit."} | TYPED | changes
    answer = client.send(hearing(made, "/formulaire"), data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert sentence in Page(answer.text).text
    assert "Déjà écrit." in answer.text
    assert (count(store, Statement), count(store, SignedDocument)) == (0, before)


@pytest.mark.parametrize(("fault", "status"), [(StoreFull, 507), (StoreUnavailable, 503)])
def test_a_store_that_cannot_take_the_scan_is_not_called_a_mistake(
    app, client, made, store, monkeypatch, fault, status
):
    as_certifier(client, made)
    monkeypatch.setattr(app.extensions["files"], "save", failing(fault))
    data = {"person_id": str(made.members[Seat.TEACHER_TRAINER].id), "scan": scan(), "reason": "Déjà écrit."} | TYPED
    answer = client.send(hearing(made, "/formulaire"), data, content_type="multipart/form-data")
    assert answer.status_code == status
    assert "Tout n’est pas enregistré" in Page(answer.text).text
    assert "à corriger" not in Page(answer.text).text
    assert "Déjà écrit." in answer.text


def test_a_form_on_paper_is_recorded_and_its_scan_comes_back_as_an_attachment(
    client: CheckedClient, made: Scene, store: Database
) -> None:
    as_certifier(client, made)
    teacher = made.members[Seat.TEACHER_TRAINER]
    data = {"person_id": str(teacher.id), "scan": scan()} | TYPED | {"kinds": ["no_relation", "read"]}
    answer = client.send(hearing(made, "/formulaire"), data, content_type="multipart/form-data")
    assert answer.headers["Location"] == hearing(made, "/presence")
    page = client.page(hearing(made, "/presence"))
    (link,) = [one["href"] for one in page.all("a") if "/formulaires/" in one.get("href", "")][:1]
    sent = client.get(link)
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert sent.data == samples.pdf()
    # Recused once, on the next form: refused with its sentence, and nothing more is kept.
    stage.say(store, made, teacher.id, StatementKind.RECUSAL)
    kept = count(store, Statement)
    data = {"person_id": str(teacher.id), "scan": scan()} | TYPED
    client.send(hearing(made, "/formulaire"), data, content_type="multipart/form-data")
    assert count(store, Statement) == kept
    leave(client)
    as_member(client, made)
    assert client.get(link).status_code in (403, 404)


# --- Presence ---


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"attendance": ""}, "Indiquez si la personne est là."),
        ({"attendance": "peut-être"}, "Choisissez une des réponses proposées."),
        ({"present": [str(uuid4())]}, "proposées"),
    ],
)
def test_a_presence_that_cannot_be_is_refused_with_a_sentence(
    client: CheckedClient, made: Scene, store: Database, changes: dict, sentence: str
) -> None:
    as_certifier(client, made)
    everyone = [str(member.id) for member in made.members.values()]
    answer = client.send(hearing(made, "/presence"), {"present": everyone, "attendance": "heard"} | changes)
    assert answer.status_code == 422
    assert sentence in Page(answer.text).text
    assert count(store, MemberAttendance) == 0


def test_presence_is_not_changed_once_the_minutes_are_closed(client: CheckedClient, store: Database) -> None:
    made = staged(store)
    deliberate(store, made)
    as_certifier(client, made)
    page = client.page(hearing(made, "/presence"))
    stage.close(store, made, now())
    data = {name: page.hidden(name) for name in ("csrf_token", "nonce")} | {"attendance": "absent", "present": []}
    answer = client.post(hearing(made, "/presence"), data=data)
    assert answer.status_code == 409
    assert "déjà clos" in Page(answer.text).text


def test_a_candidate_who_does_not_come_has_minutes_that_say_so(client: CheckedClient, store: Database) -> None:
    made = staged(store)
    stage.check(store, made, [member.id for member in made.members.values()], Attendance.EXCUSED)
    as_member(client, made)
    assert client.send(hearing(made, "/cloture"), SIGNED).headers["Location"] == hearing(made, "/resultat")
    said = client.page(hearing(made, "/resultat")).text
    assert "absence excusée, aucune décision" in said
    assert "Absence excusée au jury" in said


def test_the_minutes_say_what_became_of_what_they_gave(client: CheckedClient, store: Database) -> None:
    made = staged(store)
    deliberate(store, made)
    stage.close(store, made, now())
    as_member(client, made)
    said = client.page(hearing(made, "/resultat")).text
    assert "Validation totale" in said
    assert "Acquis définitivement" in said
    with store.transaction() as session:
        row = session.scalars(select(Grant)).first()
        act = StatusChange(StatusChangeKind.SUSPENSION, "Un membre n’avait pas déclaré un lien.", today())
        change_status(session, row.id, act, by=made.certifier.id, at=now())
    said = client.page(hearing(made, "/resultat")).text
    assert "Acquis définitivement" not in said
    assert "Ce qui est accordé le reste" not in said
    assert "Depuis : ce certificat est suspendu" in said


# --- Rectifications ---


@pytest.mark.slow
def test_minutes_are_rectified_by_a_later_entry_that_everyone_who_reads_them_sees(
    client: CheckedClient, store: Database
) -> None:
    made = staged(store)
    deliberate(store, made)
    as_member(client, made)
    early = client.get(hearing(made, "/rectification"))
    assert early.status_code == 409
    assert "n’est pas clos" in early.text
    came = client.get(hearing(made, "/rectification"), headers={"Referer": "http://localhost/jurys?x=1"})
    assert [one["href"] for one in Page(came.text).all("a") if one.get("class") == "button"] == ["/jurys?x=1"]
    elsewhere = client.get(hearing(made, "/rectification"), headers={"Referer": "https://ailleurs.exemple/jurys"})
    assert "ailleurs" not in elsewhere.text
    stage.close(store, made, now())
    blank = client.send(hearing(made, "/rectification"), {"text": "   "})
    assert blank.status_code == 422
    assert "ce qu’il faut lire à la place" in blank.text
    long = client.send(hearing(made, "/rectification"), {"text": "x" * 5001})
    assert long.status_code == 422
    assert "x" * 5001 in long.text
    text = "La séance s’est tenue à Lyon. <b>Rien d’autre</b> ne change."
    unsure = client.send(hearing(made, "/rectification"), {"text": text})
    assert unsure.status_code == 422
    assert text in Page(unsure.text).text
    assert client.send(hearing(made, "/rectification"), {"text": text, "sure": "y"}).status_code == 303
    assert count(store, MinutesRectification) == 1
    leave(client)
    page = as_member(client, made, Seat.TEACHER_TRAINER).page(hearing(made, "/resultat"))
    assert text in page.text
    assert not [one for one in page.all("a") if one.get("href", "").endswith("/rectification")]
    assert client.get(hearing(made, "/rectification")).status_code == 403


# --- After some days ---


@pytest.mark.slow
def test_after_some_days_the_dossier_and_its_minutes_no_longer_exist_for_those_who_sat(
    client: CheckedClient, store: Database
) -> None:
    made = staged(store, held_on=today() - timedelta(days=31), sealed_at=now() - timedelta(days=60))
    deliberate(store, made)
    stage.close(store, made, now() - timedelta(days=31))
    pages = [
        hearing(made, rest)
        for rest in ("", "/parcours", "/pieces", "/apercu", "/resultat", "/rectification", "/declaration")
    ]
    pages.append(f"/depots/{made.submission_id}/lecture")
    for seat in (Seat.PRESIDENT, Seat.TEACHER_TRAINER):
        as_member(client, made, seat)
        assert {client.get(url).status_code for url in pages} == {404}
        home = client.page("/jurys").text
        assert made.candidate.name not in home
        assert "la lecture est close" in home
        leave(client)
    assert made.candidate.name in as_certifier(client, made).page(hearing(made, "/resultat")).text


# --- Twenty candidates ---


def asked(store: Database, act: Callable[[], object]) -> int:
    told: list[str] = []

    def listen(_connection, _cursor, statement, *_rest) -> None:
        told.append(statement)

    event.listen(store.engine, "before_cursor_execute", listen)
    act()
    event.remove(store.engine, "before_cursor_execute", listen)
    return len(told)


@pytest.mark.slow
def test_a_session_of_twenty_candidates_asks_no_more_than_one_of_one(store: Database) -> None:
    made = staged(store, ready=False)
    president = made.president.id

    def looks() -> tuple[int, int, int]:
        with store.reader() as session:
            one = asked(store, lambda: load_session_page(session, made.session_id))
        with store.reader() as session:
            two = asked(store, lambda: queries.load_juror_home(session, president, DAY))
        with store.reader() as session:
            return one, two, asked(store, lambda: minutes.load_attendance_page(session, made.hearing_id))

    before = looks()
    with store.transaction() as session:
        for number in range(19):
            candidate_before(session, made, f"Personne {number}", made.session_id)
    assert looks() == before
    assert max(before) <= 17  # one of them reads the rule of the jury
    assert before[1] <= 10
    assert TEACHER.seat in made.members
