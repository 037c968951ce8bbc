"""The tasks of the members of a body: each page of each task, and every link and form on it, followed."""

from collections import Counter
from uuid import UUID

import pytest
from lxml import html

from portfolio.access.policy import EVERY_MEMBER_ROLE, TASKS, Permission, Relation, Role, may_write
from portfolio.domain.account.models import CertifyingBodyMember
from portfolio.domain.account.rules import MemberRight, MemberTask, tasks_of
from portfolio.domain.certification.models import CertificationVersion
from tests.rights.application import Installation

# What a page may lead to as often as this; lists lead to a hundred of the same.
SAME = 2
# They end the session that walks.
LEFT = {"account.login.logout"}
# A page of the body, and the task whose form it offers.
OFFERED = (
    ("/candidatures/nouvelle", MemberTask.SECRETARIAT),
    ("/sessions/nouvelle", MemberTask.SESSIONS),
    ("/organisme/lieux", MemberTask.CERTIFICATIONS),
    ("/organisme/reglages", MemberTask.SIGNATURE),
)


def give(here: Installation, tasks: dict[str, list[str]] | None, right: MemberRight = MemberRight.READER) -> None:
    """Give the member of « north » these tasks alone."""
    with here.store.transaction() as session:
        who = here.world.people["certifier north"]
        row = session.query(CertifyingBodyMember).filter_by(person_id=who).one()
        row.member_right, row.tasks = right, tasks


def certification(here: Installation, state: str) -> str:
    """Return the certification of the candidacy in this state."""
    with here.store.reader() as session:
        version = UUID(str(here.world.places[state]["version_id"]))
        return str(session.get_one(CertificationVersion, version).certification_id)


def walk(here: Installation) -> tuple[list[str], int]:
    """Follow every link and send every form from the first page of the body; what ended in « no »."""
    browser, faults, sent = here.browser("certifier"), [], 0
    waiting, seen, often = ["/organisme"], {"/organisme"}, Counter[str]()
    adapter = here.app.url_map.bind("localhost")
    forms = set()
    while waiting:
        path = waiting.pop(0)
        answer = browser.get(path)
        answer.get_data()
        answer.close()
        # What a form sent before took away is not found any more.
        if answer.status_code in (403, 500):
            faults.append(f"GET {path}: {answer.status_code}")
        if not answer.content_type.startswith("text/html"):
            continue
        page = html.fromstring(answer.text)
        for form in page.xpath("//form[@method='post']"):
            action = str(form.get("action") or path)
            endpoint = adapter.match(action.split("?")[0], method="POST")[0]
            if action in forms or not hasattr(here.app.view_functions[endpoint], "may_send"):
                continue
            forms.add(action)
            hidden = {one.get("name"): one.get("value", "") for one in form.xpath(".//input[@type='hidden']")}
            status = browser.post(action, data=hidden | {"csrf_token": here.token}).status_code
            sent += 1
            if status in (403, 500):
                faults.append(f"POST {action} on {path}: {status}")
        for link in page.xpath("//a[starts-with(@href, '/')]/@href"):
            href = str(link).split("#")[0]
            endpoint = adapter.match(href.split("?")[0])[0]
            if href not in seen and often[endpoint] < SAME and endpoint not in LEFT:
                seen.add(href)
                often[endpoint] += 1
                waiting.append(href)
    return faults, sent


def walked(here: Installation, tasks: dict[str, list[str]]) -> int:
    """Walk as a member who has these tasks alone, and expect no refusal; how many forms were sent."""
    give(here, tasks)
    try:
        faults, sent = walk(here)
    finally:
        here.restore()
    assert not faults, "\n".join(faults)
    return sent


@pytest.mark.slow
@pytest.mark.parametrize("task", MemberTask)
def test_a_task_is_offered_nothing_that_is_refused(built: Installation, task: MemberTask):
    assert bool(walked(built, {task.value: []})) == (task is not MemberTask.READING)


@pytest.mark.slow
def test_limited_tasks_are_offered_nothing_that_is_refused(built: Installation):
    own, other = certification(built, "sealed"), certification(built, "far")
    assert walked(built, {"secretariat": [other], "sessions": [own], "signature": [own]})


