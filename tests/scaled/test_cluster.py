"""The product on PostgreSQL and S3 with two web processes, one worker and, where it is installed, nginx: one
walk through all of it.
"""

import http.client
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from config import MEBIBYTE
from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import SealedFile, Submission
from portfolio.domain.dossier.models.dossier import Experience
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury_session.use_cases import declarations
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.on_commit import open_database
from tests import factories, samples
from tests.faults.running import Answer, Visitor
from tests.jury import builders
from tests.scaled.work import Stores, Work
from tests.thoroughness import EXHAUSTIVE
from tools.cluster.__main__ import free_ports
from tools.cluster.nginx import find_nginx

pytestmark = pytest.mark.slow

TOP = Path(__file__).parents[2]
# The bytes that a person downloads, and sends, while the stores are killed.
HEAVIEST, HEAVY = (500_000_000, 300_000_000) if EXHAUSTIVE else (40_000_000, 20_000_000)
PATIENCE = 600 if EXHAUSTIVE else 120
SAID = re.compile(r"127\.0\.0\.1:(\d+)")


@pytest.fixture(scope="module", params=[None, 65534] if EXHAUSTIVE and os.geteuid() == 0 else [None])
def account(request) -> int | None:
    """Return the account that starts everything: the own one, then for root with `TESTS=exhaustive` one without rights."""
    if request.param is not None:
        try:
            subprocess.run([sys.executable, "-c", ""], cwd=TOP, user=request.param, extra_groups=(), check=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("this interpreter is closed to other accounts")
    return request.param


@pytest.fixture(scope="module")
def folder(account) -> Iterator[Path]:
    """A folder of its own below one that is closed, as that of root is; a space and an accent in its name."""
    closed = Path("/tmp") / f"acquis-scaled-{os.getpid()}"
    made = closed / "l’essai é"
    made.mkdir(parents=True)
    closed.chmod(0o700)
    if account is not None:
        os.chown(closed, account, account)
        os.chown(made, account, account)
    yield made
    shutil.rmtree(closed, ignore_errors=True)


@pytest.fixture(scope="module")
def front(folder, account) -> Iterator[list[int]]:
    """`make run-scaled` without its demonstration: the port of its address, then those of its two web processes."""
    [port] = free_ports(1)
    env = os.environ | {"DATA": str(folder / "data"), "PORT": str(port), "DEMO": "0", "PROCESSES": "2"}
    user = {} if account is None else {"user": account, "group": account, "extra_groups": ()}
    if account is not None:
        env |= {"HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.cluster"],
            cwd=TOP,
            env=env,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **user,
        )
    try:
        until = time.monotonic() + 150
        while "Acquis répond sur" not in (folder / "log").read_text():
            assert process.poll() is None, (folder / "log").read_text()[-3000:]
            assert time.monotonic() < until, (folder / "log").read_text()[-3000:]
            time.sleep(0.2)
        said = next(line for line in (folder / "log").read_text().splitlines() if "Acquis répond sur" in line)
        yield [int(one) for one in SAID.findall(said)]
        # Ctrl-C, unless the parent process asked that it reach nobody: then what a service would send.
        heard = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
        process.send_signal(signal.SIGINT if heard else signal.SIGTERM)
        assert process.wait(90) == 0
        assert "Tout est arrêté." in (folder / "log").read_text()
        for door in [port, *(int(one) for one in SAID.findall(said))]:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", door), 2)
    finally:
        if process.poll() is None:
            process.kill()


@pytest.fixture(scope="module")
def database(front, folder) -> Iterator[Database]:
    """Give the database of the installation, with the rights of its application."""
    lines = dict(line.split("=", 1) for line in shlex.split((folder / "data" / "env").read_text()))
    found = open_database(lines["DATABASE_URL"])
    yield found
    found.engine.dispose()


def at(visitor: Visitor, port: int) -> Visitor:
    """Return the same person, through another process."""
    return Visitor(port, visitor.cookies)


