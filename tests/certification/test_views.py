"""The certifier imports, corrects and publishes on screen; nothing typed is lost, nothing published changes."""

from __future__ import annotations

import io
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from portfolio.certification.models import Block, Certification, CertificationVersion
from portfolio.certification.rules import Entry, Route, RouteEntry, entry_as_json, entry_from_json
from portfolio.certification.services import correct_draft, find_draft, import_entry, open_correction, publish
from tests import factories
from tests.certification.filling import FilledForm
from tests.certification.readers.writing import entry_text
from tests.page import Page

INDEX = "/certifications"
IMPORT = "/certifications/importer"


def the_entry(**changes: object) -> Entry:
    routes = tuple(RouteEntry(route, route is not Route.INDIVIDUAL or None, None) for route in Route)
    return replace(entry_from_json(factories.entry()), routes=routes, **changes)


TEXT = entry_text(the_entry())


@pytest.fixture
def body_id(store) -> UUID:
    with store.transaction() as session:
        return factories.body(session).id


@pytest.fixture
def browser(client, store, body_id):
    """A certifier's browser, logged in."""
    with store.transaction() as session:
        email = factories.certifier(session, body_id).email
    client.log_in(email, factories.PASSWORD)
    return client


@pytest.fixture
def draft_id(store, body_id) -> UUID:
    """An entry read from its text, with the reader's doubts."""
    from portfolio.certification.readers import read_entry

    with store.transaction() as session:
        return import_entry(session, body_id, read_entry(TEXT.encode(), ""), by=None, at=factories.AT).version.id


@pytest.fixture
def published_id(store, draft_id) -> UUID:
    with store.transaction() as session:
        publish(session, draft_id, by=None, at=factories.AT)
    return draft_id


def draft_url(version_id: UUID) -> str:
    return f"/certifications/versions/{version_id}/corriger"


def versions(store) -> int:
    with store.reader() as session:
        return session.scalar(select(func.count()).select_from(CertificationVersion))


def filled(browser, version_id: UUID) -> FilledForm:
    return FilledForm(browser.get(draft_url(version_id)).text, "fiche")


def the_draft(store, version_id: UUID):
    with store.reader() as session:
        return find_draft(session, version_id)


# Import


def test_a_body_without_certification_is_led_to_its_first_import(browser):
    page = browser.page(INDEX)
    assert "Aucune certification pour l’instant" in page.text
    assert page.all("a", href=IMPORT)


def test_a_pasted_entry_becomes_a_draft_with_each_doubt_beside_its_item(browser, store):
    answer = browser.send(IMPORT, {"text": TEXT}, follow_redirects=True)
    page = Page(answer.text)
    assert "La fiche RNCP16959 est lue" in page.text
    assert page.headings == ["Expert en stratégie digitale"]
    with store.reader() as session:
        doubts = session.scalars(select(CertificationVersion)).one().as_entry().doubts
    boxes = page.all("input", name="settled")
    assert len(boxes) == len({box["value"] for box in boxes}) == len(doubts) > 3
    assert "la colonne de la croix est perdue. Elle reste inconnue." in page.text


def test_a_file_is_read_like_a_pasted_text(browser, store):
    answer = browser.send(IMPORT, {"file": (io.BytesIO(TEXT.encode()), "fiche.txt")}, follow_redirects=True)
    assert Page(answer.text).headings == ["Expert en stratégie digitale"]
    assert versions(store) == 1


def test_two_clicks_on_one_form_make_one_draft(browser, store):
    page = browser.page(IMPORT)
    data = {"csrf_token": page.hidden("csrf_token"), "nonce": page.hidden("nonce"), "text": TEXT}
    first, second = browser.post(IMPORT, data=data), browser.post(IMPORT, data=data)
    assert (first.status_code, first.location) == (303, second.location)
    assert versions(store) == 1


def test_the_same_entry_again_says_that_it_is_there_and_leads_to_it(browser, store, draft_id):
    answer = browser.send(IMPORT, {"text": TEXT}, follow_redirects=True)
    assert "est déjà importée : voici la version 1. Rien n’est ajouté." in Page(answer.text).text
    assert (answer.request.path, versions(store)) == (draft_url(draft_id), 1)


