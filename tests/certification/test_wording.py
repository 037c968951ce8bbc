"""Every code of a certification has its French sentence, and a sentence says what it is about."""

from datetime import date
from enum import StrEnum

import pytest

from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Permanence, Registration, Route, SiteKind
from portfolio.domain.certification.rules.entry_schema import MalformedCode, MalformedEntry
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.certification.rules.publication import PublicationError, PublicationErrorCode
from portfolio.domain.certification.rules.registration import (
    AdmissibilityAnswer,
    AdmissibilityGround,
    Part,
    PartFinding,
    RegistrationStatus,
    RegistrationStatusCode,
    RegistrationStatusReason,
    RejectionReason,
    UnreadableEntry,
)
from portfolio.wording.certification import (
    ADMISSIBILITIES,
    DOUBTS,
    FAULTS,
    MALFORMED,
    MISSING,
    PERMANENCE_NAMES,
    REASONS,
    REGISTRATION_STATUS_REASONS,
    ROUTE_NAMES,
    SEAT_NAMES,
    SITE_KIND_NAMES,
    STANDINGS,
    UNDERSTOOD,
    admissibility_message,
    doubt_message,
    location_message,
    malformed_message,
    publication_error_message,
    refusal_message,
    registration_status_message,
)

FACTS = ("un", "deux", "trois")


@pytest.mark.parametrize(
    ("codes", "sentences"),
    [
        (DoubtCode, DOUBTS),
        (RejectionReason, REASONS),
        (Part, UNDERSTOOD),
        (Part, MISSING),
        (PublicationErrorCode, FAULTS),
        (MalformedCode, MALFORMED),
        (RegistrationStatusCode, STANDINGS),
        (RegistrationStatusReason, REGISTRATION_STATUS_REASONS),
        (AdmissibilityGround, ADMISSIBILITIES),
        (Seat, SEAT_NAMES),
        (Route, ROUTE_NAMES),
        (SiteKind, SITE_KIND_NAMES),
        (Permanence, PERMANENCE_NAMES),
    ],
)
def test_every_code_has_its_words(codes: type[StrEnum], sentences: dict[StrEnum, object]) -> None:
    assert set(sentences) == set(codes)


COUNTED = {
    PublicationErrorCode.JURY_SEATS_DIFFER: ("5", "4"),
    PublicationErrorCode.JURY_COUNT: ("7", "5", "professionals_min"),
}


def facts_of(code: PublicationErrorCode) -> tuple[str, ...]:
    """Return the facts of a fault; that of a doubt left open begins with the doubt."""
    if code is PublicationErrorCode.DOUBT_UNANSWERED:
        return (DoubtCode.TITLES_DIFFER, *FACTS)
    return COUNTED.get(code, FACTS)


def told() -> list[str]:
    act = Registration("Expert", "Arrêté", date(2018, 10, 4), date(2022, 1, 4))
    return [
        *(doubt_message(Doubt("title", code, FACTS)) for code in DoubtCode if code is not DoubtCode.STATED),
        *(publication_error_message(PublicationError("title", code, facts_of(code))) for code in PublicationErrorCode),
        *(malformed_message(MalformedEntry("title", code)) for code in MalformedCode),
        *(refusal_message(UnreadableEntry(reason)) for reason in RejectionReason),
        *(
            registration_status_message(RegistrationStatus(code, ground, date(2020, 5, 1), act))
            for code in RegistrationStatusCode
            for ground in RegistrationStatusReason
        ),
        *(
            admissibility_message(AdmissibilityAnswer(True, ground, date(2022, 2, 1), act, act.until, "RNCP36000"))
            for ground in AdmissibilityGround
        ),
    ]


@pytest.mark.parametrize("sentence", told())
def test_a_sentence_is_whole_and_typographic(sentence: str) -> None:
    assert sentence.endswith(".")
    assert "'" not in sentence
    assert "{" not in sentence


@pytest.mark.parametrize("code", DoubtCode)
def test_a_doubt_that_lost_its_facts_is_poorer_but_told(code: DoubtCode) -> None:
    assert isinstance(doubt_message(Doubt("title", code)), str)


def test_an_expired_entry_is_told_with_its_end_and_its_successor() -> None:
    act = Registration("Expert", "Arrêté", date(2018, 10, 4), date(2022, 1, 4))
    answer = AdmissibilityAnswer(True, AdmissibilityGround.EXPIRED, date(2022, 2, 1), act, act.until, "RNCP36000")
    sentence = admissibility_message(answer).replace("\u00a0", " ")
    assert "a pris fin le 4 janvier 2022" in sentence
    assert "une recevabilité du 1er février 2022" in sentence
    assert sentence.endswith("La fiche RNCP36000 lui succède.")


def test_a_refusal_says_what_was_understood_and_what_was_not() -> None:
    refusal = UnreadableEntry(
        RejectionReason.BLOCK_WITHOUT_COMPETENCY,
        [PartFinding(Part.CODE, ("RNCP12345",))],
        [PartFinding(Part.COMPETENCIES_OF_BLOCK, ("2", "Vendre"))],
        filename="fiche.txt",
    )
    sentence = refusal_message(refusal)
    assert sentence.startswith("fiche.txt : Un bloc n’a aucune compétence")
    assert "Compris : le code RNCP12345." in sentence
    assert sentence.endswith("Introuvable : les compétences du bloc 2, « Vendre ».")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("title", "Intitulé"),
        ("blocks.3", "Bloc 3"),
        ("blocks.3.assessments", "Bloc 3"),
        ("blocks.3.competencies.2", "Bloc 3, compétence 2"),
        ("registrations.2", "Enregistrement 2"),
        ("routes.vae", "Voie « Validation des acquis de l’expérience (VAE) »"),
        ("territories.new_caledonia", "Territoires"),
        ("jury.size", "Jury"),
    ],
)
def test_a_place_is_said_as_people_say_it(where: str, said: str) -> None:
    assert location_message(where) == said
