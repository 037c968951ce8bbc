"""The results of a class in one table: only what changes is recorded, all or none; a file goes and comes back."""

import io

import pytest
from sqlalchemy import select

from portfolio.domain.assessment.models import AssessmentResult
from portfolio.domain.assessment.rules import AssessmentOutcome
from portfolio.domain.assessment.use_cases import cohorts, grids
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.rules.entry import Route
from portfolio.files.conversion.tables import read_table
from portfolio.wording.assessment import outcome_cell, read_outcome
from tests import factories
from tests.assessment import builders


@pytest.fixture
def made(store):
    with store.transaction() as session:
        return builders.ground(session)


@pytest.fixture
def people(store, made):
    with store.transaction() as session:
        new = cohorts.NewCohort(made.version_id, Route.APPRENTICESHIP, "2A", builders.BEGAN, builders.DAY)
        cohort = cohorts.create_cohort(session, made.body_id, new, by=made.certifier.id, at=factories.AT)
        for number in range(2):
            opened = builders.candidacy(session, made, Route.APPRENTICESHIP, f"a{number} Roy")
            session.get_one(Candidacy, opened.id).cohort_id = cohort.id
        return cohort.id


@pytest.fixture
def grid(store, made, people):
    with store.reader() as session:
        return grids.load_cohort_grid(session, made.body_id, people)


@pytest.fixture
def certifier(client, made):
    client.log_in(made.certifier.email, factories.PASSWORD)
    return client


def column(planned):
    return {f"k{planned.number}-assessed_on": "10/06/2022", f"k{planned.number}-examiner": "Nadia Lemaire"}


def cell(row, planned, outcome, detail="", seen=""):
    prefix = f"r{row.candidacy_id.hex}{planned.number}"
    return {f"{prefix}-outcome": outcome, f"{prefix}-detail": detail, f"{prefix}-seen": seen}


def test_an_examiner_is_said_once_for_the_columns_that_do_not_say_their_own(certifier, store, people, grid):
    url, row, (first, second, *_rest) = f"/promotions/{people}/resultats", grid.rows[0], grid.planned
    typed = column(first) | column(second) | {f"k{second.number}-examiner": ""}
    typed |= cell(row, first, "passed") | cell(row, second, "passed")
    assert certifier.send(url, typed).status_code == 422
    assert certifier.send(url, typed | {"commun-examiner": "Paul Adam"}).status_code == 303
    with store.reader() as session:
        found = session.scalars(select(AssessmentResult.examiner).order_by(AssessmentResult.examiner)).all()
    assert found == ["Nadia Lemaire", "Paul Adam"]


def test_what_changes_is_recorded_and_a_correction_replaces(certifier, store, made, people, grid):
    url, (first, second), planned = f"/promotions/{people}/resultats", grid.rows, grid.planned[0]
    typed = column(planned) | cell(first, planned, "passed", "14/20") | cell(second, planned, "failed")
    assert certifier.send(url, typed).status_code == 303
    with store.reader() as session:
        rows = session.scalars(select(AssessmentResult)).all()
        assert {(row.candidacy_id, row.outcome.value, row.detail) for row in rows} == {
            (first.candidacy_id, "passed", "14/20"), (second.candidacy_id, "failed", ""),
        }  # fmt: skip
        seen = {row.candidacy_id: row.id.hex for row in rows}
    # Seen before the first save: nothing of the table is recorded, not even the other column.
    other = grid.planned[1]
    late = typed | cell(first, planned, "failed") | column(other) | cell(second, other, "passed")
    assert certifier.send(url, late).status_code == 409
    again = column(planned) | cell(first, planned, "failed", seen=seen[first.candidacy_id])
    again |= cell(second, planned, "failed", seen=seen[second.candidacy_id])
    assert certifier.send(url, again).status_code == 303
    with store.reader() as session:
        rows = session.scalars(select(AssessmentResult)).all()
        assert [row.replaces_id.hex for row in rows if row.replaces_id] == [seen[first.candidacy_id]]


def test_a_column_says_when_and_by_whom_and_nothing_typed_is_lost(certifier, people, grid, store):
    answer = certifier.send(
        f"/promotions/{people}/resultats", cell(grid.rows[0], grid.planned[0], "passed", "Très bien")
    )
    assert answer.status_code == 422
    assert "Dites qui a évalué." in answer.text
    assert "Très bien" in answer.text


