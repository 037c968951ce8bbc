"""The next step of each person when a candidate does not come, a sitting stops, or the presidency recuses itself."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.models.events import Appeal
from portfolio.domain.holdings.rules.status_changes import AppealGrant, AppealInput, AppealKind
from portfolio.domain.holdings.use_cases import appeals
from portfolio.domain.jury.rules.enums import Attendance, FindingValue, StatementKind
from portfolio.domain.jury.rules.opinions import OpinionInput
from portfolio.domain.jury_session.use_cases import ballots, deliberation, former_jury, suspension
from portfolio.web.clock import now, today
from tests import factories
from tests.jury.builders import PRESIDENT, Scene, check, close, deliberate, name, say, scene
from tests.jury.pages import staged
from tests.page import CheckedClient

STEP = re.compile(r'<section class="next[^>]*>(.*?)</section>', re.DOTALL)
CANDIDATE, ADVISOR, BODY, MEMBER, PRESIDENCY = "candidate", "advisor", "body", "member", "presidency"


def away(store: Database, made: Scene, attendance: Attendance) -> None:
    check(store, made, [member.id for member in made.members.values()], attendance)


def suspend(store: Database, made: Scene) -> None:
    deliberate(store, made)
    with store.transaction() as session:
        suspension.adjourn(
            session, made.hearing_id, "À relire.", today() + timedelta(days=7), by=made.president.id, at=now()
        )


def end_without_decision(store: Database, made: Scene) -> None:
    away(store, made, Attendance.ABSENT)
    close(store, made, now())


def contest(store: Database, made: Scene) -> None:
    end_without_decision(store, made)
    asked = AppealInput(AppealKind.CERTIFIER, today(), today(), "J’étais là.")
    with store.transaction() as session:
        appeals.register(session, made.hearing_id, asked, by=made.certifier.id, at=now())


def propose_to_grant(store: Database, made: Scene) -> None:
    contest(store, made)
    with store.transaction() as session:
        [row] = session.scalars(select(Appeal))
        grant = AppealGrant(today(), "La personne était là.")
        appeals.propose_grant(session, made.hearing_id, row.id, grant, by=made.certifier.id, at=now())


def void(store: Database, made: Scene) -> None:
    with store.transaction() as session:
        former_jury.void_hearing(session, made.hearing_id, "Composition.", by=made.certifier.id, at=now())


def open_vote(store: Database, made: Scene) -> None:
    check(store, made, [member.id for member in made.members.values()])
    with store.transaction() as session:
        ballots.open_ballot(session, made.hearing_id, made.blocks[1].id, by=made.president.id, at=now())


def decide_and_close(store: Database, made: Scene) -> None:
    deliberate(store, made, refused=(2,))
    close(store, made, now())


def give_all_opinions(store: Database, made: Scene) -> None:
    acquired = OpinionInput(FindingValue.ACQUIRED, "")
    with store.transaction() as session:
        for member in made.members.values():
            for competency in made.competencies:
                deliberation.record_opinion(
                    session, made.hearing_id, competency.id, acquired, revision=0, by=member.id, at=now()
                )
            deliberation.give_opinions(session, made.hearing_id, by=member.id, at=now())


STATES: dict[str, Callable[[Database, Scene], None]] = {
    "absent": lambda store, made: away(store, made, Attendance.ABSENT),
    "excused": lambda store, made: away(store, made, Attendance.EXCUSED),
    "closed_absent": end_without_decision,
    "contested": contest,
    "to_confirm": propose_to_grant,
    "voided": void,
    "suspended": suspend,
    "vote": open_vote,
    "given": give_all_opinions,
    "drafted": lambda store, made: deliberate(store, made, refused=(2,)),
    "closed": decide_and_close,
    "recused": lambda store, made: say(store, made, made.president.id, StatementKind.RECUSAL, "Ancien collègue."),
}
NOTED = {
    CANDIDATE: "Votre absence à l’entretien est notée",
    ADVISOR: "l’entretien n’a pas eu lieu",
    BODY: "La personne n’est pas venue",
    MEMBER: "n’est pas là",
    PRESIDENCY: "n’est pas là",
}
# What each person reads first, on the page where they meet the candidate.
TABLE = {
    "absent": NOTED,
    "excused": NOTED,
    "closed_absent": {
        CANDIDATE: "L’entretien n’a pas eu lieu",
        ADVISOR: "l’entretien n’a pas eu lieu",
        BODY: "Inscrire ce dossier à une session de jury",
        MEMBER: "Le procès-verbal est clos",
        PRESIDENCY: "Le procès-verbal est clos",
    },
    "contested": {
        CANDIDATE: "L’entretien n’a pas eu lieu",
        ADVISOR: "l’entretien n’a pas eu lieu",
        BODY: "Répondez au recours",
        MEMBER: "Le procès-verbal est clos",
        PRESIDENCY: "Le procès-verbal est clos",
    },
    "to_confirm": {
        CANDIDATE: "L’entretien n’a pas eu lieu",
        ADVISOR: "l’entretien n’a pas eu lieu",
        BODY: "La réponse au recours attend une autre personne",
        MEMBER: "Le procès-verbal est clos",
        PRESIDENCY: "Le procès-verbal est clos",
    },
    "voided": {
        CANDIDATE: "Votre dossier est déposé",
        ADVISOR: "un jury lira cette version",
        BODY: "Inscrire ce dossier à une session de jury",
        MEMBER: "Le procès-verbal est clos",
        PRESIDENCY: "Le procès-verbal est clos",
    },
    "suspended": {
        CANDIDATE: "La séance du jury est suspendue",
        ADVISOR: "La séance du jury est suspendue",
        BODY: "La séance du jury est suspendue",
        MEMBER: "La séance est suspendue",
        PRESIDENCY: "La séance est suspendue",
    },
    "recused": {
        CANDIDATE: "Le jury vous entend aujourd’hui",
        ADVISOR: "Le jury se réunit aujourd’hui",
        BODY: "Le jury l’entend aujourd’hui",
        MEMBER: "Le siège de la présidence est vide",
        PRESIDENCY: "Votre récusation est enregistrée",
    },
    "vote": {
        CANDIDATE: "Le jury vous entend aujourd’hui",
        ADVISOR: "Le jury se réunit aujourd’hui",
        BODY: "Le jury l’entend aujourd’hui",
        MEMBER: "Votez sur le bloc 2",
        PRESIDENCY: "Votez sur le bloc 2",
    },
    "planned": {
        CANDIDATE: "Le jury vous entend le",
        ADVISOR: "Le jury se réunit le",
        BODY: "Sa convocation n’est pas encore écrite",
        MEMBER: "Donnez vos avis",
        PRESIDENCY: "Donnez vos avis",
    },
    # Nothing is noted nor decided before the day.
    "given": {
        CANDIDATE: "Le jury vous entend le",
        ADVISOR: "Le jury se réunit le",
        BODY: "Sa convocation n’est pas encore écrite",
        MEMBER: "Le jury se réunit le",
        PRESIDENCY: "Le jury se réunit le",
    },
    "today": {
        CANDIDATE: "Le jury vous entend aujourd’hui",
        ADVISOR: "Le jury se réunit aujourd’hui",
        BODY: "Le jury l’entend aujourd’hui",
        MEMBER: "Donnez vos avis",
        PRESIDENCY: "Commencez par 1.1",
    },
    "drafted": {
        CANDIDATE: "Le jury vous entend aujourd’hui",
        ADVISOR: "Le jury se réunit aujourd’hui",
        BODY: "Le jury l’entend aujourd’hui",
        MEMBER: "Donnez vos avis",
        PRESIDENCY: "Tout est décidé",
    },
    "closed": {
        CANDIDATE: "Le jury a délibéré",
        ADVISOR: "Le jury a délibéré",
        BODY: "La personne et son accompagnateur attendent la lettre",
        MEMBER: "Le procès-verbal est clos",
        PRESIDENCY: "Le procès-verbal est clos",
    },
    "past": {
        CANDIDATE: "Votre jury était fixé au",
        ADVISOR: "Le jury était fixé au",
        BODY: "Le procès-verbal du jury du",
        MEMBER: "Donnez vos avis",
        PRESIDENCY: "Commencez par 1.1",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("state", TABLE)
def test_each_person_reads_what_happened_to_the_sitting(client: CheckedClient, store: Database, state: str):
    # Its day has passed and its minutes are open: no row says that anyone was heard.
    days = {"past": -1, "planned": 9, "given": 9}.get(state, 0)
    made = staged(store, held_on=today() + timedelta(days=days)) if days else staged(store)
    STATES.get(state, lambda *_: None)(store, made)
    people = {
        CANDIDATE: (made.candidate, f"/dossiers/{made.candidacy_id}"),
        ADVISOR: (made.advisor, f"/accompagnement/{made.candidacy_id}"),
        BODY: (made.certifier, f"/candidatures/{made.candidacy_id}"),
        MEMBER: (made.members[Seat.TEACHER_TRAINER], f"/jurys/{made.hearing_id}"),
        PRESIDENCY: (made.president, f"/jurys/{made.hearing_id}"),
    }
    for person, (account, path) in people.items():
        client.delete_cookie("acquis")
        client.log_in(account.email, factories.PASSWORD)
        found = STEP.search(client.get(path, follow_redirects=True).text)
        assert found, (person, path)
        said = " ".join(re.sub(r"<[^>]+>", " ", found[1]).replace("\u00a0", " ").split())
        assert TABLE[state][person] in said, person
        if state in ("planned", "given") and person == PRESIDENCY:
            for page in ("/jurys", f"/jurys/{made.hearing_id}/apercu"):
                step = STEP.search(client.get(page).text)
                assert step is not None
                assert not re.search("[Nn]ote[zr]|régler", step[1]), page
        if state == "vote" and person in (MEMBER, PRESIDENCY):
            assert "Votez sur le dossier de Samia Benali" in client.page("/jurys").text.replace("\u00a0", " ")
        if state in ("absent", "excused", "closed_absent", "voided", "suspended", "past"):
            assert "aujourd’hui" not in said, person


def test_nothing_is_said_of_members_who_are_not_named_nor_of_a_presence_that_nobody_noted(
    client: CheckedClient, store: Database
):
    made = scene(store, members=(), ready=False, held_on=today() + timedelta(days=9))
    client.log_in(made.certifier.email, factories.PASSWORD)
    jury, day = f"/sessions/{made.session_id}", f"/jurys/{made.hearing_id}/presence"
    assert "Personne n’est encore nommé à ce jury." in client.page(day).text
    assert "a déclaré et lu" not in client.page(day).text
    assert "0 sur 0" not in client.page(jury).text
    name(store, made, PRESIDENT)
    assert "0 sur 1" in client.page(jury).text
    noted = client.page(day).text
    assert "Les présences ne sont pas encore notées" in noted
    assert "n’est pas là" not in noted
    assert "0 membre est présent" not in noted