def image(visitor: Visitor, path: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", visitor.port, timeout=60)) as connection:
        connection.request(
            "GET", path, headers={"Cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())}
        )
        answer = connection.getresponse()
        return answer.status, answer.read()


def drawn(visitor: Visitor, path: str) -> bytes:
    """Return the image of a page, once the worker has drawn it."""
    until = time.monotonic() + 120
    while True:
        status, content = image(visitor, path)
        if status != 202:
            assert status == 200
            return content
        assert time.monotonic() < until
        time.sleep(0.3)


def read(visitor: Visitor, path: str, words: str) -> str:
    """Return the text of a page of the viewer, once the worker has read its words: they come after its image."""
    until = time.monotonic() + 60
    while words not in (text := visitor.get(path).text) and time.monotonic() < until:
        time.sleep(0.3)
    return text


def sent(
    visitor: Visitor, path: str, more: dict[str, str], files: dict[str, tuple[str, bytes]] | None = None
) -> Answer:
    answer = visitor.post(path, visitor.fields(path) | more, files)
    assert answer.status == 303, answer.text[-2000:]
    return answer


def test_a_piece_goes_from_its_upload_to_a_page_read_by_a_juror_whichever_process_answers(front, database):
    gate, one, two = front
    with database.transaction() as session:
        world = factories.world(session)
        piece = world.pieces[0].id
        juror = factories.person(session, builders.PRESIDENT.name, builders.PRESIDENT.email)
    samia = Visitor(one).log_in(world.candidate.email, factories.PASSWORD)
    base = f"/dossiers/{world.candidacy.id}"
    sent(
        at(samia, gate),
        f"{base}/preuves/{piece}/fichier",
        {},
        {"file": ("bulletin.pdf", samples.pdf(12, "Veille de mars"))},
    )
    first = drawn(at(samia, two), f"{base}/preuves/{piece}/versions/2/pages/12")
    assert first[:4] == b"RIFF"
    assert "Veille de mars" in read(at(samia, one), f"{base}/preuves/{piece}/versions/2/lire?page=12", "Veille de mars")
    sent(at(samia, two), f"{base}/depot/signature", {"sworn": "y"})
    with database.transaction() as session:
        submission = session.scalars(select(Submission)).one()
        key = session.scalars(
            select(EvidenceFile.key).where(EvidenceFile.evidence_id == piece, EvidenceFile.number == 2)
        ).one()
        label = session.scalars(select(SealedFile.exhibit).where(SealedFile.key == key)).one()
        planning = builders.Planning(world.version.id, date.today() + timedelta(days=30), "Bordeaux")
        day = planning_use_cases.plan_session(
            session, world.body.id, planning, by=world.certifier.id, at=submission.submitted_at
        )
        planning_use_cases.name_member(
            session, day.id, builders.PRESIDENT, by=world.certifier.id, at=submission.submitted_at
        )
        hearing = planning_use_cases.add_hearing(
            session, day.id, submission.id, by=world.certifier.id, at=submission.submitted_at
        )
        said = MemberDeclarations(juror.id, StatementKind.NO_RELATION)
        declarations.record_statement(session, hearing.id, said, by=juror.id, at=submission.submitted_at)
    reader = Visitor(gate).log_in(juror.email, factories.PASSWORD)
    for port in front:
        page = at(reader, port).get(f"/jurys/{hearing.id}/pieces/{label}?page=12")
        assert page.status == 200
        assert "Veille de mars" in page.text
        assert image(at(reader, port), f"/jurys/{hearing.id}/pieces/{label}/pages/12") == (200, first)
        assert image(at(samia, port), f"/jurys/{hearing.id}/pieces/{label}/pages/12")[0] == 404


def test_a_long_text_and_a_heavy_file_pass_whole_through_what_is_in_front(front, database):
    """What is over 16 kB waits in files of nginx, which it must be able to write, whoever started it."""
    with database.transaction() as session:
        world = factories.world(session)
        piece = world.pieces[0].id
    samia = Visitor(front[0]).log_in(world.candidate.email, factories.PASSWORD)
    base = f"/dossiers/{world.candidacy.id}"
    told = "é" * 4000  # 24 kB, as a browser writes them
    sent(samia, f"{base}/experiences/ajouter", {"post": "Pilote", "structure": "Aéroclub", "context": told})
    with database.reader() as session:
        assert told.strip() in session.scalars(select(Experience.context)).all()
    heavy = samples.pdf() + bytes(6 * MEBIBYTE)
    sent(samia, f"{base}/preuves/{piece}/fichier", {}, {"file": ("releve.pdf", heavy)})
    assert image(samia, f"{base}/preuves/{piece}/fichier/2") == (200, heavy)


def test_stores_killed_under_load_are_told_by_503_alone_and_lose_nothing_acknowledged(front, database, folder):
    stores = Stores(folder / "data")
    with database.transaction() as session:
        world = factories.world(session)
    samia = Visitor(front[0], patience=PATIENCE).log_in(world.candidate.email, factories.PASSWORD)
    with Work(samia, f"/dossiers/{world.candidacy.id}") as work:
        heaviest = work.send_heavy(HEAVIEST)
        assert heaviest is not None, work.faults
        work.start(work.read, work.write, work.send, partial(work.download, heaviest))
        work.start(partial(work.send_heavy, HEAVY))
        go_on(work)
        stores.kill_postgresql()
        until_refused(work)
        go_on(work)
        stores.kill_s3()
        until_refused(work)
        go_on(work)
    print(dict(work.seen))
    assert work.faults == []
    database.engine.dispose()
    with database.reader() as session:
        assert set(work.texts) <= set(session.scalars(select(Experience.context)))
        kept = set(session.scalars(select(EvidenceFile.sha256)))
    assert set(work.files) <= kept
    assert all(work.download(digest) for digest in work.files)
    assert work.faults == []


def go_on(work: Work) -> None:
    """Wait until each kind of act succeeds anew."""
    acts = [("page", 200), ("text", 303), ("file", 303), ("download", 200), ("heavy file", 303)]
    before, until = dict(work.seen), time.monotonic() + PATIENCE
    while not all(work.seen[act] > before.get(act, 0) for act in acts):
        assert time.monotonic() < until, (work.seen, work.faults[:3])
        time.sleep(0.1)


def until_refused(work: Work) -> None:
    """Wait until somebody is told that a store is away."""
    before, until = Counter(work.seen), time.monotonic() + 60
    while not any(count > before[act] for act, count in dict(work.seen).items() if act[1] == 503):
        assert time.monotonic() < until, (work.seen, work.faults[:3])
        time.sleep(0.02)


def test_an_address_that_a_browser_claims_is_believed_from_the_proxy_only(front, folder):
    settings = shlex.split((folder / "data" / "env").read_text())
    assert f"PROXIES={1 if find_nginx() else 0}" in settings
    assert oct((folder / "data" / "env").stat().st_mode & 0o777) == "0o600"


def test_the_stores_are_closed_to_others_and_open_no_folder_above_them(front, folder):
    kept = [folder.parent, *(folder / "data" / name for name in ("", "postgresql", "s3", "nginx", "acquis"))]
    assert [oct(path.stat().st_mode & 0o777) for path in kept] == ["0o700"] * len(kept)
