"""Mutations of register entries: each is read exactly, doubted in a sentence, or refused; none in silence.

The entries are a made-up one and the five real ones of the sample; a mutation that an entry has no place for
is left out of it.
"""

import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from portfolio.domain.certification.readers import read_entry
from portfolio.domain.certification.readers.france_competences.selection import read_numbers
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.registration import UnreadableEntry
from portfolio.wording.certification import doubt_message, refusal_message
from tests.certification.readers.entries import SAMPLE
from tests.certification.readers.exports import block_xml, entry_xml, export
from tests.certification.readers.writing import Style, entry_text

NUMBERED = "1. Préparer une parcelle\n2. Conduire une récolte\n3. Tenir un registre\n4. Vendre le miel"
CODED = "C1.1 Préparer une parcelle\nC1.2 Conduire une récolte\nC1.3 Tenir un registre"
ACTS = (
    "<PUBLICATION_DECRET_CREATION><PUBLICATION_JO><TITRE>Arrêté du 2 mars 2023</TITRE>"
    "<DATE_PUBLICATION_JO>10/03/2023</DATE_PUBLICATION_JO></PUBLICATION_JO></PUBLICATION_DECRET_CREATION>"
)
MADE_UP = entry_xml(
    blocks=block_xml("RNCP90001BC01", "Cultiver", "- Préparer une parcelle\n- Conduire une récolte")
    + block_xml("RNCP90001BC02", "Récolter", NUMBERED)
    + block_xml("RNCP90001BC03", "Vendre", CODED),
    more=ACTS,
)
OLD = entry_text(SAMPLE, Style(curly=False))
Mutation = Callable[[str], str | None]


def sub(pattern: str, new: str | Callable[[re.Match[str]], str], text: str, count: int = 1) -> str | None:
    """Replace a pattern; None when the text does not hold it."""
    changed, times = re.subn(pattern, new, text, count=count, flags=re.DOTALL)
    return changed if times and changed != text else None


def swap(pattern: str, new: str) -> Mutation:
    return lambda text: sub(pattern, new, text)


def listed(skills: str) -> Mutation:
    """Put another list of competencies in the first block."""
    return swap(r"<LISTE_COMPETENCES>.*?</LISTE_COMPETENCES>", f"<LISTE_COMPETENCES>{skills}</LISTE_COMPETENCES>")


def element(name: str, value: str) -> Mutation:
    """Give an element another value, or write it when the entry has none."""

    def mutate(text: str) -> str | None:
        found = sub(rf"<{name}>[^<]*</{name}>(?!\s*<COMPOSITION)", f"<{name}>{value}</{name}>", text)
        return found or text.replace("</FICHE>", f"<{name}>{value}</{name}></FICHE>")

    return mutate


def state(name: str, value: str) -> Mutation:
    """Give an answer of the entry itself, not of a route, another value."""
    return lambda text: sub(rf"<{name}>[^<]*</{name}>(?=(?:(?!<{name}>).)*</FICHE>)", f"<{name}>{value}</{name}>", text)


def misencoded(codec: str) -> Mutation:
    def mutate(text: str) -> str | None:
        def wrong(match: re.Match[str]) -> str:
            return f"<INTITULE>{(match[1] + ' développée').encode().decode(codec, 'replace')}</INTITULE>"

        return sub(r"<INTITULE>([^<]*)</INTITULE>", wrong, text)

    return mutate


def copied_block(with_code: str) -> Mutation:
    """Write the first block once more, under another code."""

    def mutate(text: str) -> str | None:
        block = re.search(r"(?<=<BLOCS_COMPETENCES>)\s*<BLOC_COMPETENCES>.*?</BLOC_COMPETENCES>", text, re.DOTALL)
        if block is None:
            return None
        again = re.sub(r"(<CODE>)([^<]*?)\d+(</CODE>)", rf"\g<1>\g<2>{with_code}\g<3>", block[0], count=1)
        return text.replace("</BLOCS_COMPETENCES>", f"{again}</BLOCS_COMPETENCES>")

    return mutate


def list_of_first_in_second(text: str) -> str | None:
    lists = re.findall(r"<LISTE_COMPETENCES>.*?</LISTE_COMPETENCES>", text, re.DOTALL)
    return text.replace(lists[1], lists[0]) if len(lists) > 1 else None


