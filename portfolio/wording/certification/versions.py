"""French sentences about what becomes of an import, of a draft and of a version, and why a use case about them says no.

The words of the frame that a certifier gives to the livret 2.
"""

from collections.abc import Callable, Mapping
from typing import Any

from portfolio.domain.certification.rules.book_frame import WORDS_A_PAGE, BookPart, FrameSection
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.jury_rule import DecisionRule
from portfolio.domain.certification.rules.versioning import CertificationRefusal, ImportOutcome, Value
from portfolio.french_text import NBSP, count, thousands
from portfolio.wording.certification.names import (
    HABILITATION_NAMES,
    HABILITATION_STATES,
    PERMANENCE_NAMES,
    SEAT_NAMES,
    location_message,
    percent,
)
from portfolio.wording.certification.reading import doubt_message, iso_day
from portfolio.wording.certification.register import publication_error_message

# What each part is called, and its usual title in the book.
PART_NAMES: Mapping[BookPart, str] = {
    BookPart.CAREER: "Mon parcours",
    BookPart.MOTIVATION: "Ma motivation",
    BookPart.EXPERIENCES: "Expériences",
    BookPart.BLOCKS: "Blocs et récits des compétences",
    BookPart.MATRIX: "Tableau de correspondance",
    BookPart.HELD: "Blocs déjà acquis",
    BookPart.CONCLUSION: "Conclusion",
}
PARTS_BY_CODE = {part.value: name for part, name in PART_NAMES.items()}
SAVED = "Le cadre du livret 2 est enregistré."
CONFLICT = (
    "Quelqu’un a enregistré ce brouillon entre-temps. Vérifiez ce que vous avez saisi, puis enregistrez de nouveau."
)
SAME_PLACE = "Deux parties ont la même place. Donnez une place différente à chacune."


def part_title(section: FrameSection) -> str:
    """Name a part as its certifier does."""
    return section.title or PART_NAMES[section.part]


def length_message(section: FrameSection) -> str:
    """Say how long a part may be: « au plus 3 pages, environ 1 200 mots »."""
    if section.max_words is None:
        return ""
    words = thousands(section.max_words)
    each = " pour chaque compétence" if section.part is BookPart.BLOCKS else ""
    each = " pour chaque expérience" if section.part is BookPart.EXPERIENCES else each
    return f"Au plus {count(section.max_pages or 0, 'page')}{each}, soit environ {words}{NBSP}mots."


def written_message(section: FrameSection, words: int) -> str:
    """Say how long what is written is, and by how much it is too long."""
    if section.max_words is None:
        return ""
    pages = f"{words / WORDS_A_PAGE:.1f}".replace(".", ",")
    written = (
        f"Vous avez écrit {count(words, 'mot')}, environ "
        f"{pages}{NBSP}{'page' if words < 2 * WORDS_A_PAGE else 'pages'}."
    )
    over = words - section.max_words
    return f"{written} C’est {count(over, 'mot')} de trop." if over > 0 else written


def _not_publishable(facts: dict[str, Any]) -> str:
    sentences = " ".join(publication_error_message(fault) for fault in facts["faults"])
    return f"Cette fiche ne peut pas encore être publiée. {sentences}"


