"""Words that were seen on screens, and led a person wrong."""

import re
from datetime import date
from pathlib import Path

import pytest

from portfolio.domain.candidacy.rules.opening import CandidacyRefusal
from portfolio.domain.certification.rules.case_package import SheetFaultCode
from portfolio.domain.dossier.rules.assessment import SelfAssessment
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.use_cases.status import CertificateStatus
from portfolio.domain.jury.rules.opinions import ReadingExtent
from portfolio.wording import editions, review
from portfolio.wording.candidacy import REFUSALS
from portfolio.wording.certification.by_hand import SHEET_FAULTS
from portfolio.wording.certifying_body import MISSING
from portfolio.wording.figures import Delays, delays_message
from portfolio.wording.holdings.grants import public_verdict
from portfolio.wording.jury.opinions import elsewhere_message, little_read_message
from portfolio.wording.jury.schedule import REFUSALS as SCHEDULE
from portfolio.wording.jury.schedule import ScheduleRefusal
from portfolio.wording.submission import deposit_steps


def test_not_yet_and_no_opinion_are_told_apart():
    assert review.LEVELS[SelfAssessment.NOT_YET] == "Je ne sais pas encore le faire"


@pytest.mark.parametrize("sentence", editions.ABOUT.values())
def test_a_document_is_described_without_the_names_of_formats(sentence):
    assert not [word for word in ("PDF/A", "Mio", "anifeste") if word in sentence]


def test_the_other_exhibits_are_named_only_beside_some_that_were_opened():
    none, some = (elsewhere_message(ReadingExtent(opened, 8)) for opened in (frozenset(), frozenset({"B1-01"})))
    assert "autres" not in none
    assert "autres" in some
    record = little_read_message(ReadingExtent(frozenset(), 8), is_record=True).replace("\u00a0", " ")
    assert "aucun des 8 documents" in record
    assert "pièce" not in record + elsewhere_message(ReadingExtent(frozenset(), 8), is_record=True)
    assert "aucune des 8 pièces" in little_read_message(ReadingExtent(frozenset(), 8)).replace("\u00a0", " ")


def test_a_suspended_decision_is_among_what_a_control_pack_names():
    assert "suspendue" in MISSING["suspended"]


def test_columns_that_are_not_recognised_are_not_said_to_be_missing():
    assert "Aucune ligne" not in str(SHEET_FAULTS[SheetFaultCode.NO_SEPARATOR](()))


TECHNICAL = re.compile("PDF/A|\\bMio\\b|anifeste\\b|mpreinte")


@pytest.mark.parametrize("folder", ["candidate", "components", "shared"])
def test_no_page_of_a_candidate_has_a_word_of_the_trade(folder):
    found = {
        path.name: TECHNICAL.findall(re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", path.read_text(), flags=re.S))
        for path in Path("templates", folder).rglob("*.html")
    }
    assert found
    assert not {name: words for name, words in found.items() if words}


def test_what_is_missing_is_not_said_done_while_something_prevents_the_deposit():
    assert [step["state"] for step in deposit_steps(1, is_blocked=True)] == ["todo", "here", "todo"]
    assert [step["state"] for step in deposit_steps(1)] == ["done", "here", "todo"]


def test_the_import_of_an_entry_names_each_form_that_it_reads():
    page = Path("templates/certifier/certifications/import.html").read_text()
    assert [form for form in ("France compétences", ".txt", "CASE", ".matrix") if form not in page] == []


def test_one_of_a_thing_is_said_in_the_singular():
    said = SCHEDULE[ScheduleRefusal.NO_ROOM]({"places": 1, "candidates": 2}).replace("\u00a0", " ")
    assert said.startswith("Ces heures tiennent 1 passage, et 2 candidats sont inscrits.")
    assert delays_message(Delays(1, 1.0, 1)).startswith("1\u00a0jour pour")


def test_a_certification_of_the_bodys_own_is_not_asked_about_the_register():
    facts = {"route": "vae"}
    say = REFUSALS[CandidacyRefusal.ROUTE_NOT_MENTIONED]
    assert "répertoire" in say(facts)
    assert "répertoire" not in say({**facts, "own": True})
    assert "fiche" not in say({**facts, "own": True})


def test_a_certificate_is_not_valid_to_anyone_before_its_signature_and_its_letter():
    held = CertificateStatus(GrantStatus.HELD)
    labels = {"certification": {"permanence": "unlimited"}}

    def verdict(*, signed: bool, notified: bool) -> str:
        day = date(2026, 6, 18)
        return public_verdict(held, labels, day, is_signed=signed, is_notified=notified)[0]

    assert verdict(signed=True, notified=True) == "Ce certificat est valide"
    assert verdict(signed=True, notified=False) == "Ce certificat n’est pas encore remis"
    assert verdict(signed=False, notified=False) == "Ce certificat n’est pas encore signé"
