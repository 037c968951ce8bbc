"""Minutes closed by an earlier version, which contradict their votes, their rule, the validity of a block or the
law: each is named with the act that mends it, and nothing is changed.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.decision_audit import (
    BallotFacts,
    Contradiction,
    DecidingJury,
    DecisionFacts,
    Mending,
    audit_decision,
)
from portfolio.domain.holdings.rules.status_changes import StatusChange, StatusChangeKind
from portfolio.domain.holdings.use_cases.decision_audit import audit_decisions
from portfolio.domain.holdings.use_cases.status_changes import change_status
from portfolio.domain.jury.models.deliberation import Ballot, MemberVote, Minutes, RecordedDecision
from portfolio.domain.jury.rules.deliberation import Votes
from portfolio.domain.jury.rules.enums import Outcome
from portfolio.domain.jury.rules.opinions import VoteChoice
from portfolio.domain.jury_session.use_cases.minutes import rectify
from portfolio.run.worker import integrity_checks
from portfolio.web.clock import now
from tests import factories
from tests.guards import drop_statements
from tests.holdings.test_two_sessions import SECOND_DAY, THEN, second_session
from tests.jury.builders import DAY, ON_THE_DAY, Scene, act, close, decide, find, scene
from tests.jury.pages import staged

FOR, AGAINST, ABSTAIN = VoteChoice
LATER = ON_THE_DAY + timedelta(days=10)
MEMBERS = [UUID(int=number) for number in range(1, 6)]
# The law that binds today, beside which minutes of a path begun before it are read.
BOUND = date(2024, 5, 2)


def closed(db: Database, refused: tuple[int, ...] = (), **more: Any) -> Scene:
    made = scene(db, refused=refused, **{"admissible_on": BOUND} | more)
    close(db, made)
    return made


def unguard(session: Session) -> None:
    """Write as only the rows of an earlier version were."""
    for statement in drop_statements(session.get_bind().dialect.name):
        session.connection().exec_driver_sql(statement)


def ballot(
    db: Database, made: Scene, block: Block, choices: Mapping[Seat, VoteChoice], *, is_closed: bool = True
) -> None:
    """A vote that an earlier version let the closing pass over: it kept no outcome."""
    with db.transaction() as session:
        at = ON_THE_DAY - timedelta(minutes=5)
        row = Ballot(
            hearing_id=made.hearing_id, block_id=block.id, round=1, opened_at=at, opened_by=made.president.id,
            closed_at=at if is_closed else None,
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.add_all(
            MemberVote(ballot_id=row.id, person_id=made.members[seat].id, choice=choice, cast_at=at)
            for seat, choice in choices.items()
        )


FIVE_SEATS = (
    Seat.PRESIDENT,
    Seat.EMPLOYEE_REPRESENTATIVE,
    Seat.DIRECTOR_OR_DELEGATE,
    Seat.TEACHER_TRAINER,
    Seat.PEDAGOGICAL_MANAGER,
)


def votes(*choices: VoteChoice) -> dict[Seat, VoteChoice]:
    return dict(zip(FIVE_SEATS, choices, strict=True))


def audited(db: Database) -> list[tuple[Contradiction, int | None, Mending]]:
    with db.reader() as session:
        found = [one.finding for one in audit_decisions(session)]
    return [(one.kind, one.block, one.mending) for one in found]


def annul(db: Database, made: Scene, block: Block) -> None:
    with db.transaction() as session:
        grant = session.scalars(select(Grant.id).where(Grant.block_id == block.id)).one()
        change = StatusChange(StatusChangeKind.ANNULMENT, "Le vote n’a pas été suivi.", DAY + timedelta(days=10))
        change_status(session, grant, change, act(), by=made.certifier.id, at=LATER)


def test_minutes_that_say_what_their_votes_say_are_not_named(db: Database):
    made = closed(db, refused=(2,))
    ballot(db, made, made.blocks[0], votes(FOR, FOR, FOR, AGAINST, ABSTAIN))
    ballot(db, made, made.blocks[1], votes(AGAINST, FOR, FOR, AGAINST, ABSTAIN))
    assert audited(db) == []


def test_a_block_granted_against_its_vote_is_named_until_its_decision_is_annulled(db: Database):
    made = closed(db)
    ballot(db, made, made.blocks[0], votes(FOR, AGAINST, AGAINST, AGAINST, AGAINST))
    assert audited(db) == [(Contradiction.BALLOT, 1, Mending.ANNUL)]
    annul(db, made, made.blocks[0])
    assert audited(db) == []


@pytest.mark.parametrize(
    ("casting_vote", "choices"), [(True, (AGAINST, AGAINST, FOR, FOR, ABSTAIN)), (False, (FOR, FOR, AGAINST, AGAINST, ABSTAIN)),
                                  (True, (ABSTAIN, FOR, AGAINST, ABSTAIN, ABSTAIN))]
)  # fmt: skip
def test_a_tie_that_the_presidency_did_not_settle_for_the_block_grants_nothing(db: Database, casting_vote, choices):
    made = closed(db, jury={"casting_vote": casting_vote})
    ballot(db, made, made.blocks[2], votes(*choices))
    assert audited(db) == [(Contradiction.CASTING_VOTE, 3, Mending.ANNUL)]


def test_a_vote_left_open_is_named(db: Database):
    made = closed(db)
    ballot(db, made, made.blocks[3], votes(FOR, FOR, FOR, FOR, FOR), is_closed=False)
    assert audited(db) == [(Contradiction.BALLOT_OPEN, 4, Mending.ANNUL)]


def test_a_block_refused_against_its_vote_is_named_until_another_jury_decides(db: Database):
    made = closed(db, refused=(2,))
    ballot(db, made, made.blocks[1], votes(FOR, FOR, FOR, AGAINST, AGAINST))
    assert audited(db) == [(Contradiction.BALLOT, 2, Mending.NEW_JURY)]
    again = second_session(db, made)
    for competency in made.blocks[1].competencies:
        find(db, again, competency)
    decide(db, again, made.blocks[1])
    close(db, again, THEN)
    assert audited(db) == []


def test_counts_typed_from_paper_are_read_too(db: Database):
    made = closed(db, jury={"casting_vote": False})
    with db.transaction() as session:
        unguard(session)
        counted = {"votes_for": 2, "votes_against": 2, "votes_abstained": 1}
        session.execute(
            update(RecordedDecision).where(RecordedDecision.block_id == made.blocks[0].id).values(**counted)
        )
    assert audited(db) == [(Contradiction.CASTING_VOTE, 1, Mending.ANNUL)]


def test_an_article_that_did_not_bind_the_path_is_named_until_minutes_are_rectified(db: Database):
    made = closed(db, admissible_on=date(2021, 11, 12))
    with db.transaction() as session:
        unguard(session)
        minutes = session.scalars(select(Minutes)).one()
        law = {"kind": "law", "reference": "D6412-6", "binds_from": "2024-04-13"}
        told = [
            one | {"source": law if one["id"] == "J10" else one["source"]} for one in minutes.composition["predicates"]
        ]
        minutes.composition = minutes.composition | {"predicates": told}
    assert audited(db) == [(Contradiction.LAW, None, Mending.RECTIFY)]
    with db.transaction() as session:
        rectify(session, made.hearing_id, "D6412-6 ne s’appliquait pas.", by=made.certifier.id, at=LATER)
    assert audited(db) == []


@pytest.mark.slow
def test_a_whole_recorded_while_a_block_was_no_longer_valid_is_named(db: Database):
    made = scene(db, refused=(2, 3), admissible_on=BOUND)
    with db.transaction() as session:
        unguard(session)
        session.execute(update(Block).where(Block.id == made.blocks[0].id).values(validity_months=2))
    close(db, made)
    again = second_session(db, made)
    for block in made.blocks[1:3]:
        for competency in block.competencies:
            find(db, again, competency)
        decide(db, again, block)
    with db.transaction() as session:
        last = session.scalars(select(Grant).where(Grant.block_id == made.blocks[3].id)).one()
        award = Award(
            person_id=last.person_id, version_id=made.version_id, completed_by=last.id, obtained_on=SECOND_DAY,
            recorded_at=THEN, serial=1,
        )  # fmt: skip
        session.add(award)
        session.flush()
        session.add(Certificate(number="ENTIERE1", award_id=award.id, printed_text={}, issued_at=THEN))
    with db.reader() as session:
        found = [(one.reference, one.finding.kind, one.finding.block) for one in audit_decisions(session)]
    assert ("ENTIERE1", Contradiction.VALIDITY, 1) in found


def test_the_certificate_of_an_individual_candidacy_that_claims_a_protection_is_named(db: Database):
    made = closed(db)
    with db.transaction() as session:
        unguard(session)
        session.execute(update(Candidacy).values(route=Route.INDIVIDUAL))
        claimed = select(Grant.id).where(Grant.block_id == made.blocks[0].id).scalar_subquery()
        for is_own, code in ((True, "protected_L6113_9"), (False, "no_register_claim")):
            of = Certificate.grant_id == claimed if is_own else Certificate.grant_id != claimed
            session.execute(update(Certificate).where(of).values(printed_text={"standing": {"code": code}}))
        minutes = session.scalars(select(Minutes)).one()
        minutes.composition = minutes.composition | {"predicates": []}
    assert audited(db) == [(Contradiction.LAW_CERTIFICATE, None, Mending.RECTIFY)]


def test_the_command_names_each_one_and_answers_by_its_status(app, store):
    made = staged(store, refused=(), admissible_on=BOUND)
    close(store, made, now())
    run = app.test_cli_runner().invoke
    clean = run(args=["audit-decisions"])
    assert clean.exit_code == 0, clean.output
    ballot(store, made, made.blocks[0], votes(FOR, AGAINST, AGAINST, AGAINST, AGAINST))
    found = run(args=["audit-decisions"])
    assert found.exit_code == 1
    assert "bloc\u00a01\u00a0: le vote, 1 pour et 4 contre, donne «\u00a0non validé\u00a0»" in found.output
    assert "Annulez la décision" in found.output
    (line,) = run(args=["audit-decisions", "--json"]).stdout.splitlines()
    assert json.loads(line)["code"] == "ballot"


def test_the_page_of_the_checks_names_those_of_its_body_with_what_mends_them(app, client, store):
    made = staged(store, refused=(), admissible_on=BOUND)
    close(store, made, now())
    ballot(store, made, made.blocks[0], votes(FOR, AGAINST, AGAINST, AGAINST, AGAINST))
    with store.transaction() as session:
        elsewhere = factories.certifier(session, factories.body(session, "Institut d’ailleurs").id, "Nour Haddad")
    assert len(integrity_checks(app).run().decisions) == 1
    client.log_in(made.certifier.email, factories.PASSWORD)
    text = client.page("/organisme/verifications").text
    assert "bloc 1 : le vote, 1 pour et 4 contre, donne « non validé »" in text
    assert "Annulez la décision depuis le certificat du bloc" in text
    other = app.test_client()
    other.log_in(elsewhere.email, factories.PASSWORD)
    text = other.page("/organisme/verifications").text
    assert "le vote, 1 pour et 4 contre" not in text
    assert "1 contradiction, dans l’ensemble de cette installation." in text


choices = st.dictionaries(st.sampled_from(MEMBERS), st.sampled_from(VoteChoice))


@given(choices, st.sampled_from(Outcome), st.booleans())
def test_a_decision_is_named_exactly_when_its_ballot_gives_the_other_outcome(cast, decided, casting_vote):
    in_favour, against = (list(cast.values()).count(choice) for choice in (FOR, AGAINST))
    wins = in_favour > against or (in_favour == against and casting_vote and cast.get(MEMBERS[0]) is FOR)
    jury = DecidingJury(frozenset(MEMBERS), MEMBERS[0], casting_vote)
    found = audit_decision(DecisionFacts(1, decided, Votes(), BallotFacts(True, cast)), jury)
    assert (found is None) is (wins is (decided is Outcome.VALIDATED))
    if found is not None:
        assert (found.kind is Contradiction.CASTING_VOTE) is (in_favour == against)
    recorded = BallotFacts(True, cast, decided)
    assert audit_decision(DecisionFacts(1, decided, Votes(), recorded), replace(jury, voters=frozenset())) is None
