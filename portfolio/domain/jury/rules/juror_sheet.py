"""Jurors of a spreadsheet: the columns that people name in many ways, and the card that each line makes."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from portfolio.domain.candidacy.rules.candidate_sheet import EMAIL_MAX_CHARS, NAME_MAX_CHARS, full_address, phone_of
from portfolio.domain.candidacy.rules.opening import EMAIL
from portfolio.domain.certification.rules.case_package import folded, read_day
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.rules.composition import Affiliation
from portfolio.domain.jury.rules.enums import AffiliationKind, College, Gender, OrganisationKind, TiesAnswer
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
    DIRECTION = "direction"
    DELEGATED_FROM = "delegated_from"
    DELEGATED_UNTIL = "delegated_until"
    TIES = "ties"
    PROFESSIONAL = "professional"
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
    JurorColumn.DIRECTION: ("Direction", "Directeur", "Directrice", "Dirige l’établissement"),
    JurorColumn.DELEGATED_FROM: (
        "Délégation du", "Délégation", "Délégation depuis", "Délégué depuis", "Début de délégation",
    ),
    JurorColumn.DELEGATED_UNTIL: (
        "Délégation au", "Délégation jusqu’au", "Délégué jusqu’au", "Fin de délégation",
    ),
    JurorColumn.TIES: (
        "Liens avec l’organisme", "Lien avec l’organisme", "Liens avec le certificateur", "Lien avec l’école", "Liens",
        "Lien",
    ),
    JurorColumn.PROFESSIONAL: ("Professionnel du métier", "Professionnelle du métier", "Exerce le métier", "Du métier"),
    JurorColumn.SEATS: ("Siège", "Sièges", "Rôle"),
    JurorColumn.QUALIFIED: ("Certifications", "Qualifications", "Qualifié pour", "Certification", "RNCP"),
    JurorColumn.DISTANCE: ("Distance", "Kilomètres", "Km"),
    JurorColumn.ADDRESS: ("Adresse", "Adresse postale", "Rue"),
    JurorColumn.POSTCODE: ("Code postal", "CP"),
    JurorColumn.TOWN: ("Ville", "Commune"),
}  # fmt: skip
_GENDERS = {"f": Gender.WOMAN, "m": Gender.MAN, "h": Gender.MAN}
_WOMEN, _YES = ("mme", "madame", "mlle", "femme"), ("oui", "o", "x", "1", "vrai", "yes")
# The words by which a tie with the certifier is told, and those that say that there is none (J7).
_TIE_WORDS: Mapping[str, AffiliationKind] = {
    "salari": AffiliationKind.EMPLOYMENT,
    "employ": AffiliationKind.EMPLOYMENT,
    "contrat de travail": AffiliationKind.EMPLOYMENT,
    "mandat": AffiliationKind.MANDATE,
    "administrat": AffiliationKind.MANDATE,
    "enseign": AffiliationKind.TEACHING,
    "format": AffiliationKind.TEACHING,
    "vacat": AffiliationKind.TEACHING,
    "interven": AffiliationKind.TEACHING,
}
_NO_TIE = ("non", "n", "0", "aucun", "aucune", "aucun lien", "pas de lien", "neant", "sans", "sans lien", "-")
_DIRECTS = ("directeur", "directrice", "direction")
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
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
    DIRECTION = "direction"
    DELEGATION = "delegation"
    TIES = "ties"


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
    directs, ties = folded(said[JurorColumn.DIRECTION]), ties_of(said[JurorColumn.TIES])
    professional = folded(said[JurorColumn.PROFESSIONAL])
    delegation = _delegation(said[JurorColumn.DELEGATED_FROM], said[JurorColumn.DELEGATED_UNTIL])
    began, ended = delegation or (None, None)
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
        is_professional=professional in _YES,
        is_director=directs in (*_YES, *_DIRECTS),
        delegated_from=began,
        delegated_until=ended,
        ties_answer=ties[0] if ties else TiesAnswer.UNANSWERED,
        ties=ties[1] if ties else (),
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
        (JurorFault.YES_OR_NO, professional not in (*_YES, *_NO), said[JurorColumn.PROFESSIONAL]),
        (JurorFault.DIRECTION, directs not in (*_YES, *_DIRECTS, *_NO), said[JurorColumn.DIRECTION]),
        (JurorFault.DELEGATION, delegation is None, _both(said)),
        (JurorFault.TIES, ties is None, said[JurorColumn.TIES]),
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


def ties_of(text: str) -> tuple[TiesAnswer, tuple[Affiliation, ...]] | None:
    """Return what a cell answers about the ties with the certifier (J7): silence is no answer; None for another word.

    A day in the cell is the end of the tie.
    """
    word = folded(text)
    if not word:
        return TiesAnswer.UNANSWERED, ()
    if word in _NO_TIE:
        return TiesAnswer.NONE, ()
    kind = next((kind for said, kind in _TIE_WORDS.items() if said in word), None)
    days = _DAY.findall(text)
    ended = read_day(days[0]) if days else None
    if kind is None or (days and ended is None):
        return None
    return TiesAnswer.LISTED, (Affiliation(kind, OrganisationKind.CERTIFIER, "", ended),)


def _delegation(began: str, ended: str) -> tuple[date | None, date | None] | None:
    """Return the days of a delegation, from one cell or two (J6); None for what is no delegation."""
    days = [read_day(text) for text in _DAY.findall(f"{began} {ended}")]
    if not began and not ended:
        return None, None
    if not began or not days or len(days) > 2 or (ended and len(days) < 2) or None in days:
        return None
    first, last = days[0], days[1] if len(days) == 2 else None
    return None if first and last and last < first else (first, last)


def _both(said: Mapping[JurorColumn, str]) -> str:
    return " ".join(filter(None, (said[JurorColumn.DELEGATED_FROM], said[JurorColumn.DELEGATED_UNTIL])))


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


@dataclass(frozen=True, slots=True)
class FeeRates:
    """The amounts of a body, in cents."""

    session_cents: int = 0
    hearing_cents: int = 0
    km_cents: int = 0


@dataclass(frozen=True, slots=True)
class DatedRates:
    """The amounts of a body in time: those of a day are the last ones set for a day before or on it."""

    first: FeeRates = FeeRates()
    since: Sequence[tuple[date, FeeRates]] = ()

    def on(self, day: date) -> FeeRates:
        """Return the amounts of a day."""
        begun = {since: rates for since, rates in self.since if since <= day}
        return begun[max(begun)] if begun else self.first


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One juror at one session: how many candidates they deliberated on, how far they live; None while the
    distance is unknown.

    `on_site` is false for a session held by video alone: nobody travels.
    """

    session_id: UUID
    held_on: date
    juror_name: str
    email: str
    seat: str
    heard: int
    distance_km: int | None
    on_site: bool = True
    person_id: UUID | None = None
    place: str = ""

    @property
    def travelled_km(self) -> int | None:
        """Return the kilometres there and back; None while the distance is unknown."""
        if not self.on_site:
            return 0
        return None if self.distance_km is None else 2 * self.distance_km

    def lacks_distance(self, rates: FeeRates) -> bool:
        """Return whether the way is to be paid and nobody knows how long it is."""
        return bool(self.heard and rates.km_cents) and self.travelled_km is None

    def vacation_cents(self, rates: FeeRates) -> int:
        """Return what the sitting is paid; someone who deliberated on nobody is paid nothing."""
        return rates.session_cents + rates.hearing_cents * self.heard if self.heard else 0

    def travel_cents(self, rates: FeeRates) -> int:
        """Return what the way there and back is paid; nothing while the distance is unknown."""
        return rates.km_cents * (self.travelled_km or 0) if self.heard else 0

    def total_cents(self, rates: FeeRates) -> int:
        """Return the sum; without the way, while its length is unknown."""
        return self.vacation_cents(rates) + self.travel_cents(rates)