def test_each_task_is_offered_its_forms_and_those_of_no_other(built: Installation):
    for own in MemberTask:
        give(built, {own.value: []})
        for path, task in OFFERED:
            page = html.fromstring(built.browser("certifier").get(path).text)
            forms = page.xpath("//form[@method='post' and not(@action='/deconnexion')]")
            assert bool(forms) == (task is own), (own, path)
    built.restore()


def test_a_limited_task_acts_on_its_certifications_alone(built: Installation):
    version = str(built.world.places["draft"]["version_id"])
    path = f"/candidatures/{built.world.places['draft']['candidacy_id']}/corriger"
    for state, corrected, offered in (("draft", 422, True), ("far", 403, False)):
        give(built, {"reading": [], "secretariat": [certification(built, state)]})
        browser, token = built.browser("certifier"), {"csrf_token": built.token}
        assert browser.post(path, data=token).status_code == corrected
        assert (version in browser.get("/candidatures/nouvelle").text) == offered
        assert browser.post("/candidatures/plusieurs", data=token | {"version_id": version}).status_code == 422
        assert browser.post("/organisme/reglages", data=token).status_code == 403
        give(built, {"signature": [certification(built, state)]})
        signing = html.fromstring(browser.get("/organisme/certificats-a-signer").text)
        assert bool(signing.xpath("//input[@name='certificates']")) == offered
    built.restore()


def test_rows_of_before_keep_every_right_and_gain_none():
    every = {
        MemberTask.READING,
        MemberTask.SECRETARIAT,
        MemberTask.SESSIONS,
        MemberTask.CERTIFICATIONS,
        MemberTask.SIGNATURE,
    }
    for right in (None, MemberRight.MANAGER, MemberRight.SIGNATORY):
        assert tasks_of(right, None).keys() == every
    assert tasks_of(MemberRight.READER, None).keys() == {MemberTask.READING}


def test_every_permission_that_a_member_has_says_its_task():
    reader = Relation(frozenset({Role.CERTIFIER}))
    every = Relation(EVERY_MEMBER_ROLE)
    for permission, task in TASKS.items():
        assert not may_write(reader, permission)
        assert may_write(every, permission)
        assert may_write(Relation(frozenset({Role.CERTIFIER, task})), permission)
    assert may_write(reader, Permission.READ_BODY)


def pages_of_the_body(here: Installation) -> list[str]:
    """Every page of a body without an id in its address, exports included, and what its searches find."""
    rules = [rule for rule in here.app.url_map.iter_rules() if rule.endpoint.startswith("certifier.")]
    alone = [str(rule) for rule in rules if "GET" in (rule.methods or ()) and not rule.arguments]
    return [
        *alone,
        *(f"{path}?cherche=kanari" for path in alone if path in ("/candidatures", "/courriers", "/sessions")),
    ]


@pytest.mark.slow
def test_a_limited_member_reads_nothing_of_the_other_certifications(built: Installation):
    with built.store.reader() as session:
        draft = session.get_one(CertificationVersion, UUID(str(built.world.places["draft"]["draft_version_id"])))
        other = str(draft.certification_id)
    place, browser, found = built.world.places["past"], built.browser("certifier"), {}
    give(built, {"reading": []})
    assert built.world.planted.seen_in(browser.get("/candidatures")), "the list names people to who reads it all"
    give(built, {"reading": [other], "secretariat": [other], "signature": [other]})
    for path in pages_of_the_body(built):
        seen = built.world.planted.seen_in(browser.get(path))
        found[path] = {canary for canary in seen if canary.owner in built.world.places}
    one = ("candidatures", "candidacy_id"), ("sessions", "session_id"), ("certifications/versions", "version_id")
    assert {browser.get(f"/{kind}/{place[name]}").status_code for kind, name in one} == {404}
    assert browser.get(f"/jurys/{place['hearing_id']}/proces-verbal").status_code == 404
    built.restore()
    assert not {path: canaries for path, canaries in found.items() if canaries}
