"""Ids in addresses: another's thing under one's own, what is not one's own and what does not exist, in the
same words.
"""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.rights.application import Installation
from tests.rights.table import ANYONE, CONNECTED, EVERYWHERE, SCRIPTED, TABLE, Line
from tests.rights.visibility import may_see
from tests.rights.visitors import PEOPLE, roles_of
from tests.thoroughness import EXHAUSTIVE

pytestmark = pytest.mark.slow

UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# One line asks the first, the third and the fifth, the next one the others; TESTS=exhaustive asks all of them.
STRANGERS = ("candidate beside", "advisor south", "juror beside", "certifier south", "anonymous")
# These parts of an address are numbers and names of one's own, not keys of rows.
NO_KEYS = {"filename", "seat", "key", "number", "page", "label", "token"}


def first_cell(here: Installation, line: Line) -> tuple[str, str, str] | None:
    """Return the first state and person for whom a line answers, and its address there."""
    for state in EVERYWHERE.split():
        url = here.url(line, state)
        for person in PEOPLE:
            answer = line.answers.get(f"{person} {state}", line.answers.get(state, 200))
            if url and person in line.may and state in line.only and answer == 200:
                return state, person, url
    return None


def swapped(here: Installation, line: Line, state: str, other: str) -> Iterator[tuple[str, str]]:
    """Yield the address with one inner id taken from another dossier, the outer ones being one's own."""
    place = here.world.places[state]
    keys = sorted(set(here.rule(line).arguments) - NO_KEYS)
    for name in keys if len(keys) > 1 else ():
        where = line.names.get(name, name)
        theirs = here.world.places[other].get(where)
        if theirs and theirs != place[where]:
            yield name, str(here.url(line, state, {where: theirs}))


def test_another_dossiers_thing_under_ones_own_dossier_is_not_found(installed: Installation):
    faults, tried, before = [], 0, installed.digest()
    for line in TABLE:
        cell = first_cell(installed, line)
        if cell is None or {ANYONE, CONNECTED} & line.may:
            continue
        first, person, _ = cell
        # A hearing that nobody acted on can still be taken off: only by its own session.
        open_list = [("heard", "listed")] if person in line.may and "heard" in line.only else []
        for state, other in [(first, one) for one in ("beside", "far", "past", "reopened")] + open_list:
            for name, url in swapped(installed, line, state, other):
                if name == outer_id(installed, line) and may_open(person, other):
                    continue  # the outer id alone makes the page another one of their own
                tried += 1
                body = {"csrf_token": installed.token, "text": "x", "sure": "y"}
                browser = installed.browser(person, state)
                answer = browser.get(url) if line.method == "GET" else browser.post(url, data=body)
                where = f"{line.method} {line.endpoint}: {name} of {other}, by {person}"
                # A part of a file has no form, and its refusals say how much is here: another's is not found,
                # and nothing else.
                if answer.status_code in range(200, 300) or (line.endpoint in SCRIPTED and answer.status_code != 404):
                    faults.append(f"{where}: {answer.status_code}")
                shown = installed.world.planted.seen_in(answer) - installed.world.planted.typed(url)
                faults += [
                    f"{where}: shows {canary}" for canary in shown if not may_see(canary, roles_of(person, state))
                ]
                if changed := installed.changed_since(before) - {"idempotency_key"}:
                    faults.append(f"{where}: changes {changed}")
                    installed.restore()
    assert not faults, "\n".join(faults)
    assert tried >= 100, tried


def outer_id(here: Installation, line: Line) -> str:
    """Return the first id of an address: whose page it is."""
    return re.findall(r"<(?:\w+:)?(\w+)>", here.rule(line).rule)[0]


def may_open(person: str, other: str) -> bool:
    """Tell whether someone is anything at all to another dossier."""
    return other in roles_of(person, "draft")


def test_what_is_not_ones_own_and_what_does_not_exist_get_the_same_answer(installed: Installation):
    faults, tried = [], 0
    for place, line in enumerate(TABLE):
        for person in STRANGERS if EXHAUSTIVE else STRANGERS[place % 2 :: 2]:
            theirs = installed.url(line, "past")
            if not theirs or not UUID.search(theirs) or person in line.may or ANYONE in line.may:
                continue
            tried += 1
            nowhere = UUID.sub(lambda _: str(uuid4()), theirs)
            one, other = (plain(installed, person, line, url) for url in (theirs, nowhere))
            if one != other:
                faults.append(f"{person} · {line.method} {line.endpoint}: {one[0]} and {other[0]}, or another page")
    assert not faults, "\n".join(faults)
    assert tried >= 750, tried


def plain(here: Installation, person: str, line: Line, url: str) -> tuple[int, str, dict[str, str]]:
    """A response without what differs at each request: ids of the address, tokens, moments."""
    browser = here.browser(person)
    body = {"csrf_token": here.token, "text": "une phrase qui a été écrite"}
    answer = browser.get(url) if line.method == "GET" else browser.post(url, data=body)
    text = re.sub('name="(csrf_token|nonce)"[^>]*>|value="[\\w.-]{60,}"', "", UUID.sub("…", answer.text))
    headers = {
        name: UUID.sub("…", value)
        for name, value in answer.headers.items()
        if name not in {"Set-Cookie", "Content-Length", "Date"}
    }
    return answer.status_code, text, headers
