"""Partners and sites: taken from the entry, typed by the certifier, and what a habilitation allows on a day."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import CertificationSite, CertificationVersion, Partner
from portfolio.domain.certification.readers import read_entry
from portfolio.domain.certification.rules.entry import Habilitation, HabilitationState
from portfolio.domain.certification.rules.juries import HabilitationGround, HabilitationPeriod, Purpose, habilitation_on
from portfolio.domain.certification.use_cases import partners
from portfolio.domain.certification.use_cases.importing import import_entry
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.errors import Conflict
from portfolio.web.clock import today
from portfolio.wording.certification.register import GROUNDS
from tests import factories
from tests.certification.answered import publish
from tests.certification.readers.exports import entry_xml, export
from tests.page import Page

ACTIVE, INACTIVE = HabilitationState.ACTIVE, HabilitationState.INACTIVE
BOTH, TRAIN = Habilitation.BOTH, Habilitation.TRAIN
DAY = date(2026, 5, 4)


@pytest.mark.parametrize(
    ("period", "purpose", "ground"),
    [
        (HabilitationPeriod(BOTH, ACTIVE), Purpose.ORGANISE, HabilitationGround.HELD),
        (HabilitationPeriod(BOTH, ACTIVE, DAY, DAY), Purpose.TRAIN, HabilitationGround.HELD),
        (HabilitationPeriod(TRAIN, ACTIVE), Purpose.ORGANISE, HabilitationGround.OTHER_PURPOSE),
        (HabilitationPeriod(BOTH, ACTIVE, DAY + timedelta(1)), Purpose.TRAIN, HabilitationGround.NOT_YET),
        (HabilitationPeriod(BOTH, INACTIVE, None, DAY - timedelta(1)), Purpose.TRAIN, HabilitationGround.ENDED),
        (HabilitationPeriod(BOTH, INACTIVE, None, DAY), Purpose.TRAIN, HabilitationGround.HELD),
        (HabilitationPeriod(BOTH, INACTIVE), Purpose.TRAIN, HabilitationGround.INACTIVE),
        (HabilitationPeriod(BOTH, None), Purpose.TRAIN, HabilitationGround.UNKNOWN),
        (HabilitationPeriod(None, ACTIVE), Purpose.TRAIN, HabilitationGround.UNKNOWN),
    ],
)
def test_a_habilitation_holds_on_a_day_for_a_purpose_or_says_why_not(period, purpose, ground):
    answer = habilitation_on(period, purpose, DAY)
    assert (answer.ground, answer.holds) == (ground, ground is HabilitationGround.HELD)


def test_every_ground_has_its_sentence():
    assert set(GROUNDS) == set(HabilitationGround)


PARTNERS = (
    "<PARTENAIRES>"
    + "".join(
        f"<PARTENAIRE><NOM_PARTENAIRE>{name}</NOM_PARTENAIRE><SIRET_PARTENAIRE>{siret}</SIRET_PARTENAIRE>"
        f"<HABILITATION_PARTENAIRE>{what}</HABILITATION_PARTENAIRE><ETAT_HABILITATION>Actif</ETAT_HABILITATION>"
        "<DATE_ACTIF>01/09/2023</DATE_ACTIF></PARTENAIRE>"
        for name, siret, what in (
            ("Rucher du Sud", "11111111100011", "HABILITATION_ORGA_FORM"),
            ("Miellerie d’Arles", "22222222200022", "HABILITATION_FORMER"),
        )
    )
    + "</PARTENAIRES>"
)


@pytest.fixture
def version_id(store, body_id) -> UUID:
    """A published version whose entry names two partners."""
    with store.transaction() as session:
        made = import_entry(
            session, body_id, read_entry(export(entry_xml(more=PARTNERS)), ""), by=None, at=factories.AT
        )
        return publish(session, made.version.id, by=None, at=factories.AT).id


def partner_called(store, name: str) -> Partner:
    with store.reader() as session:
        return session.scalar(select(Partner).where(Partner.name == name))


def address(version_id: UUID, rest: str = "") -> str:
    return f"/certifications/versions/{version_id}/partenaires{rest}"


def test_the_partners_of_the_entry_are_listed_and_searched_by_name_or_siret(browser, version_id):
    page = browser.page(address(version_id))
    for words in ("2 partenaires", "Rucher du Sud", "former et organiser l’évaluation", "depuis le 1er septembre 2023"):
        assert words in page.text
    for search in ("arles", "222222"):
        found = browser.page(address(version_id, f"?partenaire={search}"))
        assert "1 partenaire trouvé" in found.text
        assert "Rucher du Sud" not in found.text


@pytest.mark.records("partner_added")
def test_a_partner_is_added_once_and_a_wrong_siret_or_period_is_refused_beside_its_field(browser, store, version_id):
    new = address(version_id, "/nouveau")
    typed = {"name": "École du Miel", "siret": "12", "starts_on": "2026-01-01", "ends_on": "2025-01-01"}
    answer = browser.send(new, typed, form=new)
    assert answer.status_code == 422
    assert "Un SIRET a 14 chiffres" in answer.text
    assert "L’habilitation finit avant de commencer" in answer.text
    assert "École du Miel" in answer.text
    right = {**typed, "siret": "333 333 333 00033", "ends_on": "", "habilitation": "train", "state": "active"}
    assert browser.send(new, right, form=new).status_code == 303
    again = browser.send(new, right, form=new)
    assert again.status_code == 422
    assert "a déjà ce partenaire" in again.text
    assert partner_called(store, "École du Miel").is_by_hand


@pytest.mark.records("partner_corrected")
def test_a_partner_corrected_meanwhile_shows_both_and_loses_nothing(browser, store, version_id):
    row = partner_called(store, "Rucher du Sud")
    there = address(version_id, f"/{row.id}")
    assert browser.send(there, {"name": "Rucher du Midi", "revision": "1"}, form=there).status_code == 303
    late = browser.send(there, {"name": "Rucher du Nord", "revision": "1"}, form=there)
    assert late.status_code == 409
    assert "Rucher du Midi" in late.text
    assert "Rucher du Nord" in late.text


def test_a_session_is_held_at_a_partners_site_only_with_a_habilitation_to_assess_that_day(
    browser, store, body_id, version_id
):
    trains = partner_called(store, "Miellerie d’Arles")
    assert (
        browser.send(
            "/organisme/lieux", {"name": "Arles", "address": "1, quai", "partner_id": str(trains.id)}
        ).status_code
        == 303
    )
    with store.reader() as session:
        site = session.scalar(select(CertificationSite))
    held_on = (today() + timedelta(days=40)).isoformat()
    plan = {"version_id": str(version_id), "held_on": held_on, "site_id": str(site.id), "place": ""}
    answer = browser.send("/sessions/nouvelle", plan, form="/sessions/nouvelle")
    assert answer.status_code == 303
    with store.reader() as session:
        jury = session.scalar(select(JurySession))
        assert (jury.site_id, jury.place) == (site.id, "Arles (Miellerie d’Arles)")
    page = Page(browser.get(answer.location).text)
    assert "l’habilitation de ce partenaire ne permet pas d’organiser l’évaluation" in page.text
    there = f"{answer.location}/lieu"
    assert browser.send(there, {"site_id": ""}, form=there).status_code == 303
    assert "ne permet pas" not in browser.page(answer.location).text


def test_a_session_without_a_site_or_a_place_is_refused_beside_the_field(browser, version_id):
    plan = {
        "version_id": str(version_id),
        "held_on": (today() + timedelta(days=40)).isoformat(),
        "site_id": "",
        "place": "",
    }
    answer = browser.send("/sessions/nouvelle", plan, form="/sessions/nouvelle")
    assert answer.status_code == 422
    assert "Dites où le jury se réunit" in answer.text


@pytest.mark.records("candidacy_partner_chosen")
def test_a_candidacy_comes_through_a_partner_whose_habilitation_is_checked_on_its_day(browser, store, version_id):
    with store.transaction() as session:
        version = session.get_one(CertificationVersion, version_id)
        path = factories.candidacy(session, version, factories.person(session)).id
    partner = partner_called(store, "Rucher du Sud")
    there = f"/candidatures/{path}/partenaire"
    assert browser.send(f"{there}?partenaire=rucher", {"partner_id": str(partner.id)}, form=there).status_code == 303
    page = browser.page(f"/candidatures/{path}")
    assert "Rucher du Sud" in page.text
    assert "Le 12 novembre 2021, l’habilitation ne commence que le 1er septembre 2023." in " ".join(page.text.split())
    with store.reader() as session:
        assert session.get_one(Candidacy, path).partner_id == partner.id


def test_a_partner_of_another_certification_is_refused(browser, store, body_id, version_id):
    with store.transaction() as session:
        other = factories.published_version(session, body_id)
        path = factories.candidacy(session, other, factories.person(session)).id
    there = f"/candidatures/{path}/partenaire"
    partner = partner_called(store, "Rucher du Sud")
    assert browser.send(there, {"partner_id": str(partner.id)}, form=there).status_code == 422
    assert browser.get(address(other.id, f"/{partner.id}")).status_code == 404


@pytest.mark.records("site_added", "site_corrected")
def test_a_site_is_corrected_once_from_what_was_read(store):
    with store.transaction() as session:
        body = factories.body(session)
        by = factories.certifier(session, body.id).id
        site = partners.add_site(session, body.id, "Halle", "1 quai Est", None, by=by, at=factories.AT)
        read = site.revision
        corrected = {"is_retired": True, "revision": read, "by": by, "at": factories.AT}
        partners.correct_site(session, site, "Grande halle", "2 quai Est", **corrected)
        session.flush()
        with pytest.raises(Conflict):
            partners.correct_site(session, site, "Halle", "1 quai Est", **corrected)
        assert (site.name, site.address, site.is_retired) == ("Grande halle", "2 quai Est", True)