REFUSALS: dict[CertificationRefusal, Callable[[dict[str, Any]], str]] = {
    CertificationRefusal.DRAFT_GONE: lambda _: "Ce brouillon n’existe plus : quelqu’un l’a abandonné.",
    CertificationRefusal.ALREADY_PUBLISHED: lambda _: (
        "Cette version est publiée : elle ne change plus. Ouvrez une correction, qui deviendra la version suivante."
    ),
    CertificationRefusal.NOT_PUBLISHED: lambda _: "Cette version est encore un brouillon : corrigez-la directement.",
    CertificationRefusal.NOT_PUBLISHABLE: _not_publishable,
    CertificationRefusal.DRAFT_CHANGED: lambda _: (
        "Le brouillon a changé depuis que vous l’avez relu. Relisez-le avant de publier."
    ),
    CertificationRefusal.CODE_NEEDED: lambda _: (
        "La fiche n’a pas de code « RNCP » lisible. Ajoutez-le au texte, puis recommencez."
    ),
    CertificationRefusal.CODE_TAKEN: lambda f: (
        f"Vous avez déjà une certification {f['entry_code']}. Importez ce texte sous son code, ou "
        "abandonnez ce brouillon."
    ),
    CertificationRefusal.CODE_FIXED: lambda f: (
        f"Le code reste {f['entry_code']} : d’autres versions le portent déjà. Une autre fiche s’importe à part."
    ),
    CertificationRefusal.CODE_FORM: lambda f: (
        f"« {f['entry_code']} » ne peut pas servir de code. Écrivez « RNCP » suivi du numéro, ou un code "
        "propre à votre organisme : des lettres sans accent, des chiffres, des points ou des tirets, dont "
        "au moins une lettre, 30 caractères au plus."
    ),
    CertificationRefusal.CODE_IN_USE: lambda f: (
        f"Vous avez déjà une certification {f['entry_code']}. Donnez un autre code, ou revenez à la liste "
        "des certifications et corrigez celle qui existe."
    ),
    CertificationRefusal.BASE_GONE: lambda _: "La certification à copier n’existe plus. Choisissez-en une autre.",
    CertificationRefusal.SUCCESSOR_FORM: lambda f: (
        f"« {f['entry_code']} » n’est pas un code de fiche. Écrivez « RNCP » suivi du numéro, sans espace."
    ),
    CertificationRefusal.SUCCESSOR_IS_ITSELF: lambda _: (
        "Une fiche ne se succède pas à elle-même. Donnez le code de l’autre fiche."
    ),
    CertificationRefusal.PARTNER_THERE: lambda _: (
        "Cette certification a déjà ce partenaire. Cherchez-le dans la liste, puis corrigez-le."
    ),
    CertificationRefusal.PARTNER_GONE: lambda _: "Ce partenaire n’existe plus. Choisissez-en un autre.",
}

OUTCOMES: dict[ImportOutcome, str] = {
    ImportOutcome.FIRST: "La fiche {code} est lue. Relisez-la, corrigez ce qui doit l’être, puis publiez-la.",
    ImportOutcome.NEXT: (
        "La fiche {code} est lue : c’est le brouillon de la version {number}. Les versions publiées ne changent pas."
    ),
    ImportOutcome.BESIDE_A_DRAFT: (
        "La fiche {code} est lue : c’est le brouillon de la version {number}. Un autre brouillon de cette "
        "fiche existe déjà ; rien n’y est changé. Gardez l’un des deux et abandonnez l’autre."
    ),
    ImportOutcome.ALREADY_THERE: (
        "Cette fiche {code} est déjà importée : voici la version {number}. Rien n’est ajouté."
    ),
}

NOTICES = {
    "created": "Le brouillon est créé. Complétez-le, enregistrez quand vous voulez, puis publiez-le.",
    "saved": "Le brouillon est enregistré.",
    "published": "La version est publiée. Elle ne change plus : une correction sera une nouvelle version.",
    "discarded": "Le brouillon est abandonné.",
    "successor": "La suite de la fiche est enregistrée.",
}

DECISION_RULES = {
    DecisionRule.EVERY: "Toutes les compétences du bloc sont acquises",
    DecisionRule.THRESHOLD: "Une part des compétences du bloc est acquise",
    DecisionRule.MEAN: "La moyenne du bloc atteint un niveau",
}
DECISION_HINTS = {
    DecisionRule.EVERY: "La règle par défaut : une compétence non acquise suffit à ne pas valider le bloc.",
    DecisionRule.THRESHOLD: "Par exemple 75 % : trois compétences acquises sur quatre.",
    DecisionRule.MEAN: "Une compétence acquise compte 1, partiellement acquise une demie, non acquise 0.",
}

