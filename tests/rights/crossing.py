"""The crossing itself: which cells there are, what the table expects of each, what is wrong with an answer."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tests.rights.application import Installation
from tests.rights.leak_markers import Canary
from tests.rights.table import ANYONE, CONNECTED, EVERYWHERE, TABLE, Line
from tests.rights.visibility import may_see
from tests.rights.visitors import OWNER, PEOPLE, READ_NOW, SEATS, roles_of, who_is
from tests.thoroughness import EXHAUSTIVE

READS = [line for line in TABLE if line.method == "GET"]
WRITES = [line for line in TABLE if line.method == "POST" and ANYONE not in line.may]
Cell = tuple[Line, str, str, str]
REFUSED = {403, 404}
# A page leads whoever is not connected to the log-in, whether it exists or not.
TO_LOG_IN = 303
NOT_CONNECTED = {"anonymous", "suspended"}
# Every table is read again once so many refusals.
DOUBTFUL = 20
# For whom a dossier is nobody's, whatever its state: three states are enough for them.
OUTSIDE = {"anonymous", "suspended", *(person for person in PEOPLE if " " in person)}
FOR_OUTSIDE = {"draft", "called", "reopened"}


def cells(built: Installation, lines: list[Line]) -> Iterator[Cell]:
    """Each line for each person, in each state it exists in: a line without a dossier, once a person."""
    seen = set()
    for line in lines:
        for state in EVERYWHERE.split():
            url = built.url(line, state)
            for person in PEOPLE if url else ():
                if person in OUTSIDE and state not in FOR_OUTSIDE:
                    continue
                cell = line.method, url, who_is(person, state)
                if cell not in seen:
                    seen.add(cell)
                    yield line, person, state, str(url)


def expected(built: Installation, line: Line, person: str, state: str) -> int:
    """Return the answer that the table gives."""
    if person == "certifier south" and not built.takes_an_id(line):
        person = "certifier"  # these are the pages of one's own body, whichever it is
    if person in SEATS - {"juror"} and state == "called":
        person = "silent"
    connected = person not in NOT_CONNECTED
    stranger = person in SEATS and OWNER.get(state, state) not in {*READ_NOW, "called"}
    anyone = ANYONE in line.may or (CONNECTED in line.may and connected)
    if anyone or (person in line.may and state in line.only and not stranger):
        kinds = (f"{person} {state}", *((person, state) if state == "called" else (state, person)))
        return next(
            (line.answers[one] for one in (*kinds, "connected" * connected) if one in line.answers),
            line.answers.get("", 200),
        )
    if not connected and line.may and line.method == "GET":
        return TO_LOG_IN
    return 403 if person in line.knows and not stranger else 404


def in_turn(here: Installation, every: Iterable[Cell]) -> list[Cell]:
    """Every cell that opens something; of the refusals of a line, one for each person and status.

    A page that opens for anyone is asked in each state by nobody in particular, and once by somebody else. The
    state of the one cell that is kept is another one from line to line and from person to person.
    """
    groups: dict[tuple[str, ...], list[Cell]] = {}
    for cell in every:
        line, person, state, _ = cell
        wanted = expected(here, line, person, state)
        is_refused = wanted in REFUSED or (wanted == TO_LOG_IN and person in NOT_CONNECTED)
        is_alone = EXHAUSTIVE or not (is_refused or (ANYONE in line.may and person != "anonymous"))
        who = "" if ANYONE in line.may and not is_alone else person
        key = line.method, line.endpoint, who, str(wanted), state if is_alone else ""
        groups.setdefault(key, []).append(cell)
    turns = Counter({person: number for number, person in enumerate(PEOPLE)})
    chosen = []
    for alike in groups.values():
        person = alike[0][1]
        chosen.append(alike[turns[person] % len(alike)])
        turns[person] += len(alike) > 1
    return chosen


def some(here: Installation, every: Iterable[Cell]) -> list[Cell]:
    """Of each line, one cell for each answer it gives: the first person and state, or each in its turn from
    line to line.
    """
    chosen: dict[tuple[str, str, int], list[Cell]] = {}
    for cell in every:
        line, person, state, _ = cell
        chosen.setdefault((line.method, line.endpoint, expected(here, line, person, state)), []).append(cell)
    return [alike[place % len(alike)] for place, alike in enumerate(chosen.values())]


def read(here: Installation, chosen: Iterable[Cell]) -> tuple[list[str], Counter[int]]:
    """Open these cells, and answer what is wrong, and how many cells wanted each status."""
    faults: list[str] = []
    counts: Counter[int] = Counter()
    for line, person, state, url in chosen:
        answer = here.browser(person, state).get(url, buffered=True)
        wanted, where = expected(here, line, person, state), f"{person} · {state} · {line.endpoint}"
        counts[wanted] += 1
        if answer.status_code != wanted:
            faults.append(f"{where}: {answer.status_code}, not {wanted}")
            continue
        shown = here.world.planted.seen_in(answer)
        roles, owner = roles_of(person, state), OWNER.get(state, state)
        for canary in sorted(shown - here.world.planted.typed(url)):
            if (
                canary.field not in line.reveals
                and not may_see(canary, roles)
                and canary not in here.own(person, state)
            ):
                faults.append(f"{where}: shows {canary}")
        if wanted == 200:
            faults += [f"{where}: lacks {name}" for name in sorted(line.shows) if Canary(owner, name) not in shown]
    return faults, counts


def write(here: Installation, chosen: Iterable[Cell]) -> tuple[list[str], int]:
    """Send a plain body wherever the table refuses one, and answer what is wrong, and how many were sent."""
    faults, tried, before, written = [], 0, here.digest(), here.writes()
    doubtful: list[str] = []  # those after which something was written: their line in the audit log, or more
    body = {"csrf_token": here.token, "sworn": "y", "sure": "y", "text": "x", "comment": "x", "revision": "1"}
    for line, person, state, url in chosen:
        wanted, where = expected(here, line, person, state), f"{person} · {state} · {line.endpoint}"
        if wanted not in REFUSED or (person in line.may and state in line.answers):
            continue
        tried += 1
        answer = here.browser(person, state).post(url, data=body, buffered=True)
        if answer.status_code != wanted:
            faults.append(f"{where}: {answer.status_code}, not {wanted}")
        if (now := here.writes()) != written:
            written = now
            doubtful.append(where)
        if len(doubtful) == DOUBTFUL:
            faults += [f"one of {doubtful}: changes {table}" for table in here.changed_since(before)]
            doubtful.clear()
        shown = here.world.planted.seen_in(answer) - here.world.planted.typed(url)
        faults += [
            f"{where}: shows {canary}" for canary in sorted(shown) if not may_see(canary, roles_of(person, state))
        ]
    faults += [f"one of {doubtful}: changes {table}" for table in here.changed_since(before)]
    return faults, tried