def twice_in_a_block(text: str) -> str | None:
    """Write the list of a block once more under itself, as a second paste does."""

    def doubled(match: re.Match[str]) -> str:
        return f"{match[1]}{match[2]}\n{match[2].strip()}{match[3]}"

    return sub(r"(<LISTE_COMPETENCES>(?:<!\[CDATA\[)?)(.*?)((?:\]\]>)?</LISTE_COMPETENCES>)", doubled, text)


def on_request(text: str) -> str | None:
    """Make an entry one on request, whose only act ended ten years before."""
    old = (
        "<PUBLICATION_DECRET_CREATION><PUBLICATION_JO><TITRE>Arrêté du 3 mars 2008, jusqu'au 3 mars 2013</TITRE>"
        "<DATE_PUBLICATION_JO>10/03/2008</DATE_PUBLICATION_JO></PUBLICATION_JO></PUBLICATION_DECRET_CREATION>"
    )
    bare = re.sub(r"<PUBLICATION_DECRET_(\w+)>.*?</PUBLICATION_DECRET_\1>", "", text, flags=re.DOTALL)
    bare = re.sub(r"<DATE_DECISION>[^<]*</DATE_DECISION>", "", bare)
    return bare.replace("</FICHE>", f"{old}</FICHE>")


SECOND = "<LISTE_COMPETENCES>- Saler le beurre\n- Battre la crème</LISTE_COMPETENCES>"
TOLD: dict[str, Mutation] = {
    # Numbers, levels, lists.
    "two levels of numbers": listed(
        "1.1 Gérer une équipe\n1.1.1 Recruter\n1.1.2 Former\n1.2 Gérer un budget\n1.2.1 Prévoir\n1.2.2 Suivre"
    ),
    "two levels, the first in plain numbers": listed(
        "1. Gérer\n1.1 Recruter\n1.2 Former\n2. Compter\n2.1 Prévoir\n2.2 Suivre"
    ),
    "two levels of codes": listed("C1 Gérer\nC1.1 Recruter\nC1.2 Former\nC2 Compter\nC2.1 Prévoir"),
    "numbers under bullets": listed("- Gérer\n1. Recruter\n2. Former\n- Compter\n1. Prévoir\n2. Suivre"),
    "bullets under numbers": listed("1. Gérer :\n- Recruter\n- Former\n2. Compter :\n- Prévoir\n- Suivre"),
    "letters under numbers": listed("1. Gérer\na) Recruter\nb) Former\n2. Compter\na) Prévoir\nb) Suivre"),
    "numbers 1, 2, 4, 5": listed("1. Semer\n2. Planter\n4. Récolter\n5. Vendre"),
    "numbers that begin at 2": listed("2. Semer\n3. Planter\n4. Récolter"),
    "numbers that begin again": listed("1. Semer\n2. Planter\n1. Récolter\n2. Vendre"),
    "a number twice": listed("1. Semer\n2. Planter\n2. Récolter\n3. Vendre"),
    "numbers in disorder": listed("1. Semer\n3. Planter\n2. Récolter\n4. Vendre"),
    "codes that skip one": listed("C1. Semer\nC2. Planter\nC4. Récolter\nC5. Vendre"),
    "codes that skip a level": listed("C1.1 Semer\nC1.2 Planter\nC3.1 Récolter\nC3.2 Vendre"),
    "codes that begin at C1.2": listed("C1.2 Semer\nC1.3 Planter\nC1.4 Récolter"),
    "a code twice": listed("C1. Semer\nC2. Planter\nC2. Récolter\nC3. Vendre"),
    "a code of another shape": listed("C1. Semer\nC2. Planter\nCP3. Récolter\nC4. Vendre"),
    "two kinds of bullets": listed("- Semer\n- Planter\n• Récolter\n• Vendre"),
    "one paragraph": listed("Semer des graines et planter des arbres"),
    "an empty list": listed(""),
    "a list twice in a row": twice_in_a_block,
    "a second list in a block": lambda text: text.replace("</LISTE_COMPETENCES>", f"</LISTE_COMPETENCES>{SECOND}", 1),
    "an empty list, then another": swap("<LISTE_COMPETENCES>", f"<LISTE_COMPETENCES></LISTE_COMPETENCES>{SECOND}<LISTE_COMPETENCES>"),
    "a second modality": swap("</MODALITES_EVALUATION>", "</MODALITES_EVALUATION><MODALITES_EVALUATION>Oral</MODALITES_EVALUATION>"),
    "a second name of a block": swap("</LIBELLE>(?=\\s*<LISTE)", "</LIBELLE><LIBELLE>Autre nom</LIBELLE>"),
    "a list under another name": lambda text: text.replace("</LISTE_COMPETENCES>", f"</LISTE_COMPETENCES>{SECOND.replace('LISTE_COMPETENCES', 'LISTE_COMPETENCES_BIS')}", 1),
    "the list of another block": list_of_first_in_second,
    # Blocks.
    "a block copied under the next code": copied_block("98"),
    "a block of another entry": swap(r"<CODE>RNCP\d+BC", "<CODE>RNCP11BC"),
    "a block without a code": swap(r"<CODE>RNCP\d+BC\d+</CODE>", ""),
    "a block code twice": swap(r"BC02</CODE>", "BC01</CODE>"),
    "a block without a name": swap(r"(<BLOC_COMPETENCES>\s*<CODE>[^<]*</CODE>\s*)<LIBELLE>.*?</LIBELLE>", r"\1"),
    "the first block lost": swap(r"(?<=<BLOCS_COMPETENCES>)\s*<BLOC_COMPETENCES>.*?</BLOC_COMPETENCES>", ""),
    "every block lost": swap(r"<BLOCS_COMPETENCES>.*</BLOCS_COMPETENCES>", ""),
    "a block under another name": lambda text: sub(r"(?<=<BLOCS_COMPETENCES>)(\s*)<BLOC_COMPETENCES>(.*?)</BLOC_COMPETENCES>", r"\1<BLOC_COMPETENCE>\2</BLOC_COMPETENCE>", text),
    "the last block under another name": lambda text: sub(r"<BLOC_COMPETENCES>((?:(?!<BLOC_COMPETENCES>).)*)</BLOC_COMPETENCES>(\s*)</BLOCS_COMPETENCES>", r"<BLOC_COMPETENCE>\1</BLOC_COMPETENCE>\2</BLOCS_COMPETENCES>", text),
    "a prerequisite": swap("</LISTE_COMPETENCES>", "</LISTE_COMPETENCES><PREREQUIS_VALIDATION_BLOC>Bloc 1</PREREQUIS_VALIDATION_BLOC>"),
    # Encodings and characters.
    "a title of UTF-8 read as Windows-1252": misencoded("cp1252"),
    "a title of UTF-8 read as Latin-1": misencoded("latin-1"),
    "a title of UTF-8 read as Mac Roman": misencoded("mac-roman"),
    "accents lost in a title": swap(r"<INTITULE>", "<INTITULE>D?veloppement "),
    "a replaced character in the title": swap(r"<INTITULE>", "<INTITULE>D\ufffdveloppement "),
    "a replaced character in a block": swap(r"(<LISTE_COMPETENCES>(?:<!\[CDATA\[)?[^<]*?)e", "\\1\ufffd"),
    "a replaced character in a modality": swap(r"(<MODALITES_EVALUATION>(?:<!\[CDATA\[)?[^<]*?)e", "\\1\ufffd"),
    "a replaced character in a jury": swap(r"(<COMPOSITION>(?:<!\[CDATA\[)?[^<]*?)e", "\\1\ufffd"),
    "a replaced character in a certifier": swap(r"<NOM_CERTIFICATEUR>", "<NOM_CERTIFICATEUR>\ufffd"),
    "a right-to-left override in the title": swap(r"<INTITULE>", "<INTITULE>\u202e"),
    "a right-to-left override in a block": swap(r"(<LISTE_COMPETENCES>(?:<!\[CDATA\[)?[^<]*?e)", "\\1\u202e"),
    "an isolate in a name of a block": swap(r"(<BLOC_COMPETENCES>\s*<CODE>[^<]*</CODE>\s*<LIBELLE>)", "\\1\u2067"),
    "a control character": swap(r"<INTITULE>", "<INTITULE>\u0091"),
    "a private character": swap(r"<INTITULE>", "<INTITULE>\ue123 "),
    "mark-up in the title": swap(r"<INTITULE>", "<INTITULE>&lt;b&gt;Titre&lt;/b&gt; "),
    # Level, dates, state.
    "level 9": swap("NIV[0-9]", "NIV9"),
    "level 0": swap("NIV[0-9]", "NIV0"),
    "level 72": swap("NIV[0-9]", "NIV72"),
    "no level": swap("<NOMENCLATURE_EUROPE>.*?</NOMENCLATURE_EUROPE>", ""),
    "two levels": swap("<NIVEAU>NIV[0-9]</NIVEAU>", "<NIVEAU>NIV5</NIVEAU><NIVEAU>NIV6</NIVEAU>"),
    "an end in the year 9999": element("DATE_FIN_ENREGISTREMENT", "31/12/9999"),
    "an end in the year 0202": element("DATE_FIN_ENREGISTREMENT", "31/12/0202"),
    "an end in fifty years": element("DATE_FIN_ENREGISTREMENT", "31/12/2075"),
    "an end that does not exist": element("DATE_FIN_ENREGISTREMENT", "31/09/2025"),
    "an end before the beginning": element("DATE_FIN_ENREGISTREMENT", "31/12/2001"),
    "no end": swap("<DATE_FIN_ENREGISTREMENT>[^<]*</DATE_FIN_ENREGISTREMENT>", ""),
    "an end in words": element("DATE_FIN_ENREGISTREMENT", "bientôt"),
    "two ends": swap("</DATE_FIN_ENREGISTREMENT>", "</DATE_FIN_ENREGISTREMENT><DATE_FIN_ENREGISTREMENT>01/01/2040</DATE_FIN_ENREGISTREMENT>"),
    "a beginning in the year 9999": element("DATE_EFFET", "01/01/9999"),
    "a beginning in the year 1021": element("DATE_EFFET", "01/01/1021"),
    "a limit of delivery in the year 9999": element("DATE_LIMITE_DELIVRANCE", "31/12/9999"),
    "a limit of delivery before the end": element("DATE_LIMITE_DELIVRANCE", "01/01/2001"),
    "an inactive entry": state("ACTIF", "Non"),
    "an answer that is none": state("ACTIF", "Peut-être"),
    "an unpublished entry": element("ETAT_FICHE", "Dépubliée/Archivée"),
    "an entry to validate": element("ETAT_FICHE", "Modifications à valider"),
    "an unknown state": element("ETAT_FICHE", "Brouillon"),
    "an unknown kind of registration": element("TYPE_ENREGISTREMENT", "Enregistrement provisoire"),
    # Acts, names, routes.
    "an act that ended ten years before": on_request,
    "acts published ten years before": lambda text: re.sub(
        "<DATE_PUBLICATION_JO>[^<]*<", "<DATE_PUBLICATION_JO>10/03/2001<", text
    ),
    "acts without a day": lambda text: re.sub("<DATE_PUBLICATION_JO>[^<]*</DATE_PUBLICATION_JO>", "", text),
    "two titles": swap("</INTITULE>", "</INTITULE><INTITULE>Un autre titre</INTITULE>"),
    "no title": swap("<INTITULE>[^<]*</INTITULE>", ""),
    "two numbers": swap("</NUMERO_FICHE>", "</NUMERO_FICHE><NUMERO_FICHE>RNCP1</NUMERO_FICHE>"),
    "no certifier": swap("<CERTIFICATEURS>.*?</CERTIFICATEURS>", ""),
    "a route without an answer": swap(r"(<SI_JURY_VAE>.*?<ACTIF>)[^<]*", r"\1?"),
    "a route twice": swap("</SI_JURY_VAE>", "</SI_JURY_VAE><SI_JURY_VAE><ACTIF>Non</ACTIF></SI_JURY_VAE>"),
    "a route lost": swap("<SI_JURY_VAE>.*?</SI_JURY_VAE>", ""),
    "an unknown route": swap("<SI_JURY_VAE>", "<SI_JURY_XY/><SI_JURY_VAE>"),
    "a number of the specific register": swap(r"<NUMERO_FICHE>RNCP", "<NUMERO_FICHE>RS"),
}  # fmt: skip

