"""One act for many candidacies: who is concerned is read again, each is done once, and what is not done is
said with its reason.
"""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from portfolio.db.engine import Database
from portfolio.domain.account.models import AccountToken, Person
from portfolio.domain.account.use_cases import start_session
from portfolio.domain.admissibility.use_cases.corrections import record_closure
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.candidacy.rules.stage import ClosureKind
from portfolio.domain.candidacy_listing.use_cases import check
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.group_acts.models import GroupAct, GroupActLine
from portfolio.domain.group_acts.rules import KEPT_AFTER_END, GroupActKind, LineFacts, LineOutcome, reason_not_done
from portfolio.domain.group_acts.use_cases.orders import (
    OrderedAct,
    carry_out,
    carry_out_next,
    claim_group_act,
    find_result,
    order,
    purge_ended,
    repeat,
)
from tests import factories
from tests.factories import AT
from tests.page import CheckedClient, Page

LATER = AT + timedelta(days=30)


class People:
    """Candidates of one body: three who never came, one who came, one whose candidacy is closed."""

    def __init__(self, db: Database) -> None:
        with db.transaction() as session:
            body = factories.body(session)
            self.body_id = body.id
            self.certifier = factories.certifier(session, body.id)
            version = factories.published_version(session, body.id)
            self.ids: list[UUID] = []
            self.people: list[UUID] = []
            for name in ("Inès Duval", "Marc Lefort", "Samia Benali", "Paul Adam", "Aya Diallo"):
                who = factories.person(session, name, f"{name.split()[0].lower()}@exemple.fr")
                if name != "Paul Adam":
                    who.password_hash = None
                self.people.append(who.id)
                self.ids.append(factories.candidacy(session, version, who).id)
        with db.transaction() as session:
            start_session(session, self.people[3], timedelta(hours=1), at=AT + timedelta(days=1))
            by = self.certifier.id
            record_closure(session, self.ids[4], ClosureKind.ABANDONED, "Abandon.", by=by, at=AT)

    def ordered(self, db: Database, act: OrderedAct) -> UUID:
        with db.transaction() as session:
            return order(session, self.body_id, act, self.ids, by=self.certifier.id, at=LATER)


@pytest.fixture
def people(db: Database) -> People:
    """Five candidacies of one body."""
    return People(db)


def _outcomes(db: Database, people: People, act_id: UUID) -> list[str | None]:
    with db.reader() as session:
        found = find_result(session, people.body_id, act_id)
        assert check(session).is_right
    return [line.outcome and line.outcome.value for line in found.lines]


def _letters(db: Database, kind: str) -> list[str]:
    with db.reader() as session:
        rows = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == kind).order_by(OutgoingEmail.id)).all()
        return sorted(row.email for row in rows)


def test_the_reason_for_which_nothing_is_done():
    assert reason_not_done(GroupActKind.INVITE, LineFacts(has_come=True)) is LineOutcome.HAS_COME
    assert reason_not_done(GroupActKind.WRITE, LineFacts(has_come=True, is_closed=True)) is None
    assert reason_not_done(GroupActKind.ASSIGN, LineFacts(is_closed=True)) is LineOutcome.CLOSED
    assert all(reason_not_done(kind, LineFacts(is_erased=True)) is LineOutcome.ERASED for kind in GroupActKind)


@pytest.mark.records("group_act_ordered")
def test_only_those_who_never_came_are_invited_again(db: Database, people: People):
    act_id = people.ordered(db, OrderedAct(GroupActKind.INVITE))
    assert _outcomes(db, people, act_id) == [None] * 5
    carry_out(db, act_id, lambda: LATER, seconds=60)
    assert _outcomes(db, people, act_id) == ["done", "done", "done", "has_come", "closed"]
    assert _letters(db, "invitation") == ["inès@exemple.fr", "marc@exemple.fr", "samia@exemple.fr"]
    with db.reader() as session:
        assert session.scalar(select(func.count()).select_from(AccountToken)) == 3
        assert session.get_one(GroupAct, act_id).ended_at == LATER


