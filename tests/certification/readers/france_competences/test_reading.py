"""Made-up exports: what is read, what is doubted, what is refused with a sentence that says what to do."""

import io
import unicodedata
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.domain.certification.readers import MAX_FILE_BYTES, read_entry, read_entry_file
from portfolio.domain.certification.readers.france_competences import stream
from portfolio.domain.certification.rules.doubts import DoubtCode
from portfolio.domain.certification.rules.entry import Entry, Route
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.jury_rule import JuryRule, Seat
from portfolio.domain.certification.rules.registration import RejectionReason, UnreadableEntry
from portfolio.wording.certification import doubt_message, refusal_message
from tests.certification.readers.exports import block_xml, entry_xml, export, routes_xml, zipped


def refusal_of(data: bytes, number: str = "") -> UnreadableEntry:
    with pytest.raises(UnreadableEntry) as caught:
        read_entry(data, "export.xml", number)
    assert refusal_message(caught.value).startswith("export.xml\u00a0: ")
    return caught.value


def codes(entry: Entry) -> set[DoubtCode]:
    assert all(doubt_message(doubt) for doubt in entry.doubts)
    return {doubt.what for doubt in entry.doubts}


def route(entry: Entry, which: Route):
    return next(route_entry for route_entry in entry.routes if route_entry.route is which)


def test_an_export_of_one_entry_is_read_without_a_number():
    entry = read_entry(export(), "export.xml")
    assert (entry.code, entry.title, entry.level, entry.nsf, entry.rome) == (
        "RNCP90001",
        "Responsable de ferme",
        "5",
        ("210",),
        ("A1416",),
    )
    assert [[competency.text for competency in block.competencies] for block in entry.blocks] == [
        ["Préparer une parcelle", "Conduire une récolte", "Tenir un registre"]
    ] * 2
    assert entry.blocks[0].assessments == ("Étude de cas", "Mise en situation")
    assert entry.registrations[0].since == date(2023, 9, 1)


def test_what_the_bytes_are_decides_and_a_zip_is_opened():
    plain = read_entry(export(), "export.xml")
    assert read_entry(zipped(export()), "fiche.txt") == plain
    assert read_entry(export(head=""), "fiche.pdf") == plain
    assert read_entry(export(head="").decode().encode("utf-16"), "x") == plain
    alone = entry_xml().encode()
    assert read_entry(alone, "x") == plain


def test_a_certain_jury_is_a_rule_and_a_closed_route_keeps_its_text():
    entry = read_entry(export(), "x")
    assert entry.jury == JuryRule(3, (Seat.PRESIDENT, Seat.EMPLOYEE_REPRESENTATIVE, Seat.TEACHER_TRAINER))
    closed = route(entry, Route.INDIVIDUAL)
    assert closed.open is False
    assert closed.jury


@pytest.mark.parametrize(
    "text",
    [
        "Le jury est composé à parité de professeurs et de professionnels",
        "2 experts",
        "Jury composé de 7 membres : 1 président interne, 6 professionnels externes (4 RH et 2 du secteur)",
        "Art. R 338-6 du code de l'éducation",
        "Jury de 2 membres : un président ; un directeur d’une entreprise extérieure",
        "Jury de 2 membres : un président ; un expert-comptable salarié du cabinet partenaire",
        "Jury de 2 membres : un président ; un enseignant. 40 % au maximum de membres extérieurs",
        "Jury de 3 membres : un président ; un enseignant ; un professionnel. 60 % internes",
        "Jury de 3 à 5 membres : un président, un enseignant, un professionnel",
        "Jury d’au moins 3 membres : un président, un enseignant, un professionnel",
    ],
)
def test_a_jury_that_the_rule_cannot_hold_is_left_empty_with_a_doubt(text):
    entry = read_entry(export(entry_xml(routes=routes_xml(text))), "x")
    assert entry.jury is None
    assert DoubtCode.JURY_NOT_CERTAIN in codes(entry)


def test_a_route_without_an_answer_is_unknown_and_an_absent_one_too():
    routes = "<SI_JURY_VAE><ACTIF>Peut-être</ACTIF></SI_JURY_VAE>"
    entry = read_entry(export(entry_xml(routes=routes)), "x")
    assert {route_entry.open for route_entry in entry.routes} == {None}
    assert {DoubtCode.ROUTE_ABSENT, DoubtCode.ANSWER_UNREADABLE} <= codes(entry)


