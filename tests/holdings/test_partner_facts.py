"""The partner of a candidacy and the site of a session are facts like the others: recorded when they change,
fixed once closed.
"""

from collections.abc import Iterator

import pytest

from portfolio.db.engine import Database
from portfolio.domain.admissibility.use_cases.opening import choose_partner, partner_of_candidacy
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.opening import CandidacyRefusal
from portfolio.domain.certification.models import CertificationSite, Partner
from portfolio.domain.certification.rules.entry import Habilitation, HabilitationState
from portfolio.domain.certification.rules.juries import HabilitationGround
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury_session.use_cases.summons import choose_site, site_of_session
from portfolio.errors import Refusal
from tests import factories
from tests.holdings.insider import insider, put
from tests.holdings.ledger_builders import KEYS, heard, signing
from tests.jury.builders import ON_THE_DAY, Scene, close


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = signing(database_url)
    try:
        yield database
    finally:
        database.engine.dispose()


def partner_of(db: Database, scene: Scene) -> Partner:
    with db.transaction() as session:
        certification_id = session.get_one(Candidacy, scene.candidacy_id).version.certification_id
        row = Partner(
            certification_id=certification_id, identity="r", name="Rucher du Sud", habilitation=Habilitation.TRAIN
        )
        row.state = HabilitationState.ACTIVE
        session.add(row)
        return row


def test_a_partner_chosen_after_the_closing_is_recorded_and_a_change_by_hand_is_found(db):
    made = heard(db, 1)[0]
    close(db, made)
    partner = partner_of(db, made)
    with db.transaction() as session:
        choose_partner(session, made.candidacy_id, partner.id, by=made.certifier.id, at=ON_THE_DAY)
        assert partner_of_candidacy(session, made.candidacy_id).answer.ground is HabilitationGround.HELD
    with insider(db) as session:
        assert check(session, KEYS).ok
        put(session, "candidacy", made.candidacy_id, partner_id=None)
        assert check(session, KEYS).difference.column == "partner_id"


def test_a_partner_of_another_certification_is_refused(db):
    made = heard(db, 1)[0]
    with db.transaction() as session:
        other = factories.published_version(session, made.body_id, "RNCP90009")
        foreign = Partner(certification_id=other.certification_id, identity="x", name="Ailleurs")
        session.add(foreign)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        choose_partner(session, made.candidacy_id, foreign.id, by=made.certifier.id, at=ON_THE_DAY)
    assert refused.value.code is CandidacyRefusal.PARTNER_UNKNOWN


@pytest.mark.records("session_site_chosen")
def test_a_session_keeps_its_site_once_its_minutes_are_closed(db):
    made = heard(db, 1)[0]
    partner = partner_of(db, made)
    with db.transaction() as session:
        site = CertificationSite(body_id=made.body_id, name="Arles", partner_id=partner.id)
        session.add(site)
        session.flush()
        choose_site(session, made.session_id, site.id, by=made.certifier.id, at=ON_THE_DAY)
        assert site_of_session(session, made.session_id).answer.ground is HabilitationGround.OTHER_PURPOSE
    close(db, made)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        choose_site(session, made.session_id, None, by=made.certifier.id, at=ON_THE_DAY)
    assert refused.value.code is JuryRefusal.SITE_FIXED
    with db.reader() as session:
        assert check(session, KEYS).ok