def test_another_text_of_an_entry_left_in_draft_says_that_two_drafts_stand_side_by_side(browser, store, draft_id):
    other = entry_text(the_entry(level="6"))
    answer = browser.send(IMPORT, {"text": other}, follow_redirects=True)
    page = Page(answer.text)
    assert "Un autre brouillon de cette fiche existe" in page.text
    assert page.all("a", href=draft_url(draft_id))
    assert versions(store) == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("README.md", b"# Corpus\n\nDes documents pour essayer.\n", "un code (« Code RNCP : 12345 »)"),
        ("fiche.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "Ceci est un PDF"),
        ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "Ceci est une image"),
        ("vide.txt", b"", "Ce fichier est vide"),
        ("longue.txt", b"a" * (2 * 1024 * 1024 + 1), "Ce fichier dépasse 2 Mo"),
    ],
)
def test_a_file_that_is_no_entry_is_refused_with_what_to_do_and_nothing_is_written(browser, store, name, content, said):
    answer = browser.send(IMPORT, {"file": (io.BytesIO(content), name)})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert said in page.text
    assert "rien n’est enregistré" in page.text.lower()
    assert f"« {name} » n’est pas lu" in page.text
    assert versions(store) == 0
    answer.request.environ["wsgi.input"].close()  # a large body sent by the test waits in a file


def test_a_block_without_a_competency_is_told_beside_what_was_understood_and_the_text_is_kept(browser, store):
    entry = the_entry()
    mute = TEXT
    for one in entry.blocks[1].competencies:
        mute = mute.replace(f"• {one.text}".replace("'", "’"), "")
    answer = browser.send(IMPORT, {"text": mute})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "le bloc 1, « Piloter un dispositif digital », et ses compétences (2)" in page.text
    assert "les compétences du bloc 2, « Définir les solutions techniques d’un projet digital »" in page.text
    assert "Organiser et suivre les opérations d’un projet" in page.text
    assert versions(store) == 0


def test_the_text_of_a_refused_file_can_be_corrected_on_the_spot(browser):
    answer = browser.send(IMPORT, {"file": (io.BytesIO("Presque une fiche".encode("utf-16")), "fiche.txt")})
    assert "Presque une fiche" in Page(answer.text).text


def test_an_empty_form_asks_for_a_file_or_a_text(browser):
    answer = browser.send(IMPORT, {"text": "  "})
    assert answer.status_code == 422
    assert "Choisissez le fichier de la fiche, ou collez son texte ci-dessous." in Page(answer.text).text


# Draft


def test_saving_a_draft_as_it_is_shown_changes_nothing(browser, store, draft_id):
    before = the_draft(store, draft_id)
    answer = browser.post(draft_url(draft_id), data=filled(browser, draft_id).fields)
    assert answer.status_code == 303
    assert the_draft(store, draft_id) == before


def test_a_correction_and_a_ticked_doubt_are_saved(browser, store, draft_id):
    form = filled(browser, draft_id)
    key = Page(browser.get(draft_url(draft_id)).text).all("input", name="settled")[0]["value"]
    data = form.with_changes(settled=key, signatory="La directrice", blocks__0__title="Piloter un projet", external_min="33,3 %")
    page = Page(browser.post(draft_url(draft_id), data=data, follow_redirects=True).text)
    assert "Le brouillon est enregistré." in page.text
    draft = the_draft(store, draft_id)
    assert (draft.revision, draft.settled, draft.entry.signatory) == (2, {key}, "La directrice")
    assert draft.entry.blocks[0].title == "Piloter un projet"
    assert draft.entry.jury.external_min == pytest.approx(0.333)
    assert len([box for box in page.all("input", name="settled") if "checked" in box]) == 1


def test_a_quorum_and_the_usage_of_half_external_members_are_data_of_the_version(browser, store, draft_id):
    data = filled(browser, draft_id).with_changes(jury_quorum="4", half_external="y")
    page = Page(browser.post(draft_url(draft_id), data=data, follow_redirects=True).text)
    assert page.all("input", name="jury_quorum")[0]["value"] == "4"
    assert "checked" in page.all("input", name="half_external")[0]
    assert (the_draft(store, draft_id).entry.jury.quorum, the_draft(store, draft_id).entry.jury.half_external) == (4, True)
    data = filled(browser, draft_id).with_changes(jury_quorum="6")
    page = Page(browser.post(draft_url(draft_id), data=data, follow_redirects=True).text)
    assert "Un quorum de 6 ne convient pas à ce jury." in page.text
    data = filled(browser, draft_id).with_changes(jury_quorum="")
    data.pop("half_external")
    browser.post(draft_url(draft_id), data=data)
    assert (the_draft(store, draft_id).entry.jury.quorum, the_draft(store, draft_id).entry.jury.half_external) == (None, False)


