"""An hour of mixed use of `make run-scaled`: no error of the server, no memory and no descriptor that grows.

`python -m benchmarks endurance`. SOAK_MINUTES: how long (60). Five people of the demonstration read the pages
that their own pages lead to, the candidate saves a text and sends a photo, everybody signs in again from time
to time. Before, each of them opens all those pages twice at each web process, without a pause: what a process
learns once (statements, templates, fonts) is no growth. What each process holds is read every ten seconds,
and the least of each two minutes is kept; the first third is left out too.
"""

import os
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measure import Line
from benchmarks.servers import CLUSTER, product
from demo.passphrase import PASSPHRASE
from tests import samples
from tests.faults.running import Visitor

MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
PEOPLE = ("samia.benali", "claire.morel", "helene.roche", "pascal.quemener", "aya.diallo")
WRITER = "samia.benali"
SLOPE_LIMIT, WARM_UP, SAMPLE_SECONDS, _SPAN_SECONDS = 1.0, 1 / 3, 10.0, 120.0
# Pages that one person knows at most, the pause after each, and how many pages come between two signings in.
_PAGES, _PAUSE_SECONDS, _PAGES_A_VISIT = 80, 0.8, 400
_WRITE_EVERY = 25
# Before: every page that the demonstration leads a person to, of which a visit takes some at random.
_WARM_PAGES, _WARM_WRITES = 500, 10
_TOP = Path(__file__).parents[1]
_WATCHED = ("acquis-web", "acquis-worker")  # a web process adds its port


@dataclass
class Held:
    """What a process holds: seconds since the start, resident bytes and open descriptors at each sample."""

    at: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)


@dataclass
class Answers:
    """How many answers of each status came, how long they took, what was refused, where the server failed."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, path: str, status: int, seconds: float) -> None:
        """Count an answer; 0 is a connection that broke."""
        with self.lock:
            self.statuses[status] += 1
            self.seconds.append(seconds)
            if status == 0 or status >= 500:
                self.failures.append(f"{status} {path}")
            elif status >= 400:
                self.refused[f"{status} {path}"] += 1


def measure() -> Iterator[Line]:
    """Use the product for so many minutes; raise RuntimeError when it does not start."""
    with (
        tempfile.TemporaryDirectory(prefix="acquis-soak-") as name,
        product(CLUSTER, Path(name), demo=True) as (ports, process),
    ):
        answers, stop, held = Answers(), threading.Event(), defaultdict[str, Held](Held)
        for port in ports:
            with ThreadPoolExecutor(len(PEOPLE)) as pool:
                list(pool.map(partial(_open_everything, port), PEOPLE))
        people = [
            threading.Thread(target=_use, args=(ports[rank % len(ports)], person, rank, answers, stop), daemon=True)
            for rank, person in enumerate(PEOPLE)
        ]
        for one in people:
            one.start()
        began = time.monotonic()
        while (past := time.monotonic() - began) < 60 * MINUTES:
            _sample(process.pid, past, held)
            time.sleep(SAMPLE_SECONDS)
        stop.set()
        for one in people:
            one.join(60)
        _tell_refusals(answers, Path(name) / "log")
    yield _answers_line(answers)
    for name, one in sorted(held.items()):
        yield from _growth(name, one)


def _tell_refusals(answers: Answers, log: Path) -> None:
    """Print what the server refused or failed to answer, and the first errors of its log."""
    told = [f"{count} × {one}" for one, count in (Counter(answers.failures) + answers.refused).most_common(20)]
    errors = [line for line in log.read_text(errors="replace").splitlines() if '"level": "error"' in line]
    for line in [*told, *errors[:20]]:
        print(line, file=sys.stderr)


def _answers_line(answers: Answers) -> Line:
    ordered = sorted(answers.seconds)
    slow = f"p95 {1000 * ordered[int(0.95 * len(ordered))]:.0f} ms"
    told = ", ".join(f"{count} × {status}" for status, count in sorted(answers.statuses.items()))
    label = f"usage mêlé, {MINUTES:g} min, {len(PEOPLE)} personnes : erreurs du serveur"
    return Line(label, told, str(len(answers.failures)), slow, "0", not answers.failures)


def _growth(name: str, held: Held) -> Iterator[Line]:
    """Compare what a process held after the warm-up and at the end."""
    kept = [rank for rank, at in enumerate(held.at) if at >= WARM_UP * 60 * MINUTES]
    if len(kept) < 6:
        yield Line(f"{name} : arrêté avant la fin", "", "", "", "", False)
        return
    hours, memory = zip(*_troughs(held, kept), strict=True)
    slope = statistics.linear_regression(hours, memory).slope
    shown = (f"{memory[0]:.1f} Mio", f"{memory[-1]:.1f} Mio")
    yield Line(f"{name} : mémoire", *shown, f"{slope:+.2f} Mio/h", f"< {SLOPE_LIMIT:g} Mio/h", slope < SLOPE_LIMIT)
    descriptors = [held.descriptors[rank] for rank in kept]
    third = len(descriptors) // 3
    first, last = statistics.median(descriptors[:third]), statistics.median(descriptors[-third:])
    yield Line(f"{name} : descripteurs", f"{first:g}", f"{last:g}", "", "aucune croissance", last <= first)


def _troughs(held: Held, kept: Sequence[int]) -> list[tuple[float, float]]:
    """Return the hour and the MiB of the least that a process held in each span of two minutes: what it keeps
    is there between two requests, and what a request needs for itself is no growth.
    """
    spans = defaultdict[int, list[int]](list)
    for rank in kept:
        spans[int(held.at[rank] // _SPAN_SECONDS)].append(rank)
    least = [min(ranks, key=lambda rank: held.memory[rank]) for ranks in spans.values()]
    return [(held.at[rank] / 3600, held.memory[rank] / 2**20) for rank in least]


def _sample(root: int, at: float, held: dict[str, Held]) -> None:
    names: Counter[str] = Counter()
    for pid in _descendants(root):
        try:
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        except OSError:
            continue  # ended meanwhile
        if name.startswith(_WATCHED):
            names[name] += 1
            one = held[f"{name} {names[name]} ({pid})"]
            one.at.append(at)
            one.memory.append(pages * os.sysconf("SC_PAGE_SIZE"))
            one.descriptors.append(descriptors)


def _descendants(root: int) -> Sequence[int]:
    """Return the processes that come from this one, in the order of their numbers."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        try:
            tasks = os.listdir(f"/proc/{pid}/task")
            children = [
                int(one) for task in tasks for one in Path(f"/proc/{pid}/task/{task}/children").read_text().split()
            ]
        except OSError:
            continue  # ended meanwhile
        found += children
        waiting += children
    return sorted(found)


