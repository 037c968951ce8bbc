"""The certifier's screens of assessments, and the candidate's: what is refused is told, and what was typed stays."""

from datetime import date

import pytest
from sqlalchemy import func, select

from portfolio.domain.assessment.models import AssessmentResult, PlannedAssessment
from portfolio.domain.assessment.use_cases import plans
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.certification.rules.entry import Route
from tests import factories
from tests.assessment import builders
from tests.page import Page


@pytest.fixture
def made(store):
    with store.transaction() as session:
        return builders.ground(session)


@pytest.fixture
def certifier(client, made):
    client.log_in(made.certifier.email, factories.PASSWORD)
    return client


@pytest.fixture
def home(store, made):
    with store.transaction() as session:
        return f"/candidatures/{builders.candidacy(session, made, Route.INITIAL_TRAINING).id}"


def how_many(store, table):
    with store.reader() as session:
        return session.scalar(select(func.count()).select_from(table))


def plan_of(made):
    return f"/certifications/versions/{made.version_id}/evaluations"


def result(store, made, **changes):
    with store.reader() as session:
        planned = plans.planned_lines(session, made.version_id)[0].id
    said = {"planned_id": str(planned), "assessed_on": "10/06/2022", "examiner": "Nadia Lemaire", "outcome": "passed"}
    return said | changes


@pytest.mark.records("planned_assessment_changed", "planned_assessment_removed")
def test_the_plan_of_a_version_is_taken_from_its_entry_then_corrected(client, store):
    with store.transaction() as session:
        body = factories.body(session)
        someone = factories.certifier(session, body.id)
        version = factories.published_version(session, body.id)
    client.log_in(someone.email, factories.PASSWORD)
    where = f"/certifications/versions/{version.id}/evaluations"
    assert "La fiche nomme 4 évaluations" in client.page(where).text
    client.send(f"{where}/fiche", form=where)
    assert how_many(store, PlannedAssessment) == 4
    client.send(where, {"kind": "deliverable", "title": "Plan d’action", "block": ""})
    with store.reader() as session:
        last = plans.planned_lines(session, version.id)[-1]
    assert (
        client.send(f"{where}/{last.id}", {"kind": "deliverable", "title": "Plan chiffré", "block": "2"}).status_code
        == 303
    )
    assert "Plan chiffré" in client.page(where).text
    client.send(f"{where}/{last.id}/retrait", form=f"{where}/{last.id}")
    assert how_many(store, PlannedAssessment) == 4


def test_the_defence_takes_two_durations_or_none(certifier, made):
    where = plan_of(made)
    answer = certifier.send(
        f"{where}/regles", {"presentation": "30", "questions": "", "retry": "next_cohort"}, form=where
    )
    assert answer.status_code == 422
    assert "Donnez la durée de l’échange" in Page(answer.text).text
    answer = certifier.send(
        f"{where}/regles", {"presentation": "une heure", "questions": "20", "retry": "any_jury"}, form=where
    )
    assert "Écrivez un nombre de minutes" in Page(answer.text).text
    assert "une heure" in answer.text
    said = {"presentation": "30", "questions": "20", "retry": "next_cohort"}
    assert certifier.send(f"{where}/regles", said, form=where).status_code == 303


@pytest.mark.records("assessment_plan_set")
def test_two_people_who_set_the_rules_at_once_see_both(certifier, made):
    where = plan_of(made)
    page = certifier.page(where)
    said = {"presentation": "30", "questions": "20", "retry": "next_cohort", "csrf_token": page.hidden("csrf_token")}
    assert certifier.post(f"{where}/regles", data=said | {"revision": "0"}).status_code == 303
    answer = certifier.post(f"{where}/regles", data=said | {"revision": "0", "presentation": "45"})
    assert answer.status_code == 409
    assert "Ces règles ont changé entre-temps" in Page(answer.text).text
    assert 'value="45"' in answer.text


def test_a_planned_assessment_that_a_result_names_stays(certifier, store, made, home):
    certifier.send(f"{home}/evaluations/nouvelle", result(store, made))
    with store.reader() as session:
        first = plans.planned_lines(session, made.version_id)[0].id
    page = certifier.page(f"{plan_of(made)}/{first}")
    assert "elle ne se retire plus" in page.text
    sent = {"csrf_token": page.hidden("csrf_token"), "nonce": "une fois"}
    assert certifier.post(f"{plan_of(made)}/{first}/retrait", data=sent).status_code == 409


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"examiner": ""}, 422, "Choisissez la personne qui a évalué dans la liste, ou écrivez son nom."),
        ({"assessed_on": "demain"}, 422, "Écrivez la date sous la forme jour/mois/année"),
        ({"outcome": ""}, 422, "Choisissez le résultat."),
        ({"planned_id": "x"}, 422, "Choisissez une des réponses proposées."),
        ({"outcome": "withdrawn"}, 422, "Choisissez une des réponses proposées."),
        ({"assessed_on": "01/01/2199"}, 409, "Cette date est à venir."),
        ({"assessed_on": "01/01/2001"}, 409, "Cette date est avant le début de la formation"),
    ],
)
def test_a_result_that_cannot_be_kept_is_told_and_not_lost(certifier, store, made, home, changes, status, sentence):
    answer = certifier.send(f"{home}/evaluations/nouvelle", result(store, made, detail="Ma note, gardée.", **changes))
    assert answer.status_code == status
    assert sentence in Page(answer.text).text
    assert "Ma note, gardée." in answer.text
    assert how_many(store, AssessmentResult) == 0


