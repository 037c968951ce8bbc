"""Writes a register entry in the old text form, in the styles its PDFs come out in: what the reader must read back."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from portfolio.domain.certification.rules.entry import (
    Entry,
    EntryBlock,
    Permanence,
    Registration,
    Route,
    RouteEntry,
    SiteKind,
)
from portfolio.domain.certification.rules.jury_rule import JuryRule, Seat

_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
_NUMBERS = "zéro un deux trois quatre cinq six sept huit neuf dix"
MONTHS, NUMBERS = _MONTHS.split(), _NUMBERS.split()
ROUTES = {
    Route.INITIAL_TRAINING: "Après un parcours de\nformation sous statut d'élève\nou d'étudiant",
    Route.APPRENTICESHIP: "En contrat d'apprentissage",
    Route.CONTINUING_TRAINING: "Après un parcours de\nformation continue",
    Route.PROFESSIONALISATION: "En contrat de\nprofessionnalisation",
    Route.INDIVIDUAL: "Par candidature individuelle",
    Route.VAE: "Par expérience dispositif VAE\nprévu en 2012",
}
SEATS = {
    Seat.PRESIDENT: "le/la Président(e)",
    Seat.EMPLOYEE_REPRESENTATIVE: "un/une représentant(e) en activité des professions Salariés",
    Seat.DIRECTOR_OR_DELEGATE: "le/la directeur (trice) ou son représentant(e)",
    Seat.TEACHER_TRAINER: "un/une enseignant(e) formateur",
    Seat.PEDAGOGICAL_MANAGER: "un/une responsable pédagogique",
    Seat.EMPLOYER_REPRESENTATIVE: "un représentant des employeurs",
    Seat.EXTERNAL_PROFESSIONAL: "un professionnel du métier",
}


@dataclass(frozen=True)
class Style:
    """How the PDF came out."""

    bullet: str = "• "
    width: int = 70
    curly: bool = True
    heads_on_one_line: bool = False
    ratio_in_words: bool = False
    size_in_figures: bool = False
    line_end: str = "\n"
    page_breaks: bool = False


def jury_text(jury: JuryRule, style: Style = Style()) -> str:
    """Write a jury's composition, its bullets on lines of their own."""
    size = str(jury.size) if style.size_in_figures else NUMBERS[jury.size or 0]
    lines = [f"Le jury est composé de {size} personnes :"]
    lines += [f"• {SEATS[seat]}" for seat in jury.seats]
    if jury.external_min is not None:
        lines.append(f"Parmi les membres du jury, {_share(jury.external_min, style)} sont membres extérieurs")
    if jury.representatives_min is not None:
        share = _share(jury.representatives_min, style)
        lines.append(f"Parmi les membres du jury,  {share} sont représentants des \nsalariés et des employeurs")
    return "\n".join(lines)


def one_line(text: str) -> str:
    return " ".join(text.split())


def entry_text(entry: Entry, style: Style = Style()) -> str:
    """Write an entry; `entry.routes` with a jury are written with that of `entry.jury`."""
    text = "\n".join(_parts(entry, style))
    if style.curly:
        text = text.replace("'", "’")
    if style.page_breaks:
        text = text.replace("\n\n", "\n\nhttp://exemple.fr/fiche?page=2\n\n 3 / 7 \n\f\n")
    return text.replace("\n", style.line_end)


def _share(share: float, style: Style) -> str:
    if style.ratio_in_words and share == 0.5:
        return "la moitié"
    return f"{share * 100:g}".replace(".", ",") + " %"


def _parts(entry: Entry, style: Style) -> Iterator[str]:
    yield "Le Répertoire National des Certifications Professionnelles (RNCP)"
    yield f"Résumé descriptif de la certification Code RNCP : {entry.code.removeprefix('RNCP')}"
    yield f"Intitulé\n{textwrap.fill(entry.title, style.width)}\n"
    yield "AUTORITÉ RESPONSABLE DE LA CERTIFICATION QUALITÉ DU(ES) SIGNATAIRE(S) DE LA CERTIFICATION"
    yield f"{' - '.join(entry.certifiers)} {entry.signatory}\n"
    yield "Niveau et/ou domaine d'activité"
    yield f"{entry.level_1969} (Nomenclature de 1969)\n{entry.level} (Nomenclature Europe)\nConvention(s) : "
    yield "Code(s) NSF : \n" + "\n".join(f"{code} Spécialité de la formation, au sens large" for code in entry.nsf)
    yield "Formacode(s) : \nRésumé du référentiel d'emploi ou éléments de compétence acquis\n"
    yield from _general_list(entry)
    yield "\nSecteurs d'activité ou types d'emplois accessibles par le détenteur de ce diplôme, ce titre ou ce certificat"
    yield "Toute entreprise de ce métier.\nCodes des fiches ROME les plus proches : "
    yield "\n".join(f"{code} : Un métier voisin" for code in entry.rome)
    yield from _composition(entry, style)
    for block in entry.blocks:
        yield from _block(block, entry, style)
    yield "Validité des composantes acquises :  " + (
        "illimitée" if entry.permanence is Permanence.UNLIMITED else "5 ans"
    )
    yield "\nCONDITIONS D'INSCRIPTION À LA\nCERTIFICATION OUINON COMPOSITION DES JURYS\n"
    for route in entry.routes:
        yield _route(route, entry, style)
    yield "OUI NON\nAccessible en Nouvelle Calédonie X\nAccessible en Polynésie Française X\n"
    yield "LIENS AVEC D'AUTRES CERTIFICATIONS ACCORDS EUROPÉENS OU INTERNATIONAUX\n"
    yield from _legal(entry)
    yield from _more(entry)