FIELD_LABELS = {
    "code": "code au répertoire",
    "text": "rédaction",
    "alias": "autre rédaction",
    "title": "intitulé",
    "number": "numéro",
    "assessments": "évaluation",
    "certificate_stated": "certificat mentionné",
    "from": "début",
    "until": "fin",
    "act": "acte",
    "part": "partie",
    "guidance": "indication",
    "max_pages": "longueur en pages",
    "is_required": "obligatoire",
    "open": "ouverte",
    "jury": "jury",
    "size": "nombre de membres",
    "seats": "sièges",
    "external_min": "membres extérieurs",
    "representatives_min": "représentants",
    "quorum": "membres présents",
    "half_external": "signalement de la moitié extérieure",
    "site": "lieu",
    "kind": "sorte",
    "declared_by": "déclaré par",
    "holders": "titulaires",
    "new_caledonia": "Nouvelle-Calédonie",
    "french_polynesia": "Polynésie française",
    "since": "début",
    "order": "ordre",
    "option": "option",
    "rule": "règle du jury de cette voie",
    "decision_rule": "règle de décision",
    "decision_threshold": "part ou niveau demandé (%)",
    "validity_months": "validité, en mois",
}
SEATS_BY_CODE: dict[str, str] = {seat.value: name for seat, name in SEAT_NAMES.items()}
PERMANENCES_BY_CODE: dict[str, str] = {permanence.value: name for permanence, name in PERMANENCE_NAMES.items()}


def outcome_message(outcome: ImportOutcome, code: str, number: int) -> str:
    """Say what an import made."""
    return OUTCOMES[outcome].format(code=code, number=number)


def base_name(code: str, version: Any) -> str:
    """Name a version that may be copied: « RNCP16959, version 2 (brouillon) : Expert… »."""
    state = "" if version.published_at else " (brouillon)"
    return f"{code}, version {version.number}{state}\u00a0: {version.title or 'sans intitulé'}"


def decision_message(rule: DecisionRule, threshold: int | None) -> str:
    """Say when a block is validated (R4)."""
    share = 100 if threshold is None else threshold
    return {
        DecisionRule.EVERY: "Un bloc est validé quand chacune de ses compétences est acquise.",
        DecisionRule.THRESHOLD: (f"Un bloc est validé quand {share} % de ses compétences au moins sont acquises."),
        DecisionRule.MEAN: f"Un bloc est validé quand la moyenne de ses compétences atteint {share} %.",
    }[rule]


def field_location_message(where: str) -> str:
    """Name a place of an entry down to its last part: « Bloc 3, compétence 2 : rédaction »."""
    head = location_message(where)
    if where.startswith("details."):
        return head
    last = where.split(".")[-1]
    return f"{head} : {FIELD_LABELS[last]}" if "." in where and last in FIELD_LABELS else head


def value_message(value: Value) -> str:
    """Say a value of an entry; « rien » for none."""
    if value is None or value == "" or value == ():
        return "rien"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, tuple):
        return " ; ".join(SEATS_BY_CODE.get(item) or _spelled(item) for item in value)
    if isinstance(value, float):
        return percent(value)
    return PERMANENCES_BY_CODE.get(str(value)) or PARTS_BY_CODE.get(str(value)) or iso_day(str(value))


CODED_WORDS = {
    **{f"habilitation={habilitation.value}": name for habilitation, name in HABILITATION_NAMES.items()},
    **{f"state={state.value}": name for state, name in HABILITATION_STATES.items()},
    "kind=general": "",
    "kind=creation": "",
    "kind=other": "",
}


def _spelled(item: str) -> str:
    """Write the codes and the days of an item in words."""
    return " ".join(filter(None, (CODED_WORDS.get(word, iso_day(word)) for word in item.split(" "))))


def title_hints(entry: Entry) -> dict[str, str]:
    """Say where each title seen comes from, by its rank: the head of the entry, or the registrations that give it."""
    has_head = all(doubt.what is not DoubtCode.TITLE_MISSING for doubt in entry.doubts)
    hints = {}
    for rank, title in enumerate(entry.titles_seen):
        places = ["en tête de la fiche"] if rank == 0 and has_head else []
        places += [
            f"enregistrement {number}"
            for number, registration in enumerate(entry.registrations, 1)
            if registration.title == title
        ]
        hints[str(rank)] = ", ".join(places).capitalize()
    return hints


def short_doubt(doubt: Doubt) -> str:
    """Say a doubt with the place it is about, for a list away from it."""
    return f"{location_message(doubt.where)} : {doubt_message(doubt)}"