def test_a_line_is_added_and_removed_without_saving_and_without_losing_what_is_typed(browser, store, draft_id):
    form = filled(browser, draft_id)
    data = form.with_changes(signatory="La directrice", do="add:blocks-1-competencies")
    answer = browser.post(draft_url(draft_id), data=data)
    again = FilledForm(answer.text, "fiche")
    assert again.fields["signatory"] == ["La directrice"]
    assert again.fields["blocks-1-competencies-3-number"] == ["4"]
    assert "Rien n’est encore enregistré" in Page(answer.text).text
    more = browser.post(
        draft_url(draft_id), data=again.with_changes(blocks__1__competencies__3__text="Une quatrième", do="remove:blocks-0")
    )
    last = FilledForm(more.text, "fiche")
    assert last.fields["blocks-0-title"] == ["Définir les solutions techniques d’un projet digital"]
    assert last.fields["blocks-0-competencies-3-text"] == ["Une quatrième"]
    assert the_draft(store, draft_id).revision == 1
    assert browser.post(draft_url(draft_id), data=last.fields).status_code == 303
    entry = the_draft(store, draft_id).entry
    assert [block.number for block in entry.blocks] == [2, 3, 4]
    assert entry.blocks[0].competencies[3].text == "Une quatrième"


@pytest.mark.parametrize("name", ["registrations", "seats", "blocks", "sites", "holders_per_year", "blocks-2-competencies"])
def test_every_list_grows_and_shrinks(browser, draft_id, name):
    form = filled(browser, draft_id)
    lines = len({key.removeprefix(name).split("-")[1] for key in form.fields if key.startswith(f"{name}-")})
    grown = FilledForm(browser.post(draft_url(draft_id), data=form.with_changes(do=f"add:{name}")).text, "fiche")
    assert any(key == f"{name}-{lines}" or key.startswith(f"{name}-{lines}-") for key in grown.fields)
    back = FilledForm(browser.post(draft_url(draft_id), data=grown.with_changes(do=f"remove:{name}-{lines}")).text, "fiche")
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
    mute = entry_text(the_entry(blocks=tuple(replace(one, certificate_stated=one.number != 2) for one in the_entry().blocks)))
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
    blocks = tuple(replace(one, certificate_stated=one.number != 2) for one in the_entry().blocks)
    browser.send(IMPORT, {"text": entry_text(the_entry(blocks=blocks))})
    with store.reader() as session:
        version_id = session.scalars(select(CertificationVersion.id)).one()
    for number in ("2", "3"):  # the third block takes the number of the second, then its own again
        form = filled(browser, version_id)
        assert browser.post(draft_url(version_id), data=form.with_changes(blocks__2__number=number)).status_code == 303
        doubts = [doubt.where for doubt in the_draft(store, version_id).entry.doubts if doubt.where.startswith("blocks")]
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
def test_what_cannot_be_read_is_told_beside_its_field_and_the_rest_is_kept(browser, store, draft_id, field, typed, said):
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


def test_ten_megabytes_in_a_field_are_refused_with_the_limit(browser, draft_id):
    data = {**filled(browser, draft_id).fields, "blocks-0-competencies-0-text": "a" * 10_000_000}
    answer = browser.post(draft_url(draft_id), data=data)
    assert answer.status_code == 422
    assert "2 000 signes au plus" in Page(answer.text).text


def test_more_lines_than_the_list_holds_are_refused_with_the_limit(browser, draft_id):
    many = {f"blocks-{n}-number": str(n + 1) for n in range(300)}
    answer = browser.post(draft_url(draft_id), data={**filled(browser, draft_id).fields, **many})
    assert answer.status_code == 422
    assert "40 lignes au plus" in Page(answer.text).text


