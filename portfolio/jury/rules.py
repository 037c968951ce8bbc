"""The law of the jury: who may sit (J1–J11), what it finds, what it decides (R4, R5)."""

from __future__ import annotations

from enum import StrEnum


class Seat(StrEnum):
    """A place at the jury's table; which ones exist is data of the certification version (J2)."""

    PRESIDENT = "president"
    EMPLOYEE_REPRESENTATIVE = "employee_representative"
    DIRECTOR_OR_DELEGATE = "director_or_delegate"
    TEACHER_TRAINER = "teacher_trainer"
    PEDAGOGICAL_MANAGER = "pedagogical_manager"


class College(StrEnum):
    """The college a member represents, if any (J3, J5, J8)."""

    EMPLOYERS = "employers"
    EMPLOYEES = "employees"
    NONE = "none"


class TieKind(StrEnum):
    """What links a member to the certifier or to the body that trained the candidate (J7)."""

    EMPLOYMENT = "employment"
    MANDATE = "mandate"
    TEACHING = "teaching"


class FindingValue(StrEnum):
    """What is found on one competency."""

    ACQUIRED = "acquired"
    PARTIALLY = "partially"
    NOT_ACQUIRED = "not_acquired"


class Ground(StrEnum):
    """Why a competency without any claim is found acquired (R5)."""

    INTERVIEW = "demonstrated_at_interview"
    WORK_SIMULATION = "demonstrated_in_work_simulation"
    OTHER = "other"


class Outcome(StrEnum):
    """What is decided for one block."""

    VALIDATED = "validated"
    NOT_VALIDATED = "not_validated"
