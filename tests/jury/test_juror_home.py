"""What a juror reads first: each session with its hours, its place, the order of passage and what remains to
be done before it.
"""

from __future__ import annotations

from datetime import timedelta

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury.rules.juror_card import ConflictKind
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury_session.use_cases import conflicts_of_interest, declarations, pool
from portfolio.french_text import NBSP
from portfolio.web.clock import now, today
from tests import factories
from tests.jury.builders import MANAGER, summon_session
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


def test_the_home_tells_the_hours_the_place_the_order_and_what_remains(
    client: CheckedClient, store: Database
):
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


def test_the_home_says_when_all_is_done_and_whom_a_juror_does_not_judge(
    client: CheckedClient, store: Database
):
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
    client.send(answer, {"answer": "received"})
    text = client.page("/jurys").text.replace(NBSP, " ")
    assert "Rien : tout est fait" in text
    assert "lien connu" in text
    page = client.page(f"/jurys/{made.barred_from.hearing_id}/declaration")
    assert "Vous ne jugez pas" in page.text
    assert "lien familial ou personnel" in page.text
