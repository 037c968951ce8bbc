"""French sentences about spreadsheets, their lines, and the lines of a draft that a person moves."""

import csv
from collections.abc import Callable, Mapping, Sequence
from io import StringIO

from portfolio.documents.word.client import MAX_FILE_BYTES, TemplateFault, TemplateRejected
from portfolio.domain.certification.rules.case_package import Sheet, SheetFault, SheetFaultCode, sheet_rows
from portfolio.domain.certification.rules.entry import Entry, EntryBlock, Route
from portfolio.french_text import NBSP, count, date_fr, size

Facts = Sequence[str]

SHEET_FAULTS: dict[SheetFaultCode, Callable[[Facts], str]] = {
    SheetFaultCode.EMPTY: lambda _: "Ce fichier est vide. Choisissez-en un autre, ou collez les lignes du tableur.",
    SheetFaultCode.NOT_TEXT: lambda _: (
        "Ce fichier n’est pas un texte CSV. Dans votre tableur, choisissez « Enregistrer sous », puis "
        "« CSV », ou copiez les lignes et collez-les ici."
    ),
    SheetFaultCode.TOO_LARGE: lambda f: (
        f"Ce fichier dépasse {size(int(f[0]))}. Gardez seulement les blocs et les compétences."
    ),
    SheetFaultCode.TOO_MANY_LINES: lambda f: (
        f"Ce tableau a plus de {f[0]} lignes. Gardez les blocs et les compétences."
    ),
    SheetFaultCode.NO_SEPARATOR: lambda _: (
        "Les colonnes de ce tableau ne sont pas reconnues. Séparez-les par un point-virgule : « Bloc 1 ; "
        "Animer une équipe »."
    ),
    SheetFaultCode.ONLY_HEADING: lambda _: (
        "Ce tableau n’a que des titres de colonnes. Ajoutez une ligne par compétence."
    ),
    SheetFaultCode.HEADING: lambda f: (
        f"Les titres de colonnes « {f[0]} » ne sont pas tous reconnus. Écrivez « Bloc » et « Compétence », "
        "ou supprimez cette ligne."
    ),
    SheetFaultCode.QUOTE: lambda _: "un guillemet est mal placé, ou n’est jamais fermé. Fermez-le, ou supprimez-le.",
    SheetFaultCode.TOO_MANY_CELLS: lambda f: (
        f"il y a plus de {f[0]} colonnes. Si le texte contient le séparateur, mettez-le entre guillemets droits."
    ),
    SheetFaultCode.NO_BLOCK: lambda _: "le bloc manque, et aucune ligne au-dessus n’en donne. Écrivez-le.",
    SheetFaultCode.NO_COMPETENCY: lambda f: f"le bloc « {f[0]} » n’a aucune compétence. Ajoutez-en au moins une.",
    SheetFaultCode.BLOCK_DIFFERS: lambda f: (
        f"le bloc {f[0]} s’appelle ici « {f[2]} », et « {f[1]} » à la ligne {f[3]}. Gardez un seul titre."
    ),
    SheetFaultCode.TWICE: lambda f: (
        f"cette compétence est déjà dans ce bloc, à la ligne {f[0]}. Supprimez l’une des deux."
    ),
    SheetFaultCode.TITLE_TOO_LONG: lambda f: (
        f"le titre du bloc est trop long : {f[0]} caractères au plus. Raccourcissez-le."
    ),
    SheetFaultCode.COMPETENCY_TOO_LONG: lambda f: (
        f"la compétence est trop longue : {f[0]} caractères au plus. Raccourcissez-la."
    ),
    SheetFaultCode.TOO_MANY_BLOCKS: lambda f: (
        f"il y a plus de {f[0]} blocs. Vérifiez que la première colonne est celle du bloc."
    ),
    SheetFaultCode.TOO_MANY_COMPETENCIES: lambda f: f"ce bloc a plus de {f[0]} compétences. Regroupez-en.",
}

# The parts of a draft that publication does not need, and the fields of each.
FOLDED_PARTS: dict[str, tuple[str, ...]] = {
    "routes": ("routes",),
    "registrations": ("registrations",),
    "register": ("nsf", "rome", "certifiers", "signatory", "predecessor", "level_1969"),
    "rest": ("deliverables", "defence", "sites", "holders_per_year"),
}
FOLDED_NAMES = {
    "routes": "Voies d’accès",
    "registrations": "Enregistrements au répertoire",
    "register": "Nomenclatures et certificateurs",
    "rest": "Épreuves, lieux et titulaires",
}


def folded_name(part: str, entry: Entry) -> str:
    """Return the summary of a folded part: its name, and how much it holds."""
    name = FOLDED_NAMES[part]
    if part == "registrations" and entry.registrations:
        until = entry.registered_until
        return f"{name} : {count(len(entry.registrations), 'acte')}" + (f", jusqu’au {date_fr(until)}" if until else "")
    if part == "routes" and any(route.open is not None for route in entry.routes):
        opened = sum(route.open is True for route in entry.routes)
        return f"{name} : {count(opened, 'ouverte')} sur {len(Route)}"
    return name


