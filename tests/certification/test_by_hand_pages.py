"""A certification made by hand: from nothing, from a copy, from a spreadsheet; its draft, its publication,
its exports.
"""

import io
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.readers.cncp_text.jury import sourced
from portfolio.domain.certification.readers.spreadsheet import read_sheet
from portfolio.domain.certification.rules.entry import Permanence
from portfolio.domain.certification.rules.entry_schema import entry_from_json
from portfolio.domain.certification.rules.jury_rule import TermSource
from portfolio.domain.certification.rules.publication import PublicationErrorCode, publication_errors
from portfolio.domain.certification.rules.versioning import unresolved_doubts
from portfolio.domain.certification.use_cases.importing import import_entry
from tests import factories
from tests.certification.answered import publish
from tests.certification.draft_pages import INDEX, TEXT, draft_url, filled, the_draft, the_entry, versions
from tests.certification.filling import FilledForm
from tests.page import Page

NEW = "/certifications/nouvelle"
BLANK = {"kind": "own", "code": "cqp vente 2", "title": "Conseil et vente", "level": "4", "start": "blank"}
SHEET = {**BLANK, "start": "spreadsheet"}
LINES = "Bloc 1 - Accueillir;Écouter;Oral\n;Conseiller\nBloc 2 - Vendre;Encaisser\n"
JURY = {"seats__0": "president", "seats__1": "external_professional"}


@pytest.fixture
def made_id(browser, store) -> UUID:
    """A draft of two blocks, from a spreadsheet."""
    assert browser.send(NEW, {**SHEET, "text": LINES}).status_code == 303
    return newest(store)


def newest(store) -> UUID:
    with store.reader() as session:
        found = session.scalars(select(CertificationVersion)).all()
        return max(found, key=lambda one: one.imported_at).id


def blocks_of(store, version_id: UUID) -> list[list[str]]:
    return [
        [competency.text for competency in block.competencies] for block in the_draft(store, version_id).entry.blocks
    ]


def press(browser, version_id: UUID, do: str, form: FilledForm | None = None, **changes: str) -> FilledForm:
    form = form or filled(browser, version_id)
    answer = browser.post(draft_url(version_id), data=form.with_changes(do=do, **changes))
    assert answer.status_code == 200, answer.status_code
    return FilledForm(answer.text, "fiche")


def test_the_list_of_certifications_leads_to_a_new_one(browser):
    assert browser.page(INDEX).all("a", href=NEW)
    browser.send(NEW, BLANK)
    assert browser.page(INDEX).all("a", href=NEW)


def test_a_certification_from_nothing_is_a_draft_that_says_it_has_no_source_text(browser, store):
    page = Page(browser.send(NEW, BLANK, follow_redirects=True).text)
    assert page.headings == ["Conseil et vente"]
    assert "Cette certification est saisie à la main" in page.text
    draft = the_draft(store, newest(store))
    assert (draft.code, draft.entry.level, draft.entry.permanence, draft.entry.doubts) == ("CQP-VENTE-2", "4", None, ())
    assert "créé à la main le" in browser.page(INDEX).text
    assert versions(store) == 1


def test_what_publication_asks_for_is_open_and_the_rest_is_folded(browser, store):
    browser.send(NEW, BLANK)
    form = filled(browser, newest(store))
    assert [key for key in form.fields if key.endswith("-text")] == [
        f"blocks-0-competencies-{n}-text" for n in range(3)
    ]
    assert form.fields["blocks-0-competencies-2-number"] == ["3"]
    assert [form.fields[f"seats-{n}"] for n in (0, 1)] == [[""], [""]]
    page = browser.get(draft_url(newest(store))).text
    for name in ("Voies d’accès", "Enregistrements au répertoire", "Nomenclatures et certificateurs"):
        assert f'<details class="details">\n  <summary>{name}</summary>' in page


