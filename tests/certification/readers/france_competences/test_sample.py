"""The real entries of the sample, compared with an independent reading of their XML (ACQUIS_FICHES names the
folder).
"""

import re
from datetime import datetime

import pytest
from lxml import etree

from portfolio.domain.certification.readers import read_entry
from portfolio.domain.certification.rules.doubts import DoubtCode
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.registration import RejectionReason, UnreadableEntry

SAMPLE = "france-competences-v4.1-sample.xml"
NUMBERS = ["RNCP34762", "RNCP35809", "RNCP35625", "RNCP35419", "RNCP37488"]
CODES = dict(zip(("FI", "CA", "FC", "CQ", "CL", "VAE"), Route, strict=True))


@pytest.fixture(scope="module", params=NUMBERS)
def pair(request, fiches):
    data = (fiches / SAMPLE).read_bytes()
    source = next(one for one in etree.fromstring(data) if one.findtext("NUMERO_FICHE") == request.param)
    return read_entry(data, SAMPLE, request.param), source


def words(text: str | None) -> str:
    return " ".join((text or "").split())


def letters(text: str) -> str:
    return re.sub(r"[^\w]", "", text)


def day(text: str | None):
    return datetime.strptime(text, "%d/%m/%Y").date() if text else None


def texts(source, path: str) -> list[str]:
    return [words(one.text) for one in source.iterfind(path)]


def test_every_block_and_competency_is_that_of_the_source(pair):
    entry, source = pair
    blocks = source.findall("BLOCS_COMPETENCES/BLOC_COMPETENCES")
    assert [block.code for block in entry.blocks] == [words(one.findtext("CODE")) for one in blocks]
    assert [block.title for block in entry.blocks] == [words(one.findtext("LIBELLE")) for one in blocks]
    for block, one in zip(entry.blocks, blocks, strict=True):
        listed = words(one.findtext("LISTE_COMPETENCES"))
        aside = [
            doubt.facts[0]
            for doubt in entry.doubts
            if doubt.what is DoubtCode.TEXT_SET_ASIDE and doubt.where == f"blocks.{block.number}"
        ]
        kept = letters("".join([*aside, *(item.text for item in block.competencies)]))
        assert kept == letters(listed), block.code
        assert all(item.text in listed for item in block.competencies)
        assert letters("".join(block.assessments)) == letters(one.findtext("MODALITES_EVALUATION"))
        assert words(block.source.text) == listed
        # An independent count: the marks that this sample uses.
        marks = re.findall(r"(?:^|\s{2,})(?:[-*]\s+|A\d\.?C\d+\.|C\.\d+\.)", one.findtext("LISTE_COMPETENCES"))
        assert len(block.competencies) == len(marks)


def test_every_route_is_open_closed_or_unknown_as_in_the_source(pair):
    entry, source = pair
    for code, route in CODES.items():
        found = next(one for one in entry.routes if one.route is route)
        assert found.open is {"Oui": True, "Non": False}[source.findtext(f"SI_JURY_{code}/ACTIF")]
        assert words(found.jury) == words(source.findtext(f"SI_JURY_{code}/COMPOSITION"))


def test_every_certifier_partner_and_act_is_that_of_the_source(pair):
    entry, source = pair
    details = entry.details
    assert [certifier.name for certifier in details.certifiers] == texts(
        source, "CERTIFICATEURS/CERTIFICATEUR/NOM_CERTIFICATEUR"
    )
    assert [certifier.siret for certifier in details.certifiers if certifier.siret] == texts(
        source, "CERTIFICATEURS/CERTIFICATEUR/SIRET_CERTIFICATEUR"
    )
    assert [(partner.name, partner.siret) for partner in details.partners] == list(
        zip(
            texts(source, "PARTENAIRES/PARTENAIRE/NOM_PARTENAIRE"),
            texts(source, "PARTENAIRES/PARTENAIRE/SIRET_PARTENAIRE"),
            strict=True,
        )
    )
    assert all(partner.habilitation and partner.state for partner in details.partners)
    acts = [source.findall(f"PUBLICATION_DECRET_{name}/PUBLICATION_JO") for name in ("GENERAL", "CREATION", "AUTRE")]
    expected = [
        (words(one.findtext("TITRE")), day(one.findtext("DATE_PUBLICATION_JO"))) for kind in acts for one in kind
    ]
    assert [(act.title, act.published_on) for act in details.acts] == expected


def test_heading_registration_and_the_rest_are_those_of_the_source(pair):
    entry, source = pair
    assert entry.title == words(source.findtext("INTITULE"))
    assert f"NIV{entry.level}" == source.findtext("NOMENCLATURE_EUROPE/NIVEAU")
    assert list(entry.nsf) == texts(source, "CODES_NSF/NSF/CODE")
    assert list(entry.rome) == texts(source, "CODES_ROME/ROME/CODE")
    assert [formacode.code for formacode in entry.details.formacodes] == texts(source, "FORMACODES/FORMACODE/CODE")
    start = source.findtext("DATE_EFFET") or source.findtext("DATE_DECISION")
    assert [(registration.since, registration.until) for registration in entry.registrations] == [
        (day(start), day(source.findtext("DATE_FIN_ENREGISTREMENT")))
    ]
    assert list(entry.details.successors) == texts(source, "NOUVELLES_CERTIFICATIONS//ID_FICHE_NOUVELLE_CERTIFICATION")
    assert list(entry.details.predecessors) == texts(
        source, "ANCIENNES_CERTIFICATIONS//ID_FICHE_ANCIENNE_CERTIFICATION"
    )
    assert [statistic.holders for statistic in entry.details.statistics] == [
        int(text) for text in texts(source, ".//NOMBRE_CERTIFIES")
    ]
    assert {passage.name: words(passage.text) for passage in entry.details.passages}["ACTIVITES_VISEES"] == words(
        source.findtext("ACTIVITES_VISEES")
    )


def test_a_jury_in_prose_is_left_empty_with_a_doubt(pair):
    entry, _ = pair
    assert entry.jury is None
    assert DoubtCode.JURY_NOT_CERTAIN in {doubt.what for doubt in entry.doubts}


def test_the_json_form_gives_the_same_entry(pair):
    entry, _ = pair
    assert entry_from_json(entry_as_json(entry)) == entry


def test_a_file_of_several_entries_lists_them_all(fiches):
    with pytest.raises(UnreadableEntry) as caught:
        read_entry((fiches / SAMPLE).read_bytes(), SAMPLE)
    assert caught.value.reason is RejectionReason.SEVERAL_ENTRIES
    assert [line.number for line in caught.value.index] == NUMBERS
