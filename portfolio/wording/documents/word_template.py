"""The fields of the DOCX template of a certifier: their names, what each holds, and their values for a dossier."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portfolio.documents.word.client import Line, example_docx
from portfolio.documents.word.filling import BOLD_END, BOLD_START
from portfolio.domain.certification.rules.book_frame import BookPart
from portfolio.domain.dossier.rules.texts import text_blocks
from portfolio.domain.submission.rules.dossier import (
    SealedBlock,
    SealedClaim,
    SealedCompetency,
    SealedDossier,
    SealedExhibit,
)
from portfolio.french_text import NBSP, date_fr, datetime_fr
from portfolio.wording.documents.livret import USUAL_TITLES
from portfolio.wording.documents.names import format_code
from portfolio.wording.dossier import PROMPTS
from portfolio.wording.evidence import KINDS, citation_message

# docxtpl begins another paragraph at this character, and another line at the end of a line.
_PARAGRAPH = "\a"
_MARKS = str.maketrans(dict.fromkeys((BOLD_START, BOLD_END, "\x07", "\x0c", "\t", "\r"), " "))


@dataclass(frozen=True, slots=True)
class TemplateField:
    """A field as it is written in a template, and what it holds."""

    written: str
    meaning: str


FIELDS: Mapping[str, tuple[TemplateField, ...]] = {
    "Le dossier": (
        TemplateField("{{ candidat }}", "le prénom et le nom"),
        TemplateField("{{ organisme }}", "le nom de l’organisme certificateur"),
        TemplateField("{{ certification.intitule }}", "l’intitulé de la certification"),
        TemplateField("{{ certification.code }}", "son numéro"),
        TemplateField("{{ certification.niveau }}", "son niveau"),
        TemplateField("{{ etat }}", "« dossier scellé le… » ou « brouillon du… »"),
        TemplateField("{{ numero }}", "le numéro du dépôt ; vide pour un brouillon"),
        TemplateField("{{ empreinte }}", "l’empreinte du dossier scellé ; vide pour un brouillon"),
        TemplateField("{{ declaration }}", "la déclaration sur l’honneur"),
        TemplateField("{{ declaration_date }}", "sa date"),
    ),
    "Les parties, dans l’ordre de votre cadre": (
        TemplateField("{%p for partie in parties %}", "chaque partie écrite"),
        TemplateField("{{ partie.titre }}", "son titre, celui de votre cadre"),
        TemplateField("{{ partie.texte }}", "son texte"),
        TemplateField("{{ parcours }}", "le parcours, hors de cette boucle"),
        TemplateField("{{ motivation }}", "la motivation"),
        TemplateField("{{ conclusion }}", "la conclusion"),
    ),
    "Les expériences": (
        TemplateField("{%p for experience in experiences %}", "chaque expérience"),
        TemplateField("{{ experience.poste }}", "le poste"),
        TemplateField("{{ experience.structure }}", "la structure"),
        TemplateField("{{ experience.periode }}", "les dates"),
        TemplateField("{{ experience.contexte }}", "le contexte"),
        TemplateField("{{ experience.perimetre }}", "le périmètre"),
        TemplateField("{{ experience.responsabilites }}", "les responsabilités"),
    ),
    "Les blocs": (
        TemplateField("{%p for bloc in blocs %}", "chaque bloc présenté"),
        TemplateField("{{ bloc.numero }}", "son numéro"),
        TemplateField("{{ bloc.intitule }}", "son intitulé"),
        TemplateField("{%p for competence in bloc.competences %}", "chaque compétence du bloc"),
        TemplateField("{{ competence.numero }}", "son numéro, « 2.1 »"),
        TemplateField("{{ competence.intitule }}", "son intitulé"),
        TemplateField(
            "{%p for part in competence.recit %}", "chaque question du récit à laquelle la personne a répondu"
        ),
        TemplateField("{{ part.titre }}", "la question"),
        TemplateField("{{ part.texte }}", "la réponse"),
        TemplateField("{%p for preuve in competence.preuves %}", "chaque preuve proposée"),
        TemplateField("{{ preuve.repere }}", "le repère de la pièce, « B2-03 »"),
        TemplateField("{{ preuve.titre }}", "le titre de la pièce"),
        TemplateField("{{ preuve.passage }}", "les pages ou les minutes"),
        TemplateField("{{ preuve.commentaire }}", "ce que la preuve montre"),
    ),
    "Les blocs déjà acquis": (
        TemplateField("{%p for acquis in blocs_acquis %}", "chaque bloc déjà acquis"),
        TemplateField("{{ acquis.numero }}", "son numéro"),
        TemplateField("{{ acquis.intitule }}", "son intitulé"),
        TemplateField("{{ acquis.date }}", "le jour"),
        TemplateField("{{ acquis.certificat }}", "le numéro du certificat"),
    ),
    "Les pièces": (
        TemplateField("{%p for piece in pieces %}", "chaque pièce"),
        TemplateField("{{ piece.repere }}", "son repère"),
        TemplateField("{{ piece.titre }}", "son titre"),
        TemplateField("{{ piece.nature }}", "sa nature"),
        TemplateField("{{ piece.date }}", "sa date"),
        TemplateField("{{ piece.competences }}", "les compétences pour lesquelles elle est citée"),
        TemplateField("{{ piece.role }}", "le rôle de la personne"),
        TemplateField("{{ piece.part }}", "sa part du travail"),
        TemplateField("{{ piece.fichier }}", "le nom du fichier"),
        TemplateField("{{ piece.empreinte }}", "l’empreinte du fichier"),
    ),
}


def word_values(dossier: SealedDossier, root: str, *, is_draft: bool, at: datetime) -> dict[str, Any]:
    """Return the value of every field for a dossier, sealed or not."""
    sealed_at = dossier.header.sealed_at
    statement = dossier.statement if not is_draft else None
    return {
        "titre_du_document": f"Livret 2, {dossier.candidate}",
        "candidat": _line(dossier.candidate),
        "organisme": _line(dossier.certification.body),
        "certification": {
            "intitule": _line(dossier.certification.title),
            "code": format_code(dossier.certification.code),
            "niveau": _line(dossier.certification.level),
        },
        "etat": f"brouillon du {datetime_fr(at)}" if is_draft else f"dossier scellé le {datetime_fr(sealed_at)}",
        "numero": "" if is_draft else str(dossier.header.number),
        "empreinte": "" if is_draft else root,
        "declaration": _text(statement.text) if statement else "",
        "declaration_date": datetime_fr(statement.signed_at) if statement else "",
        "parties": _parts(dossier),
        "parcours": _text(dossier.texts.career),
        "motivation": _text(dossier.texts.motivation),
        "conclusion": _text(dossier.texts.conclusion),
        "experiences": [
            {
                "poste": _line(experience.post),
                "structure": _line(experience.structure),
                "periode": _period(experience.began_on, experience.ended_on),
                "contexte": _text(experience.context),
                "perimetre": _text(experience.perimeter),
                "responsabilites": _text(experience.responsibilities),
            }
            for experience in dossier.experiences
        ],
        "blocs": [_block(block, dossier) for block in dossier.blocks],
        "blocs_acquis": [
            {
                "numero": str(held_block.number),
                "intitule": _line(held_block.title),
                "date": date_fr(held_block.held_on),
                "certificat": held_block.certificate,
            }
            for held_block in dossier.held_blocks
        ],
        "pieces": [_exhibit(exhibit, dossier) for exhibit in dossier.exhibits],
    }


def _parts(dossier: SealedDossier) -> list[dict[str, str]]:
    """Return the written parts in the order of the frame, each under its title."""
    titles = {section.part: section.title for section in dossier.sections}
    order = [section.part for section in dossier.sections] or [
        BookPart.CAREER,
        BookPart.MOTIVATION,
        BookPart.CONCLUSION,
    ]
    return [
        {"titre": _line(titles.get(part) or USUAL_TITLES[part]), "texte": _text(text)}
        for part in order
        if (text := getattr(dossier.texts, part.value, "")).strip()
    ]


def _block(block: SealedBlock, dossier: SealedDossier) -> dict[str, Any]:
    return {
        "numero": str(block.number),
        "intitule": _line(block.title),
        "competences": [_competency(competency, dossier) for competency in block.competencies],
    }


def _competency(competency: SealedCompetency, dossier: SealedDossier) -> dict[str, Any]:
    told = [(title, getattr(competency.narrative, name)) for name, title in PROMPTS.items()]
    return {
        "numero": competency.number,
        "intitule": _line(competency.text),
        "recit": [{"titre": title, "texte": _text(text)} for title, text in told if text.strip()],
        "preuves": [_claim(claim, dossier) for claim in competency.claims],
    }


def _claim(claim: SealedClaim, dossier: SealedDossier) -> dict[str, str]:
    found = dossier.exhibit(claim.exhibit)
    return {
        "repere": claim.exhibit,
        "titre": _line(found.title) if found else "",
        "passage": citation_message(claim.passage, found.measure) if found and claim.passage else "",
        "commentaire": _text(claim.comment),
    }


def _exhibit(exhibit: SealedExhibit, dossier: SealedDossier) -> dict[str, str]:
    cited = [
        competency.number
        for block in dossier.blocks
        for competency in block.competencies
        if any(claim.exhibit == exhibit.label for claim in competency.claims)
    ]
    return {
        "repere": exhibit.label,
        "titre": _line(exhibit.title),
        "nature": KINDS[exhibit.kind] if exhibit.kind else "",
        "date": _period(exhibit.dated_from, exhibit.dated_to) if exhibit.dated_to else date_fr(exhibit.dated_from),
        "competences": ", ".join(cited),
        "role": _text(exhibit.own_role),
        "part": _text(exhibit.own_part),
        "fichier": _line(exhibit.name),
        "empreinte": exhibit.sha256,
    }


def _period(began: date | None, ended: date | None) -> str:
    if began and ended:
        return date_fr(began) if began == ended else f"du {date_fr(began)} au {date_fr(ended)}"
    if began:
        return f"depuis le {date_fr(began)}"
    return f"jusqu’au {date_fr(ended)}" if ended else ""


def _text(text: str) -> str:
    """Return what a person typed, as docxtpl takes it: paragraphs, lines, lists and bold words."""
    return _PARAGRAPH.join(
        piece
        for block in text_blocks(text)
        for piece in (
            [f"–{NBSP}{_spans(line)}" for line in block.lines]
            if block.kind == "list"
            else ["\n".join(_spans(line) for line in block.lines)]
        )
    )


def _spans(line: Any) -> str:
    return "".join(f"{BOLD_START}{_line(span.text)}{BOLD_END}" if span.bold else _line(span.text) for span in line)


def _line(text: str) -> str:
    """Return a text without the characters that an XML document cannot hold, nor those that mean something here."""
    return "".join(sign for sign in text.translate(_MARKS) if _may_be_written(sign))


def _may_be_written(sign: str) -> bool:
    """Return whether an XML document holds a character: no control, no half of a pair, no non-character of
    the first plane.
    """
    return sign == "\n" or "\x20" <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign > "\uffff"


_SAMPLE_TEXT = "Un texte d’exemple, sur plusieurs lignes.\nIl ne concerne personne."
_TEXTS = frozenset(
    (
        "texte",
        "contexte",
        "perimetre",
        "responsabilites",
        "commentaire",
        "role",
        "part",
        "parcours",
        "motivation",
        "conclusion",
    )
)


def sample_values() -> list[dict[str, Any]]:
    """Return the values on which a template is tried: every field filled, then every list and text empty."""
    full: dict[str, Any] = {"titre_du_document": "Livret 2, exemple"}
    for name in ("candidat", "organisme", "etat", "numero", "empreinte", "declaration", "declaration_date", "parcours"):
        full[name] = _sample(name)
    full |= {name: _sample(name) for name in ("motivation", "conclusion")}
    full["certification"] = _samples("intitule", "code", "niveau")
    full["parties"] = [_samples("titre", "texte")] * 2
    full["experiences"] = [_samples("poste", "structure", "periode", "contexte", "perimetre", "responsabilites")] * 2
    proof = _samples("repere", "titre", "passage", "commentaire")
    competency = _samples("numero", "intitule") | {"recit": [_samples("titre", "texte")] * 2, "preuves": [proof] * 2}
    full["blocs"] = [_samples("numero", "intitule") | {"competences": [competency] * 2}] * 2
    full["blocs_acquis"] = [_samples("numero", "intitule", "date", "certificat")] * 2
    exhibit = ("repere", "titre", "nature", "date", "competences", "role", "part", "fichier", "empreinte")
    full["pieces"] = [_samples(*exhibit)] * 2
    return [full, _emptied(full)]


def _samples(*names: str) -> dict[str, Any]:
    return {name: _sample(name) for name in names}


def _sample(name: str) -> str:
    return _SAMPLE_TEXT if name in _TEXTS else "Exemple"


def _emptied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _emptied(item) for name, item in value.items()}
    return [] if isinstance(value, list) else ""


def example_template() -> bytes:
    """Return the template that a certifier may begin with: every part of the book."""
    return example_docx("Modèle de livret 2", _EXAMPLE)


def _when(field: str) -> tuple[Line, ...]:
    """Return the lines of a text that may be empty: without it, no paragraph is left."""
    return (Line(f"{{%p if {field} %}}"), Line(f"{{{{ {field} }}}}"), Line("{%p endif %}"))


_EXAMPLE = (
    Line("{{ organisme }}"),
    Line("Livret 2", "Title"),
    Line("{{ candidat }}", "Subtitle"),
    Line("{{ certification.intitule }}, {{ certification.code }}"),
    Line("{{ etat }}"),
    Line("{%p if declaration %}"),
    Line("Déclaration sur l’honneur", "Heading 1"),
    Line("{{ declaration }}"),
    Line("{%p endif %}"),
    Line("{%p for partie in parties %}"),
    Line("{{ partie.titre }}", "Heading 1"),
    Line("{{ partie.texte }}"),
    Line("{%p endfor %}"),
    Line("Expériences", "Heading 1"),
    Line("{%p for experience in experiences %}"),
    Line("{{ experience.poste }}{% if experience.structure %}, {{ experience.structure }}{% endif %}", "Heading 2"),
    Line("{{ experience.periode }}"),
    *_when("experience.contexte"),
    *_when("experience.perimetre"),
    *_when("experience.responsabilites"),
    Line("{%p endfor %}"),
    Line("{%p for bloc in blocs %}"),
    Line("Bloc {{ bloc.numero }}. {{ bloc.intitule }}", "Heading 1"),
    Line("{%p for competence in bloc.competences %}"),
    Line("{{ competence.numero }} {{ competence.intitule }}", "Heading 2"),
    Line("{%p for part in competence.recit %}"),
    Line("{{ part.titre }}", "Heading 3"),
    Line("{{ part.texte }}"),
    Line("{%p endfor %}"),
    Line("{%p for preuve in competence.preuves %}"),
    Line(
        "{{ preuve.repere }}, {{ preuve.titre }}{% if preuve.passage %}, {{ preuve.passage }}{% endif %}", "List Bullet"
    ),
    *_when("preuve.commentaire"),
    Line("{%p endfor %}"),
    Line("{%p endfor %}"),
    Line("{%p endfor %}"),
    Line("{%p if blocs_acquis %}"),
    Line("Blocs déjà acquis", "Heading 1"),
    Line("{%p for acquis in blocs_acquis %}"),
    Line(
        "Bloc {{ acquis.numero }}. {{ acquis.intitule }}, acquis le {{ acquis.date }}, certificat {{ "
        "acquis.certificat }}"
    ),
    Line("{%p endfor %}"),
    Line("{%p endif %}"),
    Line("Pièces", "Heading 1"),
    Line("{%p for piece in pieces %}"),
    Line("{{ piece.repere }}. {{ piece.titre }}", "Heading 2"),
    Line("{{ piece.nature }} {{ piece.date }}"),
    Line("{%p if piece.competences %}"),
    Line("Citée pour : {{ piece.competences }}"),
    Line("{%p endif %}"),
    *_when("piece.role"),
    *_when("piece.part"),
    Line("{%p endfor %}"),
)
