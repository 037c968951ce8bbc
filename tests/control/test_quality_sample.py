"""One hearing in five is looked at again, drawn by nobody, by somebody who did not sit."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.db.engine import Database
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.quality_sample import ReviewConclusion, draw_sample, sample_size
from portfolio.domain.jury_session.use_cases import quality_sample
from portfolio.errors import Refusal
from portfolio.web.clock import now, today
from tests.jury.builders import ON_THE_DAY, close, deliberate, scene
from tests.jury.pages import as_certifier, staged
from tests.page import CheckedClient


def test_the_size_of_a_sample_is_a_fifth_between_two_and_twenty():
    assert [sample_size(number) for number in (0, 1, 2, 9, 11, 50, 100, 1000)] == [0, 1, 2, 2, 3, 10, 20, 20]


@given(st.integers(0, 60), st.integers(2020, 2030), st.randoms())
def test_a_draw_does_not_depend_on_the_order_in_which_hearings_come(number, year, random):
    hearings = [UUID(int=index) for index in range(number)]
    shuffled = random.sample(hearings, number)
    assert draw_sample(shuffled, year) == draw_sample(hearings, year)


@pytest.mark.records("hearing_reviewed")
def test_a_member_who_sat_does_not_review_and_the_first_review_stays(db: Database):
    made = scene(db)
    with pytest.raises(Refusal) as early, db.transaction() as session:
        quality_sample.record_review(
            session, made.hearing_id, ReviewConclusion.SOUND, "x", by=made.certifier.id, at=ON_THE_DAY
        )
    assert early.value.code is JuryRefusal.STILL_OPEN
    deliberate(db, made)
    close(db, made)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        quality_sample.record_review(
            session, made.hearing_id, ReviewConclusion.SOUND, "x", by=made.president.id, at=ON_THE_DAY
        )
    assert refused.value.code is JuryRefusal.REVIEWER_SAT
    for conclusion in (ReviewConclusion.TO_IMPROVE, ReviewConclusion.SOUND):
        with db.transaction() as session:
            quality_sample.record_review(
                session, made.hearing_id, conclusion, "Vu.", by=made.certifier.id, at=ON_THE_DAY
            )
    with db.reader() as session:
        assert (
            quality_sample.load_sample(session, made.body_id, 2026)[0].review.conclusion is ReviewConclusion.TO_IMPROVE
        )


def test_a_certifier_reviews_a_hearing_from_the_list_of_the_year(client: CheckedClient, store: Database):
    made = staged(store)
    deliberate(store, made)
    close(store, made, at=now())
    as_certifier(client, made)
    assert made.candidate.name in client.page("/organisme/relectures").text
    url = f"/jurys/{made.hearing_id}/relecture"
    assert "Le résultat n’est pas notifié" in client.page(url).text
    assert client.send(url, {"conclusion": "sound", "text": ""}).status_code == 422
    assert client.send(url, {"conclusion": "sound", "text": "Tout y est."}).status_code == 303
    assert "Tout y est." in client.page(url).text
    assert "Rien à signaler" in client.page(f"/organisme/relectures?annee={today().year}").text
    assert "Aucun procès-verbal" in client.page("/organisme/relectures?annee=2001").text