EXACT: dict[str, Mutation] = {
    "decomposed accents": lambda text: unicodedata.normalize("NFD", text),
    "line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "a comment inside a title": swap("(<INTITULE>[^<]{3})", r"\1<!-- note -->"),
    "a title in CDATA": swap("<INTITULE>([^<]*)</INTITULE>", r"<INTITULE><![CDATA[\1]]></INTITULE>"),
    "spaces around a date": swap(r"<DATE_FIN_ENREGISTREMENT>([^<]*)<", r"<DATE_FIN_ENREGISTREMENT> \1 <"),
    "answers in capitals": lambda text: text.replace("<ACTIF>Oui", "<ACTIF>OUI"),
    "a soft hyphen in the title": swap("(<INTITULE>[^<]{3})", "\\1\u00ad"),
    "another date of change": element("DATE_DERNIERE_MODIFICATION", "01/02/2024"),
}


@cache
def bases(folder: Path | None) -> dict[str, str]:
    """Return the text of each entry to mutate, by its number."""
    found = {"RNCP90001": MADE_UP}
    sample = folder / "france-competences-v4.1-sample.xml" if folder else None
    if sample is not None and sample.exists():
        text = sample.read_text(encoding="utf-8")
        for fiche in re.findall(r"<FICHE>.*?</FICHE>", text, re.DOTALL):
            number = re.search(r"<NUMERO_FICHE>(\w+)<", fiche)
            assert number is not None
            found[number[1]] = fiche
    return found


