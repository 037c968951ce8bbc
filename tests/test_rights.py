"""Every route crossed with people it does not belong to: for them, none of candidate A's pages exists."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import inspect as inspect_row
from sqlalchemy import select

from portfolio.account.models import Person
from portfolio.certification.models import CertificationVersion
from portfolio.db import Database
from portfolio.dossier.models import Claim, Experience
from portfolio.evidence.models import Evidence, EvidenceFile
from portfolio.jury.models import Member
from portfolio.jury.statements import Paper
from portfolio.registry import metadata
from portfolio.submission.models import SealedFile
from tests import factories
from tests.jury import scene
from tests.page import CheckedClient, Page

CANARY = "Canari"
# What anyone may open, connected or not; the rest belongs to someone.
PUBLIC = {
    "static",
    "home.home",
    "home.healthz",
    "account.login",
    "account.log_in",
    "account.logout",
    "account.forgot",
    "account.ask_reset",
    "account.invitation",
    "account.choose_password",
    "certificate.public",
    "certificate.code",
    "certificate.verify",
    "well_known.jwks",
}


@pytest.fixture
def made(app: Flask, store: Database) -> scene.Scene:
    """Candidate A: a draft, a sealed dossier, a hearing, two blocks granted."""
    made = scene.scene(store)
    for block in made.blocks:
        for competency in block.competencies:
            scene.find(store, made, competency)
        scene.decide(store, made, block)
    with store.transaction() as session:
        session.get_one(Person, made.candidate.id).name = f"{CANARY} A"
        for file in session.scalars(select(EvidenceFile)):
            app.extensions["files"].save(file.key, BytesIO(CANARY.encode()))
    return made


def token_of(client: CheckedClient) -> str:
    """A token for writing, from whatever page the person lands on."""
    return Page(client.get("/", follow_redirects=True).text).hidden("csrf_token")


def leave(client: CheckedClient) -> None:
    """The end of a person's visit."""
    client.post("/deconnexion", data={"csrf_token": token_of(client)})


@pytest.fixture
def values(store: Database, made: scene.Scene) -> dict[str, str]:
    """The ids of candidate A's things, by the name they have in URLs."""
    with store.reader() as session:
        piece = session.scalars(select(Evidence).where(Evidence.candidacy_id == made.candidacy_id)).first()
        claim = session.scalars(select(Claim).where(Claim.candidacy_id == made.candidacy_id)).first()
        past = session.scalars(select(Experience).where(Experience.candidacy_id == made.candidacy_id)).first()
        exhibit = session.scalars(select(SealedFile).where(SealedFile.submission_id == made.submission_id)).first()
        member = session.scalars(select(Member).where(Member.session_id == made.session_id)).first()
        paper = session.scalars(select(Paper).where(Paper.session_id == made.session_id)).first()
        version = session.scalars(select(CertificationVersion)).first()
        return {
            "candidacy_id": made.candidacy_id,
            "evidence_id": piece.id,
            "claim_id": claim.id,
            "experience_id": past.id,
            "submission_id": made.submission_id,
            "session_id": made.session_id,
            "hearing_id": made.hearing_id,
            "member_id": member.id,
            "paper_id": paper.id,
            "version_id": version.id,
            "competency_id": made.competencies[0].id,
            "block_id": made.blocks[0].id,
            "label": exhibit.exhibit,
            "exhibit": exhibit.exhibit,
            "seat": "president",
            "number": 1,
            "certificate_number": "0000-0000-0000-0000",
            "page": 1,
            "acquisition_id": made.candidacy_id,
        }


