"""Hundreds of seeded mutations of entries, each at a place drawn by chance: told, refused, or read as if untouched.

The entries are a made-up one in the XML and in the old text; with ACQUIS_FICHES, the real ones of both forms too.
"""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from portfolio.domain.certification.readers import read_entry
from portfolio.domain.certification.rules.doubts import Doubt
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.registration import UnreadableEntry
from portfolio.wording.certification import doubt_message, refusal_message
from tests.certification.readers.exports import export
from tests.certification.readers.test_mutations import OLD, bases

SEED, EACH = 51, 8
Operator = Callable[[str, random.Random], str | None]
LISTS = re.compile(r"(?<=<LISTE_COMPETENCES>).*?(?=</LISTE_COMPETENCES>)", re.DOTALL)
BULLET = re.compile(r"(?:(?<=>)|\n[ \t]*|[ \t]{2,})[-•*][ \t]+(?=\w)")


def at(pattern: re.Pattern[str] | str, write: Callable[[re.Match[str], random.Random], str]) -> Operator:
    """Change one match of a pattern, drawn by chance."""

    def operate(text: str, chance: random.Random) -> str | None:
        found = list(re.finditer(pattern, text))
        if not found:
            return None
        match = chance.choice(found)
        return text[: match.start()] + write(match, chance) + text[match.end() :]

    return operate


def in_list(pattern: re.Pattern[str] | str, write: Callable[[re.Match[str], random.Random], str]) -> Operator:
    """Change one match of a pattern inside the competencies of a block."""
    inner = at(pattern, write)

    def operate(text: str, chance: random.Random) -> str | None:
        holding = [match for match in LISTS.finditer(text) if re.search(pattern, match[0])]
        if not holding:
            return None
        match = chance.choice(holding)
        changed = inner(match[0], chance)
        return None if changed is None else text[: match.start()] + changed + text[match.end() :]

    return operate


def put(written: str) -> Callable[[re.Match[str], random.Random], str]:
    return lambda match, _: match[0] + written


def of(*choices: str) -> Callable[[re.Match[str], random.Random], str]:
    return lambda _, chance: chance.choice(choices)


def cut(mark: str) -> Callable[[re.Match[str], random.Random], str]:
    """Cut a long word in two lines."""

    def write(match: re.Match[str], chance: random.Random) -> str:
        place = chance.randrange(3, len(match[0]) - 3)
        return f"{match[0][:place]}{mark}\n{match[0][place:]}"

    return write


def wrong_digit(match: re.Match[str], chance: random.Random) -> str:
    place = chance.randrange(len(match[0]))
    digit = chance.choice([digit for digit in "0123456789" if digit != match[0][place]])
    return match[0][:place] + digit + match[0][place + 1 :]