def test_a_file_goes_is_filled_and_comes_back_without_being_recorded(certifier, store, people, grid):
    url, planned = f"/promotions/{people}/resultats", grid.planned[0]
    assert certifier.send(url, column(planned) | cell(grid.rows[0], planned, "passed", "14")).status_code == 303
    data = certifier.get(f"{url}/fichier").data
    header, first, _second = read_table(io.BytesIO(data), len(data)).rows
    assert header[:2] == ("Nom", "Courriel")
    assert first[1:3] == ("a0.apprenticeship@exemple.fr", "Réussie ; 14")
    filled = "\t".join(header) + f"\nX\ta1.apprenticeship@exemple.fr\t{'échec'}\tpeut-être\nInconnue\t\tR\n"
    answer = certifier.send(f"{url}/liste", {"lines": filled}, form=url)
    assert answer.status_code == 200
    assert "1\xa0cellule" not in answer.text
    assert "peut-être" in answer.text
    assert "Inconnue" in answer.text
    assert 'selected value="failed"' in answer.text
    with store.reader() as session:
        assert len(session.scalars(select(AssessmentResult)).all()) == 1


def test_a_proof_is_of_its_whole_column(certifier, store, people, grid):
    url, (first, second), planned = f"/promotions/{people}/resultats", grid.rows, grid.planned[0]
    assert certifier.send(url, column(planned) | cell(first, planned, "passed")).status_code == 303
    with store.reader() as session:
        seen = session.scalars(select(AssessmentResult.id)).one().hex
    # The result that stays gets the proof of its column, and keeps its examiner; another person gets it with theirs.
    proof = {f"k{planned.number}-proof": "PV du 10 juin, classeur A"}
    both = cell(first, planned, "passed", seen=seen) | cell(second, planned, "failed")
    late = {f"k{planned.number}-assessed_on": "11/06/2022", f"k{planned.number}-examiner": "Ali Roy"}
    assert certifier.send(url, both | late | {f"k{planned.number}-proof": "x" * 301}).status_code == 422
    assert certifier.send(url, both | late | proof).status_code == 303
    with store.reader() as session:
        rows = session.scalars(select(AssessmentResult).where(AssessmentResult.proof.is_not(None))).all()
        assert {(row.examiner, row.proof, row.replaces_id and row.replaces_id.hex) for row in rows} == {
            ("Nadia Lemaire", "PV du 10 juin, classeur A", seen), ("Ali Roy", "PV du 10 juin, classeur A", None),
        }  # fmt: skip
        last = {row.candidacy_id: row.id.hex for row in rows}
    again = cell(first, planned, "failed", seen=last[first.candidacy_id])
    again |= cell(second, planned, "failed", seen=last[second.candidacy_id])
    assert certifier.send(url, again | late | proof).status_code == 303
    with store.reader() as session:
        assert len(session.scalars(select(AssessmentResult)).all()) == 4
    for page in (url, f"/candidatures/{first.candidacy_id}/evaluations"):
        assert "classeur A" in certifier.get(page).text


def test_a_file_sent_twice_says_so_before(certifier, people, grid):
    url, planned = f"/promotions/{people}/resultats", grid.planned[0]
    lines = f"Nom\tCourriel\t{planned.number}. Cas\nX\ta0.apprenticeship@exemple.fr\tRéussie ; 14\n"
    assert "1\xa0résultat du fichier est nouveau" in certifier.send(f"{url}/liste", {"lines": lines}, form=url).text
    certifier.send(url, column(planned) | cell(grid.rows[0], planned, "passed", "14"))
    assert "a sans doute déjà été envoyé" in certifier.send(f"{url}/liste", {"lines": lines}, form=url).text


def test_a_cell_says_a_result_in_many_words():
    assert read_outcome("Réussi") == (AssessmentOutcome.PASSED, "")
    assert read_outcome("Non acquis ; 8/20") == (AssessmentOutcome.FAILED, "8/20")
    assert read_outcome("Absente (excusée)") == (AssessmentOutcome.NOT_TAKEN, "excusée")
    assert read_outcome("14/20")[0] is None
    assert outcome_cell(None) == ""