def test_v2_names_are_read_and_its_html_is_taken_out_with_a_doubt():
    old = entry_xml(
        routes="<SI_JURY_VAE>Oui</SI_JURY_VAE><JURY_VAE>&lt;p&gt;Deux&amp;nbsp;experts&lt;/p&gt;</JURY_VAE><SI_JURY_FI>Non</SI_JURY_FI>",
        blocks=block_xml("RNCP90001BC01", "Cultiver", "<ul><li>Préparer</li><li>Récolter&nbsp;le miel</li></ul>"),
        more="<ANCIENNE_CERTIFICATION>RNCP80000</ANCIENNE_CERTIFICATION><SECTEUR_ACTIVITE>Agriculture</SECTEUR_ACTIVITE>",
    ).replace("LIBELLE>Niveau 5</LIBELLE", "INTITULE>Niveau 5</INTITULE")
    entry = read_entry(export(old), "x")
    assert (route(entry, Route.VAE).open, route(entry, Route.VAE).jury, route(entry, Route.INITIAL_TRAINING).open) == (
        True,
        "Deux experts",
        False,
    )
    assert [competency.text for competency in entry.blocks[0].competencies] == ["Préparer", "Récolter le miel"]
    assert entry.predecessor == "RNCP80000"
    assert "SECTEURS_ACTIVITE" in {passage.name for passage in entry.details.passages}
    assert DoubtCode.MARKUP_REMOVED in codes(entry)


def test_accents_and_ligatures_are_composed():
    whole = entry_xml(title="Efficacité de l’ﬁlière")
    entry = read_entry(export(unicodedata.normalize("NFD", whole)), "x")
    assert entry.title == "Efficacité de l’filière"


def test_dates_that_do_not_exist_are_doubted_and_stop_publication():
    entry = read_entry(export(entry_xml().replace("31/08/2028", "31/09/2028")), "x")
    assert entry.registrations[0].until is None
    assert {DoubtCode.DATE_UNREADABLE, DoubtCode.REGISTRATION_DATES_MISSING} <= codes(entry)


def test_blocks_of_correspondences_are_not_blocks():
    other = (
        "<CORRESPONDANCES><CORRESPONDANCE><SOURCE><BLOC_COMPETENCES><CODE>RNCP90001BC01</CODE></BLOC_COMPETENCES></SOURCE>"
        "<DESTINATION><NUMERO_FICHE>RNCP90009</NUMERO_FICHE><BLOC_COMPETENCES><CODE>01</CODE></BLOC_COMPETENCES></DESTINATION>"
        "</CORRESPONDANCE></CORRESPONDANCES>"
    )
    entry = read_entry(export(entry_xml(more=other)), "x")
    assert len(entry.blocks) == 2
    found = entry.details.correspondences[0]
    assert (found.blocks, found.entry, found.other_blocks) == (("RNCP90001BC01",), "RNCP90009", ("01",))


def test_an_entry_without_details_keeps_the_json_it_always_had():
    entry = replace(read_entry(export(), "x"), details=None)
    entry = replace(entry, blocks=tuple(replace(block, code=None, source=None) for block in entry.blocks))
    written = entry_as_json(entry)
    assert "details" not in written
    assert not {"code", "source"} & set(written["blocks"][0])
    assert entry_from_json(written) == entry


def test_a_number_chooses_in_a_file_of_several_and_a_bare_number_is_enough():
    data = export(entry_xml(), entry_xml("RNCP90002", "Apicultrice ou apiculteur"))
    assert (
        read_entry(data, "x", "RNCP90002").title
        == read_entry(data, "x", " 90002 ").title
        == "Apicultrice ou apiculteur"
    )
    assert [line.title for line in refusal_of(data).index] == ["Responsable de ferme", "Apicultrice ou apiculteur"]
    assert refusal_of(data, "RNCP1").reason is RejectionReason.NUMBER_ABSENT


