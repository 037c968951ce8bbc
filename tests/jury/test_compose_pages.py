"""A jury asked from the pool on real rows: proposed, changed by hand, named at once; a member who withdraws
is replaced.
"""

import random
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import AdvisorAssignment, Candidacy, Submission
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.pool import JurorConflict
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.rules.composition import PredicateId
from portfolio.domain.jury.rules.day_proposal import DayProposal, Impossible
from portfolio.domain.jury.rules.enums import College, TiesAnswer
from portfolio.domain.jury.rules.juror_card import ConflictKind, JurorCard
from portfolio.domain.jury_session.use_cases import pool, propose_day
from portfolio.domain.jury_session.use_cases.conflicts_of_interest import load_incompatibilities
from portfolio.domain.jury_session.use_cases.declarations import load_member_states_by_hearing
from portfolio.domain.jury_session.use_cases.loaders import answers_of_the_day, path_of
from portfolio.web.clock import now, today
from tests import factories
from tests.jury.builders import Scene
from tests.jury.pages import as_certifier, staged
from tests.jury.panels import candidate_before
from tests.page import CheckedClient, Page

SEATS = {
    Seat.PRESIDENT: {"college": College.EMPLOYERS, "ties_answer": TiesAnswer.NONE},
    Seat.EMPLOYEE_REPRESENTATIVE: {"college": College.EMPLOYEES, "in_activity": True, "ties_answer": TiesAnswer.NONE},
    Seat.DIRECTOR_OR_DELEGATE: {"is_director": True, "ties_answer": TiesAnswer.NONE},
    Seat.TEACHER_TRAINER: {"ties_answer": TiesAnswer.NONE},
    Seat.PEDAGOGICAL_MANAGER: {"ties_answer": TiesAnswer.NONE},
}


def day(store: Database, heard: int, each: int) -> Scene:
    """A session in a month with its candidates, and a pool of so many people for each seat."""
    made = staged(store, members=(), heard=False, held_on=today() + timedelta(days=30))
    with store.transaction() as session:
        for number in range(heard):
            candidate_before(session, made, f"Candidat {number}", made.session_id)
        certification = session.get_one(JurySession, made.session_id).version.certification_id
        for seat, facts in SEATS.items():
            for number in range(each):
                card = JurorCard(
                    f"{seat} {number}",
                    f"{seat}{number}@exemple.fr",
                    seats=(seat,),
                    qualified_for=frozenset({certification}),
                    **facts,
                )
                factories.person(session, card.name, card.email)
                pool.add_juror(session, made.body_id, card, by=made.certifier.id, at=now())
    return made


def bar(store: Database, made: Scene, pairs: int, *, by_advice: int) -> None:
    """Bar pairs of a juror and a candidate: some by a recorded conflict, some because the juror accompanied
    the candidate.
    """
    with store.transaction() as session:
        candidacies = session.scalars(select(Candidacy).join(Submission).join(Hearing)).all()
        jurors = session.scalars(select(pool.Juror).order_by(pool.Juror.email)).all()
        people = {row.email: row.id for row in session.scalars(select(Person))}
        drawn = random.Random(7).sample(list(product(jurors, candidacies)), pairs)
        for rank, (juror, candidacy) in enumerate(drawn):
            if rank < by_advice:
                session.add(
                    AdvisorAssignment(candidacy_id=candidacy.id, person_id=people[juror.email], assigned_at=now())
                )
            else:
                kind = ConflictKind.PERSONAL
                pair = {"juror_id": juror.id, "candidate_id": candidacy.candidate_id}
                conflict = JurorConflict(**pair, kind=kind, is_pinned=True, recorded_at=now())
                session.add(conflict)


def hidden(page: Page) -> dict[str, str]:
    return {field["name"]: field.get("value", "") for field in page.all("input", type="hidden") if "name" in field}


@pytest.mark.slow
def test_ten_candidates_a_pool_of_twenty_and_thirty_barred_pairs_are_proposed_and_named(
    client: CheckedClient, store: Database
):
    made = day(store, 10, 4)
    bar(store, made, 30, by_advice=15)
    with store.reader() as session:
        scene = propose_day.load_day_scene(session, made.session_id)
        found = propose_day.propose(scene)
        assert isinstance(found, DayProposal), found
        assert not any(propose_day.answers_by_candidate(scene, found.seats).values())
    as_certifier(client, made)
    page = client.page(f"/sessions/{made.session_id}/composer")
    assert "Jury possible pour 10 candidats" in page.text
    typed = hidden(page) | {
        f"{seat}-{place}-{rank}": str(id)
        for (seat, place), ranked in found.seats.items()
        for rank, id in enumerate(ranked)
    }
    assert client.post(f"/sessions/{made.session_id}/composer", data=typed).status_code == 303
    with store.reader() as session:
        jury = session.get_one(JurySession, made.session_id)
        assert len(jury.members) == found.people
        states = load_member_states_by_hearing(session, jury.hearings, [jury])
        for hearing in jury.hearings:
            candidacy = hearing.submission.candidacy
            barring = load_incompatibilities(session, [candidacy.candidate_id], jury.body_id)
            answers = answers_of_the_day(
                jury, path_of(candidacy), barring.value_of(candidacy), states[hearing.id], hearing.sitting_day
            )
            # What members and the direction have still to sign is not for a proposal to settle.
            wrong = {answer.id for answer in answers if answer.prevents}
            assert wrong <= {PredicateId.J4, PredicateId.J10, PredicateId.J13, PredicateId.J14}


