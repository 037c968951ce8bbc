"""The holders of before, in French: the template, what is wrong with a line and what to do, why an import stops."""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from portfolio.domain.holdings.rules.prior_lines import MAX_CHARS, Column, FoundFault, HolderFault, HolderRefusal
from portfolio.domain.holdings.use_cases.holder_import import CheckedLine
from portfolio.domain.holdings.use_cases.holder_sheet import HEADINGS, SheetError
from portfolio.french_text import NBSP, count, date_fr, enumeration

EXAMPLE: Mapping[Column, str] = {
    Column.NAME: "Samia Benali",
    Column.EMAIL: "samia.benali@exemple.fr",
    Column.BORN: "12/05/1984",
    Column.CERTIFICATION: "RNCP16959",
    Column.VERSION: "",
    Column.BLOCK: "2",
    Column.OBTAINED: "14/06/2019",
    Column.NUMBER: "2019-0042",
    Column.REFERENCE: "Procès-verbal du 14 juin 2019, page 3",
    Column.VALIDITY: "illimitée",
    Column.FILE: "pv-2019-06-14.pdf",
}
# What each column asks for, under the form.
HELP: Mapping[Column, str] = {
    Column.NAME: "prénom et nom, comme sur le certificat",
    Column.EMAIL: (
        "l’adresse de la personne, qui la relie à sa candidature. Sans adresse, la date de naissance est nécessaire"
    ),
    Column.BORN: "facultative, sauf sans adresse",
    Column.CERTIFICATION: "le code de la fiche publiée ici, par exemple RNCP16959",
    Column.VERSION: "seulement si plusieurs versions de la fiche sont publiées ici",
    Column.BLOCK: f"le numéro du bloc, ou «{NBSP}entière{NBSP}» pour toute la certification",
    Column.OBTAINED: "la date de la décision, par exemple 14/06/2019",
    Column.NUMBER: "celui du certificat d’origine, s’il en porte un",
    Column.REFERENCE: "la pièce qui prouve, et où y lire la ligne",
    Column.VALIDITY: f"le dernier jour, ou «{NBSP}illimitée{NBSP}»",
    Column.FILE: "son nom, s’il y a plusieurs fichiers",
}
IS_REQUIRED = frozenset({Column.NAME, Column.CERTIFICATION, Column.BLOCK, Column.OBTAINED, Column.REFERENCE})
RESULTS = ("Ligne", "Résultat", "Que faire")


def _named(fault: FoundFault) -> str:
    return f"«{NBSP}{HEADINGS[fault.column]}{NBSP}»" if fault.column else ""


def _typed(fault: FoundFault) -> str:
    return f"«{NBSP}{fault.facts[0]}{NBSP}»" if fault.facts else ""


_FAULTS: Mapping[HolderFault, Callable[[FoundFault], str]] = {
    HolderFault.MISSING: lambda fault: f"La colonne {_named(fault)} est vide. Remplissez-la.",
    HolderFault.NOBODY: lambda _: (
        "Ni adresse, ni date de naissance : rien ne distingue cette personne d’une autre du même nom. Donnez "
        "l’une ou l’autre."
    ),
    HolderFault.TOO_LONG: lambda fault: f"La colonne {_named(fault)} dépasse {MAX_CHARS} caractères. Raccourcissez-la.",
    HolderFault.BAD_EMAIL: lambda fault: f"{_typed(fault)} n’est pas une adresse électronique complète. Corrigez-la.",
    HolderFault.BAD_DATE: lambda fault: (
        f"Dans la colonne {_named(fault)}, {_typed(fault)} n’est pas une date. Écrivez jour/mois/année, par "
        "exemple 14/06/2019."
    ),
    HolderFault.IN_THE_FUTURE: lambda fault: f"Dans la colonne {_named(fault)}, la date est à venir. Vérifiez l’année.",
    HolderFault.BORN_AFTER: lambda _: "La naissance vient après l’obtention. Vérifiez les deux dates.",
    HolderFault.ENDS_BEFORE: lambda _: "La validité finit avant l’obtention. Vérifiez les deux dates.",
    HolderFault.BAD_BLOCK: lambda fault: (
        f"{_typed(fault)} n’est pas un bloc. Écrivez son numéro, ou «{NBSP}entière{NBSP}» pour toute la certification."
    ),
    HolderFault.BAD_VERSION: lambda fault: f"{_typed(fault)} n’est pas un numéro de version. Écrivez par exemple 1.",
    HolderFault.TWICE: lambda fault: f"La ligne {fault.facts[0]} dit déjà la même chose. Retirez celle-ci.",
    HolderFault.TWO_NAMES: lambda fault: (
        f"La ligne {fault.facts[1]} donne à cette adresse un autre nom, «{NBSP}{fault.facts[0]}{NBSP}». "
        "Corrigez le nom ou l’adresse."
    ),
    HolderFault.UNKNOWN_CERTIFICATION: lambda fault: (
        f"Votre organisme n’a publié aucune version de {_typed(fault)}. Corrigez le code, ou publiez "
        "d’abord cette certification."
    ),
    HolderFault.SEVERAL_VERSIONS: lambda fault: (
        f"Cette certification a ici {'les versions' if len(fault.facts) > 1 else 'la version'} "
        f"{enumeration(fault.facts)}. Écrivez le bon numéro dans la colonne {_named(fault)}."
    ),
    HolderFault.UNKNOWN_BLOCK: lambda fault: (
        f"Cette version n’a pas de bloc {fault.facts[0]}. Ses blocs sont {enumeration(fault.facts[1:])}. "
        "Corrigez le numéro."
    ),
    HolderFault.OPTION_NEEDED: lambda fault: (
        f"Cette certification a des options{NBSP}: écrivez une ligne par bloc détenu, avec son numéro. Ses "
        f"blocs sont {enumeration(fault.facts)}."
    ),
    HolderFault.NO_FILE: lambda _: "Aucune preuve n’est jointe. Envoyez de nouveau la liste avec ses preuves.",
    HolderFault.UNKNOWN_FILE: lambda fault: (
        f"Aucun fichier joint ne s’appelle {_typed(fault)}. Corrigez le nom, ou envoyez de nouveau la liste "
        "avec ce fichier."
    ),
    HolderFault.SEVERAL_FILES: lambda fault: (
        f"Plusieurs preuves sont jointes. Écrivez dans la colonne {_named(fault)} le nom de celle de cette ligne."
    ),
    HolderFault.ALREADY_RECORDED: lambda fault: (
        f"Le bloc {fault.facts[0]} est déjà repris, obtenu le "
        f"{date_fr(date.fromisoformat(fault.facts[1]))}. Rien à faire."
    ),
    HolderFault.ALREADY_HELD: lambda fault: (
        f"Cette personne détient déjà le bloc {fault.facts[0]} dans Acquis. Rien à faire."
    ),
    HolderFault.SUSPENDED: lambda fault: (
        f"Le bloc {fault.facts[0]} de cette personne est suspendu. Décidez d’abord de cette suspension."
    ),
    HolderFault.BEFORE_JURY: lambda fault: (
        f"Le bloc {fault.facts[0]} de cette personne est devant un jury. Attendez la fin de la session, "
        "puis recommencez."
    ),
}


