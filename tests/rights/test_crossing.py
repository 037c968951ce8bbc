"""Every route × every person × every state of a dossier: the answer is the table's, and no canary is where it
does not belong.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.rights.application import Installation
from tests.rights.crossing import ALL, READS, WRITES, Cell, cells, expected, read, write
from tests.rights.leak_markers import in_text
from tests.rights.table import TABLE


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
    closed = [
        line.endpoint for line in TABLE if line.shows and 200 not in tried[f"{line.method} {line.endpoint}"]
    ]
    assert (mute, closed) == ([], [])


def test_reading(installed: Installation, capsys: pytest.CaptureFixture[str]):
    before = installed.digest()
    faults, counts = read(installed, cells(installed, READS))
    logged = capsys.readouterr().err
    assert not in_text(logged), "the log holds words of somebody"
    assert logged.count('"event": "request"') >= 3000
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)
    assert not installed.changed_since(before), "a page writes when it is read"
    assert min(counts[200] - 500, counts[403] - 100, counts[404] - 2000) >= 0, counts


def test_writing_is_refused_to_those_who_may_not(installed: Installation, capsys: pytest.CaptureFixture[str]):
    before = installed.digest()
    faults, tried = write(installed, cells(installed, WRITES))
    assert not in_text(capsys.readouterr().err), "the log holds words of somebody"
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)
    assert not installed.changed_since(before), "not one row changes"
    assert tried >= 2000, tried


def some(here: Installation, every: list[Cell]) -> list[Cell]:
    """Of each line, one cell for each answer it gives: the first person and state, or each in its turn from
    line to line.
    """
    chosen: dict[tuple[str, str, int], list[Cell]] = {}
    for cell in every:
        line, person, state, _ = cell
        chosen.setdefault((line.method, line.endpoint, expected(here, line, person, state)), []).append(cell)
    return [alike[place % len(alike)] for place, alike in enumerate(chosen.values())]


def test_postgresql_answers_alike(elsewhere: Installation):
    before, every = elsewhere.digest(), [*cells(elsewhere, READS)]
    faults, counts = read(elsewhere, every if ALL else some(elsewhere, every))
    refused, tried = write(elsewhere, cells(elsewhere, WRITES if ALL else WRITES[::8]))
    assert not faults + refused, "\n".join(faults + refused)
    assert not elsewhere.changed_since(before)
    assert min(counts[200] - 80, counts[403] - 30, counts[404] - 80, tried - 200) >= 0, (counts, tried)
