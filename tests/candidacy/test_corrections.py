"""A candidacy is corrected before it is too late, closed with its reason, and opened again."""

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.account.models import AccountToken, Person
from portfolio.domain.admissibility.use_cases.corrections import Correction, correct_candidacy, record_closure
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.opening import CandidacyRefusal, PersonInput, Scope
from portfolio.domain.candidacy.rules.stage import ClosureKind, Stage
from portfolio.domain.candidacy_listing.models import CandidacyListing, OpenDeadline
from portfolio.domain.candidacy_listing.use_cases import check
from portfolio.domain.email.models import OutgoingEmail
from portfolio.errors import Refusal
from portfolio.web.clock import now
from tests import factories
from tests.page import CheckedClient


def _correct(db: Database, world, name: str, email: str, scope=Scope.WHOLE, blocks=()) -> None:
    with db.transaction() as session:
        correction = Correction(PersonInput(email, name), scope, tuple(blocks))
        correct_candidacy(session, world.candidacy.id, correction, by=world.certifier.id, at=now())


@pytest.fixture
def world(db: Database):
    return factories.begin_world(db, filled=False)


def test_a_mistyped_address_gives_the_candidacy_to_the_right_one_and_ends_the_first_link(db: Database, world):
    _correct(db, world, "Inès Duval", "Ines.Duval@exemple.fr", Scope.BLOCKS, [world.version.blocks[1].id])
    with db.reader() as session:
        found = session.get_one(Candidacy, world.candidacy.id)
        assert (found.candidate.email, found.candidate_name) == ("ines.duval@exemple.fr", "Inès Duval")
        assert [block.number for block in found.blocks] == [2]
        letter = session.scalars(select(OutgoingEmail).where(OutgoingEmail.person_id == found.candidate_id)).one()
        assert letter.kind == "invitation"
        unused = select(AccountToken).where(
            AccountToken.person_id == world.candidate.id, AccountToken.used_at.is_(None)
        )
        assert session.scalars(unused).all() == []
        assert "ines duval" in session.get_one(CandidacyListing, found.id).search_text
        assert check(session).is_right


@pytest.mark.records("candidacy_corrected")
def test_the_address_of_who_has_begun_is_theirs_to_change(db: Database, world):
    with db.transaction() as session:
        record_event(session, "experience_added", ("experience", None), by=world.candidate.id, at=now())
    with pytest.raises(Refusal) as caught:
        _correct(db, world, "Inès Duval", "autre@exemple.fr")
    assert caught.value.code is CandidacyRefusal.ADDRESS_IS_THEIRS
    _correct(db, world, "Samia Benali-Roux", world.candidate.email)
    with db.reader() as session:
        assert session.get_one(Candidacy, world.candidacy.id).candidate_name == "Samia Benali-Roux"
        assert session.get_one(Person, world.candidate.id).name == "Samia Benali"


def _close(db: Database, world, kind: ClosureKind, reason: str = "Elle a trouvé un autre chemin.") -> None:
    with db.transaction() as session:
        record_closure(session, world.candidacy.id, kind, reason, by=world.certifier.id, at=now())


def test_an_abandoned_candidacy_waits_for_nothing_and_can_go_on(db: Database, world):
    _close(db, world, ClosureKind.ABANDONED)
    with db.reader() as session:
        assert session.get_one(CandidacyListing, world.candidacy.id).stage is Stage.CLOSED
        assert session.scalars(select(OpenDeadline)).all() == []
        letter = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "candidacy_closure")).one()
        assert "Elle a trouvé un autre chemin." in letter.text
    with pytest.raises(Refusal) as caught:
        _close(db, world, ClosureKind.CLOSED)
    assert caught.value.code is CandidacyRefusal.CLOSED_ALREADY
    _close(db, world, ClosureKind.REOPENED)
    with db.reader() as session:
        assert session.get_one(CandidacyListing, world.candidacy.id).stage is not Stage.CLOSED
        assert check(session).is_right


def test_a_candidacy_is_not_closed_without_a_reason(db: Database, world):
    with pytest.raises(Refusal) as caught:
        _close(db, world, ClosureKind.CLOSED, "  ")
    assert caught.value.code is CandidacyRefusal.NO_REASON


def test_the_screens_correct_and_close(client: CheckedClient, store: Database):
    with store.transaction() as session:
        world = factories.world(session, filled=False)
    client.log_in(world.certifier.email, factories.PASSWORD)
    path = f"/candidatures/{world.candidacy.id}"
    typed = {"candidate_name": "Inès Duval", "candidate_email": "ines@exemple.fr", "scope": "whole"}
    assert client.send(f"{path}/corriger", typed).status_code == 303
    assert "Inès Duval" in client.page(path).text
    assert client.send(f"{path}/fermeture", {"kind": "closed", "reason": ""}).status_code == 422
    assert (
        client.send(f"{path}/fermeture", {"kind": "closed", "reason": "Sans nouvelles depuis un an."}).status_code
        == 303
    )
    assert "Candidature fermée" in client.page(path).text
    assert "Fermée" in client.page("/candidatures").text
    assert client.send(f"{path}/fermeture", {"kind": "reopened", "reason": "La personne revient."}).status_code == 303
