"""The whole entry is kept, compared from one version to the next, and searched."""

from portfolio.domain.certification.readers import read_entry
from portfolio.domain.certification.rules.entry_schema import entry_as_json
from portfolio.domain.certification.rules.versioning import (
    Difference,
    differences,
    digest_of,
    former_digests,
    search_entry,
)
from portfolio.domain.certification.use_cases.importing import import_entry
from portfolio.screens.certifier.certifications.queries import find_draft
from portfolio.wording.certification import field_location_message
from tests import factories
from tests.certification.answered import publish
from tests.certification.draft_pages import draft_url
from tests.certification.readers.exports import entry_xml, export

SECTORS = "<SECTEURS_ACTIVITE>Agriculture et forêt</SECTEURS_ACTIVITE>"
LONG = "Conduire une exploitation. " * 100


def entry_of(more: str = "", **changes: str):
    return read_entry(export(entry_xml(more=more, **changes)), "")


def changes_between(before: str, after: str) -> list[Difference]:
    return differences(entry_as_json(entry_of(before)), entry_as_json(entry_of(after)))


def test_a_change_in_the_sectors_is_a_difference_with_its_french_name():
    found = changes_between(SECTORS, SECTORS.replace("forêt", "pêche"))
    assert [(difference.where, difference.before, difference.after) for difference in found] == [
        ("details.passages.SECTEURS_ACTIVITE", "Agriculture et forêt", "Agriculture et pêche")
    ]
    assert field_location_message(found[0].where) == "Secteurs d’activité"


def test_a_change_in_a_long_summary_shows_what_is_around_it():
    summary = f"<CAPACITES_ATTESTEES>{LONG}Vendre.{LONG}</CAPACITES_ATTESTEES>"
    (found,) = changes_between(summary, summary.replace("Vendre.", "Transformer."))
    assert "Vendre" in found.before
    assert "Transformer" in found.after
    assert len(found.before) < 300
    assert found.before.startswith("…")


def test_a_list_shows_only_what_was_removed_and_added():
    old = entry_as_json(entry_of())
    new = entry_as_json(read_entry(export(entry_xml().replace("A1416", "A1417").replace("Polyculture", "Élevage")), ""))
    found = {difference.where: (difference.before, difference.after) for difference in differences(old, new)}
    assert found["details.rome"] == (("A1416 Polyculture",), ("A1417 Élevage",))


def test_a_territory_that_becomes_unknown_is_a_difference():
    found = changes_between("", "<ACCESSIBLE_POLYNESIE_FRANCAISE>Oui</ACCESSIBLE_POLYNESIE_FRANCAISE>")
    assert [(difference.where, difference.before, difference.after) for difference in found] == [
        ("details.french_polynesia", None, True)
    ]


def test_many_partners_make_one_difference_that_stays_short():
    partners = "".join(f"<PARTENAIRE><NOM_PARTENAIRE>Partenaire {n}</NOM_PARTENAIRE></PARTENAIRE>" for n in range(500))
    (found,) = changes_between("", f"<PARTENAIRES>{partners}</PARTENAIRES>")
    assert (len(found.after), found.after[-1]) == (21, "+ 480")


def test_words_are_found_anywhere_in_the_entry_whatever_their_accents():
    stored = entry_as_json(entry_of(SECTORS))
    assert [found_text.where for found_text in search_entry(stored, ["foret"])] == [
        "details.passages.SECTEURS_ACTIVITE"
    ]
    assert "blocks.1.competencies.2.text" in [found_text.where for found_text in search_entry(stored, ["RÉCOLTE"])]
    assert "details.rome" in [found_text.where for found_text in search_entry(stored, ["polyculture"])]
    assert search_entry(stored, ["zzz"]) == search_entry(stored, []) == []


def test_the_details_of_the_old_text_form_are_kept(fiches):
    entry = read_entry((fiches / "rncp-16959.txt").read_bytes(), "")
    details = entry.details
    passages = {passage.name: passage.text for passage in details.passages}
    assert passages["CAPACITES_ATTESTEES"].startswith("La stratégie digitale s’inscrit dans un ensemble plus vaste")
    assert "SEO/SEM Manager" in passages["SECTEURS_ACTIVITE"]
    assert "Digital Campus Rennes 43 titrés" in passages["STATISTIQUES"]
    assert str(details.rome[0]) == "E1103 Communication"
    assert [str(one) for one in details.nsf] == [
        "326 Informatique, traitement de l'information, réseaux de transmission"
    ]
    assert (details.new_caledonia, details.french_polynesia) == (None, None)
    assert details.web_address == "www.iesamultimedia.fr"
    assert len(details.acts) == 4
    assert all("niveau I" in act.title and "Enregistrement pour" in act.title for act in details.acts)


def test_a_file_imported_before_its_details_were_read_is_still_the_same_file():
    stored = entry_as_json(entry_of())
    assert digest_of({key: value for key, value in stored.items() if key != "details"}) in former_digests(stored)
    old = {**stored, "doubts": [{"where": "blocks.1", "what": "prerequisite", "facts": []}]}
    new = {**stored, "doubts": [{"where": "blocks.1", "what": "block_prerequisite", "facts": []}]}
    assert digest_of(old) in former_digests(new)


def test_a_draft_read_again_shows_what_changed_since_the_published_version(browser, store, body_id):
    with store.transaction() as session:
        first = import_entry(session, body_id, entry_of(SECTORS), by=None, at=factories.AT)
        published = publish(session, first.version.id, by=None, at=factories.AT)
        second = import_entry(
            session, body_id, entry_of(SECTORS.replace("forêt", "pêche")), by=None, at=factories.AT
        ).version
    page = browser.page(draft_url(second.id))
    assert "Ce qui change depuis la version 1 : 1 différence" in page.text
    assert "Agriculture et pêche" in page.text
    with store.reader() as session:
        assert find_draft(session, second.id).compared.number == 1
    there = f"/certifications/versions/{published.id}"
    found = browser.page(f"{there}?cherche=foret")
    assert "1 passage trouvé" in found.text
    assert "Aucun texte de la fiche" in browser.page(f"{there}?cherche=zzz").text
