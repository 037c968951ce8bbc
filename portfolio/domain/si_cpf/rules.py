"""Rules of the transmission of holders to the Caisse des Dépôts (SI-CPF): number, clock, answers (L6113-8)."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from urllib.parse import quote
from uuid import UUID

from portfolio.domain.candidacy.rules.deadlines import months_after
from portfolio.domain.certification.rules.entry import Route

# A certifier transmits within three months of the delivery (R6113-17-2).
TRANSMISSION_MONTHS = 3
WARNED_AFTER, ALARMED_AFTER = timedelta(days=60), timedelta(days=80)
# The most passages of one file, as the Caisse des Dépôts takes them.
MAX_PASSAGES = 200_000
CLIENT_ID_CHARS, CONTRACT_ID_CHARS, NAME_CHARS = 8, 20, 60
# Longest name and first name where the file number of the account names the holder.
FILE_NUMBER_CHARS, FILE_NAME_CHARS, FILE_FIRST_NAME_CHARS = 13, 30, 20
_NIR = re.compile(r"([12]\d{4}(?:2[AB]|\d{2})\d{6})(\d{2})")
_TEMPORARY = tuple("3478")
_COMMUNE = re.compile(r"(?:2[AB]|\d{2})\d{3}")


class Sex(StrEnum):
    """Sex of the civil status, as the schema writes it."""

    FEMALE = "F"
    MALE = "M"


class SchemaVersion(StrEnum):
    """Versions of the schema of the file; the later one has the social security number and the suppression."""

    V1_1_2 = "1.1.2"
    V1_1_5 = "1.1.5"


class FlowAction(StrEnum):
    """Actions that a file asks for."""

    CREATION = "CREATION"
    SUPPRESSION = "SUPPRESSION"


class PassageState(StrEnum):
    """States of a declared award at the Caisse des Dépôts; an award never sent has none."""

    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TO_REMOVE = "to_remove"
    REMOVING = "removing"
    REMOVED = "removed"


class Gap(StrEnum):
    """Gaps that prevent an award from being sent, each with the person who has it."""

    IDENTITY = "identity"
    CODE = "code"


class NirError(StrEnum):
    """Reasons why a social security number is not taken."""

    FORM = "form"
    KEY = "key"
    TEMPORARY = "temporary"


class Advice(StrEnum):
    """Corrections that a rejection asks for."""

    IDENTITY = "identity"
    SEVERAL = "several"
    OTHER = "other"


class Urgency(StrEnum):
    """Degrees of nearness of the end of the three months."""

    CALM = "calm"
    WARNED = "warned"
    ALARMED = "alarmed"
    LATE = "late"


class SiCpfRefusal(StrEnum):
    """Reasons why nothing is sent, or a receipt is not read."""

    NO_SETTINGS = "si_cpf_no_settings"
    NOTHING = "si_cpf_nothing"
    LIVE_FLOW = "si_cpf_live_flow"
    OLD_SCHEMA = "si_cpf_old_schema"
    NOT_LIVE = "si_cpf_not_live"
    CHANGED = "si_cpf_changed"
    INVALID = "si_cpf_invalid"
    UNREADABLE = "si_cpf_unreadable"
    TOO_LARGE = "si_cpf_too_large"
    OTHER_FLOW = "si_cpf_other_flow"
    UNKNOWN = "si_cpf_unknown"
    INCOMPLETE = "si_cpf_incomplete"
    TWICE = "si_cpf_twice"
    READ_OTHERWISE = "si_cpf_read_otherwise"
    NOT_ACCEPTED = "si_cpf_not_accepted"


def read_nir(typed: str) -> str | NirError:
    """Return the thirteen characters of a social security number typed with its key, or why it is not taken.

    The key is 97 minus the remainder of the thirteen digits by 97; Corsica counts 19 for 2A and 18 for 2B (design of
    the number, INSEE). A provisional number begins with 3, 4, 7 or 8 and identifies nobody for the CDC.
    """
    text = re.sub(r"[\s.\-]", "", typed).upper()
    if not text.isascii():
        return NirError.FORM
    if len(text) in (13, 15) and text.startswith(_TEMPORARY):
        return NirError.TEMPORARY
    found = _NIR.fullmatch(text)
    if found is None:
        return NirError.FORM
    digits = found[1].replace("2A", "19", 1) if found[1][5:7] == "2A" else found[1]
    digits = digits.replace("2B", "18", 1) if digits[5:7] == "2B" else digits
    return found[1] if 97 - int(digits) % 97 == int(found[2]) else NirError.KEY


def is_commune_code(text: str) -> bool:
    """Return whether a text has the form of an INSEE code: 33063, 2A004, 99352 for a country."""
    return _COMMUNE.fullmatch(text) is not None


def transmission_due_on(obtained_on: date) -> date:
    """Return the last day on which an award is transmitted (R6113-17-2)."""
    return months_after(obtained_on, TRANSMISSION_MONTHS)


def urgency_of(obtained_on: date, today: date) -> Urgency:
    """Return how near the end of the three months is: warned from the 60th day, alarmed from the 80th (design)."""
    if today > transmission_due_on(obtained_on):
        return Urgency.LATE
    age = today - obtained_on
    return Urgency.ALARMED if age >= ALARMED_AFTER else Urgency.WARNED if age >= WARNED_AFTER else Urgency.CALM


# A code of one of the two registers, as the stores search it too.
REGISTERED_CODE = r"^(RNCP|RS)[0-9]{1,10}$"


def type_of_code(code: str) -> str | None:
    """Return the register of a code, « RNCP » or « RS »; None for a code of neither."""
    found = re.fullmatch(REGISTERED_CODE, code)
    return found[1] if found else None


def exists_already(message: str) -> bool:
    """Return whether a rejection says that the passage is there already, which is a success."""
    return "existe déjà" in message.casefold()


def advice_of(message: str) -> Advice:
    """Return what a rejection asks for."""
    text = message.casefold()
    if "aucun titulaire" in text:
        return Advice.IDENTITY
    return Advice.SEVERAL if "plusieurs titulaires" in text else Advice.OTHER


@dataclass(frozen=True, slots=True)
class HolderIdentity:
    """Identity of a holder as the schema asks for it; `nir` has thirteen characters, or is empty."""

    birth_name: str
    first_name: str
    sex: Sex
    born_on: date
    usual_name: str = ""
    second_name: str = ""
    third_name: str = ""
    commune_code: str = ""
    file_number: str = ""
    nir: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """One award as the file tells it: enrolled, present and awarded are its three days (law of 25 June 2026)."""

    technical_id: UUID
    code: str
    number: str
    option: str
    route: Route
    enrolled_on: date
    present_on: date | None
    awarded_on: date
    valid_until: date | None
    identity: HolderIdentity


@dataclass(frozen=True, slots=True)
class FlowHead:
    """The head of a file: who sends it, when, in which version."""

    flow_id: str
    client_id: str
    contract_id: str
    action: FlowAction
    schema: SchemaVersion
    at: datetime
    address: str = ""

    def proof_address(self, number: str) -> str:
        """Return the public page that checks a certificate; empty where it is longer than the schema takes."""
        found = f"{self.address}/certificats/{quote(number)}" if self.address else ""
        return found if len(found) <= 255 else ""
