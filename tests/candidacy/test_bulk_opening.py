"""Many candidacies are opened from a spreadsheet: checked together, opened one by one, each once, and told as
they are.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.admissibility.use_cases import opening as opening_use_cases
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.candidate_sheet import MAX_LINES, CandidateLine, LineFault, read_lines
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import CandidacyRefusal, NewCandidacy, PersonInput, Scope
from portfolio.domain.candidacy_listing.use_cases import check
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.group_acts.models import BulkOpening, BulkOpeningLine
from portfolio.domain.group_acts.rules import KEPT_AFTER_END, MAX_TRIES
from portfolio.domain.group_acts.use_cases import openings
from portfolio.domain.group_acts.use_cases.orders import purge_ended
from portfolio.errors import Refusal
from tests import factories
from tests.factories import AT
from tests.page import CheckedClient

LATER = AT + timedelta(days=30)
LINES = [CandidateLine(number, f"Personne {number}", f"p{number}@exemple.fr") for number in range(1, 5)]


class Ordering:
    """A body with a published version, and what an order of four lines shares."""

    def __init__(self, db: Database) -> None:
        with db.transaction() as session:
            body = factories.body(session)
            self.body_id = body.id
            self.by = factories.certifier(session, body.id).id
            version = factories.published_version(session, body.id)
            self.shared = NewCandidacy(
                version_id=version.id, candidate=PersonInput("", ""), route=Route.VAE, regime=Regime.FRANCE_VAE,
                scope=Scope.WHOLE, block_ids=(), admissible_on=date(2021, 11, 12),
                advisor=PersonInput("advisor@exemple.fr", "Paul Adam"), route_confirmed=True,
            )  # fmt: skip

    def order(self, db: Database, lines: list[CandidateLine] = LINES) -> UUID:
        with db.transaction() as session:
            return openings.order_openings(session, self.body_id, self.shared, lines, by=self.by, at=LATER)

    def outcomes(self, db: Database, opening_id: UUID) -> list[str | None]:
        with db.reader() as session:
            found = openings.find_opening(session, self.body_id, opening_id)
            assert found is not None
            assert check(session).is_right
        return [line.outcome and line.outcome.value for line in found.lines]


@pytest.fixture
def ordering(db: Database) -> Ordering:
    """A body that opens candidacies."""
    return Ordering(db)


def _count(db: Database, table: type) -> int:
    with db.reader() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_lines_are_read_in_either_order_under_a_header_or_not():
    found = read_lines("Nom\tAdresse\nInès Duval\tines@exemple.fr\n\npaul@exemple.fr;Paul;Adam\n")
    assert [(line.number, line.name, line.email) for line in found.lines] == [
        (2, "Inès Duval", "ines@exemple.fr"),
        (4, "Paul Adam", "paul@exemple.fr"),
    ]
    assert found.wrong == ()


def test_each_wrong_line_is_named_with_its_number():
    text = "Inès;ines@exemple.fr\nPaul;paul@\nmarc@exemple.fr\nLéa;INES@exemple.fr"
    wrong = {line.number: line.fault for line in read_lines(text).wrong}
    assert wrong == {1: LineFault.TWICE, 2: LineFault.NO_EMAIL, 3: LineFault.NO_NAME, 4: LineFault.TWICE}
    many = read_lines("\n".join(f"N{number};n{number}@exemple.fr" for number in range(MAX_LINES + 1)))
    assert [line.fault for line in many.wrong] == [LineFault.TOO_MANY]


def test_a_candidacy_is_opened_in_each_transaction_and_the_names_leave_the_lines(db: Database, ordering: Ordering):
    opening_id = ordering.order(db)
    assert ordering.outcomes(db, opening_id) == [None] * 4
    assert _count(db, Candidacy) == 0
    assert openings.open_next(db, opening_id, at=LATER)
    assert ordering.outcomes(db, opening_id) == ["opened", None, None, None]
    assert _count(db, Candidacy) == 1
    # Another process goes on where the first one stopped, and nothing is done twice.
    while task := openings.claim_opening(db, lambda: LATER):
        task()
    assert ordering.outcomes(db, opening_id) == ["opened"] * 4
    assert _count(db, Candidacy) == 4
    with db.reader() as session:
        assert {(row.name, row.email) for row in session.scalars(select(BulkOpeningLine))} == {("", "")}
        done = session.get_one(BulkOpening, opening_id)
        assert (done.ended_at, done.shared) == (LATER, {})
        found = openings.find_opening(session, ordering.body_id, opening_id)
        assert found is not None
        assert [line.name for line in found.opened] == [line.name for line in LINES]
        assert openings.find_opening(session, done.ordered_by, opening_id) is None


def test_each_candidacy_keeps_the_postal_address_of_its_line(db: Database, ordering: Ordering):
    lines = [replace(LINES[0], postal_address="12 rue des Lilas\n69003 Lyon"), LINES[1]]
    openings.open_waiting(db, ordering.order(db, lines), lambda: LATER, seconds=60)
    with db.reader() as session:
        kept = set(session.scalars(select(Candidacy.postal_address)))
        assert kept == {"12 rue des Lilas\n69003 Lyon", None}
        assert session.scalars(select(BulkOpening.shared)).all() in ([{}], [{}, {}])


def test_each_candidate_has_a_letter_and_the_advisor_a_single_one(db: Database, ordering: Ordering):
    openings.open_waiting(db, ordering.order(db), lambda: LATER, seconds=60)
    with db.reader() as session:
        sent = [row.email for row in session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "invitation"))]
        assert sorted(sent) == ["advisor@exemple.fr", *(line.email for line in LINES)]
        advisors = session.scalars(select(Candidacy.advisor_id)).all()
        assert len(advisors) == 4
        assert len(set(advisors)) == 1


def test_a_stop_in_the_middle_of_a_person_leaves_nothing_of_them(
    db: Database, ordering: Ordering, monkeypatch: pytest.MonkeyPatch
):
    opening_id = ordering.order(db)
    whole = opening_use_cases.record_event

    def stop(session, action, *args, **more):
        whole(session, action, *args, **more)
        if action == "candidacy_opened":
            raise RuntimeError("stopped")

    monkeypatch.setattr(opening_use_cases, "record_event", stop)
    people = _count(db, Person)
    assert openings.open_next(db, opening_id, at=LATER)
    assert (_count(db, Candidacy), _count(db, Person), _count(db, OutgoingEmail)) == (0, people, 0)
    assert ordering.outcomes(db, opening_id) == [None] * 4
    for _ in range(MAX_TRIES - 1):
        openings.open_next(db, opening_id, at=LATER)
    assert ordering.outcomes(db, opening_id) == ["failed", None, None, None]
    monkeypatch.undo()
    openings.open_waiting(db, opening_id, lambda: LATER, seconds=60)
    assert ordering.outcomes(db, opening_id) == ["failed", "opened", "opened", "opened"]


def test_a_line_that_a_rule_refuses_meanwhile_is_told_and_stops_no_other(db: Database, ordering: Ordering):
    opening_id = ordering.order(db)
    with db.transaction() as session:
        first = replace(ordering.shared, candidate=PersonInput(LINES[1].email, "Ailleurs"))
        opening_use_cases.open_candidacy(session, ordering.body_id, first, by=ordering.by, at=LATER)
    openings.open_waiting(db, opening_id, lambda: LATER, seconds=60)
    assert ordering.outcomes(db, opening_id) == ["opened", "refused", "opened", "opened"]
    with db.reader() as session:
        found = openings.find_opening(session, ordering.body_id, opening_id)
        assert found is not None
        (line,) = found.not_opened
        assert (line.number, line.name, line.email) == (2, "Personne 2", "p2@exemple.fr")
        assert line.refusal == CandidacyRefusal.ALREADY_OPEN


def test_an_order_is_deleted_ninety_days_after_its_end(db: Database, ordering: Ordering):
    opening_id = ordering.order(db)
    assert purge_ended(db, LATER + 2 * KEPT_AFTER_END) == 0
    openings.open_waiting(db, opening_id, lambda: LATER, seconds=60)
    assert purge_ended(db, LATER + KEPT_AFTER_END) == 1
    assert (_count(db, BulkOpening), _count(db, BulkOpeningLine), _count(db, Candidacy)) == (0, 0, 4)


@pytest.mark.records("openings_ordered")
def test_what_is_refused_at_the_order_writes_nothing(db: Database, ordering: Ordering):
    openings.open_waiting(db, ordering.order(db, LINES[:1]), lambda: LATER, seconds=60)
    with pytest.raises(openings.LinesRefusedError) as refused:
        ordering.order(db, [*LINES, CandidateLine(9, "Paul Adam", "ADVISOR@exemple.fr")])
    assert [(one.line.number, one.code) for one in refused.value.refused] == [
        (1, CandidacyRefusal.ALREADY_OPEN),
        (9, CandidacyRefusal.ADVISOR_IS_CANDIDATE),
    ]
    ordering.shared = replace(ordering.shared, admissible_on=LATER.date() + timedelta(days=1))
    with pytest.raises(Refusal):
        ordering.order(db, LINES[1:])
    assert _count(db, BulkOpening) == 1


def test_the_page_says_what_is_open_and_what_is_not(client: CheckedClient, store: Database):
    with store.transaction() as session:
        world = factories.world(session, filled=False)
    client.log_in(world.certifier.email, factories.PASSWORD)
    shared = {"version_id": str(world.version.id), "route": "vae", "regime": "france_vae", "scope": "whole",
              "admissible_on": "2021-11-12", "advisor_name": "Paul Adam", "advisor_email": "paul.adam@exemple.fr"}  # fmt: skip
    taken = f"Inès Duval;ines@exemple.fr\nSamia;{world.candidate.email}"
    answer = client.send("/candidatures/plusieurs", {**shared, "lines": taken})
    assert "1\xa0ligne est déjà ouverte" in answer.get_data(as_text=True)
    same = client.send("/candidatures/plusieurs", {**shared, "lines": f"Samia;{world.candidate.email}"})
    assert "déjà été envoyée" in same.get_data(as_text=True)
    itself = {**shared, "lines": "Paul;paul.adam@exemple.fr\nInès;ines@exemple.fr", "step": "ouvrir"}
    answer = client.send("/candidatures/plusieurs", itself)
    assert answer.status_code == 409
    assert "Ligne 1, Paul" in answer.get_data(as_text=True)
    assert client.send("/candidatures/plusieurs", {**shared, "lines": "Inès", "step": "ouvrir"}).status_code == 422
    assert _count(store, Candidacy) == 1
    lines = "Inès Duval\tines@exemple.fr\nMarc Lefort\tmarc@exemple.fr"
    answer = client.send("/candidatures/plusieurs", {**shared, "lines": lines, "step": "ouvrir"})
    assert answer.status_code == 303
    with store.reader() as session:
        opening_id = session.scalars(select(BulkOpening.id)).one()
    assert answer.location.endswith(f"/candidatures/plusieurs/{opening_id}")
    openings.open_waiting(store, opening_id, lambda: LATER, seconds=60)
    text = client.page(answer.location).text
    assert "2 candidatures sont ouvertes" in text
    assert "Marc Lefort" in text
    assert "Inès Duval" in client.page("/candidatures").text
    with store.reader() as session:
        assert check(session).is_right


def test_a_day_is_asked_only_where_a_line_does_not_say_its_own(client: CheckedClient, store: Database):
    with store.transaction() as session:
        world = factories.world(session, filled=False)
    client.log_in(world.certifier.email, factories.PASSWORD)
    shared = {"version_id": str(world.version.id), "route": "vae", "regime": "france_vae", "scope": "whole"}
    rows = "Nom\tCourriel\tRecevable le\nInès Duval\tines@exemple.fr\t12/11/2021\nMarc Lefort\tmarc@exemple.fr\t"
    asked = client.send("/candidatures/plusieurs", {**shared, "lines": rows, "step": "ouvrir"})
    assert (asked.status_code, "Donnez la date de la décision" in asked.text) == (422, True)
    unread = client.send("/candidatures/plusieurs", {**shared, "lines": f"{rows}hier"})
    assert "n’est pas une date" in unread.text
    opened = client.send("/candidatures/plusieurs", {**shared, "lines": f"{rows}01/12/2021", "step": "ouvrir"})
    assert opened.status_code == 303
    with store.reader() as session:
        days = set(session.scalars(select(Candidacy.admissible_on)))
    assert {date(2021, 11, 12), date(2021, 12, 1)} <= days


def test_what_the_page_promises_is_what_it_does(client: CheckedClient, store: Database):
    with store.transaction() as session:
        world = factories.world(session, filled=False)
    client.log_in(world.certifier.email, factories.PASSWORD)
    here, title = "/candidatures/plusieurs", "Ouvrir plusieurs candidatures"
    home = client.get("/organisme").get_data(as_text=True)
    assert re.findall(rf'<a href="{here}">([^<]+)</a>', home) == [title], "a link bears the title of its page"
    page = client.page(here)
    assert f"{title} – Acquis" in client.get(here).get_data(as_text=True)
    for promised in (
        "Rien n’est ouvert avant que vous ayez vu",
        "la page compte celles qui le sont",
        "dit pourquoi une autre",
    ):
        assert promised in page.text
    # Nothing is opened before each line is seen, nor beside a wrong one before it is set aside.
    shared = {"version_id": str(world.version.id), "route": "vae", "regime": "france_vae", "scope": "whole",
              "admissible_on": "2021-11-12", "lines": "Inès Duval;ines@exemple.fr\nMarc Lefort"}  # fmt: skip
    seen = client.send(here, shared).get_data(as_text=True)
    assert "Inès Duval" in seen
    assert "Ligne 2" in seen
    assert client.send(here, {**shared, "step": "ouvrir"}).status_code == 422
    assert (_count(store, Candidacy), _count(store, BulkOpening)) == (1, 0)
    answer = client.send(here, {**shared, "step": "ouvrir", "set_aside": "y"})
    assert answer.status_code == 303
    # One that cannot be opened in its turn stops no other, and the page says why.
    with store.reader() as session:
        opening_id = session.scalars(select(BulkOpening.id)).one()
    openings.open_waiting(store, opening_id, lambda: LATER, seconds=60)
    assert "1 candidature est ouverte" in client.page(answer.location).text.replace("\u00a0", " ")
    with store.transaction() as session:
        order = openings.order_openings(
            session, world.body.id, _shared(world), LINES[:2], by=world.certifier.id, at=LATER
        )
    with store.transaction() as session:
        opening_use_cases.open_candidacy(
            session, world.body.id, replace(_shared(world), candidate=PersonInput(LINES[0].email, LINES[0].name)),
            by=world.certifier.id, at=LATER,
        )  # fmt: skip
    openings.open_waiting(store, order, lambda: LATER, seconds=60)
    told = client.page(f"{here}/{order}").text.replace("\u00a0", " ")
    assert "1 candidature est ouverte" in told
    assert "1 ligne n’est pas ouverte" in told
    assert re.search(r"Ligne 1, Personne 1 \(p1@exemple.fr\) : \S", told)


def _shared(world: factories.World) -> NewCandidacy:
    admissible = date(2021, 11, 12)
    asked = (world.version.id, PersonInput("", ""), Route.VAE, Regime.FRANCE_VAE, Scope.WHOLE, (), admissible)
    return NewCandidacy(*asked, route_confirmed=True)


def test_the_page_counts_what_waits(client: CheckedClient, store: Database):
    with store.transaction() as session:
        world = factories.world(session, filled=False)
        shared = NewCandidacy(world.version.id, PersonInput("", ""), Route.VAE, Regime.FRANCE_VAE, Scope.WHOLE, (),
                              date(2021, 11, 12), route_confirmed=True)  # fmt: skip
        opening_id = openings.order_openings(session, world.body.id, shared, LINES, by=world.certifier.id, at=LATER)
    client.log_in(world.certifier.email, factories.PASSWORD)
    assert "Le travail continue" in client.page(f"/candidatures/plusieurs/{opening_id}").text
    openings.open_next(store, opening_id, at=LATER)
    text = client.page(f"/candidatures/plusieurs/{opening_id}").text
    assert "1 sur 4 lignes" in text
    assert "est ouverte" not in text  # the number would stand still while the bar goes on
