"""Jurors of a spreadsheet: the columns that people name in many ways, and the card that each line makes."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from portfolio.domain.candidacy.rules.candidate_sheet import EMAIL_MAX_CHARS, NAME_MAX_CHARS, full_address, phone_of
from portfolio.domain.candidacy.rules.opening import EMAIL
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.certification.rules.spreadsheet import folded
from portfolio.domain.jury.rules.enums import College, Gender
from portfolio.domain.jury.rules.juror_card import JurorCard

MAX_KM = 20_000


class JurorColumn(StrEnum):
    """Columns of a list of jurors."""

    NAME = "name"
    FIRST_NAME = "first_name"
    EMAIL = "email"
    PHONE = "phone"
    QUALITY = "quality"
    PROFESSION = "profession"
    EMPLOYER = "employer"
    COLLEGE = "college"
    GENDER = "gender"
    IN_ACTIVITY = "in_activity"
    SEATS = "seats"
    QUALIFIED = "qualified"
    DISTANCE = "distance"
    ADDRESS = "address"
    POSTCODE = "postcode"
    TOWN = "town"


JUROR_HEADINGS: Mapping[JurorColumn, Sequence[str]] = {
    JurorColumn.NAME: ("Nom", "Nom et prénom", "Prénom et nom", "Nom complet", "Juré", "Jurée", "Membre", "Personne"),
    JurorColumn.FIRST_NAME: ("Prénom", "Prénoms"),
    JurorColumn.EMAIL: (
        "Courriel", "E-mail", "Email", "Mail", "Adresse électronique", "Adresse mail", "Adresse e-mail", "Mél",
    ),
    JurorColumn.PHONE: ("Téléphone", "Tél", "Portable", "Mobile"),
    JurorColumn.QUALITY: ("Qualité", "Fonction", "Poste", "Titre"),
    JurorColumn.PROFESSION: ("Métier", "Profession", "Activité"),
    JurorColumn.EMPLOYER: ("Employeur", "Entreprise", "Société", "Structure", "Établissement", "Organisme"),
    JurorColumn.COLLEGE: ("Collège", "Représente", "Représentation"),
    JurorColumn.GENDER: ("Civilité", "Sexe", "Genre"),
    JurorColumn.IN_ACTIVITY: ("En activité", "Actif"),
    JurorColumn.SEATS: ("Siège", "Sièges", "Rôle"),
    JurorColumn.QUALIFIED: ("Certifications", "Qualifications", "Qualifié pour", "Certification", "RNCP"),
    JurorColumn.DISTANCE: ("Distance", "Kilomètres", "Km"),
    JurorColumn.ADDRESS: ("Adresse", "Adresse postale", "Rue"),
    JurorColumn.POSTCODE: ("Code postal", "CP"),
    JurorColumn.TOWN: ("Ville", "Commune"),
}  # fmt: skip
_GENDERS = {"f": Gender.WOMAN, "m": Gender.MAN, "h": Gender.MAN}
_WOMEN, _YES = ("mme", "madame", "mlle", "femme"), ("oui", "o", "x", "1", "vrai", "yes")
_MEN, _NO = ("m.", "mr", "monsieur", "homme"), ("", "non", "n", "0", "faux", "no")


class JurorFault(StrEnum):
    """Faults of a line."""

    NO_EMAIL = "no_email"
    NO_NAME = "no_name"
    TOO_LONG = "too_long"
    TWICE = "twice"
    COLLEGE = "college"
    SEAT = "seat"
    YES_OR_NO = "yes_or_no"
    DISTANCE = "distance"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class JurorLine:
    """The card that a line makes, or the cell that stops it."""

    number: int
    card: JurorCard
    fault: JurorFault | None = None
    cell: str = ""


Cells = Mapping[JurorColumn, str]


def read_jurors(
    rows: Iterable[tuple[int, Cells]], seats: Mapping[Seat, str], codes: Mapping[str, UUID]
) -> tuple[JurorLine, ...]:
    """Read the lines of a list by their columns: `seats` by their names, `codes` the certifications of the body."""
    lines = [
        _line(number, cells, {folded(name): seat for seat, name in seats.items()}, codes) for number, cells in rows
    ]
    counts = Counter(line.card.email.casefold() for line in lines)
    return tuple(
        replace(line, fault=JurorFault.TWICE, cell=line.card.email)
        if line.fault is None and counts[line.card.email.casefold()] > 1
        else line
        for line in lines
    )


def _line(number: int, cells: Cells, seats: Mapping[str, Seat], codes: Mapping[str, UUID]) -> JurorLine:
    said = {column: " ".join(cells.get(column, "").split()) for column in JurorColumn}
    name = " ".join(filter(None, (said[JurorColumn.FIRST_NAME], said[JurorColumn.NAME])))
    named = _seats(said[JurorColumn.SEATS], seats)
    asked = [part.upper().replace(" ", "") for part in _parts(said[JurorColumn.QUALIFIED])]
    active = folded(said[JurorColumn.IN_ACTIVITY])
    km = re.sub(r"\s*km$|,0+$", "", said[JurorColumn.DISTANCE].casefold())
    card = JurorCard(
        name=name,
        email=said[JurorColumn.EMAIL],
        quality=said[JurorColumn.QUALITY],
        profession=said[JurorColumn.PROFESSION],
        employer=said[JurorColumn.EMPLOYER],
        phone=phone_of(said[JurorColumn.PHONE]),
        college=college_of(said[JurorColumn.COLLEGE]) or College.NONE,
        gender=_gender(said[JurorColumn.GENDER]),
        in_activity=active in _YES,
        seats=tuple(seat for seat in named if seat),
        qualified_for=frozenset(codes[code] for code in asked if code in codes),
        distance_km=int(km) if km.isascii() and km.isdecimal() and int(km) <= MAX_KM else None,
        postal_address=full_address(
            cells.get(JurorColumn.ADDRESS, ""), said[JurorColumn.POSTCODE], said[JurorColumn.TOWN]
        ),
    )
    checks = (
        (JurorFault.NO_EMAIL, not EMAIL.fullmatch(card.email), card.email),
        (JurorFault.NO_NAME, not name, ""),
        (JurorFault.TOO_LONG, _is_too_long(card), ""),
        (JurorFault.COLLEGE, college_of(said[JurorColumn.COLLEGE]) is None, said[JurorColumn.COLLEGE]),
        (JurorFault.SEAT, None in named, said[JurorColumn.SEATS]),
        (JurorFault.YES_OR_NO, active not in (*_YES, *_NO), said[JurorColumn.IN_ACTIVITY]),
        (JurorFault.DISTANCE, bool(km) and card.distance_km is None, said[JurorColumn.DISTANCE]),
        (JurorFault.CODE, not set(asked) <= set(codes), said[JurorColumn.QUALIFIED]),
    )  # fmt: skip
    fault, cell = next(((fault, cell) for fault, is_wrong, cell in checks if is_wrong), (None, ""))
    return JurorLine(number, card, fault, cell)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;,/|]", text) if part.strip()]


def _seats(text: str, seats: Mapping[str, Seat]) -> list[Seat | None]:
    """Return the seats of a cell, None for another word; the name of a seat may hold a comma."""
    found: list[Seat | None] = []
    for part in re.split(r"[;/|]", text):
        whole = _seat(part.strip(), seats)
        found += [whole] if whole else [_seat(each, seats) for each in _parts(part)]
    return found


def _seat(text: str, seats: Mapping[str, Seat]) -> Seat | None:
    word = folded(text)
    return seats.get(word) or next((seat for name, seat in seats.items() if word and name.startswith(word)), None)


def college_of(text: str) -> College | None:
    """Return the college that a cell names, none for an empty one; None for another word."""
    word = folded(text)
    if word in ("", "non", "aucun", "sans", "ni l'un ni l'autre", "neant", "-"):
        return College.NONE
    employers, employees = "employeu" in word or "patron" in word, "salari" in word
    if employers is employees:
        return None
    return College.EMPLOYERS if employers else College.EMPLOYEES


def _gender(text: str) -> Gender:
    word = text.casefold().strip()
    if word in _WOMEN or word in _MEN:
        return Gender.WOMAN if word in _WOMEN else Gender.MAN
    return _GENDERS.get(word, Gender.UNSAID)


def _is_too_long(card: JurorCard) -> bool:
    texts = (card.name, card.quality, card.profession, card.employer)
    return (
        max(map(len, texts)) > NAME_MAX_CHARS
        or len(card.email) > EMAIL_MAX_CHARS
        or len(card.phone) > 40
        or len(card.postal_address) > 500
    )
