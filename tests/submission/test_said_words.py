"""Words that were seen on screens, and led a person wrong."""

from __future__ import annotations

import pytest

from portfolio.domain.certification.rules.spreadsheet import SheetFaultCode
from portfolio.domain.dossier.rules.assessment import SelfAssessment
from portfolio.domain.jury.rules.opinions import ReadingExtent
from portfolio.screens.juror.forms.declarations import ReadingForm
from portfolio.wording import editions, review
from portfolio.wording.certification.by_hand import SHEET_FAULTS
from portfolio.wording.certifying_body import MISSING
from portfolio.wording.jury.opinions import little_read_message


def test_not_yet_and_no_opinion_are_told_apart():
    assert review.LEVELS[SelfAssessment.NOT_YET] == "Je ne sais pas encore le faire"


@pytest.mark.parametrize("sentence", editions.ABOUT.values())
def test_a_document_is_described_without_the_names_of_formats(sentence):
    assert not [word for word in ("PDF/A", "Mio", "anifeste") if word in sentence]


def test_the_other_exhibits_are_named_only_beside_some_that_were_opened(app):
    with app.test_request_context():
        none, some = (
            ReadingForm("Samia", extent=ReadingExtent(opened, 8), formdata=None)
            for opened in (frozenset(), frozenset({"B1-01"}))
        )
    assert "autres" not in none.elsewhere.label.text
    assert "autres" in some.elsewhere.label.text
    assert "aucune des 8 pièces" in little_read_message(ReadingExtent(frozenset(), 8)).replace("\u00a0", " ")


def test_a_suspended_decision_is_among_what_a_control_pack_names():
    assert "suspendue" in MISSING["suspended"]


def test_columns_that_are_not_recognised_are_not_said_to_be_missing():
    assert "Aucune ligne" not in str(SHEET_FAULTS[SheetFaultCode.NO_SEPARATOR](()))