@pytest.mark.records("group_letter_written")
def test_a_letter_goes_to_each_person_alone_and_once(db: Database, people: People):
    with db.transaction() as session:
        twice = session.get_one(Person, people.people[0])
        version = session.get_one(Candidacy, people.ids[0]).version
        people.ids.append(factories.candidacy(session, version, twice).id)
    act_id = people.ordered(
        db, OrderedAct(GroupActKind.WRITE, subject="Réunion du 4 mai", text="Venez à 14 heures.\n\nHélène")
    )
    carry_out(db, act_id, lambda: LATER, seconds=60)
    assert _outcomes(db, people, act_id) == ["done"] * 5 + ["same_person"]
    with db.reader() as session:
        rows = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "free_text")).all()
        assert len({row.person_id for row in rows}) == len(rows) == 5
        assert {row.subject for row in rows} == {"Réunion du 4 mai"}
        for row in rows:
            others = [each.name for each in rows if each is not row]
            assert f"Bonjour {row.name}," in row.text
            assert "Venez à 14 heures.\n\nHélène" in row.text
            assert not any(name in row.text for name in others)
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("group_%"))).all()
        assert sorted(actions) == ["group_act_ordered"] + ["group_letter_written"] * 5
        # The letters keep the words; the order does not.
        assert session.get_one(GroupAct, act_id).text == ""


def test_an_advisor_is_told_once_and_a_rule_that_refuses_is_named(db: Database, people: People):
    advisor = PersonInput("marc@exemple.fr", "Marc Lefort")
    act_id = people.ordered(db, OrderedAct(GroupActKind.ASSIGN, advisor=advisor))
    carry_out(db, act_id, lambda: LATER, seconds=60)
    # He is the second candidate: nobody accompanies their own dossier.
    assert _outcomes(db, people, act_id) == ["done", "refused", "done", "done", "closed"]
    with db.reader() as session:
        assert find_result(session, people.body_id, act_id).lines[1].refusal == "advisor_is_candidate"
        assert {session.get_one(Candidacy, key).advisor_id for key in people.ids[:4:2]} == {people.people[1]}
        letters = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "invitation")).all()
        assert ["plusieurs dossiers" in letter.text for letter in letters] == [True]
    again = people.ordered(db, OrderedAct(GroupActKind.ASSIGN, advisor=advisor))
    carry_out(db, again, lambda: LATER, seconds=60)
    assert _outcomes(db, people, again)[0] == "same_advisor"


def test_a_stop_in_the_middle_loses_nothing_and_repeats_nothing(db: Database, people: People):
    act_id = people.ordered(db, OrderedAct(GroupActKind.INVITE))
    assert carry_out_next(db, act_id, at=LATER)
    assert _outcomes(db, people, act_id).count("done") == 1
    # The worker goes on from there.
    while task := claim_group_act(db, lambda: LATER):
        task()
    assert _outcomes(db, people, act_id).count("done") == 3
    assert len(_letters(db, "invitation")) == 3


def test_a_line_that_fails_is_tried_again_then_given_up(db: Database, people: People):
    act_id = people.ordered(db, OrderedAct(GroupActKind.INVITE))
    with db.transaction() as session:
        # A candidacy of another body, as no order writes it: what reads it fails.
        version = factories.published_version(session, factories.body(session, "Autre organisme").id, "RNCP40001")
        foreign = factories.candidacy(session, version, factories.person(session, "Zoé"))
        session.add(GroupActLine(act_id=act_id, candidacy_id=foreign.id, rank=-1))
    carry_out(db, act_id, lambda: LATER, seconds=60)
    assert _outcomes(db, people, act_id) == ["failed", "done", "done", "done", "has_come", "closed"]
    with db.reader() as session:
        assert session.get_one(GroupActLine, (act_id, foreign.id)).tries == 3


def test_an_act_of_another_body_is_not_found_and_takes_none_of_its_candidacies(db: Database, people: People):
    with db.transaction() as session:
        other = factories.body(session, "Autre organisme")
        act_id = order(session, other.id, OrderedAct(GroupActKind.INVITE), people.ids, by=people.certifier.id, at=LATER)
    with db.reader() as session:
        assert find_result(session, people.body_id, act_id) is None
        assert find_result(session, other.id, act_id).lines == ()


