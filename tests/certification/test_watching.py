"""The nightly comparison with the register: what it drafts, what it notifies, and that it does each once."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import func, select

from portfolio.domain.certification.models import Certification, CertificationVersion, Partner, RegisterNotice
from portfolio.domain.certification.readers import read_entry
from portfolio.domain.certification.rules.entry import HabilitationState
from portfolio.domain.certification.rules.watching import RegisterNoticeKind as Kind
from portfolio.domain.certification.rules.watching import is_old_export
from portfolio.domain.certification.use_cases.drafting import discard_draft
from portfolio.domain.certification.use_cases.importing import import_entry
from tests import factories
from tests.certification.answered import publish
from tests.certification.readers.exports import SKILLS, block_xml, entry_xml, export, routes_xml, zipped

CODE = "RNCP90001"
PARTNER = (
    "<PARTENAIRES><PARTENAIRE><NOM_PARTENAIRE>Rucher du Sud</NOM_PARTENAIRE><SIRET_PARTENAIRE>11111111100011</SIRET_PARTENAIRE>"
    "<HABILITATION_PARTENAIRE>HABILITATION_ORGA_FORM</HABILITATION_PARTENAIRE><ETAT_HABILITATION>{}</ETAT_HABILITATION>"
    "<DATE_ACTIF>01/09/2023</DATE_ACTIF></PARTENAIRE></PARTENAIRES>"
)
ENTRY = entry_xml(more=PARTNER.format("Actif"))
THREE_BLOCKS = "".join(
    block_xml(f"{CODE}BC0{rank}", name, SKILLS) for rank, name in ((1, "Cultiver"), (2, "Vendre"), (3, "Transmettre"))
)


@pytest.fixture
def run(app, tmp_path):
    runner = app.test_cli_runner()

    def watch(data: bytes):
        file = tmp_path / "export.zip"
        file.write_bytes(data)
        return runner.invoke(args=["watch-register", str(file)])

    return watch


@pytest.fixture
def certification_id(store) -> UUID:
    """A certification published from its entry at the register."""
    with store.transaction() as session:
        body = factories.body(session)
        made = import_entry(session, body.id, read_entry(export(ENTRY), ""), by=None, at=factories.AT)
        publish(session, made.version.id, by=None, at=factories.AT)
        return made.version.certification_id


def notices(store) -> list[tuple[Kind, list[str]]]:
    with store.reader() as session:
        rows = session.scalars(select(RegisterNotice).order_by(RegisterNotice.kind, RegisterNotice.fact))
        return [(row.kind, row.facts) for row in rows]


def versions(store) -> list[tuple[int, bool]]:
    with store.reader() as session:
        rows = session.scalars(select(CertificationVersion).order_by(CertificationVersion.number))
        return [(row.number, row.published_at is not None) for row in rows]


def test_an_entry_that_did_not_change_gives_nothing(run, store, certification_id):
    done = run(zipped(export(ENTRY)))
    assert done.exit_code == 0, done.output
    assert "1 fiche(s) suivie(s), 1 dans ce fichier." in done.output
    assert notices(store) == []
    assert versions(store) == [(1, True)]


def test_a_changed_entry_is_the_draft_of_a_new_version_once_and_the_published_one_stays(run, store, certification_id):
    changed = zipped(export(entry_xml(blocks=THREE_BLOCKS, more=PARTNER.format("Actif"))))
    assert "brouillon de la version 2" in run(changed).output
    again = run(changed)
    assert again.exit_code == 0
    assert "brouillon" not in again.output
    assert versions(store) == [(1, True), (2, False)]
    assert notices(store) == [(Kind.CHANGED, ["2"])]
    with store.reader() as session:
        first, second = session.scalars(select(CertificationVersion).order_by(CertificationVersion.number))
        assert (len(first.entry["blocks"]), len(second.entry["blocks"])) == (2, 3)


def test_a_draft_given_up_is_not_made_again_for_the_same_content(run, store, certification_id):
    changed = zipped(export(entry_xml(blocks=THREE_BLOCKS)))
    run(changed)
    with store.transaction() as session:
        draft = session.scalar(select(CertificationVersion).where(CertificationVersion.published_at.is_(None)))
        discard_draft(session, draft.id, by=None, at=factories.AT)
    run(zipped(export(ENTRY)))
    run(changed)
    assert versions(store) == [(1, True)]


def test_partners_statistics_and_the_order_of_elements_make_no_new_version(run, store, certification_id):
    more = PARTNER.format("Actif").replace("Rucher du Sud", "Rucher du Grand Sud")
    statistics = "<STATISTIQUES_PROMOTIONS><STATISTIQUES_PROMOTION><ANNEE>2025</ANNEE></STATISTIQUES_PROMOTION></STATISTIQUES_PROMOTIONS>"
    run(export(entry_xml(more=statistics + more)))
    assert versions(store) == [(1, True)]


@pytest.mark.parametrize(
    ("today", "months"), [("2027-09-01", "12"), ("2028-03-01", "6"), ("2028-06-01", "3"), ("2028-08-31", "3")]
)
def test_the_end_of_the_registration_is_notified_at_its_nearest_step(
    run, store, certification_id, monkeypatch, today, months
):
    monkeypatch.setattr("portfolio.run.cli.entries.today", lambda: date.fromisoformat(today))
    run(export(ENTRY))
    run(export(ENTRY))
    assert notices(store) == [(Kind.ENDS_SOON, ["2028-08-31", months])]


def test_each_step_before_the_end_is_one_notice_and_none_comes_before_a_year(run, store, certification_id, monkeypatch):
    for today in ("2027-08-01", "2027-10-01", "2027-11-01", "2028-04-01", "2028-08-01", "2028-09-01"):
        monkeypatch.setattr("portfolio.run.cli.entries.today", lambda today=today: date.fromisoformat(today))
        run(export(ENTRY))
    assert [facts[1] for _, facts in notices(store)] == ["12", "3", "6"]


SUCCESSOR = (
    "<NOUVELLES_CERTIFICATIONS><NOUVELLE_CERTIFICATION><ID_FICHE_NOUVELLE_CERTIFICATION>RNCP99999</ID_FICHE_NOUVELLE_CERTIFICATION>"
    "</NOUVELLE_CERTIFICATION></NOUVELLES_CERTIFICATIONS>"
)


def test_a_notice_leads_to_the_page_that_settles_it(run, client, store, certification_id):
    run(export(entry_xml(more=SUCCESSOR + PARTNER.format("Inactif"))))
    with store.transaction() as session:
        row = session.get_one(Certification, certification_id)
        certifier = factories.certifier(session, row.body_id)
        (version,) = [one.id for one in row.versions if one.published_at]
    client.log_in(certifier.email, factories.PASSWORD)
    page = client.page("/certifications")
    assert page.all("a", href=f"/certifications/versions/{version}#suite")
    assert page.all("a", href=f"/certifications/versions/{version}/partenaires")
    settled = client.page(f"/certifications/versions/{version}")
    assert "La fiche nomme RNCP99999 comme suite" in settled.text
    (field,) = settled.all("input", name="successor")
    assert field["value"] == "RNCP99999"


def test_a_successor_a_closed_route_and_a_lost_habilitation_are_notified_once(run, store, certification_id):
    routes = routes_xml().replace("<SI_JURY_CA><ACTIF>Oui", "<SI_JURY_CA><ACTIF>Non")
    changed = export(entry_xml(routes=routes, more=SUCCESSOR + PARTNER.format("Inactif")))
    done = run(changed)
    assert "la fiche RNCP99999" in done.output
    assert "La voie «\u00a0Contrat d’apprentissage\u00a0» est maintenant fermée" in done.output
    assert "L’habilitation du partenaire Rucher du Sud est inactive" in done.output
    run(changed)
    kinds = [kind for kind, _ in notices(store)]
    assert sorted(kinds) == sorted([Kind.CHANGED, Kind.SUCCESSOR, Kind.ROUTE_CLOSED, Kind.HABILITATION_LOST])


def test_a_partner_that_the_register_names_no_more_has_lost_its_habilitation_that_day(run, store, certification_id):
    run(export(entry_xml()))
    with store.reader() as session:
        partner = session.scalar(select(Partner))
        assert (partner.state, partner.ends_on is not None) == (HabilitationState.REMOVED, True)
    assert (Kind.HABILITATION_LOST, ["Rucher du Sud", "removed"]) in notices(store)


def test_a_truncated_export_writes_nothing(run, store, certification_id):
    done = run(export(entry_xml(blocks=THREE_BLOCKS))[:-40])
    assert done.exit_code == 1
    assert "incomplet ou abîmé" in done.stderr
    assert versions(store) == [(1, True)]
    assert notices(store) == []


def test_two_entries_of_one_number_are_refused_and_the_others_go_on(run, store, certification_id):
    done = run(export(entry_xml(blocks=THREE_BLOCKS), entry_xml()))
    assert done.exit_code == 1
    assert f"{CODE}\u00a0: Deux fiches de ce fichier portent le même numéro" in done.stderr
    assert versions(store) == [(1, True)]


def test_a_certification_typed_by_hand_under_its_own_code_is_not_watched(run, store):
    with store.transaction() as session:
        session.add(Certification(body_id=factories.body(session).id, code="CQP-MIEL"))
    assert "0 fiche(s) suivie(s)" in run(export(ENTRY)).output
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(RegisterNotice)) == 0


@pytest.mark.records("register_notice_dismissed", "register_watched")
def test_the_notices_are_on_the_certifiers_page_until_a_person_dismisses_them(run, client, store, certification_id):
    run(export(entry_xml(blocks=THREE_BLOCKS, more=PARTNER.format("Actif"))))
    with store.transaction() as session:
        certifier = factories.certifier(session, session.get_one(Certification, certification_id).body_id)
    client.log_in(certifier.email, factories.PASSWORD)
    assert "Lisez 1 avis du répertoire" in client.page("/organisme").text
    page = client.page("/certifications")
    assert "Le contenu de la fiche a changé au répertoire : un brouillon de la version 2 est créé." in page.text
    assert "Constaté le" in page.text
    with store.reader() as session:
        notice = session.scalar(select(RegisterNotice))
    there = f"/certifications/avis/{notice.id}/ecarter"
    assert client.send(there, {}, form="/certifications").status_code == 303
    assert "Constaté le" not in client.page("/certifications").text
    run(export(entry_xml(blocks=THREE_BLOCKS, more=PARTNER.format("Actif"))))
    assert "Constaté le" not in client.page("/certifications").text


def test_a_notice_of_another_body_does_not_exist(run, client, store, certification_id):
    run(export(entry_xml(blocks=THREE_BLOCKS)))
    with store.transaction() as session:
        certifier = factories.certifier(session, factories.body(session, "Autre organisme").id)
        notice = session.scalar(select(RegisterNotice))
    client.log_in(certifier.email, factories.PASSWORD)
    assert client.send(f"/certifications/avis/{notice.id}/ecarter", {}, form="/certifications").status_code == 404


@pytest.mark.parametrize(
    ("name", "is_old"),
    [
        ("export-fiches-rncp-v4-1-2026-10-01.zip", True),
        ("export_fiches_RNCP_V4_1_2026-11-20.xml", False),
        ("export_fiches_CSV_2026_01_31.zip", True),
        ("fiche-2026-13-45.xml", False),
        ("fiche.xml", False),
    ],
)
def test_an_export_older_than_a_month_says_so(name, is_old):
    assert is_old_export(name, date(2026, 11, 26)) is is_old


def test_an_entry_typed_by_hand_under_its_number_is_drafted_only_when_the_register_changes_later(run, store):
    with store.transaction() as session:
        version = factories.published_version(session, factories.body(session).id, CODE)
        assert version.is_by_hand
    run(export(ENTRY))
    assert versions(store) == [(1, True)]
    run(export(entry_xml(blocks=THREE_BLOCKS, more=PARTNER.format("Actif"))))
    assert versions(store) == [(1, True), (2, False)]
