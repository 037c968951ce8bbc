"""Every kind of page that the people of the demonstration reach by links asks few queries."""

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import select

from portfolio.domain.account.models import Person
from tests.demo.walking import walk

pytestmark = pytest.mark.slow

MOST = 15
# Pages that ask more: who asks and their rights take two queries, the opening of a dossier two, the state of a
# hearing seven, and the page beside. Two are left for what the day of the demonstration changes; a number here
# only goes down.
ABOVE = {
    "advisor.dossier.competency": 17,
    "advisor.dossier.dossier": 17,
    "candidate.dossier.competency": 20,
    "candidate.dossier.home": 17,
    "candidate.evidence.pieces": 17,
    "candidate.evidence.read": 26,
    "candidate.submission.checklist": 22,
    "candidate.submission.signature": 18,
    "certifier.candidacies.candidacy": 17,
    "certifier.control.review": 20,
    "certifier.sessions.appeal_list": 16,
    "certifier.sessions.session": 19,
    "juror.hearing.adjournment_form": 16,
    "juror.hearing.competency": 16,
    "juror.hearing.deliberation": 16,
    "juror.hearing.exhibit": 19,
    "juror.hearing.exhibit_file": 17,
    "juror.hearing.hearing": 16,
    "juror.hearing.minutes": 16,
    "juror.hearing.preview": 17,
    "juror.hearing.search": 17,
    "public.certificate.results": 21,
}


def people(app: Flask) -> list[str]:
    """Return the addresses of those who have a password."""
    with app.extensions["database"].reader() as session:
        return list(session.scalars(select(Person.email).where(Person.password_hash.is_not(None))))


def test_no_page_of_the_demonstration_asks_many_queries(on_sqlite: Flask):
    most: Counter[str] = Counter()
    for email in people(on_sqlite):
        most |= walk(on_sqlite, email, of_each=True).most
    assert len(most) > 100
    assert {page: number for page, number in most.items() if number > ABOVE.get(page, MOST)} == {}