def test_a_certification_typed_by_hand_is_published_with_the_rules_of_every_entry(browser, store):
    browser.send(NEW, BLANK)
    version_id = newest(store)
    answer = browser.post(
        draft_url(version_id), data=filled(browser, version_id).with_changes(do="publish"), follow_redirects=True
    )
    assert Page(answer.text).headings == ["Pas encore publiable"]
    assert "Cette certification n’a aucun bloc" in Page(answer.text).text
    typed = {
        "blocks__0__title": "Vendre",
        "blocks__0__competencies__1__text": "Encaisser un paiement",
        "permanence": "limited",
        "routes__5__open": "yes",
        **JURY,
    }
    assert (
        browser.post(draft_url(version_id), data=filled(browser, version_id).with_changes(**typed)).status_code == 303
    )
    assert [fault.what for fault in publication_errors(the_draft(store, version_id).entry)] == [
        PublicationErrorCode.VALIDITY_WITHOUT_MONTHS
    ]
    rules = f"/certifications/versions/{version_id}/jury"
    assert "sans durée pour le bloc 1" in browser.page(f"/certifications/versions/{version_id}/publier").text
    months = {"revision": str(the_draft(store, version_id).revision), "blocks-0-number": "1"}
    months |= {"blocks-0-decision_rule": "", "blocks-0-validity_months": "36"}
    assert browser.send(rules, months).status_code == 303
    entry = the_draft(store, version_id).entry
    assert not publication_errors(entry)
    assert "Limitée dans le temps" in browser.page(f"/certifications/versions/{version_id}/publier").text
    assert (entry.jury.size, entry.permanence, entry.blocks[0].competencies[0].number) == (2, Permanence.LIMITED, 1)
    assert {source for _term, source in sourced(entry).sources} <= {TermSource.CERTIFIER, TermSource.DESIGN}
    with store.transaction() as session:
        publish(session, version_id, by=None, at=factories.AT)
    page = browser.page(f"/certifications/versions/{version_id}")
    assert "aucun texte du répertoire ne l’accompagne" in page.text
    assert "La fiche annonce" not in page.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": ""}, "Choisissez la sorte de code."),
        ({"kind": "register"}, "Écrivez « RNCP » suivi du numéro"),
        ({"code": ""}, "Donnez le code de la certification."),
        ({"code": "RNCP12"}, "Il ne commence pas par RNCP, ni par RS et un chiffre."),
        ({"code": "1234"}, "au moins une lettre"),
        ({"code": "été"}, "des lettres sans accent"),
        ({"title": ""}, "Donnez l’intitulé qui figurera sur les documents."),
        ({"level": "12"}, "Choisissez une des réponses proposées."),
        ({"start": "copy"}, "Choisissez la certification à copier."),
        ({"start": "copy", "base": "nothing"}, "Choisissez une des réponses proposées."),
        ({"start": "copy", "base": "0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b"}, "Choisissez une des réponses proposées."),
        ({"start": "spreadsheet"}, "Les colonnes de ce tableau ne sont pas reconnues."),
        ({"start": "elsewhere"}, "Choisissez une des réponses proposées."),
    ],
)
def test_a_wrong_answer_is_shown_beside_its_field_and_nothing_typed_is_lost(browser, store, changes, sentence):
    answer = browser.send(NEW, {**BLANK, "text": "Une note", **changes})
    page = Page(answer.text)
    assert (answer.status_code, versions(store)) == (422, 0)
    assert sentence in page.text.replace("\u00a0", " ")
    assert "Une note" in answer.text
    if changes.get("title") is None:
        assert "Conseil et vente" in answer.text


def test_a_bare_number_is_read_as_a_number_of_the_register(browser, store):
    browser.send(NEW, {**BLANK, "kind": "register", "code": "37 488"})
    assert the_draft(store, newest(store)).code == "RNCP37488"


def test_a_code_that_the_body_has_already_is_refused_beside_its_field(browser, store, draft_id):
    answer = browser.send(NEW, {**BLANK, "kind": "register", "code": "RNCP16959"})
    assert answer.status_code == 422
    assert "Vous avez déjà une certification RNCP16959." in Page(answer.text).text
    assert versions(store) == 1


@pytest.mark.records("certification_created")
def test_two_clicks_make_one_certification(browser, store):
    page = browser.page(NEW)
    data = {"csrf_token": page.hidden("csrf_token"), "nonce": page.hidden("nonce"), **BLANK}
    first, second = browser.post(NEW, data=data), browser.post(NEW, data=data)
    assert (first.status_code, first.location, versions(store)) == (303, second.location, 1)


def test_a_copy_keeps_blocks_and_jury_and_leaves_what_the_register_says_of_the_original(browser, store, draft_id):
    answer = browser.send(NEW, {**BLANK, "title": "", "level": "", "start": "copy", "base": str(draft_id)})
    assert answer.status_code == 303
    with store.reader() as session:
        made = session.scalars(
            select(CertificationVersion).join(Certification).where(Certification.code == "CQP-VENTE-2")
        ).one()
        copy, original = made.to_entry(), session.get_one(CertificationVersion, draft_id).to_entry()
    assert [replace(block, certificate_stated=False) for block in original.blocks] == list(copy.blocks)
    assert (copy.jury, copy.title, copy.level, copy.permanence) == (
        original.jury,
        original.title,
        original.level,
        original.permanence,
    )
    assert (copy.registrations, copy.titles_seen, copy.holders_per_year, copy.predecessor) == ((), (), (), None)
    assert TermSource.ENTRY not in dict(sourced(copy).sources).values()
    kept = {doubt.what for doubt in original.doubts if doubt.where.startswith(("blocks", "routes"))}
    assert {doubt.what for doubt in unresolved_doubts(copy, ())} >= kept