BOMB = '<!DOCTYPE FICHES [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (export(entry_xml(title="TITRE").replace("TITRE", "&c;"), head=BOMB), RejectionReason.XML_DECLARES_TYPE),
        (export(head='<!DOCTYPE FICHES SYSTEM "http://localhost/x.dtd">'), RejectionReason.XML_DECLARES_TYPE),
        (export()[:-200], RejectionReason.XML_BROKEN),
        (zipped(export())[:-100], RejectionReason.ARCHIVE_BROKEN),
        (zipped(export())[:200], RejectionReason.ARCHIVE_BROKEN),
        (export(entry_xml(), entry_xml()), RejectionReason.NUMBER_TWICE),
        (export(entry_xml(blocks=block_xml("RNCP90001BC01", "A", "Un") * 2)), RejectionReason.BLOCK_CODE_TWICE),
        (export(entry_xml(more="<SI_JURY_ZZ><ACTIF>Oui</ACTIF></SI_JURY_ZZ>")), RejectionReason.UNKNOWN_ROUTE),
        (export("<FICHE/>"), RejectionReason.NOT_AN_ENTRY),
        (export(" "), RejectionReason.NOT_AN_ENTRY),
        (export(entry_xml(more="<a>" * 400 + "</a>" * 400)), RejectionReason.XML_TOO_DEEP),
        (b"<FICHES>" + b" " * MAX_FILE_BYTES + b"</FICHES>", RejectionReason.EXPORT_TOO_LARGE),
        (zipped(b"<FICHES>" + b" " * 20_000_000 + b"</FICHES>"), RejectionReason.XML_TOO_DEEP),
    ],
    ids=lambda value: value.value if isinstance(value, RejectionReason) else "",
)
def test_bad_input_is_refused_with_its_reason(data, reason):
    assert refusal_of(data).reason is reason


def test_the_number_twice_is_found_to_the_end_of_the_export():
    data = export(entry_xml(), entry_xml("RNCP90002"), entry_xml())
    assert refusal_of(data, "RNCP90001").reason is RejectionReason.NUMBER_TWICE


def test_one_entry_may_not_swallow_the_memory(monkeypatch):
    monkeypatch.setattr(stream, "MAX_ENTRY_BYTES", 200_000)
    assert refusal_of(export(entry_xml(more="<X/>" * 100_000))).reason is RejectionReason.ENTRY_TOO_LARGE


def test_a_zip_with_two_exports_or_a_password_says_what_to_do():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.xml", export())
        archive.writestr("b.xml", export())
    assert refusal_of(file.getvalue()).reason is RejectionReason.ARCHIVE_SEVERAL
    locked = bytearray(zipped(export()))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + offset] |= 1
    assert refusal_of(bytes(locked)).reason is RejectionReason.ARCHIVE_LOCKED


def test_an_open_export_is_read_with_its_progress(tmp_path):
    data = export(*(entry_xml(f"RNCP{number}") for number in range(1, 200)))
    path = tmp_path / "export.zip"
    path.write_bytes(zipped(data))
    seen: list[tuple[int, int]] = []
    with path.open("rb") as file:
        entry = read_entry_file(
            file, path.stat().st_size, "export.zip", "RNCP150", progress=lambda done, total: seen.append((done, total))
        )
    assert entry.code == "RNCP150"
    assert seen[-1] == (len(data), len(data))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_declared_size_over_the_bound_is_refused(monkeypatch):
    assert stream.MAX_DECLARED_BYTES == 2 * 1024**3
    with pytest.raises(UnreadableEntry) as caught:
        list(stream.entries_of(io.BytesIO(zipped(export())), 0, max_declared=10))
    assert caught.value.reason is RejectionReason.ARCHIVE_TOO_LARGE


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 3000), st.integers(0, 60), st.booleans())
def test_whatever_the_bytes_an_entry_or_a_refusal_is_the_answer(piece, place, length, in_zip):
    data = zipped(export()) if in_zip else export()
    damaged = data[:place] + piece + data[place + length :]
    with suppress(UnreadableEntry):
        entry = read_entry(damaged, "x")
        assert entry_from_json(entry_as_json(entry)) == entry


def test_a_jury_borrowed_from_another_route_says_which():
    routes = routes_xml().replace("<SI_JURY_VAE><ACTIF>Oui", "<SI_JURY_VAE><ACTIF>Non")
    entry = read_entry(export(entry_xml(routes=routes)), "x")
    borrowed = next(doubt for doubt in entry.doubts if doubt.what is DoubtCode.JURY_TAKEN_FROM_ROUTE)
    assert "Formation initiale" in doubt_message(borrowed)
    assert entry.jury is not None


def test_a_prerequisite_of_a_block_is_shown_as_a_doubt():
    block = block_xml("RNCP90001BC01", "Cultiver", "- Semer  - Récolter").replace(
        "</BLOC_COMPETENCES>", "<PREREQUIS_VALIDATION_BLOC>Bloc 2</PREREQUIS_VALIDATION_BLOC></BLOC_COMPETENCES>"
    )
    entry = read_entry(export(entry_xml(blocks=block)), "x")
    assert DoubtCode.BLOCK_PREREQUISITE in codes(entry)