def test_a_jury_that_cannot_be_is_explained_and_one_chosen_by_hand_is_checked(client: CheckedClient, store: Database):
    made = day(store, 1, 1)
    with store.transaction() as session:
        president = pool.find_juror_by_email(session, made.body_id, "president0@exemple.fr")
        pool.remove_juror(session, president, by=made.certifier.id, at=now())
    with store.reader() as session:
        assert isinstance(propose_day.propose(propose_day.load_day_scene(session, made.session_id)), Impossible)
    as_certifier(client, made)
    page = client.page(f"/sessions/{made.session_id}/composer")
    assert "ne peut tenir le siège de la présidence" in page.text
    checked = client.post(f"/sessions/{made.session_id}/composer", data=hidden(page) | {"check": "y"})
    assert "Composition irrégulière pour 1 candidat" in Page(checked.text).text


def first_of_each(store: Database, made: Scene) -> dict[str, str]:
    """The fields of the form that choose the first juror of each seat."""
    with store.reader() as session:
        jurors = {seat: pool.find_juror_by_email(session, made.body_id, f"{seat}0@exemple.fr") for seat in SEATS}
        return {f"{seat}-1-0": str(juror.id) for seat, juror in jurors.items()}


def test_a_check_says_what_it_found_while_nobody_is_listed(client: CheckedClient, store: Database):
    made = day(store, 0, 1)
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}/composer"
    typed = hidden(client.page(url)) | first_of_each(store, made) | {"check": "y"}
    whole = Page(client.post(url, data=typed).text).text
    assert "Rien n’est enregistré" in whole
    lacking = Page(client.post(url, data=typed | {"president-1-0": ""}).text).text
    assert "Composition irrégulière" in lacking
    assert ("Composition régulière" in whole) is not ("Composition irrégulière" in whole)
    twice = typed | {"teacher_trainer-1-0": typed["president-1-0"]}
    said = Page(client.post(url, data=twice).text).text
    assert "Ces personnes ne peuvent pas être nommées" in said
    assert "est à deux sièges" in said
    with store.reader() as session:
        assert session.scalars(select(JuryMember)).all() == []


def test_a_check_names_whom_nobody_in_a_seat_may_judge(client: CheckedClient, store: Database):
    made = day(store, 1, 1)
    with store.transaction() as session:
        president = pool.find_juror_by_email(session, made.body_id, "president0@exemple.fr")
        candidacy = session.scalars(select(Candidacy).join(Submission).join(Hearing)).one()
        pair = {"juror_id": president.id, "candidate_id": candidacy.candidate_id}
        session.add(JurorConflict(**pair, kind=ConflictKind.PERSONAL, is_pinned=True, recorded_at=now()))
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}/composer"
    typed = hidden(client.page(url)) | first_of_each(store, made) | {"check": "y"}
    said = Page(client.post(url, data=typed).text).text
    assert "president 0, au siège de la présidence, a un lien avec cette personne" in said
    assert "Jury possible" not in said


@pytest.mark.records("proposal_applied")
def test_two_windows_compose_the_same_seat_and_the_second_is_told_who_was_chosen(
    client: CheckedClient, store: Database
):
    made = day(store, 1, 2)
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}/composer"
    first, second = client.page(url), client.page(url)
    with store.reader() as session:
        ids = [pool.find_juror_by_email(session, made.body_id, f"president{number}@exemple.fr").id for number in (0, 1)]
    assert client.post(url, data=hidden(first) | {"president-1-0": str(ids[0])}).status_code == 303
    late = client.post(url, data=hidden(second) | {"president-1-0": str(ids[1])})
    assert late.status_code == 409
    assert "quelqu’un d’autre a nommé president 0" in Page(late.text).text
    with store.reader() as session:
        assert [row.name for row in session.scalars(select(JuryMember))] == ["president 0"]
    twice = {"president-1-0": str(ids[0]), "teacher_trainer-1-0": str(ids[0])}
    refused = client.post(url, data=hidden(client.page(url)) | twice)
    assert refused.status_code == 409
    assert "est à deux sièges" in Page(refused.text).text


def test_a_member_who_withdraws_is_replaced_in_two_actions_after_a_check_for_every_candidate(
    client: CheckedClient, store: Database
):
    made = day(store, 2, 3)
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}"
    page = client.page(f"{url}/composer")
    with store.reader() as session:
        found = propose_day.propose(propose_day.load_day_scene(session, made.session_id))
    typed = {f"{seat}-{place}-0": str(ranked[0]) for (seat, place), ranked in found.seats.items()}
    client.post(f"{url}/composer", data=hidden(page) | typed)
    with store.reader() as session:
        gone = session.scalars(select(JuryMember).where(JuryMember.seat == Seat.TEACHER_TRAINER)).one()
    page = client.page(f"{url}/membres/{gone.id}/remplacer")
    assert page.text.count("jury régulier pour tous") == 2
    form = f"{url}/membres/{gone.id}/remplacer"
    with store.reader() as session:
        free = [
            f"teacher_trainer{number}@exemple.fr" for number in range(3) if f"teacher_trainer {number}" != gone.name
        ]
        juror = pool.find_juror_by_email(session, made.body_id, free[0])
    seat = {"seat": "teacher_trainer", "place": "1", "rank": "0", "seen": "1"}
    sent = {"csrf_token": page.hidden("csrf_token"), "nonce": "n", "juror_id": str(juror.id), **seat}
    assert client.post(form, data=sent).status_code == 303
    with store.reader() as session:
        seated = {row.seat: row.name for row in session.scalars(select(JuryMember))}
    assert seated[Seat.TEACHER_TRAINER] == juror.name
    late = client.post(form, data=sent | {"nonce": "m"})
    assert late.status_code == 409
    assert f"quelqu’un d’autre a nommé {juror.name}" in Page(late.text).text