def test_a_version_of_another_body_is_never_copied(browser, store):
    with store.transaction() as session:
        other = factories.body(session, name="Autre organisme")
        theirs = import_entry(session, other.id, the_entry(), by=None, at=factories.AT).version.id
    answer = browser.send(NEW, {**BLANK, "start": "copy", "base": str(theirs)})
    assert answer.status_code == 422
    assert str(theirs) not in answer.text
    assert versions(store) == 1


def test_a_spreadsheet_file_becomes_blocks_and_competencies(browser, store):
    file = (io.BytesIO(LINES.encode("cp1252")), "blocs.csv")
    page = Page(browser.send(NEW, {**SHEET, "file": file}, follow_redirects=True).text)
    assert "vérifiez les accents" in page.text
    draft = the_draft(store, newest(store))
    assert blocks_of(store, draft.id) == [["Écouter", "Conseiller"], ["Encaisser"]]
    assert draft.entry.blocks[0].assessments == ("Oral",)


def test_each_wrong_line_of_a_spreadsheet_is_named_and_its_text_comes_back(browser, store):
    file = (io.BytesIO("Bloc 1;Vendre\nBloc 1;Vendre\n;a;b;c\n".encode("utf-8-sig")), "blocs.csv")
    answer = browser.send(NEW, {**SHEET, "file": file})
    page = Page(answer.text)
    assert (answer.status_code, versions(store)) == (422, 0)
    assert "Ligne 2 : cette compétence est déjà dans ce bloc, à la ligne 1." in page.text.replace("\u00a0", " ")
    assert "Ligne 3" in page.text
    assert ";a;b;c" in answer.text
    assert "Conseil et vente" in answer.text


def test_a_spreadsheet_that_was_not_given_is_asked_for(browser, store):
    page = Page(browser.send(NEW, SHEET).text)
    assert "Choisissez un fichier CSV, ou collez ses lignes" in page.text
    assert versions(store) == 0


def test_a_spreadsheet_given_beside_another_start_is_not_dropped_in_silence(browser, store):
    answer = browser.send(NEW, {**BLANK, "file": (io.BytesIO(LINES.encode()), "blocs.csv")})
    assert (answer.status_code, versions(store)) == (422, 0)
    assert "Vous aviez joint un tableur" in Page(answer.text).text


def test_a_workbook_is_refused_with_the_way_to_save_it(browser, store):
    answer = browser.send(NEW, {**SHEET, "file": (io.BytesIO(b"PK\x03\x04xl/workbook.xml"), "blocs.xlsx")})
    assert answer.status_code == 422
    assert "Enregistrer sous" in Page(answer.text).text


def test_lines_move_without_saving_and_what_is_typed_elsewhere_stays(browser, store, made_id):
    form = press(browser, made_id, "up:blocks-0-competencies-1", signatory="La directrice")
    assert form.fields["blocks-0-competencies-0-text"] == ["Conseiller"]
    assert form.fields["blocks-0-competencies-0-number"] == ["1"]
    form = press(browser, made_id, "move:blocks-0-competencies-0", form, blocks__0__competencies__0__into="1")
    assert form.fields["blocks-1-competencies-1-text"] == ["Conseiller"]
    form = press(browser, made_id, "down:blocks-0", form)
    assert form.fields["signatory"] == ["La directrice"]
    assert the_draft(store, made_id).revision == 1
    assert browser.post(draft_url(made_id), data=form.fields).status_code == 303
    assert blocks_of(store, made_id) == [["Encaisser", "Conseiller"], ["Écouter"]]


def test_a_removed_competency_can_be_put_back_until_the_draft_is_saved(browser, store, made_id):
    form = press(browser, made_id, "remove:blocks-0-competencies-0")
    assert "restore:blocks-0-competencies-0" in form.buttons
    back = press(browser, made_id, "restore:blocks-0-competencies-0", form)
    assert back.fields["blocks-0-competencies-0-text"] == ["Écouter"]
    browser.post(draft_url(made_id), data=form.fields)
    entry = the_draft(store, made_id).entry
    assert [(competency.number, competency.text) for competency in entry.blocks[0].competencies] == [(1, "Conseiller")]


def test_a_removed_block_keeps_everything_in_it_until_it_is_put_back(browser, store, made_id):
    before = filled(browser, made_id).fields
    form = press(browser, made_id, "remove:blocks-0", blocks__0__number="x")
    again = press(browser, made_id, "restore:blocks-0", press(browser, made_id, "add:blocks", form)).fields
    again = {key: value for key, value in again.items() if not key.startswith("blocks-2")}
    before.pop("csrf_token")
    again.pop("csrf_token")
    assert again == before