def fault_message(fault: FoundFault) -> str:
    """Say what is wrong with a line, and what to do."""
    return _FAULTS[fault.what](fault)


def skipped_message(line: CheckedLine) -> str:
    """Say which blocks of a whole certification are held already, and are left as they are; nothing when none is."""
    if line.assessed is None or not line.assessed.skipped:
        return ""
    numbers = tuple(str(block.number) for block in line.assessed.skipped)
    if len(numbers) == 1:
        return f"Le bloc {numbers[0]}, déjà détenu, ne change pas."
    return f"Les blocs {enumeration(numbers)}, déjà détenus, ne changent pas."


def result_cells(line: CheckedLine, *, is_closed: bool) -> tuple[str, str]:
    """Return the two last cells of a line sent back as CSV: its result, and what to do."""
    if line.is_good:
        return (
            ("à reprendre", skipped_message(line))
            if not is_closed
            else ("non reprise", "Envoyez de nouveau cette ligne.")
        )
    return "non reprise", " ".join(fault_message(fault) for fault in line.faults)


SHEET_ERRORS: Mapping[SheetError, Callable[[tuple[str, ...]], str]] = {
    SheetError.EMPTY: lambda _: "Cette liste est vide. Partez du modèle, et remplissez une ligne par bloc détenu.",
    SheetError.NOT_CSV: lambda _: (
        "Ce fichier n’est pas un CSV. Dans votre tableur, choisissez «\u00a0Enregistrer sous\u00a0», puis "
        "le format CSV."
    ),
    SheetError.HEADING: lambda facts: (
        f"{'Cette colonne manque' if len(facts) == 1 else 'Ces colonnes manquent'}{NBSP}: "
        f"{enumeration(facts)}. Gardez la première ligne du modèle."
    ),
    SheetError.TOO_MANY: lambda facts: (
        f"{facts[1]} lignes, et {facts[0]} au plus à la fois. Coupez la liste en plusieurs fichiers."
    ),
    SheetError.QUOTE: lambda facts: (
        f"Ligne {facts[0]}{NBSP}: un guillemet droit n’est pas fermé. "
        "Enregistrez de nouveau la liste en CSV depuis votre tableur."
    ),
}

PROPOSED = "La rectification est proposée. Elle prend effet quand une autre personne de l’organisme la confirme."
RECTIFIED = "La rectification est confirmée. Ce bloc ne compte plus pour cette personne."
DROPPED = "La proposition est abandonnée. Le bloc compte toujours."

REFUSALS: Mapping[StrEnum, Callable[[dict[str, Any]], str]] = {
    HolderRefusal.CLOSED: lambda _: "Cette liste a déjà été confirmée ou abandonnée.",
    HolderRefusal.CHANGED: lambda facts: (
        f"La page montrait {count(facts['shown'], 'bloc', 'blocs')} à reprendre, il y en a maintenant "
        f"{facts['now']}. Relisez la liste, puis confirmez."
    ),
    HolderRefusal.NOTHING: lambda _: (
        "Aucune ligne ne peut être reprise. Corrigez la liste, puis envoyez-la de nouveau."
    ),
    HolderRefusal.ENDED: lambda _: "Cette reprise est déjà rectifiée.",
    HolderRefusal.IN_THE_FUTURE: lambda _: (
        "La date de la décision est à venir. Donnez celle d’aujourd’hui ou une date passée."
    ),
}
