"""Check what a juror reads first: each session with its hours, its place, the order of passage and what remains to
be done before it.
"""

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.status_changes import (
    AppealInput,
    AppealKind,
    AppealOutcome,
    StatusChange,
    StatusChangeKind,
)
from portfolio.domain.holdings.use_cases import appeals
from portfolio.domain.holdings.use_cases.status_changes import change_status
from portfolio.domain.jury.models.deliberation import OpinionsGiven
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.closing import Suspension
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury.rules.juror_card import ConflictKind
from portfolio.domain.jury.rules.member_status import JurorStep, MemberDeclarations
from portfolio.domain.jury.rules.opinions import ReadingExtent
from portfolio.domain.jury.rules.session_step import HearingStep
from portfolio.domain.jury_session.use_cases import conflicts_of_interest, declarations, former_jury, minutes, pool
from portfolio.french_text import NBSP
from portfolio.screens.juror.home.queries import HomeHearing, HomeSession
from portfolio.web import clock
from portfolio.web.clock import now, today
from tests import factories
from tests.jury.builders import DAY, MANAGER, ON_THE_DAY, act, close, scene, summon_session
from tests.jury.panels import Benches, benches
from tests.page import CheckedClient

SEAT = Seat.PEDAGOGICAL_MANAGER


def day(store: Database) -> Benches:
    """A session in ten days, from nine to five; the second candidate passes first."""
    made = benches(store, today() + timedelta(days=10), said=False)
    with store.transaction() as session:
        jury = session.get_one(JurySession, made.barred_from.session_id)
        jury.start_minute, jury.end_minute, jury.interview_minutes = 540, 1020, 60
        jury.video_link, jury.day_contact = "https://visio.exemple.fr/jury", "Accueil, 05 56 00 00 00"
        for heard, start in ((made.barred_from, 615), (made.open_to_all, 540)):
            row = session.get_one(Hearing, heard.hearing_id)
            row.start_minute, row.end_minute = start, start + 60
        session.flush()
        summon_session(session, jury.id, now())
    return made


def say(store: Database, made: Benches, hearing_id, kind: StatementKind) -> None:
    with store.transaction() as session:
        who = made.scene.members[SEAT].id
        declarations.record_statement(session, hearing_id, MemberDeclarations(who, kind), by=who, at=now())


@pytest.mark.slow
def test_the_home_tells_the_hours_the_place_the_order_and_what_remains(client: CheckedClient, store: Database):
    made = day(store)
    first, second = made.open_to_all.person.name, made.barred_from.person.name
    client.log_in(made.scene.members[SEAT].email, factories.PASSWORD)
    page = client.page("/jurys")
    text = page.text.replace(NBSP, " ")
    for words in (
        "De 9 h à 17 h",
        "Bordeaux",
        "Rejoindre la visioconférence",
        "Accueil, 05 56 00 00 00",
        "Ordre de passage",
    ):
        assert words in text, words
    assert text.index("9 h – 10 h") < text.index("10 h 15 – 11 h 15")
    assert f"Déclarer, puis lire : {first} et {second}" in text
    assert "Répondre à la convocation" in text
    assert "Il reste 10 jours pour lire" in text
    answer = next(link["href"] for link in page.all("a") if "/convocation/" in link.get("href", ""))
    assert client.page(answer)
    assert client.send(answer, {"answer": "received"}).status_code == 303
    say(store, made, made.open_to_all.hearing_id, StatementKind.NO_RELATION)
    text = client.page("/jurys").text.replace(NBSP, " ")
    assert "Répondre à la convocation" not in text
    assert f"Déclarer, puis lire : {second}" in text
    assert f"Lire, puis attester : {first}" in text


def test_the_home_says_when_all_is_done_and_whom_a_juror_does_not_judge(client: CheckedClient, store: Database):
    made = day(store)
    with store.transaction() as session:
        card = pool.find_juror_by_email(session, made.scene.body_id, MANAGER.email)
        by, other = made.scene.certifier.id, made.barred_from.person.id
        conflicts_of_interest.record_conflict(session, card, other, ConflictKind.PERSONAL, by=by, at=now())
    for kind in (StatementKind.NO_RELATION, StatementKind.READ):
        say(store, made, made.open_to_all.hearing_id, kind)
    client.log_in(made.scene.members[SEAT].email, factories.PASSWORD)
    page = client.page("/jurys")
    answer = next(link["href"] for link in page.all("a") if "/convocation/" in link.get("href", ""))
    heard = made.open_to_all
    assert f"Donner vos avis : {heard.person.name}" in page.text.replace(NBSP, " ")
    client.send(answer, {"answer": "received"})
    text = client.page("/jurys").text.replace(NBSP, " ")
    assert f"Donner vos avis : {heard.person.name}" in text
    assert "tout est fait" not in text
    with store.transaction() as session:
        session.add(OpinionsGiven(hearing_id=heard.hearing_id, person_id=made.scene.members[SEAT].id, given_at=now()))
    text = client.page("/jurys").text.replace(NBSP, " ")
    assert "Rien : tout est fait" in text
    assert "lien connu" in text
    page = client.page(f"/jurys/{made.barred_from.hearing_id}/declaration")
    assert "Vous ne jugez pas" in page.text
    assert "lien familial ou personnel" in page.text


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch):
    """Read the pages so many days after the jury."""

    def later(number: int) -> None:
        moment = ON_THE_DAY + timedelta(days=number)
        monkeypatch.setattr(clock, "datetime", SimpleNamespace(now=lambda _zone: moment))

    return later