def test_a_wrong_field_in_a_removed_block_prevents_nothing(browser, store, draft_id):
    form = press(browser, draft_id, "remove:blocks-0", blocks__0__number="premier")
    assert browser.post(draft_url(draft_id), data=form.fields).status_code == 303
    assert [block.number for block in the_draft(store, draft_id).entry.blocks] == [2, 3, 4]


def test_doubts_of_joined_competencies_stay_beside_them(browser, store, body_id):
    from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode

    doubts = tuple(Doubt(f"blocks.2.competencies.{n}", DoubtCode.COMPETENCY_ONLY_IN_BLOCK) for n in (1, 2))
    with store.transaction() as session:
        version_id = import_entry(
            session, body_id, replace(the_entry(), doubts=doubts), by=None, at=factories.AT
        ).version.id
    form = press(browser, version_id, "merge:blocks-1-competencies-0")
    assert browser.post(draft_url(version_id), data=form.fields).status_code == 303
    draft = the_draft(store, version_id)
    assert len(draft.entry.blocks[1].competencies) == 2
    assert [doubt.where for doubt in draft.entry.doubts] == ["blocks.2.competencies.1"] * 2
    assert not draft.settled


def test_a_settled_doubt_of_a_removed_line_is_still_settled_when_it_is_put_back(browser, store, draft_id):
    page = Page(browser.get(draft_url(draft_id)).text)
    keys = [box["value"] for box in page.all("input", name="settled")]
    form = press(browser, draft_id, "remove:blocks-1", settled=keys)
    back = press(browser, draft_id, "restore:blocks-1", form)
    assert sorted(back.fields["settled"]) == sorted(keys)


def test_an_imported_draft_is_numbered_in_order_on_demand(browser, store, draft_id):
    form = press(browser, draft_id, "renumber:blocks", blocks__0__number="9")
    assert [form.fields[f"blocks-{n}-number"] for n in range(4)] == [["1"], ["2"], ["3"], ["4"]]


def test_a_competency_written_in_two_blocks_names_the_other_place(browser, store, made_id):
    form = press(browser, made_id, "copy:blocks-0-competencies-0", blocks__0__competencies__0__into="1")
    assert form.fields["blocks-1-competencies-1-text"] == ["Écouter"]
    browser.post(draft_url(made_id), data={**form.fields, "seats-0": "president", "seats-1": "external_professional"})
    with store.transaction() as session:
        publish(session, made_id, by=None, at=factories.AT)
    page = browser.page(f"/certifications/versions/{made_id}").text.replace("\u00a0", " ")
    assert "Même rédaction : 2.2" in page
    assert "Même rédaction : 1.1" in page


@pytest.mark.parametrize(
    "do",
    ["up:", "up:blocks-99", "move:blocks-0", "split:blocks-0", "merge:blocks-x", "place:blocks-0:", "restore:seats-0"],
)
def test_an_order_that_cannot_be_followed_changes_nothing(browser, made_id, do):
    form = filled(browser, made_id)
    again = press(browser, made_id, do, form).fields
    for shown in (again, form.fields):
        shown.pop("csrf_token")
    assert again == form.fields


def test_blocks_leave_as_a_spreadsheet_and_come_back_the_same(browser, store, made_id):
    answer = browser.get(f"/certifications/versions/{made_id}/blocs.csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=blocs-CQP-VENTE-2.csv"
    assert read_sheet(answer.data).blocks == the_draft(store, made_id).entry.blocks


def test_a_published_version_made_by_hand_can_be_corrected_and_still_says_so(browser, store, made_id):
    browser.post(draft_url(made_id), data=filled(browser, made_id).with_changes(**JURY))
    with store.transaction() as session:
        publish(session, made_id, by=None, at=factories.AT)
    token = browser.page(f"/certifications/versions/{made_id}").hidden("csrf_token")
    answer = browser.post(
        f"/certifications/versions/{made_id}/correction", data={"csrf_token": token}, follow_redirects=True
    )
    page = Page(answer.text)
    assert "Cette certification est saisie à la main" in page.text


def test_the_same_entry_given_later_as_text_is_the_next_version(browser, store, body_id):
    browser.send(NEW, {**BLANK, "kind": "register", "code": "RNCP16959"})
    browser.send("/certifications/importer", {"text": TEXT})
    with store.reader() as session:
        found = session.scalars(select(CertificationVersion).order_by(CertificationVersion.number)).all()
        assert [(one.number, one.is_by_hand) for one in found] == [(1, True), (2, False)]
        assert entry_from_json(found[1].entry).doubts