def read(text: str) -> Entry | UnreadableEntry:
    try:
        return read_entry(export(text), "fiche.xml")
    except UnreadableEntry as refusal:
        return refusal


def mutants(texts: dict[str, str], mutations: dict[str, Mutation]) -> Iterator[tuple[str, str, str]]:
    for number, text in texts.items():
        for name, mutate in mutations.items():
            changed = mutate(text)
            if changed is not None and changed != text:
                yield number, name, changed


def told_by(text: str) -> set[Doubt]:
    found = read(text)
    assert isinstance(found, Entry)
    return set(found.doubts)


def is_told(before: set[Doubt], changed: str) -> bool:
    """Return whether a mutation is refused, or adds a doubt with a sentence of its own."""
    found = read(changed)
    if isinstance(found, UnreadableEntry):
        return refusal_message(found).endswith(".")
    added = set(found.doubts) - before
    assert all(doubt_message(doubt).endswith(".") for doubt in added)
    return bool(added)


@pytest.fixture(scope="module")
def texts(request: pytest.FixtureRequest) -> dict[str, str]:
    try:
        folder = request.getfixturevalue("fiches")
    except pytest.skip.Exception:
        folder = None
    return bases(folder)


@pytest.mark.slow
def test_no_mutation_of_an_entry_is_read_in_silence(texts: dict[str, str]) -> None:
    before = {number: told_by(text) for number, text in texts.items()}
    tried = list(mutants(texts, TOLD))
    silent = [(number, name) for number, name, changed in tried if not is_told(before[number], changed)]
    assert silent == []
    assert len(tried) >= 80 * len(texts)


