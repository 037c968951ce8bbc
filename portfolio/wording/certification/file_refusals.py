"""Reasons why a file is not read as an entry, what was understood of it and what was not."""

from collections.abc import Callable, Sequence

from portfolio.domain.certification.rules.registration import Part, PartFinding, RejectionReason, UnreadableEntry

Facts = Sequence[str]
MOST_NAMED = 12  # parts named in one sentence; the others are counted

REASONS = {
    RejectionReason.IS_CSV_EXPORT: (
        "Ceci est l’export CSV du répertoire : il ne contient ni compétences, ni modalités, ni jurys. Il ne "
        "peut pas ouvrir de certification. Donnez l’export XML ou le texte de la fiche."
    ),
    RejectionReason.JSON_TOO_LARGE: ("Ce fichier JSON dépasse 16 Mo : c’est trop. Exportez une seule certification."),
    RejectionReason.JSON_BROKEN: (
        "Ce fichier JSON est incomplet ou mal formé : rien n’est enregistré. Exportez-le de nouveau."
    ),
    RejectionReason.JSON_TOO_DEEP: (
        "Ce fichier JSON a trop de niveaux emboîtés pour être une certification : rien n’est enregistré. "
        "Vérifiez son export."
    ),
    RejectionReason.JSON_DUPLICATE_KEY: (
        "Une même clé figure deux fois dans un objet de ce JSON : rien ne dit laquelle compte. Corrigez le fichier."
    ),
    RejectionReason.JSON_NOT_FINITE: (
        "Ce JSON contient « NaN » ou « Infinity », qui ne sont pas des nombres permis. Corrigez le fichier "
        "et recommencez."
    ),
    RejectionReason.JSON_OF_ANOTHER_KIND: (
        "Ce fichier JSON n’est pas une certification connue. Donnez une réponse de l’API de France "
        "compétences, un paquet CASE ou un fichier « .matrix » de Mahara."
    ),
    RejectionReason.TOO_MANY_ITEMS: (
        "Ce fichier contient trop d’éléments : rien n’est enregistré. Exportez une seule certification."
    ),
    RejectionReason.NO_ENTRY_IN_ANSWER: (
        "Cette réponse de l’API ne contient aucune fiche. Vérifiez le numéro demandé."
    ),
    RejectionReason.IDENTIFIER_TWICE: (
        "Un identifiant manque ou sert à deux éléments : rien n’est enregistré. Corrigez le fichier et recommencez."
    ),
    RejectionReason.PARENT_MISSING: (
        "Un élément est rattaché à un parent absent du fichier : rien n’est enregistré. Exportez le référentiel entier."
    ),
    RejectionReason.CYCLE: (
        "Des éléments se contiennent les uns les autres, en boucle : rien n’est enregistré. Corrigez leurs "
        "liens et recommencez."
    ),
    RejectionReason.IS_LAYOUT_TEXT: (
        "Ce texte garde les colonnes du PDF côte à côte : ses lignes sont mélangées. Extrayez-le de nouveau "
        "sans l’option « -layout » (« pdftotext fiche.pdf fiche.txt »), ou copiez le texte depuis un "
        "lecteur de PDF."
    ),
    RejectionReason.EMPTY: "Ce fichier est vide. Donnez le texte de la fiche.",
    RejectionReason.TOO_LARGE: ("Ce fichier dépasse 2 Mo, bien plus qu’une fiche. Donnez le texte de la fiche seule."),
    RejectionReason.IS_PDF: (
        "Ceci est un PDF : fournissez le texte de la fiche, copié ou extrait du PDF dans un fichier .txt."
    ),
    RejectionReason.IS_OFFICE_FILE: (
        "Ceci est un document bureautique : enregistrez-le en texte brut (.txt) et donnez ce fichier."
    ),
    RejectionReason.IS_ARCHIVE: (
        "Ceci est une archive compressée sans fiche XML : donnez le fichier qu’elle contient."
    ),
    RejectionReason.IS_XML: (
        "Ceci est du XML, mais pas une fiche de France compétences (élément « FICHES » ou « FICHE »). "
        "Donnez le fichier XML des données ouvertes, ou le texte de la fiche (.txt)."
    ),
    RejectionReason.IS_HTML: (
        "Ceci est une page web : copiez le texte de la fiche dans un fichier .txt, puis donnez ce fichier."
    ),
    RejectionReason.IS_IMAGE: "Ceci est une image : donnez le texte de la fiche dans un fichier .txt.",
    RejectionReason.IS_BINARY: ("Ce fichier n’est pas du texte. Donnez le texte de la fiche dans un fichier .txt."),
    RejectionReason.NOT_AN_ENTRY: ("Ce texte n’est pas reconnu comme une fiche du répertoire : rien n’est enregistré."),
    RejectionReason.BLOCK_WITHOUT_COMPETENCY: (
        "Un bloc n’a aucune compétence lisible : rien n’est enregistré. Complétez le texte et recommencez."
    ),
    RejectionReason.EXPORT_TOO_LARGE: (
        "Ce fichier dépasse la limite de cet écran. Donnez l’archive .zip, bien plus légère que le XML, ou "
        "lisez l’export sur le serveur avec la commande « flask import-certification export.zip --number "
        "RNCP12345 »."
    ),
    RejectionReason.SEVERAL_ENTRIES: ("Ce fichier contient plusieurs fiches : indiquez le numéro de celle à importer."),
    RejectionReason.NUMBER_ABSENT: (
        "Ce fichier ne contient pas la fiche de ce numéro. Vérifiez le numéro, ou donnez un autre fichier."
    ),
    RejectionReason.NUMBER_TWICE: (
        "Deux fiches de ce fichier portent le même numéro : rien ne dit laquelle est la bonne. Retirez "
        "l’une des deux du fichier, puis recommencez."
    ),
    RejectionReason.BLOCK_CODE_TWICE: (
        "Deux blocs de cette fiche portent le même code. Corrigez l’un des deux dans le fichier, ou "
        "téléchargez un export plus récent."
    ),
    RejectionReason.UNKNOWN_ROUTE: (
        "Cette fiche décrit une voie d’accès que ce logiciel ne connaît pas. Retirez cet élément du "
        "fichier, ou copiez le texte de la fiche ci-dessous."
    ),
    RejectionReason.XML_BROKEN: (
        "Ce XML est incomplet ou abîmé : il ne peut pas être lu jusqu’au bout. Téléchargez-le de nouveau, "
        "puis recommencez."
    ),
    RejectionReason.XML_DECLARES_TYPE: (
        "Ce XML déclare un type de document (DOCTYPE) ou des entités, ce qu’aucune fiche ne contient. Par "
        "sécurité, il n’est pas lu. Donnez le fichier d’origine des données ouvertes."
    ),
    RejectionReason.XML_TOO_DEEP: (
        "Ce XML est anormal : ses éléments sont trop imbriqués ou un texte est démesuré. Donnez le fichier "
        "d’origine des données ouvertes."
    ),
    RejectionReason.ENTRY_TOO_LARGE: (
        "Une fiche de ce fichier dépasse 16 Mo, bien plus qu’une vraie fiche. Donnez le fichier d’origine "
        "des données ouvertes."
    ),
    RejectionReason.ARCHIVE_BROKEN: (
        "Cette archive est incomplète ou abîmée. Téléchargez-la de nouveau, puis recommencez."
    ),
    RejectionReason.ARCHIVE_TOO_LARGE: (
        "Une fois ouvert, ce fichier dépasse 2 Go, bien plus que l’export complet du répertoire. Donnez le "
        "fichier d’origine des données ouvertes."
    ),
    RejectionReason.ARCHIVE_SEVERAL: (
        "Cette archive doit contenir un seul fichier XML. Extrayez celui du RNCP et donnez-le."
    ),
    RejectionReason.ARCHIVE_LOCKED: (
        "Cette archive est protégée par un mot de passe. Extrayez le fichier XML et donnez-le."
    ),
}

