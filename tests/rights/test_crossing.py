"""Every route × every person × every state of a dossier: the answer is the table's, and no canary is where it
does not belong.
"""

from collections import Counter

import pytest

from tests.rights.application import Installation
from tests.rights.crossing import READS, WRITES, cells, expected, in_turn, read, some, write
from tests.rights.leak_markers import in_text
from tests.rights.table import TABLE
from tests.thoroughness import EXHAUSTIVE


def test_every_route_has_its_line(built: Installation):
    routed = {
        (method, rule.endpoint)
        for rule in built.app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}
    }
    told = Counter((line.method, line.endpoint) for line in TABLE)
    assert not routed - told.keys(), "say in tests/rights/table.py who may open these"
    assert not told.keys() - routed, "these routes are gone"
    assert not [one for one, times in told.items() if times > 1]


def test_every_line_is_tried_and_every_page_opens_for_somebody(built: Installation):
    """Else a line whose ids the world does not have would refuse everybody in peace."""
    tried: dict[str, set[int]] = {f"{line.method} {line.endpoint}": set() for line in TABLE}
    for line, person, state, _ in cells(built, list(TABLE)):
        tried[f"{line.method} {line.endpoint}"].add(expected(built, line, person, state))
    mute = [name for name, statuses in tried.items() if not statuses]
    closed = [line.endpoint for line in TABLE if line.shows and 200 not in tried[f"{line.method} {line.endpoint}"]]
    assert (mute, closed) == ([], [])


def test_each_line_gives_each_of_its_answers_to_somebody(installed: Installation):
    before = installed.digest()
    faults, counts = read(installed, some(installed, cells(installed, READS)))
    refused, tried = write(installed, some(installed, cells(installed, WRITES)))
    assert not faults + refused, "\n".join(faults + refused)
    assert not installed.changed_since(before), "not one row changes"
    assert min(counts[200] - 200, counts[403] - 50, counts[404] - 200, tried - 250) >= 0, (counts, tried)


@pytest.mark.slow
def test_reading(installed: Installation, capsys: pytest.CaptureFixture[str]):
    before = installed.digest()
    faults, counts = read(installed, in_turn(installed, cells(installed, READS)))
    logged = capsys.readouterr().err
    assert not in_text(logged), "the log holds words of somebody"
    assert logged.count('"event": "request"') >= 4700
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)
    assert not installed.changed_since(before), "a page writes when it is read"
    assert min(counts[200] - 1300, counts[403] - 150, counts[404] - 3000) >= 0, counts


@pytest.mark.slow
def test_writing_is_refused_to_those_who_may_not(installed: Installation, capsys: pytest.CaptureFixture[str]):
    before = installed.digest()
    faults, tried = write(installed, in_turn(installed, cells(installed, WRITES)))
    assert not in_text(capsys.readouterr().err), "the log holds words of somebody"
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)
    assert not installed.changed_since(before), "not one row changes"
    assert tried >= 2700, tried


@pytest.mark.slow
def test_postgresql_answers_alike(elsewhere: Installation):
    before, chosen = elsewhere.digest(), in_turn if EXHAUSTIVE else some
    faults, counts = read(elsewhere, chosen(elsewhere, cells(elsewhere, READS)))
    refused, tried = write(elsewhere, chosen(elsewhere, cells(elsewhere, WRITES)))
    assert not faults + refused, "\n".join(faults + refused)
    assert not elsewhere.changed_since(before)
    assert min(counts[200] - 200, counts[403] - 50, counts[404] - 200, tried - 250) >= 0, (counts, tried)