@pytest.mark.slow
def test_what_changes_nothing_is_read_without_one_difference(texts: dict[str, str]) -> None:
    for number, name, changed in mutants(texts, EXACT):
        found, whole = read(changed), read(texts[number])
        assert isinstance(found, Entry), name
        assert isinstance(whole, Entry)
        assert replace(found, details=None) == replace(whole, details=None), (number, name)


LISTS = [name for name, mutate in TOLD.items() if mutate("<LISTE_COMPETENCES>x</LISTE_COMPETENCES>")][:18]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("form", ["old text", "answer of the API"])
def test_an_odd_list_is_told_in_the_other_forms_of_an_entry(name: str, form: str) -> None:
    mutated = TOLD[name]("<LISTE_COMPETENCES>x</LISTE_COMPETENCES>") or ""
    skills = mutated.partition("<LISTE_COMPETENCES>")[2].partition("</LISTE_COMPETENCES>")[0]
    if form == "old text":
        assert "• Accueillir\n\n• Vendre" in OLD
        data = OLD.replace("• Accueillir\n\n• Vendre", skills).encode()
    else:
        block = {"CODE": "RNCP90001BC01", "LIBELLE": "Cultiver", "LISTE_COMPETENCES": skills}
        data = json.dumps({"NUMERO_FICHE": "RNCP90001", "INTITULE": "Titre", "BLOCS_COMPETENCES": [block]}).encode()
    try:
        entry = read_entry(data, "fiche")
    except UnreadableEntry as refusal:
        assert refusal_message(refusal).endswith(".")  # noqa: PT017
        return
    about = {doubt.what for doubt in entry.doubts if doubt.where.startswith("blocks.")}
    assert about & {
        DoubtCode.CUT_TO_CHECK,
        DoubtCode.CUT_WHOLE,
        DoubtCode.COMPETENCIES_NESTED,
        DoubtCode.COMPETENCIES_MERGED,
        DoubtCode.COMPETENCIES_WITHOUT_BULLETS,
        DoubtCode.COMPETENCY_TWICE,
        DoubtCode.TEXT_SET_ASIDE,
    }


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("Responsable d'atelier", "Responsable\u202e d'atelier", DoubtCode.DIRECTION_REMOVED),
        ("Responsable d'atelier", "ChargÃ© d'atelier", DoubtCode.TEXT_MISENCODED),
        ("Tenir les comptes", "Tenir les c\ufffdmptes", DoubtCode.TEXT_UNREADABLE),
        ("12 mai 2015", "12 mai 9999", DoubtCode.DATE_IMPLAUSIBLE),
        ("6 (", "9 (", DoubtCode.SECTION_MISSING),
    ],
)
def test_what_cannot_be_is_told_in_the_old_text(old: str, new: str, code: DoubtCode) -> None:
    assert old in OLD
    entry = read_entry(OLD.replace(old, new).encode(), "fiche.txt")
    assert code in {doubt.what for doubt in entry.doubts}


