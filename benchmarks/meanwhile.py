"""What others feel while hostile and heavy files are received and drawn: `ACQUIS_CORPUS=… python -m
benchmarks.meanwhile`.

The real product (server and worker) on SQLite in a folder of its own. Someone reads pages of their dossier
again and again; first alone, then while someone else sends every file of the corpus. Told: how long pages
took, and the memory of the server.
"""

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.servers import ALONE, running, wait_for
from portfolio.on_commit import open_database
from tests import factories
from tests.faults.running import Visitor
from tools.cluster.__main__ import free_ports

CORPUS = Path(os.environ["ACQUIS_CORPUS"])
BOUND = 0.5


@contextmanager
def product(folder: Path) -> Iterator[tuple[int, int]]:
    """The server and its worker: the port, and the process of the server."""
    [port] = free_ports(1)
    env, log = {"DATA": str(folder), "PORT": str(port), "DEMO": "0"}, folder / "log"
    with running(["-m", ALONE], env, log) as process:
        wait_for(process, log, lambda: '"event": "working"' in log.read_text())
        yield port, web_process(process.pid)


def web_process(supervisor: int) -> int:
    """The web process that a supervisor keeps running."""
    children = (int(one) for one in Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split())
    return next(child for child in children if Path(f"/proc/{child}/comm").read_text().strip() == "acquis-web")


def resident(pid: int) -> float:
    """The memory of a process, in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def read_on(reader: Visitor, paths: list[str], go_on: Callable[[], bool]) -> list[float]:
    """How long each page took, in seconds."""
    took = []
    while go_on():
        for path in paths:
            began = time.perf_counter()
            assert reader.get(path).status == 200
            took.append(time.perf_counter() - began)
        time.sleep(0.05)
    return took


def told(what: str, took: list[float]) -> None:
    """Say it in milliseconds."""
    ordered = sorted(1000 * one for one in took)
    late = sum(one > 1000 * BOUND for one in ordered)
    middle, rare = statistics.median(ordered), ordered[int(0.99 * len(ordered))]
    print(
        f"{what:<34} {len(took):5} pages   median {middle:6.1f} ms   99 % {rare:7.1f} ms   longest "
        f"{ordered[-1]:7.1f} ms"
    )
    print(f"{'':<34} {late} took more than {1000 * BOUND:.0f} ms")


def main() -> None:
    """Measure, and say."""
    with tempfile.TemporaryDirectory(prefix="acquis-meanwhile-") as name, product(Path(name)) as (port, pid):
        store = open_database(f"sqlite:///{name}/acquis.db")
        with store.transaction() as session:
            hers, his = factories.world(session), factories.world(session, filled=False)
        reader = Visitor(port).log_in(hers.candidate.email, factories.PASSWORD)
        sender = Visitor(port).log_in(his.candidate.email, factories.PASSWORD)
        base = f"/dossiers/{hers.candidacy.id}"
        paths = [base, f"{base}/preuves", f"{base}/preuves/{hers.pieces[0].id}", f"{base}/matrice"]
        paths = [path for path in paths if reader.get(path).status == 200]
        until = time.monotonic() + 8
        told("alone", read_on(reader, paths, lambda: time.monotonic() < until))
        before, upload = resident(pid), threading.Thread(target=send_all, args=(sender, his.candidacy.id))
        most = [before]
        upload.start()
        told(
            "while files come and are drawn",
            read_on(reader, paths, lambda: most.append(resident(pid)) or upload.is_alive()),
        )
        print(f"memory of the server: {before:.0f} MB before, {max(most):.0f} MB at most, {resident(pid):.0f} MB after")
        store.engine.dispose()


def send_all(sender: Visitor, candidacy: object) -> None:
    """Send every file, the hostile ones first, each alone."""
    path = f"/dossiers/{candidacy}/preuves/ajouter"
    refused = 0
    for file in [*sorted((CORPUS / "hostile").glob("*")), *sorted((CORPUS / "benign").glob("*"))]:
        answer = sender.post(path, sender.fields(path), {"files": (file.name, file.read_bytes())})
        assert answer.status in (303, 422), (file.name, answer.status)
        refused += answer.status == 422
    print(f"122 files sent, {refused} of them refused with their reason")


if __name__ == "__main__":
    main()