def test_a_double_click_records_one_result(certifier, store, made, home):
    form = f"{home}/evaluations/nouvelle"
    page = certifier.page(form)
    said = result(store, made, csrf_token=page.hidden("csrf_token"), nonce=page.hidden("nonce"))
    assert certifier.post(form, data=said).headers["Location"] == certifier.post(form, data=said).headers["Location"]
    assert how_many(store, AssessmentResult) == 1


def test_a_correction_leaves_the_former_line_to_be_read(certifier, store, made, home):
    certifier.send(f"{home}/evaluations/nouvelle", result(store, made, outcome="failed"))
    with store.reader() as session:
        first = session.scalars(select(AssessmentResult.id)).one()
    certifier.send(f"{home}/evaluations/{first}/correction", result(store, made))
    page = certifier.page(f"{home}/evaluations")
    assert "1 ligne corrigée" in page.text
    assert "Réussie" in page.text
    again = certifier.send(f"{home}/evaluations/{first}/correction", result(store, made))
    assert again.status_code == 409
    assert "déjà été corrigé" in Page(again.text).text


def test_a_record_is_fixed_once_its_box_is_ticked(certifier, store, made, home):
    certifier.send(f"{home}/evaluations/nouvelle", result(store, made))
    answer = certifier.send(f"{home}/evaluations/releve", form=f"{home}/evaluations")
    assert answer.status_code == 422
    assert how_many(store, Submission) == 0
    certifier.send(f"{home}/evaluations/releve", {"sure": "y"}, form=f"{home}/evaluations")
    assert "Inscrivez la personne à une session de jury" in certifier.page(f"{home}/evaluations").text
    certifier.send(f"{home}/evaluations/nouvelle", result(store, made))
    assert "Le relevé présenté n’a pas tout" in certifier.page(f"{home}/evaluations").text


@pytest.mark.records("cohort_assigned", "cohort_created")
def test_a_cohort_is_created_then_joined_and_the_rule_after_a_failure_is_told(certifier, store, made, home):
    with store.reader() as session:
        version = str(made.version_id)
        assert session is not None
    said = {"name": "Promotion 2026", "version_id": version, "route": "initial_training"}
    wrong = certifier.send("/promotions", said | {"starts_on": "2026-09-01", "ends_on": "2026-07-01"})
    assert wrong.status_code == 422
    assert "Le dernier jour est avant le premier" in Page(wrong.text).text
    answer = certifier.send("/promotions", said | {"starts_on": "2025-09-01", "ends_on": "2026-07-01"})
    cohort = answer.headers["Location"].rpartition("/")[2]
    twice = certifier.send("/promotions", said | {"starts_on": "2025-09-01", "ends_on": "2026-07-01"})
    assert twice.status_code == 409
    assert certifier.send(f"{home}/promotion", {"cohort_id": cohort}, form=f"{home}/evaluations").status_code == 303
    assert "Samia Benali" in certifier.page(f"/promotions/{cohort}").text
    assert "En cas d’échec" in certifier.page(f"{home}/evaluations").text


def test_a_candidacy_by_vae_has_no_page_of_assessments(certifier, store, made):
    with store.transaction() as session:
        own = builders.candidacy(session, made, Route.VAE, admissible_on=date(2021, 11, 12)).id
    for where in ("", "/nouvelle"):
        assert certifier.get(f"/candidatures/{own}/evaluations{where}").status_code == 404


@pytest.mark.parametrize("where", ["experiences", "preuves", "textes", "depot", "accompagnement"])
def test_a_candidate_without_a_livret_2_has_no_room_of_one(client, store, made, where):
    with store.transaction() as session:
        opened = builders.candidacy(session, made, Route.CONTINUING_TRAINING)
        opened.candidate.password_hash = factories._hash
        email, own = opened.candidate.email, opened.id
    client.log_in(email, factories.PASSWORD)
    assert client.get(f"/dossiers/{own}").headers["Location"].endswith("/parcours")
    page = client.page(f"/dossiers/{own}/parcours")
    assert "Ma formation" in page.text
    assert "livret" not in page.text.lower()
    assert client.get(f"/dossiers/{own}/{where}").status_code in (403, 404)


def test_nobody_is_proposed_as_examiner_and_a_name_typed_is_kept(certifier, store, made):
    with store.transaction() as session:
        candidacy_id = builders.candidacy(session, made, Route.APPRENTICESHIP).id
    where = f"/candidatures/{candidacy_id}/evaluations/nouvelle"
    page = certifier.page(where)
    selected = {option["value"] for option in page.all("option") if "selected" in option}
    assert str(made.certifier.id) not in selected
    typed = result(store, made, examiner="")
    options = [option["value"] for option in page.all("option")]
    assert str(made.certifier.id) in options
    assert certifier.send(where, typed | {"examiner_id": str(made.certifier.id)}, form=where).status_code == 303
    assert certifier.send(where, result(store, made), form=where).status_code == 303
    page = certifier.page(where)
    selected = {option["value"] for option in page.all("option") if "selected" in option}
    assert str(made.certifier.id) not in selected, "nor who examined last"
    both = result(store, made, examiner="Odile Vasseur") | {"examiner_id": str(made.certifier.id)}
    assert certifier.send(where, both, form=where).status_code == 303
    with store.reader() as session:
        rows = session.scalars(select(AssessmentResult).order_by(AssessmentResult.recorded_at)).all()
        assert {(row.examiner, row.examiner_id is not None) for row in rows} == {
            (made.certifier.name, True),
            ("Nadia Lemaire", False),
            ("Odile Vasseur", False),
        }