UNDERSTOOD: dict[Part, Callable[[Facts], str]] = {
    Part.HEADING: lambda _: "l’en-tête du Répertoire national des certifications professionnelles",
    Part.CODE: lambda f: f"le code {f[0]}",
    Part.TITLE: lambda f: f"l’intitulé « {f[0]} »",
    Part.BLOCK_IDENTIFIER: lambda f: f"le code de bloc « {f[0]} »",
    Part.CSV_PART: lambda f: f"la partie « {f[0]} »",
    Part.CYCLE: lambda f: f"l’élément « {f[0]} », qui fait partie de la boucle",
    Part.PARENT: lambda f: f"l’élément « {f[0]} »",
    Part.BLOCKS: lambda f: f"{f[0]} blocs de compétences",
    Part.BLOCK: lambda f: f"le bloc {f[0]}, « {f[1]} », et ses compétences ({f[2]})",
    Part.COMPETENCIES_OF_BLOCK: lambda f: f"les compétences du bloc {f[0]}, « {f[1]} »",
    Part.REGISTRATIONS: lambda f: f"les actes d’enregistrement ({f[0]})",
    Part.ENTRIES: lambda f: f"le nombre de fiches du fichier : {f[0]}",
    Part.NUMBER: lambda f: f"le numéro {f[0]}",
    Part.ELEMENT: lambda f: f"la ligne {f[0]} du fichier" if f[0].isdecimal() else f"l’élément « {f[0]} »",
    Part.BLOCK_CODE: lambda f: f"le code de bloc {f[0]}, deux fois dans {f[1]}",
    Part.FILES: lambda f: f"{f[0]} fichiers XML ({f[1]})" if f[1] else "aucun fichier XML",
}
MISSING: dict[Part, Callable[[Facts], str]] = {
    Part.HEADING: lambda _: "l’en-tête du Répertoire national des certifications professionnelles",
    Part.CODE: lambda _: "un code (« Code RNCP : 12345 »)",
    Part.TITLE: lambda _: "un intitulé (rubrique « Intitulé »)",
    Part.BLOCK_IDENTIFIER: lambda _: "le code d’un bloc",
    Part.CSV_PART: lambda f: f"la partie « {f[0]} »" if f else "une partie de l’export",
    Part.CYCLE: lambda _: "un élément sans boucle",
    Part.PARENT: lambda f: f"le parent « {f[0]} » de « {f[1]} »",
    Part.BLOCKS: lambda _: "des blocs (« Bloc de compétence n°1 de la fiche n° 12345 - … »)",
    Part.BLOCK: lambda f: f"le bloc {f[0]}",
    Part.COMPETENCIES_OF_BLOCK: lambda f: f"les compétences du bloc {f[0]}, « {f[1]} »",
    Part.REGISTRATIONS: lambda _: "les actes d’enregistrement",
    Part.ENTRIES: lambda _: "des fiches",
    Part.NUMBER: lambda f: f"la fiche {f[0]}",
    Part.ELEMENT: lambda f: f"l’élément « {f[0]} »",
    Part.BLOCK_CODE: lambda f: f"le code de bloc {f[0]}",
    Part.FILES: lambda _: "un fichier XML",
}


def refusal_message(refusal: UnreadableEntry) -> str:
    """Say in one paragraph why a file is not read as an entry, what was understood and what was not."""
    parts = [f"{refusal.filename} : {REASONS[refusal.reason]}" if refusal.filename else REASONS[refusal.reason]]
    if refusal.understood:
        parts.append(f"Compris : {_named(refusal.understood, understood_message)}.")
    if refusal.missing:
        parts.append(f"Introuvable : {_named(refusal.missing, missing_message)}.")
    return " ".join(parts)


def _named(findings: Sequence[PartFinding], name: Callable[[PartFinding], str]) -> str:
    shown = [name(finding) for finding in findings[:MOST_NAMED]]
    return ", ".join([*shown, f"et {len(findings) - MOST_NAMED} de plus"] if len(findings) > MOST_NAMED else shown)


def understood_message(finding: PartFinding) -> str:
    """Name a part that was read, with what it said."""
    return UNDERSTOOD[finding.part](finding.facts)


def missing_message(finding: PartFinding) -> str:
    """Name a part that was looked for, with the form it has in an entry."""
    return MISSING[finding.part](finding.facts)
