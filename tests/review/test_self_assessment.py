"""Check what a candidate thinks of their own mastery: read by their advisor, by no one else, and in no seal."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portfolio.domain.dossier.rules.assessment import SelfAssessment
from portfolio.domain.dossier.rules.draft import DossierRefusal
from portfolio.domain.review.models import OwnAssessment
from portfolio.domain.review.use_cases.assessments import assess_oneself, find_self_assessment
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.errors import Refusal
from tests import factories
from tests.factories import AT, PASSWORD
from tests.jury.builders import STATEMENT


@pytest.fixture
def world(db):
    return factories.begin_world(db)


@pytest.mark.records("self_assessed")
def test_an_answer_is_kept_changed_and_forgotten(db, world):
    where = world.candidacy.id, world.competencies[0].id
    for value in (SelfAssessment.PARTLY, SelfAssessment.PARTLY, SelfAssessment.ABLE):
        with db.transaction() as session:
            assess_oneself(session, *where, value, by=world.candidate.id, at=AT)
    with db.reader() as session:
        assert find_self_assessment(session, *where) is SelfAssessment.ABLE
    with db.transaction() as session:
        assess_oneself(session, *where, None, by=world.candidate.id, at=AT)
    with db.reader() as session:
        assert find_self_assessment(session, *where) is None
        assert not session.scalars(select(OwnAssessment)).all()


def test_a_competency_of_another_certification_has_no_answer(db, world):
    with db.transaction() as session:
        other = factories.published_version(session, factories.body(session, "Ailleurs").id, "RNCP40000")
        foreign = other.blocks[0].competencies[0].id
    with pytest.raises(Refusal) as refusal, db.transaction() as session:
        assess_oneself(session, world.candidacy.id, foreign, SelfAssessment.ABLE, by=world.candidate.id, at=AT)
    assert refusal.value.code is DossierRefusal.NOT_IN_SCOPE


@pytest.fixture
def house(store):
    return factories.begin_world(store)


def test_the_candidate_answers_on_the_page_of_the_competency_and_the_advisor_reads_it(client, house):
    client.log_in(house.candidate.email, PASSWORD)
    page = f"/dossiers/{house.candidacy.id}/competences/{house.competencies[0].id}"
    assert client.send(f"{page}/auto-evaluation", {"value": "partly"}, form=page).status_code == 303
    assert client.page(page).all("input", name="value", value="partly", checked="")
    assert client.send(f"{page}/auto-evaluation", {"value": "excellent"}, form=page).status_code == 400
    client.send("/deconnexion", form=page)
    client.log_in(house.advisor.email, PASSWORD)
    shown = client.page(f"/accompagnement/{house.candidacy.id}/competences/{house.competencies[0].id}").text
    assert "Je sais en faire une partie" in shown


def test_no_seal_holds_it(db, world):
    with db.transaction() as session:
        for competency in world.competencies:
            assess_oneself(
                session, world.candidacy.id, competency.id, SelfAssessment.NOT_YET, by=world.candidate.id, at=AT
            )
        sealed = submit(session, world.candidacy.id, STATEMENT, by=world.candidate.id, at=AT + timedelta(days=1))
        assert "not_yet" not in sealed.manifest.decode()
        assert "self_assessment" not in sealed.manifest.decode()