TITLE = r"(?<=<LIBELLE>)[^<]+(?=</LIBELLE>\s*<LISTE)"
END = r"(?=</FICHE>)"
LONG = r"(?<![\w’'-])[a-zéè]{8,}(?![\w-])"
WORD = r"(?<=[ ])\w{4,}(?=[ ])"
CONDITION = "Le bloc 1 est requis avant les autres"
LINK = (
    "<CORRESPONDANCES><CORRESPONDANCE><SOURCE><BLOC_COMPETENCES><CODE>{0}</CODE></BLOC_COMPETENCES></SOURCE>"
    "<DESTINATION><NUMERO_FICHE>RNCP1234</NUMERO_FICHE><BLOC_COMPETENCES><CODE>{1}</CODE></BLOC_COMPETENCES>"
    "</DESTINATION></CORRESPONDANCE></CORRESPONDANCES>"
)
ACT = (
    "<PUBLICATION_DECRET_{0}><PUBLICATION_JO><TITRE>{1}</TITRE><DATE_PUBLICATION_JO>{2}</DATE_PUBLICATION_JO>"
    "</PUBLICATION_JO></PUBLICATION_DECRET_{0}>"
)
XML: dict[str, Operator] = {
    "two dashes": in_list(BULLET, lambda match, _: f"{match[0]}- "),
    "an empty bullet": in_list(BULLET, lambda match, _: f"\n- \n{match[0].lstrip()}"),
    "a number alone": in_list(BULLET, lambda match, _: f"\n7.\n{match[0].lstrip()}"),
    "a line separator": in_list(r"\n(?=[-•*\d])", of("\u2028", "\u2029", "\u0085")),
    "a word cut with its hyphen": in_list(LONG, cut("-")),
    "a NSF that does not exist": at(r"(?<=<NSF>)\s*<CODE>\w+", of("<CODE>999", "<CODE>32X", "<CODE>350", "<CODE>129")),
    "a ROME that does not exist": at(r"(?<=<ROME>)\s*<CODE>\w+", of("<CODE>Z1101", "<CODE>M19", "<CODE>A9999")),
    "a digit of a SIRET": at(r"(?<=<SIRET_CERTIFICATEUR>)\d{14}", wrong_digit),
    "a SIRET of another length": at(r"(?<=<SIRET_CERTIFICATEUR>)\d{14}", put("1")),
    "a level against its label": at(r"(?<=<LIBELLE>)Niveau \d", lambda m, _: f"Niveau {int(m[0][-1]) % 8 + 1}"),
    "an unknown element": at(END, of(*(f"<{name}>{CONDITION}</{name}>" for name in ("PREREQUIS", "CONDITION_BLOC")))),
    "an unknown element of a route": at(r"</SI_JURY_\w+>", lambda m, _: f"<CONDITION>{CONDITION}</CONDITION>{m[0]}"),
    "an unknown element of a block": in_list(r"\Z", of(f"</LISTE_COMPETENCES><X>{CONDITION}</X><LISTE_COMPETENCES>")),
    "a link to an absent block": at(END, of(LINK.format("RNCP7BC42", "RNCP1234BC01"))),
    "a link to a block of another entry": at(END, of(LINK.format("BC01", "RNCP4321BC01"))),
    "a link that names no block": at(END, of(LINK.format("", ""))),
    "a repeal": at(END, of(ACT.format("AUTRE", "Arrêté portant abrogation", "10/03/2023"))),
    "a repeal among creations": at(END, of(ACT.format("CREATION", "Décision de retrait", "10/03/2023"))),
    "an amendment": at(END, of(ACT.format("AUTRE", "Arrêté modifiant l’arrêté", "10/03/2020"))),
    "an act to come": at(END, of(ACT.format("CREATION", "Arrêté du 3 mars 2091", "10/03/2091"))),
    "an option in a title": at(TITLE, lambda m, c: f"{m[0]} ({c.choice(('option', 'parcours', 'mention'))} A)"),
    "an optional block": at(TITLE, lambda m, c: f"{c.choice(('Bloc facultatif', 'Bloc au choix'))} : {m[0]}"),
    "a block of some years": in_list(r"\Z", put("\nBloc valable 3 ans")),
    "a duration of validity": at(END, of("<DUREE_VALIDITE>3</DUREE_VALIDITE>", "<DUREE_VALIDITE>x</DUREE_VALIDITE>")),
    "no partial validation": at(END, of("<VALIDATION_PARTIELLE>Non</VALIDATION_PARTIELLE>")),
    "a mark of direction": in_list(WORD, put("\u202e")),
    "a replaced character": in_list(WORD, put("\ufffd")),
    "accents of another encoding": in_list(r"é", of("Ã©")),
    "a competency twice": in_list(r"\A.*", lambda m, _: f"{m[0]}\n{m[0]}"),
    "a block lost": at(r"(?<=<BLOCS_COMPETENCES>)\s*<BLOC_COMPETENCES>(?:(?!</BLOC_).)*</BLOC_COMPETENCES>", of("")),
    "a route lost": at(r"<SI_JURY_(\w+)>(?:(?!</SI_JURY).)*</SI_JURY_\1>", of("")),
    "an impossible day": at(r"(?<=<DATE_FIN_ENREGISTREMENT>)\d\d/\d\d", of("31/02", "00/01", "12/13")),
    "a code of a block lost": at(r"<CODE>RNCP\d+BC\d+</CODE>(?=\s*<LIBELLE>)", of("")),
}
TEXT: dict[str, Operator] = {
    "two dashes": at(r"(?<=\n• )(?=\w)", of("- ", "• ")),
    "an empty bullet": at(r"\n(?=• \w)", of("\n•\n", "\n• - \n")),
    "a NSF that does not exist": at(r"(?m)^326(?= )", of("999", "350")),
    "a ROME that does not exist": at(r"(?m)^[A-Z]\d{4}(?= :)", of("Z1101", "M9901")),
    "a level against that of 1969": at(r"(?m)^\d(?= \(Nomenclature Europe)", of("3", "4", "5")),
    "a mark of direction": at(r"(?<=\n• )\w+", put("\u202e")),
    "a replaced character": at(r"(?<=\n• )\w+", put("\ufffd")),
    "accents of another encoding": at(r"(?<=\n• )\w+", put("Ã©")),
    "a block of some years": at(r"Modalité d'évaluation ?:", put(" Bloc valable 3 ans.")),
    "an option in a title": at(r"(?<=- )(?=Définir les|Tenir l'|Ouvrir l')", of("Option A : ", "Parcours A : ")),
    "an impossible day": at(r"jusqu'au \d\d? \w+ \d{4}", of("jusqu'au 31 septembre 2020")),
    "a block lost": at(r"Bloc de compétences? n°1", of("")),
}