def test_an_entry_on_request_prints_its_own_decision_and_not_an_older_order() -> None:
    asked = on_request(MADE_UP) or ""
    asked = asked.replace("Enregistrement de droit", "Enregistrement sur demande")
    decided = asked.replace("</FICHE>", "<DATE_DECISION>30/08/2023</DATE_DECISION></FICHE>")
    entry = read_entry(export(decided), "fiche.xml")
    assert entry.registrations[0].act == "Enregistrement sur demande – décision du 30/08/2023"
    assert DoubtCode.ACT_OUTSIDE_REGISTRATION not in {doubt.what for doubt in entry.doubts}
    alone = read_entry(export(asked), "fiche.xml")
    told = [doubt for doubt in alone.doubts if doubt.what is DoubtCode.ACT_OUTSIDE_REGISTRATION]
    assert [doubt.where for doubt in told] == ["registrations.1"]
    assert "certificats" in doubt_message(told[0])


def test_a_list_that_skips_a_number_keeps_each_of_its_competencies() -> None:
    entry = read_entry(export(TOLD["numbers 1, 2, 4, 5"](MADE_UP) or ""), "fiche.xml")
    assert [item.text for item in entry.blocks[0].competencies] == ["Semer", "Planter", "Récolter", "Vendre"]


def test_mark_up_that_was_not_escaped_loses_no_competency() -> None:
    skills = "<LISTE_COMPETENCES>- Semer<br/>- Planter<br/>- Récolter</LISTE_COMPETENCES>"
    whole = sub("<LISTE_COMPETENCES>.*?</LISTE_COMPETENCES>", skills, MADE_UP) or ""
    entry = read_entry(export(whole), "fiche.xml")
    assert [item.text for item in entry.blocks[0].competencies] == ["Semer", "Planter", "Récolter"]


def test_the_watch_of_the_register_reads_an_entry_as_an_import_does() -> None:
    data = export(TOLD["the list of another block"](MADE_UP) or "")
    watched = read_numbers(io.BytesIO(data), len(data), ["RNCP90001"])["RNCP90001"].entry
    assert watched == read_entry(data, "fiche.xml")


OPTIONS = entry_xml(
    blocks=block_xml("RNCP90001BC01", "Cultiver", NUMBERED)
    + block_xml("RNCP90001BC02", "Élever des abeilles (option A)", "- Peupler une ruche\n- Récolter le miel")
    + block_xml("RNCP90001BC03", "Option B : tenir un verger", "- Tailler un arbre\n- Cueillir les fruits"),
    more="<VALIDATION_PARTIELLE_PERIMETRE>La certification demande le bloc 1 et une option au choix."
    "</VALIDATION_PARTIELLE_PERIMETRE>",
)


def test_options_named_by_the_blocks_are_read_with_the_sentence_that_says_the_rule() -> None:
    entry = read_entry(export(OPTIONS), "fiche.xml")
    assert entry.options == {"Option A": (2,), "Option B": (3,)}
    assert (entry.options_needed, entry.whole_source) == (
        1,
        "La certification demande le bloc 1 et une option au choix.",
    )
    told = [doubt for doubt in entry.doubts if doubt.what is DoubtCode.OPTIONS_READ]
    assert "Option A (2), Option B (3)" in doubt_message(told[0])
    assert read_entry(export(OPTIONS.replace("une option", "deux options")), "f").options_needed == 2