@pytest.mark.slow
def test_who_sat_reads_what_happened_to_the_decision_since(client: CheckedClient, store: Database, days):
    made = scene(store, refused=(2,))
    close(store, made)
    by, at = made.certifier.id, ON_THE_DAY + timedelta(days=3)
    days(3)
    client.log_in(made.members[SEAT].email, factories.PASSWORD)
    pages = ("/jurys", f"/jurys/{made.hearing_id}/resultat")

    def read() -> list[str]:
        return [client.page(page).text.replace(NBSP, " ") for page in pages]

    assert not [text for text in read() if "recours" in text.lower() or "Depuis la clôture" in text]
    with store.transaction() as session:
        asked = AppealInput(AppealKind.CERTIFIER, DAY, at.date(), "Un budget était joint.")
        appeal_id = appeals.register(session, made.hearing_id, asked, by=by, at=at).id
    assert all("recours reçu le 21 juin 2026, en attente de réponse" in text for text in read())
    with store.transaction() as session:
        appeals.answer(session, made.hearing_id, appeal_id, AppealOutcome.REJECTED, at.date(), "Non.", by=by, at=at)
        minutes.rectify(session, made.hearing_id, "Le lieu est Pessac.", by=by, at=at)
        grant = session.query(Grant).first()
        held_back = StatusChange(StatusChangeKind.SUSPENSION, "Un membre est contesté.", at.date())
        change_status(session, grant.id, held_back, act(), by=by, at=at + timedelta(hours=1))
    home, page = read()
    assert (
        "Depuis la clôture : recours rejeté le 21 juin 2026 ; procès-verbal rectifié le 21 juin 2026 ; "
        "effets suspendus le 21 juin 2026"
    ) in home
    assert "recours rejeté le 21 juin 2026" in page
    # Once the reading is over, nothing more of the person is told.
    days(31)
    client.log_in(made.members[SEAT].email, factories.PASSWORD)
    assert "Depuis la clôture" not in client.page("/jurys").text


def test_who_sat_reads_that_the_sitting_is_without_effect(client: CheckedClient, store: Database, days):
    made = scene(store)
    days(1)
    with store.transaction() as session:
        former_jury.void_hearing(session, made.hearing_id, "Jury irrégulier.", by=made.certifier.id, at=ON_THE_DAY)
    client.log_in(made.members[SEAT].email, factories.PASSWORD)
    assert "Depuis la clôture : séance sans effet" in client.page("/jurys").text.replace(NBSP, " ")


def row(candidate: str, **told) -> HomeHearing:
    """Return an open hearing of a presidency that has read, declared and given its opinions."""
    extent = ReadingExtent(frozenset(), 0)
    return HomeHearing(uuid4(), candidate, (1,), None, 0, 0, False, JurorStep.READY, True, True, False, extent, **told)


@pytest.mark.parametrize(
    ("days", "first", "second", "named", "step"),
    [
        (9, {}, {"has_given": False}, "Bilal", HearingStep.GIVE_OPINIONS),
        (9, {}, {}, "Ana", HearingStep.FOLLOW),
        (0, {"vacant": True}, {}, "Bilal", HearingStep.CHECK),
        (0, {}, {"to_vote": True}, "Bilal", HearingStep.VOTE),
        (0, {"suspension": Suspension(ON_THE_DAY, None)}, {}, "Bilal", HearingStep.CHECK),
        (0, {"suspension": Suspension(ON_THE_DAY, None)}, {"vacant": True}, "Ana", HearingStep.SUSPENDED),
    ],
)
def test_the_first_step_is_that_of_the_first_candidate_who_asks_something(days, first, second, named, step):
    told = (row("Ana", **first), row("Bilal", **second))
    home = HomeSession(uuid4(), DAY, "Bordeaux", "RNCP16959", Seat.PRESIDENT, False, told, days=days)
    assert (home.first_open.candidate, home.next_step) == (named, step)
