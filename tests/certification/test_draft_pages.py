"""Correcting a draft: its lists, its doubts, two people at once."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.use_cases.drafting import correct_draft
from portfolio.domain.certification.use_cases.importing import import_entry
from portfolio.screens.certifier.certifications.queries import find_draft
from tests import factories
from tests.certification.draft_pages import IMPORT, draft_url, filled, the_draft, the_entry
from tests.certification.filling import FilledForm
from tests.certification.readers.writing import entry_text
from tests.page import Page


def test_saving_a_draft_as_it_is_shown_changes_nothing(browser, store, draft_id):
    before = the_draft(store, draft_id)
    answer = browser.post(draft_url(draft_id), data=filled(browser, draft_id).fields)
    assert answer.status_code == 303
    assert the_draft(store, draft_id) == before


def test_a_correction_and_a_ticked_doubt_are_saved(browser, store, draft_id):
    form = filled(browser, draft_id)
    key = Page(browser.get(draft_url(draft_id)).text).all("input", name="settled")[0]["value"]
    data = form.with_changes(
        settled=key, signatory="La directrice", blocks__0__title="Piloter un projet", external_min="33,3 %"
    )
    page = Page(browser.post(draft_url(draft_id), data=data, follow_redirects=True).text)
    assert "Le brouillon est enregistré." in page.text
    draft = the_draft(store, draft_id)
    assert (draft.revision, draft.settled, draft.entry.signatory) == (2, {key}, "La directrice")
    assert draft.entry.blocks[0].title == "Piloter un projet"
    assert draft.entry.jury.external_min == pytest.approx(0.333)
    assert len([box for box in page.all("input", name="settled") if "checked" in box]) == 1


def test_a_territory_is_answered_yes_or_no_or_left_unknown(browser, store, draft_id):
    data = filled(browser, draft_id).with_changes(new_caledonia="yes", french_polynesia="no")
    browser.post(draft_url(draft_id), data=data)
    details = the_draft(store, draft_id).entry.details
    assert (details.new_caledonia, details.french_polynesia) == (True, False)
    data = filled(browser, draft_id).with_changes(new_caledonia="unknown")
    browser.post(draft_url(draft_id), data=data)
    details = the_draft(store, draft_id).entry.details
    assert (details.new_caledonia, details.french_polynesia) == (None, False)


def test_a_quorum_and_the_usage_of_half_external_members_are_data_of_the_version(browser, store, draft_id):
    data = filled(browser, draft_id).with_changes(jury_quorum="4", half_external="y")
    page = Page(browser.post(draft_url(draft_id), data=data, follow_redirects=True).text)
    assert page.all("input", name="jury_quorum")[0]["value"] == "4"
    assert "checked" in page.all("input", name="half_external")[0]
    assert (the_draft(store, draft_id).entry.jury.quorum, the_draft(store, draft_id).entry.jury.half_external) == (
        4,
        True,
    )
    data = filled(browser, draft_id).with_changes(jury_quorum="6")
    page = Page(browser.post(draft_url(draft_id), data=data, follow_redirects=True).text)
    assert "Un quorum de 6 ne convient pas à ce jury." in page.text
    data = filled(browser, draft_id).with_changes(jury_quorum="")
    data.pop("half_external")
    browser.post(draft_url(draft_id), data=data)
    assert (the_draft(store, draft_id).entry.jury.quorum, the_draft(store, draft_id).entry.jury.half_external) == (
        None,
        False,
    )


def test_a_line_is_added_and_removed_without_saving_and_without_losing_what_is_typed(browser, store, draft_id):
    form = filled(browser, draft_id)
    data = form.with_changes(signatory="La directrice", do="add:blocks-1-competencies")
    answer = browser.post(draft_url(draft_id), data=data)
    again = FilledForm(answer.text, "fiche")
    assert again.fields["signatory"] == ["La directrice"]
    assert again.fields["blocks-1-competencies-3-number"] == ["4"]
    assert "Rien n’est encore enregistré" in Page(answer.text).text
    more = browser.post(
        draft_url(draft_id),
        data=again.with_changes(blocks__1__competencies__3__text="Une quatrième", do="remove:blocks-0"),
    )
    last = FilledForm(more.text, "fiche")
    assert last.fields["blocks-0-removed"] == ["1"]
    assert last.fields["blocks-1-title"] == ["Définir les solutions techniques d’un projet digital"]
    assert last.fields["blocks-1-competencies-3-text"] == ["Une quatrième"]
    assert the_draft(store, draft_id).revision == 1
    assert browser.post(draft_url(draft_id), data=last.fields).status_code == 303
    entry = the_draft(store, draft_id).entry
    assert [block.number for block in entry.blocks] == [2, 3, 4]
    assert entry.blocks[0].competencies[3].text == "Une quatrième"


@pytest.mark.parametrize(
    "name", ["registrations", "seats", "blocks", "sites", "holders_per_year", "blocks-2-competencies"]
)
def test_every_list_grows_and_shrinks(browser, draft_id, name):
    form = filled(browser, draft_id)
    lines = len({key.removeprefix(name).split("-")[1] for key in form.fields if key.startswith(f"{name}-")})
    grown = FilledForm(browser.post(draft_url(draft_id), data=form.with_changes(do=f"add:{name}")).text, "fiche")
    assert any(key == f"{name}-{lines}" or key.startswith(f"{name}-{lines}-") for key in grown.fields)
    back = FilledForm(
        browser.post(draft_url(draft_id), data=grown.with_changes(do=f"remove:{name}-{lines}")).text, "fiche"
    )
    for shown in (back, form):
        shown.fields.pop("csrf_token")
    assert back.fields == form.fields


@pytest.mark.parametrize(
    "do", ["add:", "add:nothing", "remove:blocks-99", "remove:blocks-x", "remove:", "add:routes", "publish:x"]
)
def test_an_unknown_order_is_harmless(browser, draft_id, do):
    answer = browser.post(draft_url(draft_id), data=filled(browser, draft_id).with_changes(do=do))
    assert answer.status_code in (200, 303)


def test_a_line_left_blank_is_not_kept(browser, store, draft_id):
    form = filled(browser, draft_id)
    grown = FilledForm(browser.post(draft_url(draft_id), data=form.with_changes(do="add:blocks")).text, "fiche")
    browser.post(draft_url(draft_id), data=grown.fields)
    assert len(the_draft(store, draft_id).entry.blocks) == 4


def test_a_removed_block_takes_its_doubts_with_it_as_looked_at(browser, store, body_id):
    mute = entry_text(
        the_entry(blocks=tuple(replace(block, certificate_stated=block.number != 2) for block in the_entry().blocks))
    )
    browser.send(IMPORT, {"text": mute})
    with store.reader() as session:
        version_id = session.scalars(select(CertificationVersion.id)).one()
    form = filled(browser, version_id)
    shown = FilledForm(browser.post(draft_url(version_id), data=form.with_changes(do="remove:blocks-1")).text, "fiche")
    browser.post(draft_url(version_id), data=shown.fields)
    draft = the_draft(store, version_id)
    assert len(draft.entry.doubts) == len(entry_from_json(entry_as_json(draft.entry)).doubts)
    assert len(draft.settled) == sum(doubt.where.startswith("blocks.2") for doubt in draft.entry.doubts) > 0


def test_a_doubt_stays_beside_its_block_while_another_bears_the_same_number(browser, store, body_id):
    blocks = tuple(replace(block, certificate_stated=block.number != 2) for block in the_entry().blocks)
    browser.send(IMPORT, {"text": entry_text(the_entry(blocks=blocks))})
    with store.reader() as session:
        version_id = session.scalars(select(CertificationVersion.id)).one()
    for number in ("2", "3"):  # the third block takes the number of the second, then its own again
        form = filled(browser, version_id)
        assert browser.post(draft_url(version_id), data=form.with_changes(blocks__2__number=number)).status_code == 303
        doubts = [
            doubt.where for doubt in the_draft(store, version_id).entry.doubts if doubt.where.startswith("blocks")
        ]
        assert doubts == ["blocks.2.certificate_stated"]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("registrations-0-since", "le 3 mars", "Écrivez la date sous la forme jour/mois/année"),
        ("jury_size", "cinq", "Écrivez un nombre entier, en chiffres."),
        ("external_min", "140", "Écrivez un pourcentage entre 0 et 100"),
        ("blocks-0-number", "", "Donnez un numéro à ce bloc."),
        ("blocks-0-competencies-0-number", "", "Donnez un numéro à cette compétence."),
        ("seats-0", "emperor", "Choisissez une des réponses proposées."),
        ("routes-0-open", "maybe", "Choisissez une des réponses proposées."),
        ("decision_rule", "threshold", "Donnez la part demandée, entre 1 et 100."),
        ("decision_threshold", "50", "Cette règle n’a pas de part"),
        ("title_other", "Un autre", "Vous avez écrit un autre intitulé"),
        ("code", "", "Donnez le code de la fiche"),
        ("defence", "a" * 5001, "Ce texte est trop long"),
        ("nsf", "a" * 20_001, "Ce texte est trop long"),
        ("permanence", "for_a_week", "Choisissez une des réponses proposées."),
    ],
)
def test_what_cannot_be_read_is_told_beside_its_field_and_the_rest_is_kept(
    browser, store, draft_id, field, typed, said
):
    data = {**filled(browser, draft_id).fields, field: typed, "signatory": "La directrice"}
    answer = browser.post(draft_url(draft_id), data=data)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert said in page.text
    assert "à corriger" in page.text
    again = FilledForm(answer.text, "fiche").fields
    assert again["signatory"] == ["La directrice"]
    if field not in {"seats-0", "routes-0-open", "decision_rule", "permanence"}:
        assert again[field] == [typed]
    assert the_draft(store, draft_id).revision == 1


def test_a_field_far_too_long_is_refused_with_its_limit_and_ten_megabytes_before_they_are_read(browser, draft_id):
    data = {**filled(browser, draft_id).fields, "blocks-0-competencies-0-text": "a" * 10_000_000}
    assert browser.post(draft_url(draft_id), data=data).status_code == 413
    data["blocks-0-competencies-0-text"] = "a" * 900_000
    answer = browser.post(draft_url(draft_id), data=data)
    assert answer.status_code == 422
    assert "20 000 caractères au plus" in Page(answer.text).text


def test_more_lines_than_the_list_holds_are_refused_with_the_limit(browser, draft_id):
    many = {f"blocks-{n}-number": str(n + 1) for n in range(300)}
    answer = browser.post(draft_url(draft_id), data={**filled(browser, draft_id).fields, **many})
    assert answer.status_code == 422
    assert "60 lignes au plus" in Page(answer.text).text


def test_nul_surrogates_and_html_are_kept_visible_and_harmless(browser, store, draft_id):
    wild = "<script>alert(1)</script> \x00 \u202e fin"
    data = filled(browser, draft_id).with_changes(
        blocks__0__title=wild, signatory="a\ud800b".encode("utf-8", "surrogatepass")
    )
    assert browser.post(draft_url(draft_id), data=data).status_code == 303
    draft = the_draft(store, draft_id)
    assert draft.entry.blocks[0].title.startswith("<script>alert(1)</script> \ufffd")
    page = browser.get(draft_url(draft_id))
    assert "<script>alert" not in page.text


def test_two_people_correcting_at_once_see_both_texts_and_the_second_one_chooses(browser, store, draft_id):
    form = filled(browser, draft_id)
    with store.transaction() as session:
        state = find_draft(session, draft_id).state
        entry = replace(entry_from_json(state.entry_json), signatory="Le président")
        correct_draft(session, draft_id, replace(state, entry_json=entry_as_json(entry)), by=None, at=factories.AT)
    answer = browser.post(draft_url(draft_id), data=form.with_changes(signatory="La directrice"))
    page = Page(answer.text)
    assert answer.status_code == 409
    assert "Le président" in page.text
    again = FilledForm(answer.text, "fiche")
    assert again.fields["signatory"] == ["La directrice"]
    assert browser.post(draft_url(draft_id), data=again.fields).status_code == 303
    assert the_draft(store, draft_id).entry.signatory == "La directrice"


def test_a_code_that_another_certification_bears_is_told_beside_the_field(browser, store, body_id, draft_id):
    with store.transaction() as session:
        import_entry(session, body_id, the_entry(code="RNCP00001"), by=None, at=factories.AT)
    answer = browser.post(draft_url(draft_id), data=filled(browser, draft_id).with_changes(code="RNCP00001"))
    assert answer.status_code == 422
    assert "Vous avez déjà une certification RNCP00001." in Page(answer.text).text


def test_what_prevents_publication_is_listed_with_a_way_to_each_field(browser, draft_id):
    data = filled(browser, draft_id).with_changes(
        jury_size="4", blocks__2__number="2", registrations__0__until="", do="publish"
    )
    page = Page(browser.post(draft_url(draft_id), data=data, follow_redirects=True).text)
    assert page.headings == ["Pas encore publiable"]
    assert "Le jury compte 4 membres pour 5 sièges." in page.text
    links = [
        link["href"].partition("#")[2]
        for link in page.all("a")
        if "#" in link.get("href", "") and "corriger" in link["href"]
    ]
    # Doubts about who certifies, the routes and the jury change rights: they are settled as well.
    assert links[:3] == ["registrations-0", "seats", "blocks-2"]
    assert set(links[3:]) == {"certifiers", "routes", "external_min", "representatives_min"}
    ids = {attributes.get("id") for _, attributes in browser.page(draft_url(draft_id)).tags}
    assert set(links) <= ids