# By what an order did: the tone, the title, the sentence.
UNSAVED = "Rien n’est encore enregistré : enregistrez quand vous avez fini."
LINES: dict[str, tuple[str, str, str]] = {
    "add": ("info", "Ligne ajoutée", UNSAVED),
    "remove": ("info", "Ligne retirée", UNSAVED),
    "removed": (
        "info",
        "Ligne retirée",
        "Elle reste marquée à sa place : vous pouvez la remettre jusqu’à l’enregistrement.",
    ),
    "restored": ("info", "Ligne remise", UNSAVED),
    "moved": ("info", "Ordre changé", UNSAVED),
    "carried": ("info", "Compétence déplacée", UNSAVED),
    "copied": ("info", "Compétence reprise dans un autre bloc", UNSAVED),
    "split": ("info", "Compétence coupée", UNSAVED),
    "merged": ("info", "Compétences réunies", UNSAVED),
    "renumbered": ("info", "Blocs et compétences numérotés dans l’ordre", UNSAVED),
    "full": ("warn", "", "Cette liste est complète : aucune ligne n’est ajoutée."),
    "edge": ("warn", "", "Cette ligne est déjà au bout de sa liste."),
    "no_block": ("warn", "", "Choisissez d’abord un autre bloc dans la liste, à côté du bouton."),
    "alone": ("warn", "", "C’est la dernière compétence du bloc : il n’y en a pas après elle pour la réunir."),
    "whole": (
        "warn",
        "",
        "Placez le curseur à l’endroit de la coupure, ou allez à la ligne à cet endroit, puis recommencez.",
    ),
    "unknown": ("warn", "", "Cette ligne n’est plus là : rien n’est changé."),
}


def sheet_sentence(fault: SheetFault) -> str:
    """Say a fault of a spreadsheet, with the number of its line."""
    sentence = SHEET_FAULTS[fault.what](fault.facts)
    return f"Ligne {fault.line} : {sentence}" if fault.line else sentence


def sheet_text(blocks: tuple[EntryBlock, ...]) -> str:
    """Write blocks and competencies as a spreadsheet reads them in France: UTF-8 with its mark, semicolons,
    every cell quoted.
    """
    written = StringIO()
    csv.writer(written, delimiter=";", quoting=csv.QUOTE_ALL).writerows(sheet_rows(blocks))
    return "\ufeff" + written.getvalue()


def sheet_notes(sheet: Sheet) -> str:
    """Say what a person must check in a spreadsheet that was read; nothing when there is nothing."""
    notes = ["Le codage du fichier a été deviné (Windows-1252) : vérifiez les accents."] if sheet.is_guessed else []
    if sheet.ignored:
        notes.append("Ces colonnes ne sont pas reprises : " + ", ".join(f"« {name} »" for name in sheet.ignored) + ".")
    return " ".join(notes)


SAVED = "Le modèle est enregistré. Les livrets peuvent être préparés avec lui dès maintenant."
REMOVED = "Le modèle est retiré. Les livrets déjà préparés restent à télécharger jusqu’à leur prochaine préparation."

_FAULTS: Mapping[TemplateFault, Callable[[TemplateRejected], str]] = {
    TemplateFault.TOO_HEAVY: lambda _: (
        f"Ce modèle dépasse {size(MAX_FILE_BYTES)}. Allégez ses images, puis envoyez-le de nouveau."
    ),
    TemplateFault.NOT_A_DOCX: lambda _: "Ce fichier n’est pas un document Word. Enregistrez le modèle au format .docx.",
    TemplateFault.UNREADABLE: lambda _: (
        "Ce document ne peut pas servir de modèle. Ouvrez-le dans Word ou LibreOffice, enregistrez-le au "
        "format .docx (et non .dotx), puis envoyez-le de nouveau."
    ),
    TemplateFault.NO_FIELD: lambda _: (
        f"Ce document n’a aucune balise{NBSP}: rien n’y serait rempli. Écrivez par exemple {{{{ candidat "
        "}} où le nom doit venir."
    ),
    TemplateFault.UNKNOWN_FIELD: lambda rejected: (
        f"La balise {rejected.tag} ne correspond à aucun champ."
        + (f" Vouliez-vous écrire «{NBSP}{rejected.near}{NBSP}»{NBSP}?" if rejected.near else "")
        + " La liste des champs est plus bas."
    ),
    TemplateFault.BROKEN_TAG: lambda rejected: (
        (
            f"La balise {rejected.tag} est mal formée, ou n’est pas fermée. Corrigez-la, puis envoyez le "
            "modèle de nouveau."
        )
        if rejected.tag
        else "Une balise est mal formée, ou n’est pas fermée. Corrigez-la, puis envoyez le modèle de nouveau."
    ),
    TemplateFault.FORBIDDEN: lambda _: (
        "Une balise fait un calcul ou un appel qu’un modèle ne peut pas faire. Gardez les champs de la "
        "liste, les boucles et les conditions."
    ),
    TemplateFault.TOO_LONG: lambda _: (
        "Remplir ce modèle prend trop de temps. Simplifiez-le, puis envoyez-le de nouveau."
    ),
}


def rejected_message(rejected: TemplateRejected) -> str:
    """Say why a file is not taken, naming the tag that is wrong."""
    return _FAULTS[rejected.code](rejected)