def test_nul_surrogates_and_html_are_kept_visible_and_harmless(browser, store, draft_id):
    wild = "<script>alert(1)</script> \x00 \u202e fin"
    data = filled(browser, draft_id).with_changes(blocks__0__title=wild, signatory="a\ud800b".encode("utf-8", "surrogatepass"))
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
    data = filled(browser, draft_id).with_changes(jury_size="4", blocks__2__number="2", registrations__0__until="", do="publish")
    page = Page(browser.post(draft_url(draft_id), data=data, follow_redirects=True).text)
    assert page.headings == ["Pas encore publiable"]
    assert "Le jury compte 4 membres pour 5 sièges." in page.text
    links = [
        link["href"].partition("#")[2] for link in page.all("a") if "#" in link.get("href", "") and "corriger" in link["href"]
    ]
    assert links == ["registrations-0", "seats", "blocks-2"]
    ids = {attributes.get("id") for _, attributes in browser.page(draft_url(draft_id)).tags}
    assert set(links) <= ids


# Publication


def test_a_draft_is_read_again_then_published_and_read_for_ever(browser, store, draft_id):
    answer = browser.post(draft_url(draft_id), data=filled(browser, draft_id).with_changes(do="publish"), follow_redirects=True)
    page = Page(answer.text)
    assert page.headings == ["Publier cette version"]
    assert "4 blocs, 11 compétences" in page.text
    assert "ne sont pas cochés comme vérifiés" in page.text
    url = f"/certifications/versions/{draft_id}/publier"
    page = Page(browser.send(url, follow_redirects=True).text)
    assert "La version est publiée." in page.text
    assert "Définir une stratégie d’offre" in page.text
    assert "40 % au moins de membres extérieurs" in page.text
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(Block)) == 4


def test_a_second_click_on_publish_finds_the_version_published(browser, published_id):
    page = browser.page(INDEX)
    data = {"csrf_token": page.hidden("csrf_token"), "revision": "1"}
    answer = browser.post(f"/certifications/versions/{published_id}/publier", data=data)
    assert (answer.status_code, answer.location) == (303, f"/certifications/versions/{published_id}")


def test_a_draft_changed_since_it_was_read_is_not_published(browser, store, draft_id):
    page = browser.page(f"/certifications/versions/{draft_id}/publier")
    data = {"csrf_token": page.hidden("csrf_token"), "revision": page.hidden("revision")}
    browser.post(draft_url(draft_id), data=filled(browser, draft_id).with_changes(signatory="La directrice"))
    answer = browser.post(f"/certifications/versions/{draft_id}/publier", data=data)
    assert answer.status_code == 409
    assert "Le brouillon a changé depuis que vous l’avez relu." in Page(answer.text).text
    assert the_draft(store, draft_id) is not None


def test_a_published_version_is_shown_never_edited(browser, published_id):
    for step in ("corriger", "publier", "abandonner"):
        answer = browser.get(f"/certifications/versions/{published_id}/{step}")
        assert (answer.status_code, answer.location) == (303, f"/certifications/versions/{published_id}")
    token = browser.page(INDEX).hidden("csrf_token")
    for step in ("corriger", "abandonner"):
        answer = browser.post(f"/certifications/versions/{published_id}/{step}", data={"csrf_token": token})
        assert answer.status_code == 409
        assert "elle ne change plus" in Page(answer.text).text


def test_a_correction_is_a_new_draft_whose_changes_are_shown_before_publication(browser, store, published_id):
    page = browser.page(f"/certifications/versions/{published_id}")
    answer = browser.post(f"/certifications/versions/{published_id}/correction", data={"csrf_token": page.hidden("csrf_token")})
    assert answer.status_code == 303
    second = UUID(answer.location.split("/")[3])
    browser.post(draft_url(second), data=filled(browser, second).with_changes(blocks__0__competencies__1__text="Organiser"))
    page = browser.page(f"/certifications/versions/{second}/publier")
    assert "Ce qui change depuis la version 1" in page.text
    assert "Bloc 1, compétence 2 : rédaction Votre" not in page.text
    assert "Organiser et suivre les opérations d’un projet" in page.text
    browser.send(f"/certifications/versions/{second}/publier")
    assert "Organiser et suivre les opérations d’un projet" in browser.page(f"/certifications/versions/{published_id}").text
    assert "Cette version n’est plus la dernière" in browser.page(f"/certifications/versions/{published_id}").text