def entry_of(data: bytes) -> Entry | UnreadableEntry:
    try:
        return read_entry(data, "fiche")
    except UnreadableEntry as refusal:
        return refusal


def is_silent(before: Entry, found: Entry | UnreadableEntry) -> bool:
    """Return whether something else than before is read without a word more."""
    if isinstance(found, UnreadableEntry):
        return not refusal_message(found).endswith(".")
    added: set[Doubt] = set(found.doubts) - set(before.doubts)
    assert all(doubt_message(doubt).endswith(".") for doubt in added)
    return not added and content(found) != content(before)


def content(entry: Entry) -> Entry:
    """Return an entry without its doubts and the texts that its competencies were cut out of."""
    blocks = tuple(replace(block, source=None) for block in entry.blocks)
    return replace(entry, doubts=(), blocks=blocks)


def silent_of(texts: dict[str, bytes], operators: dict[str, Operator]) -> tuple[list[str], int]:
    """Return the mutations that are read in silence, and how many different ones were tried."""
    tried: set[bytes] = set()
    silent: list[str] = []
    for base, data in texts.items():
        before = entry_of(data)
        assert isinstance(before, Entry), base
        for name, operate in operators.items():
            chance = random.Random(f"{SEED} {base} {name}")
            for _ in range(EACH):
                changed = (operate(data.decode(), chance) or data.decode()).encode()
                if changed == data or changed in tried:
                    continue
                tried.add(changed)
                if is_silent(before, entry_of(changed)):
                    silent.append(f"{base}: {name}")
    return silent, len(tried)


@pytest.fixture(scope="module")
def folder(request: pytest.FixtureRequest) -> Path | None:
    try:
        return request.getfixturevalue("fiches")
    except pytest.skip.Exception:
        return None


@pytest.mark.slow
def test_no_seeded_mutation_of_the_published_data_is_silent(folder: Path | None) -> None:
    texts = {number: export(text) for number, text in bases(folder).items()}
    silent, tried = silent_of(texts, XML)
    assert silent == []
    assert tried >= (600 if folder else 90)


@pytest.mark.slow
def test_no_seeded_mutation_of_the_old_text_is_silent(folder: Path | None) -> None:
    texts = {"made up": OLD.encode()}
    if folder:
        texts["RNCP16959"] = (folder / "rncp-16959.txt").read_bytes()
    silent, tried = silent_of(texts, TEXT)
    assert silent == []
    assert tried >= (60 if folder else 20)
