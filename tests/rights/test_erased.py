"""Check what was taken back, corrected, withdrawn, refused or forgotten: no page, no link, no row and no file holds
it any more.
"""

from collections.abc import Iterator

import pytest

from portfolio.all_models import metadata
from tests.rights.application import Installation
from tests.rights.crossing import NOT_CONNECTED, TO_LOG_IN
from tests.rights.leak_markers import KIND_OF, Canary, in_text
from tests.rights.table import EVERYWHERE, TABLE, Line
from tests.rights.visibility import may_see
from tests.rights.visitors import PEOPLE, roles_of
from tests.thoroughness import EXHAUSTIVE

BEHIND_A_LINK = [
    line
    for line in TABLE
    if line.endpoint.startswith("respondent.attestation.") and "attestation_token" in line.names.values()
]


def ended(here: Installation) -> Iterator[tuple[Line, str, str, str]]:
    """Each page behind a link of a third party, under each link that ended, for nobody in particular and for one
    other person: each of them in turn, for each page.
    """
    known = [person for person in PEOPLE if person != "anonymous"]
    links = [(state, what) for state in EVERYWHERE.split() for what in ("withdrawn", "refused")]
    assert len(known) <= len(links)
    for line in BEHIND_A_LINK:
        for place, (state, what) in enumerate(links):
            token = here.world.places[state][f"{what}_token"]
            for person in PEOPLE if EXHAUSTIVE else ("anonymous", known[place % len(known)]):
                yield line, person, state, str(here.url(line, state, {"attestation_token": token}))


@pytest.mark.slow
def test_a_link_that_ended_says_so_and_nothing_else(installed: Installation):
    faults, tried, before = [], 0, installed.digest()
    body = {"csrf_token": installed.token, "seen": "x", "name": "x", "code": "000000", "revision": "1"}
    for line, person, state, url in ended(installed):
        browser, tried = installed.browser(person, state), tried + 1
        answer = browser.get(url) if line.method == "GET" else browser.post(url, data=body)
        where = f"{person} · {state} · {line.method} {line.endpoint}"
        if answer.status_code != 410:
            faults.append(f"{where}: {answer.status_code}, not 410")
        roles, own = roles_of(person, state), installed.own(person, state)
        shown = installed.world.planted.seen_in(answer) - own
        faults += [
            f"{where}: shows {canary}"
            for canary in sorted(shown)
            if not may_see(canary, roles) and canary.field not in {"name", "body", "contact"}
        ]
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults[:40])
    assert not installed.changed_since(before)
    assert tried >= 300, tried


@pytest.mark.slow
def test_a_piece_that_is_erased_is_found_by_nobody(installed: Installation):
    faults, tried = [], 0
    lines = [line for line in TABLE if "evidence_id" in installed.rule(line).arguments and line.method == "GET"]
    for line in lines:
        for state in EVERYWHERE.split():
            thrown = {line.names.get("evidence_id", "evidence_id"): installed.world.places[state]["thrown_id"]}
            url = installed.url(line, state, thrown)
            for person in PEOPLE if url else ():
                tried += 1
                status = installed.browser(person, state).get(url).status_code
                closed = {TO_LOG_IN} if person in NOT_CONNECTED else {403, 404} if person in line.knows else {404}
                if status not in closed:
                    faults.append(f"{person} · {state} · {line.endpoint}: {status}")
    assert not faults, "\n".join(faults)
    assert tried >= 800, tried


def kept_words(here: Installation) -> set[Canary]:
    """Every canary in every row of every table."""
    found: set[Canary] = set()
    with here.store.engine.connect() as connection:
        for name in metadata.tables:
            for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"'):
                found |= in_text(repr(tuple(row)))
    return found


def kept_files(here: Installation) -> set[Canary]:
    """Every canary in every file of the store that says its words plainly."""
    store, found = here.app.extensions["files"], set()
    for key in list(store.keys()):
        with store.open(key) as content:
            found |= in_text(content.read().decode("latin-1"))
    return found


def test_nothing_of_it_is_kept(built: Installation):
    built.restore()
    gone = {name for name, kind in KIND_OF.items() if kind == "gone"}
    words, files = kept_words(built), kept_files(built)
    assert {canary.field for canary in words | files} & gone == set()
    assert {"remark", "reply", "private", "wanted", "attester", "unsigned"} <= {word.field for word in words}, (
        "what was not, is"
    )
    assert {"file", "formerfile", "unsigned"} <= {file.field for file in files}