def _general_list(entry: Entry) -> Iterator[str]:
    yield "Le (la) titulaire est capable de :"
    for block in entry.blocks:
        yield from (f"{competency.alias or competency.text} " for competency in block.competencies)


def _composition(entry: Entry, style: Style) -> Iterator[str]:
    yield "Modalités d'accès à cette certification\nDescriptif des composantes de la certification : \n"
    if entry.deliverables:
        yield f"Il comprend {len(entry.deliverables)} livrables permettant d'évaluer les acquis : \n"
        yield "\n".join(entry.deliverables)
    if entry.defence:
        yield textwrap.fill(entry.defence, style.width)
    yield "\nEn cas d'obtention partielle : le candidat se représente à la session suivante.\n\nBloc de compétence : \n"
    yield "INTITULÉ DESCRIPTIF ET MODALITÉS D'ÉVALUATION"


def _block(block: EntryBlock, entry: Entry, style: Style) -> Iterator[str]:
    head = f"Bloc de compétence n°{block.number} de la fiche n° {entry.code.removeprefix('RNCP')} - {block.title}"
    yield head if style.heads_on_one_line else textwrap.fill(head, 30, break_on_hyphens=False)
    yield "\nCompétences évaluées  :\n"
    for competency in block.competencies:
        yield textwrap.fill(f"{style.bullet}{competency.text}", style.width, break_on_hyphens=False) + "\n"
    if block.assessments:
        yield textwrap.fill(
            f"Modalité d'évaluation : {'    '.join(block.assessments)}", style.width, break_on_hyphens=False
        )
    if block.certificate_stated:
        yield "\nModalité de certification : Un certificat des compétences\nattestées sera délivré à\nchaque candidat/e.\n"
    yield ""


def _route(route: RouteEntry, entry: Entry, style: Style) -> str:
    jury = jury_text(entry.jury, style) if route.open and entry.jury else ""
    return f"{ROUTES[route.route]} X  {jury}\n \n"


def day_in_french(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def _legal(entry: Entry) -> Iterator[str]:
    yield "Base légale\nRéférence du décret général : \nRéférence arrêté création (ou date 1er arrêté enregistrement) : \n"
    first, *others = entry.registrations
    yield _act(first, entry)
    yield "Référence du décret et/ou arrêté VAE : \nRéférences autres : \n"
    yield from (f"{_act(registration, entry)}\n" for registration in reversed(others))


def _act(one: Registration, entry: Entry) -> str:
    since, until = (day_in_french(day) for day in (one.since, one.until) if day)
    return (
        f"{one.act} portant enregistrement au répertoire national des certifications\nprofessionnelles. "
        f'Enregistrement pour trois ans, au niveau {entry.level_1969}, sous l\'intitulé " {one.title}" avec effet au {since} ,\n'
        f"jusqu'au {until}."
    )


def _more(entry: Entry) -> Iterator[str]:
    yield "Pour plus d'informations\nStatistiques : \n\nNombre de titrés par an en moyenne :"
    yield from (f"{one.site}  {one.holders} titrés " for one in entry.holders_per_year)
    yield "\nAutres sources d'information : \n www.exemple.fr \n\nLieu(x) de certification : \n"
    yield from (site.site for site in entry.sites if site.kind is SiteKind.CERTIFICATION)
    yield "Lieu(x) de préparation à la certification déclarés par l'organisme certificateur : \n"
    yield from (site.site for site in entry.sites if site.kind is SiteKind.PREPARATION)
    yield " \nHistorique de la certification : "
    if entry.predecessor:
        yield "Certification précédente :  Une certification plus ancienne\n"
        yield f"http://exemple.fr/grand-public/visualisationFiche?format=fr&fiche={entry.predecessor.removeprefix('RNCP')}"
