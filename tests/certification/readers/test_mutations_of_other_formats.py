"""Mutations of the other ways an entry comes in: a pasted page, CASE, a Mahara matrix, a spreadsheet.

As for the XML of the register, each is read exactly, doubted in a sentence, or refused; none in silence.
"""

import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from portfolio.domain.certification.readers import read_entry
from portfolio.domain.certification.readers.spreadsheet import read_sheet, with_blocks_of
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry, Registration
from portfolio.domain.certification.rules.entry_schema import entry_as_json
from portfolio.domain.certification.rules.registration import UnreadableEntry
from portfolio.wording.certification import doubt_message, refusal_message, sheet_notes, sheet_sentence
from tests.certification.readers.test_interchange import PAGE, element, package
from tests.certification.readers.test_mutations import LISTS, TOLD
from tests.samples import archive, opendocument

Mutation = Callable[[str], str]


def put(old: str, new: str) -> Mutation:
    def mutate(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return mutate


def listed(name: str) -> str:
    """Return a list of competencies of the mutations of the XML."""
    mutated = TOLD[name]("<LISTE_COMPETENCES>x</LISTE_COMPETENCES>") or ""
    return mutated.partition("<LISTE_COMPETENCES>")[2].partition("</LISTE_COMPETENCES>")[0]


MANY = [name for name in LISTS if name != "one paragraph"]  # exact where each competency has its own place


def wrong(codec: str) -> str:
    return "Élève développé".encode().decode(codec, "replace")


# What a text of any format can hold, put before one of its words.
SPOILED = {
    "UTF-8 read as Windows-1252": wrong("cp1252"),
    "UTF-8 read as Latin-1": wrong("latin-1"),
    "UTF-8 read as Mac Roman": wrong("mac-roman"),
    "accents lost": "D?velopper",
    "a replaced character": "D\ufffdvelopper",
    "a right-to-left override": "\u202eDé",
    "an isolate": "\u2067Dé",
    "a control character": "Dé\u0001",
    "a control character of the second range": "Dé\u0091",
    "a private character": "\ue123",
}

SECOND_BLOCK = PAGE[PAGE.index("RNCP40344BC02") : PAGE.index("Description des modalités")]
ROUTE = "Par expérience\tX\t\t"
PAGE_MUTATIONS: dict[str, Mutation] = {
    **{f"list: {name}": put("- Compter les outils\n- Ranger l’atelier", listed(name)) for name in LISTS},
    **{f"title: {name}": put("- Responsable", f"- {text} Responsable") for name, text in SPOILED.items()},
    **{f"block: {name}": put("- Tenir", f"- {text} Tenir") for name, text in SPOILED.items()},
    **{f"competency: {name}": put("Compter les", f"{text} Compter les") for name, text in SPOILED.items()},
    **{f"modality: {name}": put("Oral devant", f"{text} Oral devant") for name, text in SPOILED.items()},
    **{f"jury: {name}": put("- un président", f"- {text} un président") for name, text in SPOILED.items()},
    **{f"certifier: {name}": put("ÉCOLE DU MIEL", f"{text} ÉCOLE DU MIEL") for name, text in SPOILED.items()},
    "level 9": put("Niveau 6", "Niveau 9"),
    "level 0": put("Niveau 6", "Niveau 0"),
    "level 72": put("Niveau 6", "Niveau 72"),
    "no level": put("Niveau 6", ""),
    "two levels": put("Niveau 6", "Niveau 6\nNiveau 5"),
    "an end in the year 9999": put("31-01-2028", "31-12-9999"),
    "an end in the year 0202": put("31-01-2028", "31-01-0202"),
    "an end in fifty years": put("31-01-2028", "31-01-2075"),
    "an end that does not exist": put("31-01-2028", "31-09-2028"),
    "an end before the beginning": put("31-01-2028", "31-01-2001"),
    "no end": put("31-01-2028", ""),
    "an end in words": put("31-01-2028", "bientôt"),
    "two ends": put("31-01-2028", "31-01-2028\nDate d’échéance de l’enregistrement\n31-01-2040"),
    "two ends under one label": put("31-01-2028", "31-01-2028\n31-01-2040"),
    "a decision in the year 9999": put("Date de décision\t01-02-2025", "Date de décision\t01-02-9999"),
    "a decision in the year 1021": put("Date de décision\t01-02-2025", "Date de décision\t01-02-1021"),
    "a last delivery in the year 9999": put(
        "31-01-2028", "31-01-2028\nDate de dernière délivrance possible de la certification\n31-12-9999"
    ),
    "a last delivery before the end": put(
        "31-01-2028", "31-01-2028\nDate de dernière délivrance possible de la certification\n31-12-2001"
    ),
    "an inactive entry": put("\nActive\n", "\nInactive\n"),
    "an entry no longer active": put("\nActive\n", "\nFiche non active\n"),
    "a block of another entry": put("RNCP40344BC02", "RNCP11BC02"),
    "a block without a name": put(" - Tenir l’atelier", ""),
    "a block code twice": put("RNCP40344BC02", "RNCP40344BC01"),
    "a block code that skips one": put("RNCP40344BC02", "RNCP40344BC03"),
    "a block copied under the next code": put(SECOND_BLOCK, SECOND_BLOCK + SECOND_BLOCK.replace("BC02", "BC03")),
    "a block code cut by a space": put("RNCP40344BC02", "RNCP40344 BC02"),
    "a block code with a letter for a figure": put("RNCP40344BC02", "RNCP40344BCO2"),
    "a block code lost": put("RNCP40344BC02 - ", ""),
    "the first block lost": lambda text: text[: text.index("RNCP40344BC01")] + text[text.index("RNCP40344BC02") :],
    "the list of another block": put("Accueillir\nVendre", "- Compter les outils\n- Ranger l’atelier"),
    "a second list in a block": put(
        "\tOral devant un jury",
        "\tOral devant un jury\nListe de compétences\tModalités d'évaluation\nPeser\nLaver\tÉcrit",
    ),
    "a list twice in a row": put("- Ranger l’atelier", "- Ranger l’atelier\n- Compter les outils\n- Ranger l’atelier"),
    "a competency twice": put("- Ranger l’atelier", "- Ranger l’atelier\n- Ranger l’atelier"),
    "columns lost in a block": put("Ranger l’atelier\t", "Ranger l’atelier "),
    "a third column in a block": put("\tOral devant", "\tRemarque\tOral devant"),
    "no certifier": put("ÉCOLE DU MIEL\t12345678200002\t-\t-\n", ""),
    "no title": put(" - Responsable d’atelier", "\n\n"),
    "two titles": put("\nActive\n", "\nRNCP40344 - Autre titre\nActive\n"),
    "two numbers": put("\nActive\n", "\nRNCP40345 - Autre titre\nActive\n"),
    "a number of the specific register": put("RNCP40344 - ", "RS40344 - "),
    "a route with both crosses": put(ROUTE, "Par expérience\tX\tX\t"),
    "a route without a cross": put(ROUTE, "Par expérience\t\t\t"),
    "a route with another mark": put(ROUTE, "Par expérience\tOui\t\t"),
    "a route twice": put(ROUTE, f"Par expérience\t\tX\t-\t\n{ROUTE}"),
    "a route lost": put("Par expérience", "Par autre chose"),
    "columns of the routes the other way round": put("\tOui\tNon\t", "\tNon\tOui\t"),
    "mark-up in the title": put("- Responsable", "- <b>Titre</b> Responsable"),
    "mark-up in a competency": put("Compter les", "<b>Compter</b> les"),
}
PAGE_EXACT: dict[str, Mutation] = {
    "decomposed accents": lambda text: unicodedata.normalize("NFD", text),
    "line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "a soft hyphen": put("Responsable", "Respon\u00adsable"),
    "dates with slashes": lambda text: text.replace("31-01-2028", "31/01/2028"),
}


def told(read: Callable[[str], Entry], base: str, changed: str) -> bool:
    """Return whether a mutation is refused, or adds a doubt, each with a sentence."""
    try:
        found = read(changed)
    except UnreadableEntry as refusal:
        return refusal_message(refusal).endswith(".")
    added = set(found.doubts) - set(read(base).doubts)
    assert all(doubt_message(doubt).endswith(".") for doubt in added)
    return bool(added)


def silent(read: Callable[[str], Entry], base: str, mutations: dict[str, Mutation]) -> list[str]:
    return [name for name, mutate in mutations.items() if not told(read, base, mutate(base))]


def entry_of(text: str) -> Entry:
    return read_entry(text.encode("utf-8", "surrogatepass"), "fiche")


@pytest.mark.slow
def test_no_mutation_of_a_pasted_page_is_read_in_silence() -> None:
    assert silent(entry_of, PAGE, PAGE_MUTATIONS) == []
    assert len(PAGE_MUTATIONS) >= 120


@pytest.mark.parametrize("name", PAGE_EXACT)
def test_a_page_written_otherwise_is_read_without_one_difference(name: str) -> None:
    found, whole = entry_of(PAGE_EXACT[name](PAGE)), entry_of(PAGE)
    assert (found.title, found.blocks, found.registrations, found.routes) == (
        whole.title,
        whole.blocks,
        whole.registrations,
        whole.routes,
    )


# CASE: the items as a table of their texts, and the links between them.


def case_package(text: str) -> bytes:
    """Write a package from « identifier|parent|rank|text » lines; « title: », « status: »… are of the document."""
    items: dict[str, str] = {}
    links: list[tuple[str, str, int]] = []
    document: dict[str, Any] = {}
    more: dict[str, dict[str, Any]] = {}
    for line in text.split("\n"):
        if "|" in line:
            identifier, parent, rank, statement = line.split("|")
            name, _, coded = identifier.partition("=")
            items[name] = statement.replace("\\n", "\n")
            more[name] = json.loads(coded) if coded else {}
            if parent:
                links.append((name, parent, int(rank)))
        elif line:
            name, _, value = line.partition(": ")
            document[name] = value
    made = json.loads(package(items, links, **document))
    for item in made["CFItems"]:
        item.update(more[item["identifier"]])
    return json.dumps(made).encode()


CASE = """title: Responsable d’atelier
adoptionStatus: Adopted
a|doc|1|Tenir l’atelier
b|doc|2|Ouvrir l’atelier
a1={"humanCodingScheme": "C1.1"}|a|1|Compter les outils
a2={"humanCodingScheme": "C1.2"}|a|2|Ranger l’atelier
a3={"humanCodingScheme": "C1.3"}|a|3|Aiguiser les outils
b1={"humanCodingScheme": "C2.1"}|b|1|Accueillir les clients
b2={"humanCodingScheme": "C2.2"}|b|2|Vendre"""
CASE_MUTATIONS: dict[str, Mutation] = {
    **{f"list: {name}": put("Compter les outils", listed(name).replace("\n", "\\n")) for name in MANY},
    **{f"title: {name}": put(": Responsable", f": {text} Responsable") for name, text in SPOILED.items()},
    **{f"block: {name}": put("|Tenir", f"|{text} Tenir") for name, text in SPOILED.items()},
    **{f"competency: {name}": put("|Compter les", f"|{text} Compter les") for name, text in SPOILED.items()},
    "no title": put("title: Responsable d’atelier", "title: "),
    "a deprecated framework": put("Adopted", "Deprecated"),
    "a draft framework": put("Adopted", "Draft"),
    "a private draft": put("Adopted", "Private Draft"),
    "an ended framework": put("Adopted", "Adopted\nstatusEndDate: 2019-01-01"),
    "an end in the year 9999": put("Adopted", "Adopted\nstatusEndDate: 9999-12-31"),
    "an end that does not exist": put("Adopted", "Adopted\nstatusEndDate: 2027-02-30"),
    "a competency twice": put("Ranger l’atelier", "Compter les outils"),
    "the list of another block": lambda text: text.replace("Accueillir les clients", "Compter les outils").replace("|Vendre", "|Ranger l’atelier\nb3|b|3|Aiguiser les outils"),
    "a block twice": put("Ouvrir l’atelier", "Tenir l’atelier"),
    "a block without a name": put("|Tenir l’atelier", "|"),
    "a competency without words": put("|Ranger l’atelier", "|"),
    "codes that skip one": put('"C1.3"', '"C1.4"'),
    "a code twice": put('"C1.2"', '"C1.1"'),
    "codes in disorder": lambda text: text.replace('"C1.1"', '"C9"').replace('"C1.2"', '"C1.1"').replace('"C9"', '"C1.2"'),
    "codes of another block": put('"C1.3"', '"C2.3"'),
    "a rank twice": put("a2={\"humanCodingScheme\": \"C1.2\"}|a|2", "a2={\"humanCodingScheme\": \"C1.2\"}|a|1"),
    "a level between": put("a2=", "h|a|4|Les outils\nh1|h|1|Trier\na2="),
    "an item of no parent": put('C1.3"}|a|3|', 'C1.3"}||3|'),
    "an item of two parents": put("b2=", 'a3|b|3|Aiguiser les outils\nb2='),
    "a parent that is not there": put('C1.3"}|a|3|', 'C1.3"}|z|3|'),
    "the first block lost": put("a|doc|1|Tenir l’atelier\n", ""),
    "a retired item": put('"C1.3"', '"C1.3", "statusEndDate": "2019-01-01"'),
    "a very long competency": put("Compter les outils", "Compter " * 4000),
}  # fmt: skip


def case_entry(text: str) -> Entry:
    return read_entry(case_package(text), "cadre.json")


def test_no_mutation_of_a_package_of_case_is_read_in_silence() -> None:
    assert silent(case_entry, CASE, CASE_MUTATIONS) == []


# Mahara.


def matrix_entry(text: str) -> Entry:
    """Read a matrix from « standard|identifier|parent|text » lines; a standard is « number|name »."""
    standards, elements, name = [], [], ""
    for line in text.split("\n"):
        cells = line.split("|")
        if len(cells) == 4:
            more = {"parentelementid": cells[2]} if cells[2] else {}
            elements.append(element(cells[0], cells[1], cells[3].replace("\\n", "\n"), shortname=cells[1], **more))
        elif len(cells) == 2:
            standards.append({"shortname": cells[0], "name": cells[1], "standardid": cells[0]})
        else:
            name = line
    framework = {"name": name, "standards": standards, "standardelements": elements}
    return read_entry(json.dumps({"framework": framework}).encode(), "cadre.matrix")


MATRIX = """Responsable d’atelier
1|Tenir l’atelier
2|Ouvrir l’atelier
1|1.1||Compter les outils
1|1.2||Ranger l’atelier
1|1.3||Aiguiser les outils
2|2.1||Accueillir les clients
2|2.2||Vendre"""
MATRIX_MUTATIONS: dict[str, Mutation] = {
    **{f"list: {name}": put("Compter les outils", listed(name).replace("\n", "\\n")) for name in MANY},
    **{f"title: {name}": put("Responsable", f"{text} Responsable") for name, text in SPOILED.items()},
    **{f"block: {name}": put("|Tenir", f"|{text} Tenir") for name, text in SPOILED.items()},
    **{f"competency: {name}": put("|Compter les", f"|{text} Compter les") for name, text in SPOILED.items()},
    "no title": put("Responsable d’atelier\n", "\n"),
    "numbers that skip one": put("1|1.3||", "1|1.4||"),
    "a number twice": put("1|1.3||", "1|1.2||"),
    "numbers in disorder": lambda text: text.replace("1|1.1||", "1|9||").replace("1|1.2||", "1|1.1||").replace("1|9||", "1|1.2||"),
    "a number of another block": put("1|1.3||", "1|2.3||"),
    "a level between": put("1|1.3||", "1|1.2.1|1.2|Trier\n1|1.3||"),
    "a level without its parent": put("1|1.3||", "1|1.2.1||Trier\n1|1.3||"),
    "a parent that is not there": put("1|1.3||", "1|1.3|9|"),
    "a standard that is not there": put("1|1.3||", "3|1.3||"),
    "a standard twice": put("2|Ouvrir", "1|Ouvrir"),
    "standards that skip one": lambda text: text.replace("\n2|", "\n3|"),
    "standards in disorder": put("1|Tenir l’atelier\n2|Ouvrir l’atelier", "2|Ouvrir l’atelier\n1|Tenir l’atelier"),
    "a competency twice": put("Ranger l’atelier", "Compter les outils"),
    "a competency without words": put("||Ranger l’atelier", "||"),
    "the list of another block": lambda text: text.replace("Accueillir les clients", "Compter les outils").replace("|Vendre", "|Ranger l’atelier\n2|2.3||Aiguiser les outils"),
    "a block twice": put("Ouvrir l’atelier", "Tenir l’atelier"),
    "a block without a name": put("1|Tenir l’atelier", "1|"),
    "a block without a competency": put("2|Ouvrir l’atelier", "2|Ouvrir l’atelier\n3|Fermer"),
    "a very long competency": put("Compter les outils", "Compter " * 4000),
}  # fmt: skip


def test_no_mutation_of_a_matrix_is_read_in_silence() -> None:
    assert silent(matrix_entry, MATRIX, MATRIX_MUTATIONS) == []


# A spreadsheet, as a CSV text: what the person is asked, and the doubts of the draft it makes.

SHEET = """Bloc;Compétence;Modalité d’évaluation
Bloc 1 - Tenir l’atelier;C1.1 Compter les outils;Oral
;C1.2 Ranger l’atelier;
;C1.3 Aiguiser les outils;
Bloc 2 - Ouvrir l’atelier;C2.1 Accueillir les clients;Écrit
;C2.2 Vendre;
"""
SHEET_MUTATIONS: dict[str, Mutation] = {
    **{f"list: {name}": put("C1.1 Compter les outils", '"' + listed(name).replace('"', '""') + '"') for name in MANY},
    **{f"block: {name}": put("- Tenir", f"- {text} Tenir") for name, text in SPOILED.items()},
    **{f"competency: {name}": put("Compter les", f"{text} Compter les") for name, text in SPOILED.items()},
    **{f"modality: {name}": put("Oral", f"{text} Oral") for name, text in SPOILED.items()},
    "codes that skip one": put("C1.3", "C1.4"),
    "a code twice": put("C1.3", "C1.2"),
    "codes in disorder": lambda text: text.replace("C1.1", "C9").replace("C1.2", "C1.1").replace("C9", "C1.2"),
    "a code of another block": put("C1.3", "C2.3"),
    "a code of another level": put("C1.3", "C1.2.1"),
    "a code lost": put("C1.3 ", ""),
    "a block number that skips one": put("Bloc 2", "Bloc 3"),
    "a block number twice": put("Bloc 2", "Bloc 1"),
    "a block twice": put("Bloc 2 - Ouvrir", "Bloc 2 - Tenir"),
    "the first block lost": put("Bloc 1 - Tenir l’atelier", ""),
    "a competency twice": put("Ranger l’atelier", "Compter les outils"),
    "the list of another block": lambda text: text.replace("Accueillir les clients", "Compter les outils").replace(
        "C2.2 Vendre", "C2.2 Ranger l’atelier;\n;C2.3 Aiguiser les outils"
    ),
    "a third column of other words": put("Modalité d’évaluation", "Critères"),
    "options": lambda text: text.replace("Tenir l’atelier", "Tenir (option A)").replace("Ouvrir", "Option B :"),
    "mark-up": put("Compter les", "<b>Compter</b> les"),
    "Windows-1252": lambda text: text,
}


def sheet_entry(data: bytes) -> Entry | str:
    """Return the draft that a spreadsheet makes, else the sentences that refuse it."""
    sheet = read_sheet(data)
    if sheet.faults:
        return " ".join(map(sheet_sentence, sheet.faults))
    entry = with_blocks_of(sheet, Entry(code="ATELIER", title="Responsable d’atelier", blocks=()))
    notes = sheet_notes(sheet)
    return replace(entry, doubts=(*entry.doubts, Doubt("file", DoubtCode.STATED, (notes,)))) if notes else entry


def test_no_mutation_of_a_spreadsheet_is_read_in_silence() -> None:
    whole = sheet_entry(SHEET.encode())
    assert isinstance(whole, Entry)
    assert whole.doubts == ()
    for name, mutate in SHEET_MUTATIONS.items():
        changed = mutate(SHEET)
        found = sheet_entry(changed.encode("cp1252" if name == "Windows-1252" else "utf-8"))
        assert isinstance(found, str) or found.doubts, name


@pytest.mark.parametrize("data", [archive({"xl/workbook.xml": "<workbook/>"}), opendocument("ods")])
def test_a_spreadsheet_that_is_no_csv_is_refused_by_its_name(data: bytes) -> None:
    assert "CSV" in str(sheet_entry(data))


def test_what_our_own_package_says_of_the_entry_is_doubted_as_any_other() -> None:
    made = json.loads(case_package(CASE))
    act = Registration("T", "Arrêté", date(2020, 1, 1), date(2025, 1, 1))
    entry = Entry(code="RNCP40344", title="Responsable d’atelier", blocks=(), level="6", registrations=(act,))

    def doubts(**changes: Any) -> set[DoubtCode]:
        written = entry_as_json(replace(entry, **changes))
        kept = {key: value for key, value in written.items() if key not in ("blocks", "doubts")}
        made["CFDocument"]["extensions"] = {"acquis": {"registerCode": "RNCP40344", "entry": kept}}
        return {doubt.what for doubt in read_entry(json.dumps(made).encode(), "cadre.json").doubts}

    endless = replace(act, until=date(9999, 12, 31))
    assert DoubtCode.LEVEL_UNKNOWN in doubts(level="9") - doubts()
    assert DoubtCode.DATE_IMPLAUSIBLE in doubts(registrations=(endless,)) - doubts()
