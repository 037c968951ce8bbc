"""Every kind of page that the people of the demonstration reach by links asks few queries."""

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