def test_an_option_that_is_not_clear_asks_and_every_block_stays_required() -> None:
    entry = read_entry(export(OPTIONS.replace("Option B : tenir", "Tenir")), "fiche.xml")
    assert entry.options == {}
    assert DoubtCode.OPTION_UNCLEAR in {doubt.what for doubt in entry.doubts}
    silent = read_entry(export(MADE_UP), "fiche.xml")
    assert DoubtCode.OPTION_UNCLEAR not in {doubt.what for doubt in silent.doubts}


WAYS = ["Option", "Parcours", "Dominante", "Mention", "Spécialité", "Variante", "Champ d’application", "Spécialisation"]
WRITTEN = [
    "{way} A : élever",
    "Élever ({way} « Abeilles »)",
    "Élever - {way} abeilles",
    "Bloc de {way} n° 2",
    "{way} : abeilles",
    "{way} abeilles – Élever",
]
SENTENCES = [
    "Le candidat valide le bloc 1 et un bloc au choix.",
    "Le bloc 2 est facultatif.",
    "La certification demande une {way} choisie parmi deux.",
    "Le titulaire a obtenu deux {way} au choix.",
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("written", WRITTEN)
def test_a_block_of_an_option_is_read_or_told_under_each_word_of_the_register(way: str, written: str) -> None:
    title = written.format(way=way.lower() if not written.startswith("{") else way)
    one = read_entry(export(MADE_UP.replace("Récolter<", f"{title}<")), "fiche.xml")
    assert DoubtCode.OPTION_UNCLEAR in {doubt.what for doubt in one.doubts}
    other = (
        title.replace("abeilles", "verger").replace("Abeilles", "Verger").replace(" A ", " B ").replace("n° 2", "n° 3")
    )
    if other == title:
        return
    both = MADE_UP.replace("Récolter<", f"{title}<").replace("Vendre<", f"{other.replace('lever', 'lever un verger')}<")
    entry = read_entry(export(both), "fiche.xml")
    assert [list(numbers) for numbers in entry.options.values()] == [[2], [3]]
    told = next(doubt for doubt in entry.doubts if doubt.what is DoubtCode.OPTIONS_READ)
    assert all(name in doubt_message(told) for name in entry.options)


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("way", ["option", "parcours", "mention", "spécialité"])
@pytest.mark.parametrize("name", ["PREREQUIS_VALIDATION_CERTIFICATION", "OBJECTIFS_CONTEXTE", "CAPACITES_ATTESTEES"])
def test_a_sentence_that_leaves_a_choice_is_told(sentence: str, way: str, name: str) -> None:
    said = sentence.format(way=way)
    entry = read_entry(export(MADE_UP.replace("</FICHE>", f"<{name}>{said}</{name}></FICHE>")), "fiche.xml")
    assert said in next(doubt.facts[0] for doubt in entry.doubts if doubt.what is DoubtCode.OPTION_UNCLEAR)


@pytest.mark.parametrize(
    "skills",
    ["Option A :\n- Semer\n- Planter", "- Semer\n- Planter\nCe bloc est facultatif", "Mention 1\n- Semer\n- Planter"],
)
def test_an_option_inside_a_block_is_told(skills: str) -> None:
    entry = read_entry(export(listed(skills)(MADE_UP) or ""), "fiche.xml")
    assert DoubtCode.OPTION_UNCLEAR in {doubt.what for doubt in entry.doubts}


@pytest.mark.parametrize(
    "title",
    [
        "Concevoir un parcours client",
        "Rédiger les mentions légales",
        "Choisir une variante",
        "Gérer la spécialité du chef",
    ],
)
def test_an_ordinary_word_of_a_title_makes_no_option(title: str) -> None:
    entry = read_entry(export(MADE_UP.replace("Récolter<", f"{title}<")), "fiche.xml")
    assert DoubtCode.OPTION_UNCLEAR not in {doubt.what for doubt in entry.doubts}


def test_a_title_of_an_entry_that_names_several_options_is_told() -> None:
    entry = read_entry(export(MADE_UP.replace("Responsable de ferme", "Ferme, options A : abeilles, B : verger")), "f")
    assert DoubtCode.OPTION_UNCLEAR in {doubt.what for doubt in entry.doubts}