def _open_everything(port: int, person: str) -> None:
    """Open the pages that one person knows twice, and write as they do."""
    visitor, answers = Visitor(port).log_in(f"{person}@exemple.fr", PASSPHRASE), Answers()
    chance = random.Random(person)  # noqa: S311 - the same texts and photos each time
    known = ["/"]
    for path in known:  # which grows meanwhile
        found = [one for one in _read(visitor, path, answers) if one not in known]
        known += found[: max(0, _WARM_PAGES - len(known))]
    for path in known:
        _read(visitor, path, answers)
    for _ in range(_WARM_WRITES if person == WRITER else 0):
        _write(visitor, known, chance, answers)


def _use(port: int, person: str, rank: int, answers: Answers, stop: threading.Event) -> None:
    """Use the product until `stop`; what ends a person's visit before counts as a failure."""
    try:
        _visit(port, person, rank, answers, stop)
    except Exception as error:
        answers.failures.append(f"{person} : {error!r}")


def _visit(port: int, person: str, rank: int, answers: Answers, stop: threading.Event) -> None:
    """Read, write and sign in again, at the pace of a person who reads quickly."""
    chance = random.Random(rank)  # noqa: S311 - the same pages each time
    while not stop.is_set():
        visitor = Visitor(port).log_in(f"{person}@exemple.fr", PASSPHRASE)
        known = ["/"]
        for count in range(_PAGES_A_VISIT):
            if stop.wait(_PAUSE_SECONDS * chance.uniform(0.5, 1.5)):
                return
            path = chance.choice(known)
            page = _read(visitor, path, answers)
            known += [one for one in page if one not in known][: max(0, _PAGES - len(known))]
            if person == WRITER and count % _WRITE_EVERY == _WRITE_EVERY - 1:
                _write(visitor, known, chance, answers)


def _read(visitor: Visitor, path: str, answers: Answers) -> list[str]:
    """Open a page as a browser does, its redirections included; return the pages that it leads to."""
    for _ in range(4):
        began = time.perf_counter()
        answer = visitor.get(path)
        answers.note(path, answer.status, time.perf_counter() - began)
        if answer.status not in (301, 302, 303) or not answer.location.startswith("/"):
            break
        path = answer.location
    if answer.status != 200 or "<html" not in answer.text[:300]:
        return []
    links = [one.get("href", "").partition("#")[0] for one in answer.page.all("a") if "download" not in one]
    return [one for one in links if one.startswith("/") and not one.startswith("/deconnexion")]


def _write(visitor: Visitor, known: Sequence[str], chance: random.Random, answers: Answers) -> None:
    """Save a text of a competency, and send a photo that no one has sent yet."""
    texts = [one for one in known if re.fullmatch("/dossiers/[^/]+/competences/[^/]+", one)]
    if not texts:
        return
    path = chance.choice(texts)
    page = visitor.get(path).page
    fields: dict[str, Any] = {
        one["name"]: one.get("value", "") for one in page.all("input", type="hidden") if "name" in one
    }
    told = f"Essai de durée, {chance.randrange(10**9)} : " + "je prépare la visite du port. " * 20
    areas = [one["name"] for one in page.all("textarea") if one.get("name") not in (None, "text")]
    _post(visitor, path, fields | dict.fromkeys(areas, told), None, answers)
    add = "/".join(path.split("/")[:3]) + "/preuves/ajouter"
    photo = samples.jpeg((chance.randrange(200, 900), chance.randrange(200, 900)))
    _post(visitor, add, visitor.fields(add), {"files": ("photo.jpg", photo)}, answers)


def _post(visitor: Visitor, path: str, fields: dict[str, Any], files: Any, answers: Answers) -> None:
    began = time.perf_counter()
    answer = visitor.post(path, fields, files)
    answers.note(f"POST {path}", answer.status, time.perf_counter() - began)
