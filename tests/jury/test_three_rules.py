"""A jury of two, a parity jury, a jury of seven: composed on the session's page, checked live, refused for
one fault each.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from portfolio.db.engine import Database
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.entry import Entry, Route, RouteEntry
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.jury_rule import JuryCondition, JuryRule, JuryTerm, Seat, SeatTerms
from portfolio.domain.certification.rules.publication import SAMPLES, JurySample
from portfolio.domain.jury.rules.enums import College, JuryRefusal, TiesAnswer
from portfolio.domain.jury.rules.juror_card import MemberInput, Planning
from portfolio.domain.jury_session.use_cases import hearing_page
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.errors import Refusal
from portfolio.screens.certifier.sessions import page_queries
from portfolio.screens.juror.hearing import minutes
from portfolio.web.clock import today
from tests import factories
from tests.certification.answered import publish
from tests.jury.builders import DAY, SEALED_AT, STATEMENT
from tests.jury.test_session_pages import member_typed
from tests.page import CheckedClient

APPRENTICES = JuryRule(
    3,
    (Seat.PRESIDENT, Seat.PROFESSIONAL, Seat.PROFESSIONAL),
    conditions=(JuryCondition(JuryTerm.PROFESSIONALS_MIN, 2),),
    left_out=frozenset({JuryTerm.PRESIDENT_COLLEGE, JuryTerm.PRESIDENT_APPOINTED}),
    casting_vote=False,
)


class Planned:
    """A session on a published version with a rule of its own."""

    def __init__(
        self, db: Database, rule: JuryRule, routes: tuple[RouteEntry, ...] = (), route: Route | None = None
    ) -> None:
        with db.transaction() as session:
            self.body_id = factories.body(session).id
            self.certifier = factories.certifier(session, self.body_id)
            version = factories.published_version(session, self.body_id)
            entry = replace(entry_from_json(version.entry), code="RNCP12345", jury=rule)
            draft = self._draft(version, entry, routes)
            session.add(draft)
            session.flush()
            publish(session, draft.id, by=self.certifier.id, at=factories.AT)
            self.version_id = draft.id
            planning = Planning(draft.id, max(DAY, today()), "Bordeaux", route=route)
            self.id = planning_use_cases.plan_session(
                session, self.body_id, planning, by=self.certifier.id, at=SEALED_AT
            ).id

    @staticmethod
    def _draft(version: CertificationVersion, entry: Entry, routes: tuple[RouteEntry, ...]) -> CertificationVersion:
        whole = replace(entry, routes=(*entry.routes, *routes), code=version.certification.code)
        return CertificationVersion(
            certification=version.certification,
            number=2,
            entry=entry_as_json(whole),
            title=entry.title,
            level="7",
            imported_at=factories.AT,
        )

    def name(self, db: Database, number: int, seat: Seat, place: int = 1, **more: object) -> None:
        """Seat somebody who is tied to nobody."""
        given = {"college": College.NONE, "ties_answer": TiesAnswer.NONE, "qualified": number == 1, **more}
        naming = MemberInput(seat, f"membre{number}@exemple.fr", f"Personne {number}", "Qualité", place=place, **given)
        with db.transaction() as session:
            planning_use_cases.name_member(session, self.id, naming, by=self.certifier.id, at=SEALED_AT)

    def wrong(self, db: Database) -> set[str]:
        """Return which conditions prevent this jury from sitting."""
        with db.reader() as session:
            return {
                str(answer.id) for answer in page_queries.load_session_page(session, self.id).answers if answer.prevents
            }


def seats(count: int) -> Iterator[tuple[int, Seat, int]]:
    yield 1, Seat.PRESIDENT, 1
    for number in range(2, count + 1):
        yield number, Seat.MEMBER, number - 1


def test_a_jury_of_two_as_the_law_alone_asks_it(db: Database) -> None:
    made = Planned(db, SAMPLES[JurySample.TWO])
    made.name(db, 1, Seat.PRESIDENT)
    assert made.wrong(db) == {"J1", "J2", "J9"}
    made.name(db, 2, Seat.MEMBER)
    assert made.wrong(db) == set()


def test_a_parity_jury_is_refused_for_one_college_too_many(db: Database) -> None:
    made = Planned(db, SAMPLES[JurySample.PARITY])
    for number, seat, place in seats(4):
        made.name(db, number, seat, place, college=College.EMPLOYERS if number <= 3 else College.EMPLOYEES)
    assert made.wrong(db) == {"college_parity"}
    made.name(db, 3, Seat.MEMBER, 2, college=College.EMPLOYEES, seen=1)
    assert made.wrong(db) == set()


def test_a_jury_of_seven_is_refused_for_a_fifth_member_of_one_trade(db: Database) -> None:
    made = Planned(db, SAMPLES[JurySample.PROFESSIONALS])
    for number, seat, place in seats(7):
        trade = "" if number == 1 else "Coiffure" if number <= 6 else "Esthétique"
        made.name(db, number, seat, place, is_professional=bool(trade), trade=trade)
    assert made.wrong(db) == {"trade_max"}
    made.name(db, 6, Seat.MEMBER, 5, is_professional=True, trade="Esthétique", seen=1)
    assert made.wrong(db) == set()


def test_a_seat_that_the_rule_does_not_count_is_unknown(db: Database) -> None:
    made = Planned(db, SAMPLES[JurySample.TWO])
    with pytest.raises(Refusal) as refused:
        made.name(db, 2, Seat.MEMBER, 2)
    assert refused.value.code is JuryRefusal.SEAT_UNKNOWN


def test_a_hearing_takes_the_rule_of_its_route(db: Database) -> None:
    made = Planned(db, SAMPLES[JurySample.TWO], (RouteEntry(Route.APPRENTICESHIP, True, None, APPRENTICES),))
    with db.transaction() as session:
        version = session.get_one(CertificationVersion, made.version_id)
        candidate = factories.person(session, "Yanis Cordier")
        candidacy = factories.candidacy(session, version, candidate)
        candidacy.route = Route.APPRENTICESHIP
        factories.fill(
            session, candidacy.id, [competency for block in version.blocks for competency in block.competencies]
        )
        sealed = submit(session, candidacy.id, STATEMENT, by=candidate.id, at=SEALED_AT)
        submission_id = sealed.id
    with db.reader() as session:
        (waiting,) = page_queries.load_session_page(session, made.id).waiting
        assert waiting.obstacle is JuryRefusal.OTHER_SEATS
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        planning_use_cases.add_hearing(session, made.id, submission_id, by=made.certifier.id, at=SEALED_AT)
    assert refused.value.code is JuryRefusal.OTHER_SEATS
    with db.transaction() as session:
        planning = Planning(made.version_id, max(DAY, today()), "Lyon", route=Route.APPRENTICESHIP)
        own = planning_use_cases.plan_session(session, made.body_id, planning, by=made.certifier.id, at=SEALED_AT)
        hearing = planning_use_cases.add_hearing(session, own.id, submission_id, by=made.certifier.id, at=SEALED_AT)
        made.id, hearing_id = own.id, hearing.id
    made.name(db, 1, Seat.PRESIDENT)
    made.name(db, 2, Seat.PROFESSIONAL, is_professional=True, trade="Soudure")
    made.name(db, 3, Seat.PROFESSIONAL, 2)
    assert made.wrong(db) == {"professionals_min"}
    with db.reader() as session:
        page = minutes.load_attendance_page(session, hearing_id)
        assert "professionals_min" in {str(answer.id) for answer in page.answers if answer.prevents}
        assert hearing_page.load_hearing_page(session, hearing_id).casting_vote is False


def test_the_session_page_names_each_seat_of_a_kind_and_says_what_is_wrong(
    client: CheckedClient, store: Database
) -> None:
    made = Planned(store, SAMPLES[JurySample.PARITY])
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/sessions/{made.id}"
    page = client.page(url)
    assert "Membre du jury 3" in page.text
    typed = {"college": "employers", "ties_answer": "none", "qualified": "y"}
    for key, email in (("president", "un"), ("member", "deux"), ("member-2", "trois"), ("member-3", "quatre")):
        sent = client.send(
            f"{url}/sieges/{key}", member_typed(email=f"{email}@exemple.fr", name=f"Membre {email}", **typed)
        )
        assert sent.status_code == 303
    page = client.page(url)
    assert "Composition irrégulière" in page.text
    assert "4 du collège employeurs" in page.text
    assert "Remplacez un membre pour qu’il y ait autant d’employeurs que de salariés" in page.text
    assert client.get(f"{url}/sieges/member-9").status_code == 404
    assert client.get(f"{url}/sieges/member-1").status_code == 404


def test_the_form_of_a_seat_asks_what_the_seat_and_the_rule_ask(client: CheckedClient, store: Database) -> None:
    rule = replace(
        SAMPLES[JurySample.TWO], seat_terms=(SeatTerms(), SeatTerms(quality="expert", appointed_by="le syndicat"))
    )
    made = Planned(store, replace(rule, conditions=(JuryCondition(JuryTerm.PROFESSIONALS_MIN, 1),)))
    client.log_in(made.certifier.email, factories.PASSWORD)
    page = client.page(f"/sessions/{made.id}/sieges/member")
    assert "qualité : expert, désignation par le syndicat" in page.text.replace("\xa0", " ")
    assert page.all("input", name="meets_seat")
    assert page.all("input", name="trade")
    assert not client.page(f"/sessions/{made.id}/sieges/president").all("input", name="meets_seat")
