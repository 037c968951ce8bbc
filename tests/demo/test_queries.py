"""Every kind of page that the people of the demonstration reach by links asks few queries."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from html import unescape
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from portfolio.domain.account.models import Person
from portfolio.domain.account.use_cases import start_session
from tests.demo.conftest import NOW

MOST = 15
# Pages that ask more: the whole history of a person takes eleven queries, the state of a hearing twelve, and the
# page beside. Two are left for what the day of the demonstration changes; a number here only goes down.
ABOVE = {
    "account.own_data.erasure_form": 22,
    "account.own_data.own_data": 23,
    "advisor.dossier.competency": 32,
    "advisor.dossier.dossier": 20,
    "candidate.dossier.choose_competencies": 24,
    "candidate.dossier.competency": 47,
    "candidate.dossier.home": 42,
    # The steps left are those of the whole draft, as on the first page.
    "candidate.dossier.pace": 46,
    "candidate.dossier.rehearsal": 20,
    "candidate.dossier.steps_calendar": 44,
    "candidate.evidence.confirm_remove": 20,
    "candidate.evidence.describe": 21,
    "candidate.evidence.piece": 26,
    "candidate.evidence.pieces": 18,
    "candidate.evidence.read": 57,
    "candidate.evidence.replace": 22,
    "candidate.submission.checklist": 47,
    "candidate.submission.draft_book": 18,
    "candidate.submission.exhibit_reader": 17,
    "candidate.submission.next_dossier": 34,
    "candidate.submission.read_draft": 18,
    "candidate.submission.signature": 42,
    "certifier.candidacies.candidacy": 22,
    "certifier.certificates.acquisitions": 23,
    "certifier.control.review": 30,
    "certifier.figures.figures": 20,
    "certifier.retention.dossier": 25,
    "certifier.sessions.appeal_list": 24,
    "certifier.sessions.compose": 21,
    "certifier.sessions.move_form": 17,
    "certifier.sessions.replacement": 22,
    "certifier.sessions.seat": 20,
    "certifier.sessions.session": 26,
    "certifier.sessions.site": 21,
    "certifier.sessions.substitute": 20,
    "juror.hearing.adjournment_form": 26,
    "juror.hearing.block": 26,
    "juror.hearing.competency": 29,
    "juror.hearing.deliberation": 26,
    "juror.hearing.exhibit": 25,
    "juror.hearing.exhibit_file": 18,
    "juror.hearing.findings_grid": 20,
    "juror.hearing.hearing": 27,
    "juror.hearing.interview_sheet": 31,
    "juror.hearing.minutes": 23,
    "juror.hearing.notes": 26,
    "juror.hearing.own_opinions": 28,
    "juror.hearing.preview": 40,
    "juror.hearing.rectification_form": 22,
    "juror.hearing.search": 30,
    "juror.hearing.signed_document_form": 18,
    "public.certificate.public": 23,
    "public.certificate.results": 49,
}
NAMED = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/certificats/)[^/]+|(?<=/sieges/)[^/]+|\bB\d-\d+|\d+")
LINK = re.compile(r'<a [^>]*?href="([^"]*)"')


def browsers(app: Flask) -> dict[str, FlaskClient]:
    """Return a browser of each person who has a password, already connected."""
    found = {}
    with app.extensions["database"].transaction() as session:
        for person in session.scalars(select(Person).where(Person.password_hash.is_not(None))):
            token = start_session(session, person.id, timedelta(hours=12), at=NOW)
            found[person.email] = FlaskClient(app, app.response_class)
            with found[person.email].session_transaction() as kept:
                kept["_user_id"], kept["_fresh"] = token, True
    return found


def crawl(app: Flask, client: FlaskClient, asked: list[str]) -> Counter[str]:
    """Return how many queries each kind of page asks, one page of a kind being opened."""
    seen, waiting, kinds, most = {"/"}, ["/"], Counter[str](), Counter[str]()
    routes = app.url_map.bind("localhost")
    while waiting:
        path = waiting.pop()
        asked.clear()
        answer = client.get(path)
        if answer.mimetype == "text/html" and answer.status_code == 200:
            endpoint = str(routes.match(urlsplit(path).path)[0])
            most[endpoint] = max(most[endpoint], len(asked))
        assert answer.status_code < 500, path
        links = [answer.location] if answer.location else []
        if answer.mimetype == "text/html":
            links += LINK.findall(answer.text)
        answer.close()
        for link in links:
            target = urlsplit(urljoin(path, unescape(link)))
            address = target.path + (f"?{target.query}" if target.query else "")
            if target.netloc not in ("", "localhost") or target.scheme not in ("", "http") or address in seen:
                continue
            seen.add(address)
            kind = NAMED.sub("*", target.path)
            kinds[kind] += 1
            if kinds[kind] == 1 and "deconnexion" not in kind:
                waiting.append(address)
    return most


def test_no_page_of_the_demonstration_asks_many_queries(on_sqlite: Flask):
    asked: list[str] = []
    hear = lambda *heard: None if heard[2].startswith(("BEGIN", "SAVEPOINT", "RELEASE")) else asked.append(heard[2])  # noqa: E731
    engine = on_sqlite.extensions["database"].engine
    event.listen(engine, "before_cursor_execute", hear)
    most: Counter[str] = Counter()
    for client in browsers(on_sqlite).values():
        most |= crawl(on_sqlite, client, asked)
    event.remove(engine, "before_cursor_execute", hear)
    assert len(most) > 100
    assert {page: number for page, number in most.items() if number > ABOVE.get(page, MOST)} == {}
