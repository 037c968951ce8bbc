"""A signed form is a picture or a PDF, signed on a day on which what it says could be said."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury.rules.paper import PaperDays, PaperRefusal, signed_day_refusal
from portfolio.domain.jury_session.use_cases.declarations import record_statement
from portfolio.domain.jury_session.use_cases.planning import name_member
from portfolio.errors import Refusal
from portfolio.files.file_types.types import FileType, is_scan
from tests.jury import builders

SEALED, NAMED, LISTED, TODAY = date(2026, 5, 4), date(2026, 5, 11), date(2026, 5, 18), date(2026, 6, 18)
DAYS = PaperDays(SEALED, NAMED, LISTED)
READ, DECLARED, RECUSED = StatementKind.READ, StatementKind.NO_RELATION, StatementKind.RECUSAL


@pytest.mark.parametrize(
    ("kind", "signed_on", "refused"),
    [
        (READ, date(2020, 1, 5), (PaperRefusal.BEFORE_SEALING, SEALED)),
        (READ, SEALED, (PaperRefusal.BEFORE_NAMING, NAMED)),
        (DECLARED, date(2020, 1, 5), (PaperRefusal.BEFORE_NAMING, NAMED)),
        (RECUSED, NAMED - timedelta(days=1), (PaperRefusal.BEFORE_NAMING, NAMED)),
        (DECLARED, NAMED, (PaperRefusal.BEFORE_LISTING, LISTED)),
        (DECLARED, LISTED, None),
        (READ, TODAY, None),
        (READ, TODAY + timedelta(days=1), (PaperRefusal.SIGNED_LATER, TODAY)),
    ],
)
def test_a_form_is_signed_between_what_it_speaks_of_and_today(kind, signed_on, refused):
    assert signed_day_refusal(kind, signed_on, DAYS, TODAY) == refused


@pytest.mark.parametrize(
    ("kind", "holds"), [("PDF", 1), ("JPEG", 1), ("HEIC", 1), ("TIFF", 1), ("TEXT", 0), ("DOCX", 0)]
)
def test_only_a_pdf_or_a_picture_holds_a_signature(kind, holds):
    found = FileType[kind]
    assert is_scan(found.mime, found.family) is bool(holds)


def test_a_text_is_kept_neither_as_a_form_nor_as_an_appointment(db):
    made = builders.scene(db, ready=False)
    text = replace(builders.act("bonjour.txt"), mime="text/plain", family="text")
    said = MemberDeclarations(made.president.id, DECLARED, signed_on=builders.DAY)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        record_statement(session, made.hearing_id, said, text, by=made.certifier.id, at=builders.ON_THE_DAY)
    assert refused.value.code is PaperRefusal.NOT_A_SCAN
    again = replace(builders.PRESIDENT, seen=1)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        name_member(session, made.session_id, again, text, by=made.certifier.id, at=builders.ON_THE_DAY)
    assert refused.value.code is PaperRefusal.NOT_A_SCAN


def test_a_form_of_before_the_naming_is_refused_and_says_the_day(db):
    made = builders.scene(db, ready=False)
    said = MemberDeclarations(made.president.id, DECLARED, signed_on=date(2020, 1, 5))
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        record_statement(session, made.hearing_id, said, builders.act(), by=made.certifier.id, at=builders.ON_THE_DAY)
    assert refused.value.code is PaperRefusal.BEFORE_NAMING
    assert refused.value.facts["name"] == builders.PRESIDENT.name