def urls_of(app: Flask, values: dict[str, str]) -> list[tuple[str, str, str]]:
    """Every route that belongs to someone: its method, its URL filled with candidate A's ids, its endpoint."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            continue
        unknown = rule.arguments - set(values)
        assert not unknown, f"{rule.rule} has no value for {unknown}: say it in `values`"
        url = adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments})
        found += [(method, url, rule.endpoint) for method in sorted(rule.methods & {"GET", "POST"})]
    return found


def strangers(store: Database) -> dict[str, str | None]:
    """People who have the same roles elsewhere: their addresses."""
    with store.transaction() as session:
        other = factories.world(session)
        jury = factories.person(session, "Jurée d’une autre session")
        advisor = other.advisor.email
        candidate, certifier = other.candidate.email, other.certifier.email
        from portfolio.jury import services
        from portfolio.jury.rules import Planning

        planning = Planning(other.version.id, scene.DAY, "Ailleurs")
        made = services.plan_session(session, other.body.id, planning, by=other.certifier.id, at=factories.AT)
        naming = scene.replace(scene.PRESIDENT, email=jury.email, name=jury.name)
        services.name_member(session, made.id, naming, by=other.certifier.id, at=factories.AT)
    return {
        "anonymous": None,
        "candidate B": candidate,
        "advisor of B": advisor,
        "juror of another session": jury.email,
        "certifier of another body": certifier,
    }


def snapshot(store: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the tables that hold candidate A's path."""
    quiet = {"login_session", "login_try", "form_receipt", "journal_line", "ticket"}
    with store.engine.connect() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in metadata.tables.items()
            if name not in quiet
        }


# Pages of one's own, that show nothing of anybody else whoever opens them.
OWN = {"home.dossiers", "review.board", "jury.home"}
BODY = {"home.certifier", "certification.index", "certification.importing", "certification.import_one", "candidacy.opening",
        "candidacy.open_one", "jury.sessions", "jury.plan", "jury.plan_one", "mail.outbox",
        "paper.settings", "paper.save_settings", "paper.unsigned", "paper.sign"}  # fmt: skip


@pytest.mark.parametrize(
    "who", ["anonymous", "candidate B", "advisor of B", "juror of another session", "certifier of another body"]
)
def test_for_a_stranger_no_page_of_candidate_a_exists(app, client, store, made, values, who):
    email = strangers(store)[who]
    if email:
        assert client.log_in(email, factories.PASSWORD).status_code == 303
    token = token_of(client)
    before = snapshot(store)
    for method, url, endpoint in urls_of(app, values):
        data = {"csrf_token": token, "sworn": "y", "sure": "y", "text": "x", "revision": "1"} if method == "POST" else None
        answer = client.open(url, method=method, data=data)
        expected = {404}
        if email and endpoint in OWN:
            expected = {200, 303}
        if who == "certifier of another body" and endpoint in BODY:
            expected = {200, 422}
        assert answer.status_code in expected, f"{who}: {method} {url} ({endpoint}) answers {answer.status_code}"
        assert CANARY not in answer.text, f"{who}: {method} {url} shows the canary"
    assert snapshot(store) == before, "not one byte changes"


def test_their_own_pages_answer_the_people_concerned(app, client, store, made, values):
    pages = {
        made.candidate.email: ["dossier.home", "dossier.grid", "submission.receipt", "certificate.results", "evidence.pieces"],
        made.advisor.email: ["review.dossier", "review.competency", "dossier.competency", "submission.receipt"],
        made.certifier.email: ["candidacy.candidacy", "jury.session", "certification.version", "certificate.results"],
        made.president.email: ["jury.hearing", "jury.competency", "jury.block", "jury.preview", "jury.exhibits"],
    }
    adapter = app.url_map.bind("localhost")
    for email, endpoints in pages.items():
        client.log_in(email, factories.PASSWORD)
        for endpoint in endpoints:
            rule = next(rule for rule in app.url_map.iter_rules(endpoint) if "GET" in rule.methods)
            answer = client.get(adapter.build(endpoint, {name: values[name] for name in rule.arguments}))
            assert answer.status_code == 200, f"{email}: {endpoint} answers {answer.status_code}"
        leave(client)


def test_the_jury_never_sees_anything_of_the_advisor(app, client, store, made, values):
    with store.transaction() as session:
        session.get_one(Person, made.advisor.id).name = f"{CANARY} conseil"
    client.log_in(made.president.email, factories.PASSWORD)
    seen = 0
    for method, url, endpoint in urls_of(app, values):
        if method == "GET" and endpoint.startswith(("jury.", "submission.")):
            answer = client.get(url)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                seen += 1
                assert f"{CANARY} conseil" not in Page(answer.text).text, url
    assert seen >= 8
    assert inspect_row(made.advisor) is not None
