"""Candidates of a spreadsheet: the columns that people name in many ways, and what each line says or lacks.

Lines copied without headings: a name and an address each, in either order.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from portfolio.domain.candidacy.rules.opening import EMAIL, Birth, NewCandidacy, PersonInput
from portfolio.domain.certification.rules.case_package import folded, read_day
from portfolio.domain.certification.rules.entry import Route

MAX_LINES = 500
NAME_MAX_CHARS, EMAIL_MAX_CHARS, ADDRESS_MAX_CHARS, PHONE_MAX_CHARS, REFERENCE_MAX_CHARS = 200, 254, 500, 40, 100
_SEPARATOR = re.compile(r"[\t;]")
# A postcode alone in its cell stands before its town.
_POSTCODE = re.compile(r"^(\d{5})\n", re.MULTILINE)
_ADDRESS = re.compile(r"^\d|\b\d{5}\b")


class CandidateColumn(StrEnum):
    """Columns of a list of candidates."""

    NAME = "name"
    FIRST_NAME = "first_name"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    POSTCODE = "postcode"
    TOWN = "town"
    BORN_ON = "born_on"
    BIRTH_PLACE = "birth_place"
    BIRTH_NAME = "birth_name"
    ROUTE = "route"
    ADMISSIBLE_ON = "admissible_on"
    ADVISOR = "advisor"
    ADVISOR_EMAIL = "advisor_email"
    GROUP = "group"
    REFERENCE = "reference"


# The names that people give a column, the one that is shown first.
CANDIDATE_HEADINGS: Mapping[CandidateColumn, Sequence[str]] = {
    CandidateColumn.NAME: (
        "Nom", "Nom et prénom", "Prénom et nom", "Nom complet", "Nom d’usage", "Candidat", "Candidate", "Personne",
        "Stagiaire", "Apprenti", "Apprenant",
    ),
    CandidateColumn.FIRST_NAME: ("Prénom", "Prénoms"),
    CandidateColumn.EMAIL: (
        "Courriel", "E-mail", "Email", "Mail", "Adresse électronique", "Adresse mail", "Adresse e-mail",
        "Adresse email", "Mél",
    ),
    CandidateColumn.PHONE: ("Téléphone", "Tél", "Portable", "Mobile", "Numéro de téléphone", "GSM"),
    CandidateColumn.ADDRESS: ("Adresse", "Adresse postale", "Rue", "Voie et numéro", "Domicile"),
    CandidateColumn.POSTCODE: ("Code postal", "CP"),
    CandidateColumn.TOWN: ("Ville", "Commune"),
    CandidateColumn.BORN_ON: ("Date de naissance", "Né le", "Née le", "Né(e) le", "Naissance", "DDN"),
    CandidateColumn.BIRTH_PLACE: (
        "Lieu de naissance", "Né à", "Née à", "Né(e) à", "Ville de naissance", "Commune de naissance",
    ),
    CandidateColumn.BIRTH_NAME: ("Nom de naissance", "Nom de jeune fille", "Nom de famille de naissance"),
    CandidateColumn.ROUTE: ("Voie d’accès", "Voie", "Statut", "Modalité d’accès"),
    CandidateColumn.ADMISSIBLE_ON: (
        "Recevable le", "Date de recevabilité", "Recevabilité", "Début de formation", "Début", "Date de début",
        "Entrée en formation",
    ),
    CandidateColumn.ADVISOR: ("Accompagnateur", "Accompagnatrice", "Accompagnement", "Suivi par", "Référent", "Tuteur"),
    CandidateColumn.ADVISOR_EMAIL: (
        "Courriel de l’accompagnateur", "Mail accompagnateur", "Email accompagnateur", "Mail référent",
        "Email référent", "Courriel du référent",
    ),
    CandidateColumn.GROUP: ("Groupe", "Promotion", "Cohorte", "Classe"),
    CandidateColumn.REFERENCE: (
        "Référence", "Réf", "Numéro de dossier", "N° de dossier", "N° dossier", "Identifiant", "Matricule",
    ),
}  # fmt: skip
_ROUTE_WORDS: Mapping[str, Route] = {
    "vae": Route.VAE,
    "validation des acquis": Route.VAE,
    "apprenti": Route.APPRENTICESHIP,
    "alternance": Route.APPRENTICESHIP,
    "initial": Route.INITIAL_TRAINING,
    "continu": Route.CONTINUING_TRAINING,
    "professionnalisation": Route.PROFESSIONALISATION,
    "individuel": Route.INDIVIDUAL,
}


class LineFault(StrEnum):
    """Faults of a line."""

    NO_EMAIL = "no_email"
    NO_NAME = "no_name"
    TOO_LONG = "too_long"
    TWICE = "twice"
    TOO_MANY = "too_many"
    DAY = "day"
    ROUTE = "route"
    ADVISOR = "advisor"
    BORN_TOMORROW = "born_tomorrow"
    REFERENCE_TWICE = "reference_twice"


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """A person to open a candidacy for, and the number of the line; what is empty is said once for all."""

    number: int
    name: str
    email: str
    postal_address: str = ""
    phone: str = ""
    birth: Birth | None = None
    route: Route | None = None
    admissible_on: date | None = None
    advisor: PersonInput | None = None
    group: str = ""
    reference: str = ""
    # A day or a name of birth without its place: a certificate cannot print it, and nothing is kept of it.
    drops_birth: bool = False

    def asked(self, shared: NewCandidacy) -> NewCandidacy:
        """Return the candidacy that the line asks for, with what all of them share where it says nothing."""
        return replace(
            shared,
            candidate=PersonInput(self.email, self.name),
            route=self.route or shared.route,
            admissible_on=self.admissible_on or shared.admissible_on,
            advisor=self.advisor or shared.advisor,
            postal_address=self.postal_address,
            phone=self.phone,
            birth=self.birth,
            group=self.group or shared.group,
            reference=self.reference,
        )


@dataclass(frozen=True, slots=True)
class WrongLine:
    """A line that cannot be read: what was typed of the whole, and the cell that is wrong."""

    number: int
    text: str
    fault: LineFault
    cell: str = ""


@dataclass(frozen=True, slots=True)
class ReadLines:
    """Lines that were read: the people, and the lines that are wrong."""

    lines: tuple[CandidateLine, ...]
    wrong: tuple[WrongLine, ...]

    @property
    def right(self) -> tuple[CandidateLine, ...]:
        """Return the lines that nothing stops."""
        wrong = {line.number for line in self.wrong}
        return tuple(line for line in self.lines if line.number not in wrong)


Cells = Mapping[CandidateColumn, str]


def read_candidates(rows: Iterable[tuple[int, Cells]], today: date) -> ReadLines:
    """Read the lines of a list by their columns; a line has one fault at most, the first that is found."""
    lines: list[CandidateLine] = []
    wrong: list[WrongLine] = []
    for number, cells in rows:
        line = _line(number, cells)
        fault, cell = _fault(line.name, line.email, len(lines)), ""
        if fault is None:
            fault, cell = _cell_fault(line, cells, today)
        if fault:
            wrong.append(WrongLine(number, " ; ".join(filter(None, cells.values()))[:200], fault, cell))
        else:
            lines.append(line)
    return _without_twins(lines, wrong)


def _line(number: int, cells: Cells) -> CandidateLine:
    def said(*columns: CandidateColumn) -> str:
        return " ".join(filter(None, (cells.get(column, "").replace("\n", " ") for column in columns)))

    born, place = read_day(said(CandidateColumn.BORN_ON)), said(CandidateColumn.BIRTH_PLACE)
    birth = Birth(born, place, said(CandidateColumn.BIRTH_NAME)) if born and place else None
    name, email = said(CandidateColumn.ADVISOR), said(CandidateColumn.ADVISOR_EMAIL)
    if not email and (found := EMAIL.search(name)):
        name, email = name.replace(found[0], "").strip(" ,()<>"), found[0].strip("<>(),")
    return CandidateLine(
        number,
        said(CandidateColumn.FIRST_NAME, CandidateColumn.NAME),
        said(CandidateColumn.EMAIL),
        full_address(
            cells.get(CandidateColumn.ADDRESS, ""), said(CandidateColumn.POSTCODE), said(CandidateColumn.TOWN)
        ),
        phone_of(said(CandidateColumn.PHONE)),
        birth,
        route_of(said(CandidateColumn.ROUTE)),
        read_day(said(CandidateColumn.ADMISSIBLE_ON)),
        PersonInput(email, name) if name and email else None,
        said(CandidateColumn.GROUP)[:NAME_MAX_CHARS],
        said(CandidateColumn.REFERENCE),
        drops_birth=birth is None and bool(born or place or said(CandidateColumn.BIRTH_NAME)),
    )


def full_address(street: str, postcode: str, town: str) -> str:
    """Return a postal address by lines; the zero that a spreadsheet took from a postcode comes back."""
    code = f"0{postcode}" if re.fullmatch(r"\d{4}", postcode) else postcode
    return "\n".join(filter(None, (street, " ".join(filter(None, (code, town))))))


def phone_of(text: str) -> str:
    """Return a telephone number; the zero that a spreadsheet took from a number comes back."""
    digits = "".join(text.split())
    return f"0{digits}" if re.fullmatch(r"[1-9]\d{8}", digits) else text


def route_of(text: str) -> Route | None:
    """Return the route that a cell names, in the words that people use; None for another one."""
    word = folded(text)
    if word in set(Route):
        return Route(word)
    return next((route for part, route in _ROUTE_WORDS.items() if part in word), None)


def _cell_fault(line: CandidateLine, cells: Cells, today: date) -> tuple[LineFault | None, str]:
    for column, value in ((CandidateColumn.BORN_ON, None), (CandidateColumn.ADMISSIBLE_ON, line.admissible_on)):
        cell = cells.get(column, "")
        if cell and value is None and read_day(cell) is None:
            return LineFault.DAY, cell
    if line.birth and line.birth.on > today:
        return LineFault.BORN_TOMORROW, cells[CandidateColumn.BORN_ON]
    if line.route is None and (cell := cells.get(CandidateColumn.ROUTE, "")):
        return LineFault.ROUTE, cell
    advisor = cells.get(CandidateColumn.ADVISOR, ""), cells.get(CandidateColumn.ADVISOR_EMAIL, "")
    if any(advisor) and (line.advisor is None or not EMAIL.fullmatch(line.advisor.email)):
        return LineFault.ADVISOR, " ".join(filter(None, advisor))
    too_long = (
        len(line.postal_address) > ADDRESS_MAX_CHARS
        or len(line.phone) > PHONE_MAX_CHARS
        or len(line.reference) > REFERENCE_MAX_CHARS
        or (line.birth is not None and max(len(line.birth.place), len(line.birth.name)) > NAME_MAX_CHARS)
    )
    return (LineFault.TOO_LONG, "") if too_long else (None, "")


def _without_twins(lines: Sequence[CandidateLine], wrong: Sequence[WrongLine]) -> ReadLines:
    """Return the lines, with those that share an address or a reference among the wrong ones."""
    found, twin = list(wrong), LineFault.REFERENCE_TWICE
    checks: tuple[tuple[LineFault, Callable[[CandidateLine], str]], ...] = (
        (LineFault.TWICE, lambda line: line.email.casefold()),
        (twin, lambda line: line.reference),
    )
    for fault, key in checks:
        counts = Counter(filter(None, map(key, lines)))
        twins = [line for line in lines if counts[key(line)] > 1]
        known = {line.number for line in found}
        found += [
            WrongLine(line.number, f"{line.name} {line.email}", fault, line.reference if fault is twin else "")
            for line in twins
            if line.number not in known
        ]
    return ReadLines(tuple(lines), tuple(sorted(found, key=lambda line: line.number)))


def read_lines(text: str) -> ReadLines:
    """Read lines without headings, whose cells are separated by tabs or semicolons; empty lines and a header are
    left out.

    A postal address begins at the first cell that begins with a number, or has a postcode.
    """
    lines: list[CandidateLine] = []
    wrong: list[WrongLine] = []
    for number, row in enumerate(text.splitlines(), 1):
        cells = [cell.strip().strip('"') for cell in _SEPARATOR.split(row)]
        cells = [cell for cell in cells if cell]
        if not cells or (number == 1 and not any("@" in cell for cell in cells)):
            continue
        email = next((cell for cell in cells if EMAIL.fullmatch(cell)), "")
        others = [cell for cell in cells if cell != email]
        begins = next((rank for rank, cell in enumerate(others) if _ADDRESS.search(cell)), len(others))
        name, address = " ".join(others[:begins]), _POSTCODE.sub(r"\1 ", "\n".join(others[begins:]))
        if fault := _fault(name, email, len(lines)):
            wrong.append(WrongLine(number, row[:200], fault))
        else:
            lines.append(CandidateLine(number, name, email, address[:ADDRESS_MAX_CHARS]))
    return _without_twins(lines, wrong)


def _fault(name: str, email: str, read: int) -> LineFault | None:
    if not EMAIL.fullmatch(email):
        return LineFault.NO_EMAIL
    if not name:
        return LineFault.NO_NAME
    if len(name) > NAME_MAX_CHARS or len(email) > EMAIL_MAX_CHARS:
        return LineFault.TOO_LONG
    return LineFault.TOO_MANY if read >= MAX_LINES else None
