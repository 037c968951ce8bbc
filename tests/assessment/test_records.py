"""The jury decides from an assessment record, without any livret 2, by every route."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portfolio.domain.assessment.models import AssessmentResult, Cohort
from portfolio.domain.assessment.rules import AssessmentOutcome, AssessmentRefusal, DefenceMinutes, RetryRule
from portfolio.domain.assessment.use_cases import cohorts, plans, results
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.holdings.models.grants import Certificate
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury_session.use_cases import planning
from portfolio.domain.jury_session.use_cases.hearing_page import hearing_page_data
from portfolio.domain.jury_session.use_cases.hearing_state import load_hearing_state
from portfolio.domain.jury_session.use_cases.interview import record_defence
from portfolio.domain.notification.use_cases.notifying import notify
from portfolio.domain.submission.rules.dossier import PROOFS_VERSION, VERSION, redact
from portfolio.domain.submission.rules.manifest import UnreadableManifest, read_manifest, root_of, seal
from portfolio.errors import Refusal
from portfolio.screens.certifier.sessions.listing_queries import list_unscheduled_dossiers
from tests.assessment import builders
from tests.assessment.builders import OTHERS
from tests.holdings.closings import give_letters
from tests.notification.builders import SAID, speak
from tests.thoroughness import in_turn


@pytest.fixture
def made(db):
    with db.transaction() as session:
        return builders.ground(session)


def refused(code):
    return pytest.raises(Refusal, match=f"^{code}$")


@pytest.mark.slow
@pytest.mark.parametrize(("route", "database_url"), in_turn(OTHERS), indirect=["database_url"])
def test_a_jury_decides_by_this_route_from_the_record_alone_and_recompute_gives_what_is_stored(db, made, route):
    with db.transaction() as session:
        opened = builders.candidacy(session, made, route)
        builders.all_results(session, made, opened.id)
        submission_id = builders.sealed_record(session, made, opened.id)
        session_id, people = builders.session_of(session, made)
        hearing_id = builders.hearing_of(session, made, submission_id, session_id, people)
        candidacy_id = opened.id
    builders.decide(db, made, hearing_id, people[0])
    with db.reader() as session:
        assert session.get_one(Candidacy, candidacy_id).regime is Regime.OTHER
        assert session.get_one(Dossier, candidacy_id).is_required is False
        dossier = read_manifest(session.get_one(Submission, submission_id).manifest)
        assert dossier.statement is None
        assert [assessment.block for assessment in dossier.assessments] == [1, 2, 3, 3, 4]
        assert {assessment.exhibit for assessment in dossier.assessments} == {
            exhibit.label for exhibit in dossier.exhibits
        }
        assert len(session.scalars(select(Certificate)).all()) == 5
        assert recompute(session).ok
        assert check(session).ok


@pytest.fixture
def opened(db, made):
    with db.transaction() as session:
        return builders.candidacy(session, made, Route.APPRENTICESHIP).id


def heard(db, made, candidacy_id, **changes):
    """A record before a jury that is ready."""
    with db.transaction() as session:
        submission_id = builders.sealed_record(session, made, candidacy_id, changes.get("at", builders.SEALED_AT))
        session_id, people = builders.session_of(session, made, **changes)
        return builders.hearing_of(
            session, made, submission_id, session_id, people, changes.get("at", builders.SEALED_AT)
        ), people


@pytest.mark.records("assessment_recorded", "assessments_planned", "invited", "record_sealed")
def test_a_result_is_corrected_by_a_later_row_and_the_record_seals_the_last_word(db, made, opened):
    with db.transaction() as session:
        first = builders.result_of(session, made, opened, 1, builders.document()).id
    with db.transaction() as session:
        planned = plans.planned_lines(session, made.version_id)[0].id
        new = results.NewResult(planned, builders.ASSESSED, "Nadia Lemaire", AssessmentOutcome.FAILED, "8/20")
        results.record_result(session, opened, new, replaces=first, by=made.certifier.id, at=builders.RECORDED_AT)
        with refused(AssessmentRefusal.ALREADY_CORRECTED):
            results.record_result(session, opened, new, replaces=first, by=made.certifier.id, at=builders.RECORDED_AT)
        dossier = read_manifest(session.get_one(Submission, builders.sealed_record(session, made, opened)).manifest)
    assert [(assessment.outcome, assessment.detail) for assessment in dossier.assessments] == [
        (AssessmentOutcome.FAILED, "8/20")
    ]
    assert dossier.assessments[0].exhibit == "E-01"


def test_the_record_seals_where_the_paper_of_a_column_is_and_older_records_read_as_before(db, made, opened):
    with db.transaction() as session:
        builders.result_of(session, made, opened, 1, proof="PV signé du 10 juin, classeur 2026-A")
        builders.result_of(session, made, opened, 2)
    with db.transaction() as session:
        submission = session.get_one(Submission, builders.sealed_record(session, made, opened))
        manifest, root = bytes(submission.manifest), submission.root
    dossier = read_manifest(manifest)
    assert [assessment.proof for assessment in dossier.assessments] == ["PV signé du 10 juin, classeur 2026-A", None]
    assert dossier.header.version == PROOFS_VERSION
    assert root_of(manifest) == root
    # A record without such words is written byte for byte as before there were any.
    assessments = tuple(replace(assessment, proof=None) for assessment in dossier.assessments)
    older = seal(replace(dossier, header=replace(dossier.header, version=VERSION), assessments=assessments)).manifest
    assert b'"proof"' not in older
    assert read_manifest(older).assessments == assessments
    with pytest.raises(UnreadableManifest, match="unknown format"):
        read_manifest(older.replace(b'"version":1}', b'"version":4}', 1))
    # Erased, the words are gone and the record is still read.
    kept = redact(dossier, "Personne effacée")
    assert read_manifest(seal(kept).manifest) == kept
    assert kept.assessments[0].proof == ""
    with db.reader() as session:
        assert check(session).ok


def test_a_result_recorded_by_mistake_is_not_sealed_and_an_empty_record_is_refused(db, made, opened):
    with db.transaction() as session:
        first = builders.result_of(session, made, opened, 1).id
        planned = plans.planned_lines(session, made.version_id)[0].id
        new = results.NewResult(planned, builders.ASSESSED, "Nadia Lemaire", AssessmentOutcome.WITHDRAWN)
        results.record_result(session, opened, new, replaces=first, by=made.certifier.id, at=builders.RECORDED_AT)
        with refused(AssessmentRefusal.RECORD_EMPTY):
            builders.sealed_record(session, made, opened)


def test_a_recorded_result_is_never_changed(db, made, opened):
    with db.transaction() as session:
        builders.result_of(session, made, opened, 1)
    with pytest.raises(Exception, match="append-only"), db.transaction() as session:
        session.scalars(select(AssessmentResult)).one().examiner = "Quelqu’un d’autre"


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2026, 3, 3), AssessmentRefusal.NOT_TODAY), (date(2021, 8, 31), AssessmentRefusal.BEFORE_START)],
)
def test_an_assessment_is_dated_between_the_beginning_and_today(db, made, opened, day, code):
    with db.transaction() as session, refused(code):
        builders.result_of(session, made, opened, 1, assessed_on=day)


def test_a_candidacy_by_vae_takes_no_result(db, made):
    with db.transaction() as session:
        own = builders.candidacy(session, made, Route.VAE)
        with refused(AssessmentRefusal.HAS_DOSSIER):
            builders.result_of(session, made, own.id, 1)


def test_a_competency_is_shown_by_the_assessments_of_its_block_that_were_taken(db, made, opened):
    with db.transaction() as session:
        builders.result_of(session, made, opened, 1)
        builders.result_of(session, made, opened, 2, outcome=AssessmentOutcome.NOT_TAKEN)
    hearing_id, _people = heard(db, made, opened)
    with db.reader() as session:
        lines = {
            line.label: line.claims for _block, line in hearing_page_data(load_hearing_state(session, hearing_id)).lines
        }
    assert (lines["1.1"], lines["2.1"], lines["3.1"]) == (1, 0, 0)


def test_an_open_hearing_takes_the_new_record_until_a_member_has_read(db, made, opened):
    with db.transaction() as session:
        builders.result_of(session, made, opened, 1)
        first = builders.sealed_record(session, made, opened)
        session_id, people = builders.session_of(session, made)
        hearing = planning.add_hearing(session, session_id, first, by=made.certifier.id, at=builders.SEALED_AT)
        hearing_id = hearing.id
    with db.transaction() as session:
        builders.result_of(session, made, opened, 2)
        second = builders.sealed_record(session, made, opened)
    with db.transaction() as session:
        assert load_hearing_state(session, hearing_id).hearing.submission_id == second
        assert list_unscheduled_dossiers(session, made.body_id) == []
        builders.get_all_ready(
            session, hearing_id, [person.id for person in people], made.certifier.id, builders.SEALED_AT
        )
        with refused(AssessmentRefusal.RECORD_READ):
            builders.sealed_record(session, made, opened)


@pytest.mark.records("defence_recorded")
def test_the_defence_is_recorded_on_the_day_and_copied_into_the_minutes(db, made, opened):
    with db.transaction() as session:
        builders.all_results(session, made, opened)
    hearing_id, people = heard(db, made, opened)
    with db.transaction() as session:
        with refused(AssessmentRefusal.DEFENCE_DAY):
            record_defence(session, hearing_id, DefenceMinutes(30, 20), by=people[0].id, at=builders.SEALED_AT)
        record_defence(session, hearing_id, DefenceMinutes(30, 25), by=people[0].id, at=builders.ON_THE_DAY)
        record_defence(session, hearing_id, DefenceMinutes(30, 20), by=people[0].id, at=builders.ON_THE_DAY)
    builders.decide(db, made, hearing_id, people[0])
    with db.transaction() as session:
        minutes = session.scalars(select(Minutes)).one()
        assert minutes.composition["defence"] == {"presentation": 30, "questions": 20}
        with refused(AssessmentRefusal.DEFENCE_CLOSED):
            record_defence(session, hearing_id, DefenceMinutes(10, 10), by=people[0].id, at=builders.ON_THE_DAY)
        assert check(session).ok


def cohort(session, made, name, starts_on, ends_on, route=Route.APPRENTICESHIP):
    new = cohorts.NewCohort(made.version_id, route, name, starts_on, ends_on)
    return cohorts.create_cohort(session, made.body_id, new, by=made.certifier.id, at=builders.RECORDED_AT).id


@pytest.mark.slow
def test_whoever_failed_goes_before_the_jury_of_the_next_cohort_where_the_version_sets_it(db, made, opened):
    with db.transaction() as session:
        plans.set_plan(
            session, made.version_id, None, RetryRule.NEXT_COHORT, 0, by=made.certifier.id, at=builders.RECORDED_AT
        )
        first = cohort(session, made, "Promotion 2026", date(2025, 9, 1), date(2026, 7, 31))
        following = cohort(session, made, "Promotion 2027", date(2026, 9, 1), date(2027, 7, 31))
        cohorts.assign_cohort(session, opened, first, by=made.certifier.id, at=builders.RECORDED_AT)
        builders.all_results(session, made, opened)
    hearing_id, people = heard(db, made, opened)
    builders.decide(db, made, hearing_id, people[0], refused=(3,))
    later = builders.ON_THE_DAY + timedelta(days=1)
    speak(db, made)
    with db.transaction() as session:
        with refused(AssessmentRefusal.NOT_NOTIFIED):
            builders.sealed_record(session, made, opened, later)
        notify(session, opened, 1, {"3.3": SAID["2.3"]}, by=made.certifier.id, at=later)
        with refused(AssessmentRefusal.SAME_COHORT):
            builders.sealed_record(session, made, opened, later)
        cohorts.assign_cohort(session, opened, following, by=made.certifier.id, at=later)
        again = builders.sealed_record(session, made, opened, later)
        dossier = read_manifest(session.get_one(Submission, again).manifest)
        assert [block.number for block in dossier.blocks] == [3]
        assert [assessment.block for assessment in dossier.assessments] == [3, 3]
        early, _members = builders.session_of(session, made, held_on=date(2026, 7, 2), at=later)
        with refused(AssessmentRefusal.SESSION_TOO_SOON):
            planning.add_hearing(session, early, again, by=made.certifier.id, at=later)
        due, _members = builders.session_of(session, made, held_on=date(2027, 7, 1), at=later)
        planning.add_hearing(session, due, again, by=made.certifier.id, at=later)
    with db.reader() as session:
        assert check(session).ok


def test_without_a_rule_whoever_failed_goes_before_any_jury(db, made, opened):
    with db.transaction() as session:
        builders.all_results(session, made, opened)
    hearing_id, people = heard(db, made, opened)
    builders.decide(db, made, hearing_id, people[0], refused=(3,))
    with db.transaction() as session:
        give_letters(session, opened)
        assert builders.sealed_record(session, made, opened, builders.ON_THE_DAY)


def test_a_cohort_is_of_one_version_and_one_route_without_a_livret_2(db, made, opened):
    with db.transaction() as session:
        other = cohort(session, made, "Initiale", date(2025, 9, 1), date(2026, 7, 1), Route.INITIAL_TRAINING)
        with refused(AssessmentRefusal.FOREIGN_COHORT):
            cohorts.assign_cohort(session, opened, other, by=made.certifier.id, at=builders.RECORDED_AT)
        with refused(AssessmentRefusal.FOREIGN_COHORT):
            cohort(session, made, "VAE", date(2025, 9, 1), date(2026, 7, 1), Route.VAE)
        with refused(AssessmentRefusal.COHORT_NAME_TAKEN):
            cohort(session, made, "Initiale", date(2025, 9, 1), date(2026, 7, 1), Route.INITIAL_TRAINING)
        assert session.scalars(select(Cohort)).one().name == "Initiale"