def test_a_draft_is_given_up_after_a_question(browser, store, draft_id):
    url = f"/certifications/versions/{draft_id}/abandonner"
    page = Page(browser.send(url, follow_redirects=True).text)
    assert "Le brouillon est abandonné." in page.text
    with store.reader() as session:
        assert session.scalars(select(Certification)).all() == []
    browser.page(draft_url(draft_id), 404)


def test_the_successor_is_named_on_the_page_of_the_version(browser, store, published_id):
    url = f"/certifications/versions/{published_id}"
    assert "Dites quelle fiche la remplace" in browser.page(url).text
    answer = browser.send(f"{url}/suite", {"successor": "rncp 36000"}, form=url, follow_redirects=True)
    assert "La suite de la fiche est enregistrée." in Page(answer.text).text
    with store.reader() as session:
        assert session.scalars(select(Certification)).one().successor_code == "RNCP36000"
    wrong = browser.send(f"{url}/suite", {"successor": "bientôt"}, form=url)
    assert wrong.status_code == 422
    assert "n’est pas un code de fiche" in Page(wrong.text).text


def test_the_list_puts_the_draft_to_finish_first(browser, store, published_id):
    with store.transaction() as session:
        open_correction(session, published_id, by=None, at=factories.AT)
    page = browser.page(INDEX)
    assert "Relisez et publiez le brouillon de RNCP16959" in page.text
    assert "Expirée le 4 janvier 2022" in page.text


# Rights

PAGES = ["", "/corriger", "/publier", "/abandonner"]
ACTS = ["/corriger", "/publier", "/abandonner", "/correction", "/suite"]


@pytest.mark.parametrize("who", ["certifier of another body", "candidate", "anonymous"])
def test_the_certifications_of_a_body_do_not_exist_for_anyone_else(client, store, draft_id, who):
    with store.transaction() as session:
        other = factories.certifier(session, factories.body(session, "Un autre organisme").id).email
        candidate = factories.person(session).email
    if who != "anonymous":
        client.log_in(other if who.startswith("certifier") else candidate, factories.PASSWORD)
    for version_id in (draft_id, uuid4()):
        for path in PAGES:
            assert client.get(f"/certifications/versions/{version_id}{path}").status_code == 404
    token = client.page("/connexion" if who == "anonymous" else "/mes-dossiers").hidden("csrf_token")
    for path in ACTS:
        assert client.post(f"/certifications/versions/{draft_id}{path}", data={"csrf_token": token}).status_code in (400, 404)
    assert the_draft(store, draft_id).revision == 1


def test_a_certifier_sees_only_the_certifications_of_their_body(client, store, draft_id):
    with store.transaction() as session:
        other = factories.certifier(session, factories.body(session, "Un autre organisme").id).email
    client.log_in(other, factories.PASSWORD)
    assert "RNCP16959" not in client.page(INDEX).text


# The real entry


def test_the_reference_entry_is_imported_corrected_and_published(browser, store, fiches):
    content = (fiches / "rncp-16959.txt").read_bytes()
    answer = browser.send(IMPORT, {"file": (io.BytesIO(content), "rncp-16959.txt")}, follow_redirects=True)
    page = Page(answer.text)
    assert page.headings == ["Expert(e) en stratégie digitale"]
    with store.reader() as session:
        version = session.scalars(select(CertificationVersion)).one()
        doubts, version_id = version.as_entry().doubts, version.id
    assert len(page.all("input", name="settled")) == len(doubts)
    before = the_draft(store, version_id)
    browser.post(draft_url(version_id), data=filled(browser, version_id).fields)
    assert the_draft(store, version_id) == before
    browser.send(f"/certifications/versions/{version_id}/publier")
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(Block)) == 4


@pytest.mark.parametrize("kind", ["*.pdf", "README*"])
def test_a_file_of_the_corpus_given_instead_of_an_entry_is_refused(browser, store, corpus, kind):
    given = next(iter(sorted(corpus.rglob(kind))))
    answer = browser.send(IMPORT, {"file": (io.BytesIO(given.read_bytes()), given.name)})
    assert answer.status_code == 422
    assert "rien n’est enregistré" in Page(answer.text).text.lower()
    assert versions(store) == 0
