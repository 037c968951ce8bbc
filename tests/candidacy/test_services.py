"""Opening a candidacy on both stores."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from portfolio.domain.admissibility.use_cases import opening as opening_use_cases
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import CandidacyRefusal, NewCandidacy, PersonInput, Scope
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.email.models import OutgoingEmail
from portfolio.errors import Refusal
from portfolio.screens.certifier.candidacies import list_views
from portfolio.screens.certifier.home.counts import load_figures
from portfolio.screens.certifier.home.to_do import load_first_rows
from tests import factories
from tests.factories import AT


@pytest.fixture
def ground(db):
    with db.transaction() as session:
        body = factories.body(session)
        certifier = factories.certifier(session, body.id)
        version = factories.published_version(session, body.id)
        return body, certifier, version, [block.id for block in version.blocks]


def opening(version, **changes):
    whole = NewCandidacy(
        version_id=version.id,
        candidate=PersonInput("samia@exemple.fr", "Samia Benali"),
        route=Route.VAE,
        regime=Regime.FRANCE_VAE,
        scope=Scope.WHOLE,
        block_ids=(),
        admissible_on=date(2021, 11, 12),
        advisor=PersonInput("claire@exemple.fr", "Claire Morel"),
    )
    return replace(whole, **changes)


def open_it(db, ground, **changes):
    body, certifier, version, _ = ground
    with db.transaction() as session:
        return opening_use_cases.open_candidacy(session, body.id, opening(version, **changes), by=certifier.id, at=AT)


def refused(db, ground, **changes):
    with pytest.raises(Refusal) as caught:
        open_it(db, ground, **changes)
    with db.reader() as session:
        assert session.scalar(select(func.count()).select_from(Candidacy)) == 0, "a refusal writes nothing"
        assert session.scalar(select(func.count()).select_from(OutgoingEmail)) == 0, "a refusal invites nobody"
    return caught.value


def test_a_candidacy_invites_its_two_people_and_is_journalled_with_the_real_moment(db, ground):
    opened = open_it(db, ground)
    with db.reader() as session:
        found = session.get_one(Candidacy, opened.id)
        assert (found.candidate.name, found.advisor.name) == ("Samia Benali", "Claire Morel")
        assert len(found.blocks) == 4
        assert session.scalar(select(func.count()).select_from(OutgoingEmail)) == 2
        line = session.scalars(select(AuditEvent).where(AuditEvent.action == "candidacy_opened")).one()
        assert line.occurred_at == AT
        assert line.details["admissible_on"] == "2021-11-12"


def test_an_admissibility_after_the_registration_is_stopped_with_its_reason(db, ground):
    refusal = refused(db, ground, admissible_on=date(2022, 1, 5))
    assert refusal.code is CandidacyRefusal.ENTRY_EXPIRED
    assert refusal.facts["until"] == "2022-01-04"


def test_the_last_day_of_the_registration_still_counts(db, ground):
    assert open_it(db, ground, admissible_on=date(2022, 1, 4))


def test_the_certifier_may_override_with_a_reason_that_is_kept(db, ground):
    opened = open_it(db, ground, admissible_on=date(2022, 1, 5), expiry_override="Dossier reçu avant l’échéance.")
    assert opened.expiry_override == "Dossier reçu avant l’échéance."


def test_a_blank_reason_overrides_nothing(db, ground):
    assert (
        refused(db, ground, admissible_on=date(2022, 1, 5), expiry_override="  ").code is CandidacyRefusal.ENTRY_EXPIRED
    )


def test_an_admissibility_to_come_is_refused(db, ground):
    assert refused(db, ground, admissible_on=date(2026, 3, 3)).code is CandidacyRefusal.ADMISSIBLE_TOMORROW


def test_chosen_blocks_must_be_of_the_version(db, ground):
    body, _, _, block_ids = ground
    opened = open_it(db, ground, scope=Scope.BLOCKS, block_ids=(block_ids[2], block_ids[0]))
    with db.transaction() as session:
        assert [b.number for b in session.get_one(Candidacy, opened.id).blocks] == [1, 3]
        other = factories.published_version(session, body.id, "RNCP1")
        foreign = other.blocks[0].id
    with pytest.raises(Refusal) as caught:
        open_it(db, ground, candidate=PersonInput("b@exemple.fr", "B"), scope=Scope.BLOCKS, block_ids=(foreign,))
    assert caught.value.code is CandidacyRefusal.FOREIGN_BLOCK


def test_no_block_chosen_is_refused(db, ground):
    assert refused(db, ground, scope=Scope.BLOCKS).code is CandidacyRefusal.NO_BLOCK


def test_nobody_advises_themselves(db, ground):
    refusal = refused(db, ground, advisor=PersonInput("SAMIA@exemple.fr", "Samia"))
    assert refusal.code is CandidacyRefusal.ADVISOR_IS_CANDIDATE


def test_a_version_of_another_body_does_not_exist(db, ground):
    with db.transaction() as session:
        other = factories.body(session, "Autre organisme")
        foreign = factories.published_version(session, other.id, "RNCP2")
    assert refused(db, ground, version_id=foreign.id).code is CandidacyRefusal.VERSION_NOT_PUBLISHED


def test_a_second_open_candidacy_on_the_same_version_is_refused(db, ground):
    open_it(db, ground)
    with pytest.raises(Refusal) as caught:
        open_it(db, ground)
    assert caught.value.code is CandidacyRefusal.ALREADY_OPEN


def test_the_former_advisor_stops_seeing_the_candidacy_at_once(db, ground):
    from portfolio.access.candidacy import find_candidacy_access
    from portfolio.access.policy import Permission, allows

    _, certifier, _, _ = ground
    opened = open_it(db, ground)
    with db.reader() as session:
        former = session.get_one(Candidacy, opened.id).advisor_id
    with db.transaction() as session:
        opening_use_cases.assign_advisor(
            session, opened.id, PersonInput("paul@exemple.fr", "Paul"), by=certifier.id, at=AT
        )
    with db.reader() as session:
        case = find_candidacy_access(session, opened.id, former)
        assert not allows(case.standing, Permission.READ_DRAFT)


def test_the_certifier_home_reads_the_counts_that_openings_kept(db, ground):
    body, certifier, version, _ = ground
    for number in range(3):
        with db.transaction() as session:
            opening_use_cases.open_candidacy(
                session,
                body.id,
                opening(version, candidate=PersonInput(f"c{number}@exemple.fr", f"C{number}")),
                by=certifier.id,
                at=AT,
            )
    with db.reader() as session:
        figures = load_figures(session, body.id, has_server=False, at=AT)
        assert figures.beginnings.has_published
        latest = list_views.load_listed(session, load_first_rows(session, body.id, AT.date()).latest)
        assert {each.row.candidate for each in latest} == {"C0", "C1", "C2"}


def test_a_route_that_the_entry_closes_is_refused_unless_a_reason_overrides_it(db):
    with db.transaction() as session:
        body = factories.body(session)
        certifier = factories.certifier(session, body.id)
        version = factories.published_version(session, body.id, routes=[("apprenticeship", False)])
        ground = (body, certifier, version, [])
    refusal = refused(db, ground, route=Route.APPRENTICESHIP)
    assert refusal.code is CandidacyRefusal.ROUTE_CLOSED
    assert refused(db, ground, route=Route.APPRENTICESHIP, route_confirmed=True).code is CandidacyRefusal.ROUTE_CLOSED
    opened = open_it(db, ground, route=Route.APPRENTICESHIP, route_override="Décision du 3 mars 2021.")
    with db.reader() as session:
        assert session.get_one(Candidacy, opened.id).route_override == "Décision du 3 mars 2021."
        line = session.scalars(select(AuditEvent).where(AuditEvent.action == "candidacy_opened")).one()
        assert line.details["route_in_entry"] == "closed"


def test_a_route_that_the_entry_does_not_mention_is_opened_once_confirmed(db, ground):
    assert refused(db, ground, route=Route.APPRENTICESHIP).code is CandidacyRefusal.ROUTE_NOT_MENTIONED
    opened = open_it(db, ground, route=Route.APPRENTICESHIP, route_confirmed=True)
    with db.reader() as session:
        assert session.get_one(Candidacy, opened.id).route_override is None