def _chosen(people: People, numbers: tuple[int, ...]) -> str:
    return "&".join(f"c={people.ids[number].hex}" for number in numbers)


def test_the_screens_say_how_many_and_who_then_what_was_done(client: CheckedClient, store: Database):
    people = People(store)
    client.log_in(people.certifier.email, factories.PASSWORD)
    assert "Agir sur plusieurs candidatures" in client.page("/candidatures").text
    asked = f"/candidatures/ensemble?acte=inviter&portee=cochees&{_chosen(people, (0, 1, 3))}"
    page = client.page(asked)
    assert "Renvoyer 2 invitations" in page.text
    assert "Une première connexion a déjà eu lieu" in page.text
    fields = page.hidden_fields("/candidatures/ensemble")
    first = client.post("/candidatures/ensemble", data=fields)
    assert first.status_code == 303
    shown = client.page(first.headers["Location"]).text
    assert "2 invitations sont écrites" in shown.replace("\u00a0", " ")
    assert "Paul Adam" in shown
    # The same form sent twice is one act.
    assert client.post("/candidatures/ensemble", data=fields).headers["Location"] == first.headers["Location"]
    assert len(_letters(store, "invitation")) == 2


def test_the_whole_list_is_what_the_filter_shows(client: CheckedClient, store: Database):
    people = People(store)
    client.log_in(people.certifier.email, factories.PASSWORD)
    page = client.page("/candidatures/ensemble?acte=ecrire&portee=liste&etape=invitations")
    assert "Écrire à ces 3 personnes" in page.text
    assert "Paul Adam" not in page.text
    nobody = client.page("/candidatures/ensemble?acte=ecrire&portee=liste&cherche=zzzz").text
    assert "Cochez au moins une personne" in nobody


def test_what_was_typed_stays_on_a_refusal(client: CheckedClient, store: Database):
    people = People(store)
    client.log_in(people.certifier.email, factories.PASSWORD)
    asked = f"/candidatures/ensemble?acte=ecrire&portee=cochees&{_chosen(people, (0, 1))}"
    text = "Un long texte que personne ne doit récrire."
    answer = client.send("/candidatures/ensemble", {"subject": "", "text": text}, form=asked)
    assert answer.status_code == 422
    shown = Page(answer.text)
    assert text in shown.text
    assert "Donnez un objet" in shown.text
    assert "Écrire à ces 2 personnes" in shown.text
    lost = client.send("/candidatures/ensemble", {"subject": "A", "text": text, "ids": "x"}, form=asked)
    assert lost.status_code == 422
    assert text in Page(lost.text).text, "its author copies it"
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(GroupAct)) == 0


def test_an_act_is_deleted_ninety_days_after_its_end_and_what_it_led_to_stays(db: Database, people: People):
    ended = people.ordered(db, OrderedAct(GroupActKind.INVITE))
    carry_out(db, ended, lambda: LATER, seconds=60)
    waiting = people.ordered(db, OrderedAct(GroupActKind.INVITE))
    assert purge_ended(db, LATER + KEPT_AFTER_END - timedelta(seconds=1)) == 0
    assert purge_ended(db, LATER + KEPT_AFTER_END) == 1
    with db.reader() as session:
        assert session.scalars(select(GroupAct.id)).all() == [waiting]
        assert set(session.scalars(select(GroupActLine.act_id))) == {waiting}
        assert find_result(session, people.body_id, ended) is None
        assert session.scalar(select(func.count()).select_from(Candidacy)) == len(people.ids)
        kept = session.scalars(select(AuditEvent.action).where(AuditEvent.object_id == ended)).all()
    assert kept == ["group_act_ordered"]
    assert len(_letters(db, "invitation")) == 3


def test_a_step_is_not_claimed_while_another_one_runs(db: Database, people: People):
    people.ordered(db, OrderedAct(GroupActKind.INVITE))
    claimed: list[object] = []
    repeat(db, lambda: bool(claimed.append(claim_group_act(db, lambda: LATER))), seconds=1)
    assert claimed == [None]
    assert claim_group_act(db, lambda: LATER) is not None
