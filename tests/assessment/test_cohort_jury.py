"""A class goes before a jury in one act, all of it or none; who failed is proposed what the rule of the entry allows."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portfolio.domain.assessment.models import AssessmentResult, Cohort
from portfolio.domain.assessment.rules import RetryRule
from portfolio.domain.assessment.use_cases import cohorts, grids, plans
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury_session.use_cases import cohort_sessions
from portfolio.web.clock import now, today
from tests import factories
from tests.assessment import builders


@pytest.fixture
def made(store):
    with store.transaction() as session:
        return builders.ground(session)


def cohort_of(session, made, name, ends_on):
    new = cohorts.NewCohort(made.version_id, Route.APPRENTICESHIP, name, builders.BEGAN, ends_on)
    return cohorts.create_cohort(session, made.body_id, new, by=made.certifier.id, at=factories.AT).id


@pytest.fixture
def cohort(store, made):
    with store.transaction() as session:
        cohort_id = cohort_of(session, made, "2A", builders.DAY)
        for number in range(3):
            opened = builders.candidacy(session, made, Route.APPRENTICESHIP, f"a{number} Roy")
            session.get_one(Candidacy, opened.id).cohort_id = cohort_id
            for planned in range(1, 6) if number < 2 else ():
                builders.result_of(session, made, opened.id, planned)
        return cohort_id


def jury_of(store, made, cohort_id):
    with store.reader() as session:
        grid = grids.load_cohort_grid(session, made.body_id, cohort_id)
        return cohort_sessions.load_cohort_jury(session, grid, today())


def how_many(store, table):
    with store.reader() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_class_is_seated_in_one_act_and_a_person_without_result_stops_it_by_name(client, store, made, cohort):
    with store.transaction() as session:
        session_id, _ = builders.session_of(session, made, held_on=today() + timedelta(days=60), at=now())
    client.log_in(made.certifier.email, factories.PASSWORD)
    url, members = f"/promotions/{cohort}/jury", jury_of(store, made, cohort).members
    assert [(member.missing, member.is_ready) for member in members] == [(0, True), (0, True), (5, False)]
    typed = {"people": [str(member.candidacy_id) for member in members], "session_id": str(session_id), "sure": "y"}
    answer = client.send(url, typed)
    assert answer.status_code == 409
    assert "a2 Roy" in answer.text
    assert (how_many(store, Submission), how_many(store, Hearing)) == (0, 0), "all of them or none"
    assert client.send(url, typed | {"people": typed["people"][:2]}).status_code == 303
    assert (how_many(store, Submission), how_many(store, Hearing)) == (2, 2)
    assert [member.heard_on is not None for member in jury_of(store, made, cohort).members] == [True, True, False]


@pytest.mark.parametrize("rule", list(RetryRule))
def test_who_failed_is_proposed_the_next_session_that_the_rule_allows(client, store, made, cohort, rule):
    with store.transaction() as session:
        plans.set_plan(session, made.version_id, None, rule, 0, by=made.certifier.id, at=factories.AT)
        failed = session.scalars(select(AssessmentResult.candidacy_id)).first()
        held, people = builders.session_of(session, made)
        hearing = builders.hearing_of(session, made, builders.sealed_record(session, made, failed), held, people)
    builders.decide(store, made, hearing, people[0], refused=(3,))
    with store.transaction() as session:
        coming, _ = builders.session_of(session, made, held_on=today() + timedelta(days=60), at=now())
    jury = jury_of(store, made, cohort)
    assert [member.candidacy_id for member in jury.failed] == [failed]
    assert (jury.next_session and jury.next_session.id) == (coming if rule is RetryRule.ANY_JURY else None)
    if rule is RetryRule.ANY_JURY:
        return
    with store.transaction() as session:
        later = cohort_of(session, made, "2B", builders.DAY + timedelta(days=365))
    jury = jury_of(store, made, cohort)
    assert (jury.next_cohort.id, jury.next_session.id) == (later, coming)
    client.log_in(made.certifier.email, factories.PASSWORD)
    assert client.send(f"/promotions/{cohort}/suite", {}, form=f"/promotions/{cohort}/jury").status_code == 303
    with store.reader() as session:
        assert session.get_one(Candidacy, failed).cohort_id == later


@pytest.mark.records("cohort_changed")
def test_a_cohort_takes_another_name_and_another_last_day(store, made):
    last_day = builders.DAY + timedelta(days=1)
    corrected = cohorts.NewCohort(made.version_id, Route.APPRENTICESHIP, "2A bis", builders.BEGAN, last_day)
    with store.transaction() as session:
        cohort_id = cohort_of(session, made, "2A", builders.DAY)
        cohorts.change_cohort(session, made.body_id, cohort_id, corrected, by=made.certifier.id, at=factories.AT)
    with store.reader() as session:
        row = session.get_one(Cohort, cohort_id)
        assert (row.name, row.ends_on) == ("2A bis", last_day)
