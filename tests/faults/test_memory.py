"""A file takes the disk it weighs, and the server no memory: a sound of 1 GB adds 64 MB at most, whole or in parts."""

import contextlib
import hashlib
import http.client
import json
import os
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.on_commit import open_database
from tests import factories, samples
from tests.faults.running import FORM, Answer, Asked, Nursery, Server, Visitor, encoded
from tests.thoroughness import EXHAUSTIVE

pytestmark = pytest.mark.slow

MEBIBYTE = 1024 * 1024
SIZE = (1024 if EXHAUSTIVE else 160) * MEBIBYTE
ADDED = 64 * MEBIBYTE


class Sound:
    """A silence in WAV of any length, made as it is read."""

    def __init__(self, size: int) -> None:
        self.size, self._head = size, bytearray(samples.wav(0)[:44])
        self._head[4:8], self._head[40:44] = struct.pack("<I", size - 8), struct.pack("<I", size - 44)

    def between(self, place: int, end: int) -> bytes:
        return bytes(self._head[place:end]).ljust(min(end, self.size) - place, b"\0")

    def pieces(self) -> Iterator[bytes]:
        for place in range(0, self.size, MEBIBYTE):
            yield self.between(place, place + MEBIBYTE)

    @property
    def sha256(self) -> str:
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()


@pytest.fixture
def place(nursery: Nursery, sqlite_url: str, tmp_path: Path):
    """A candidate at work, on a server that has answered before."""
    db = open_database(sqlite_url)
    with db.transaction() as session:
        world = factories.world(session, filled=False)
    with Server(nursery, tmp_path, SECRET_KEY="faults", UPLOAD_LIMIT_MIB="1024") as server:
        candidate = Visitor(server.port, patience=600).log_in(world.candidate.email, factories.PASSWORD)
        form = f"/dossiers/{world.candidacy.id}/preuves/ajouter"
        small = candidate.post(form, candidate.fields(form), {"files": ("plan.pdf", samples.pdf() + bytes(MEBIBYTE))})
        assert small.status == 303
        yield server, db, candidate, form
    db.engine.dispose()


def resident(server: Server, what: str) -> int:
    """Bytes of memory, now (`VmRSS`) or at the most since the last `forget_the_peak` (`VmHWM`)."""
    for line in Path(f"/proc/{server.pid}/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) * 1024
    raise AssertionError(what)


def forget_the_peak(server: Server) -> int:
    Path(f"/proc/{server.pid}/clear_refs").write_text("5")
    return resident(server, "VmRSS")


def send_whole(candidate: Visitor, path: str, fields: dict[str, str], sound: Sound) -> Answer:
    body, kind = encoded(fields, {"files": ("visite.wav", b"\0")})
    head, tail = body.split(b"\0")
    connection = http.client.HTTPConnection("127.0.0.1", candidate.port, timeout=candidate.patience)
    connection.putrequest("POST", path)
    length = len(head) + sound.size + len(tail)
    for name, value in (("Cookie", candidate.cookie), ("Content-Type", kind), ("Content-Length", str(length))):
        connection.putheader(name, value)
    connection.endheaders(head)
    for piece in sound.pieces():
        connection.send(piece)
    connection.send(tail)
    return Asked(candidate, connection).answer()


def send_in_parts(candidate: Visitor, path: str, fields: dict[str, str], sound: Sound) -> Answer:
    address, token = path.replace("preuves/ajouter", "envois"), {"X-CSRFToken": fields["csrf_token"]}
    said = {"csrf_token": fields["csrf_token"], "name": "visite.wav", "size": str(sound.size), "mark": "x"}
    state = json.loads(candidate.post(address, said).text)
    while state["received"] < sound.size:
        part = sound.between(state["received"], state["received"] + state["part"])
        headers = token | {"X-SHA256": hashlib.sha256(part).hexdigest()}
        url = f"{address}/{state['id']}?place={state['received']}"
        state = json.loads(candidate.ask("POST", url, part, "application/octet-stream", headers).answer().text)
    return candidate.post(path, fields | {"sent": state["id"]})


@pytest.mark.parametrize("send", [send_whole, send_in_parts])
def test_a_heavy_file_adds_no_memory(place, send):
    server, db, candidate, form = place
    sound, fields = Sound(SIZE), candidate.fields(form)
    before = forget_the_peak(server)
    answer = send(candidate, form, fields, sound)
    added = resident(server, "VmHWM") - before
    assert answer.status == 303, answer.page.text
    with db.reader() as session:
        kept = session.scalars(select(EvidenceFile).where(EvidenceFile.size == SIZE)).one()
    assert kept.sha256 == sound.sha256
    print(f"{send.__name__}: {SIZE // MEBIBYTE} MiB add {added / MEBIBYTE:.1f} MiB to {before / MEBIBYTE:.0f}")
    assert added <= ADDED


def test_a_file_beyond_the_limit_is_refused_before_it_comes(place):
    server, _, candidate, form = place
    before = forget_the_peak(server)
    connection = http.client.HTTPConnection("127.0.0.1", candidate.port, timeout=30)
    connection.putrequest("POST", form)
    for name, value in (("Cookie", candidate.cookie), ("Content-Length", str(2048 * MEBIBYTE))):
        connection.putheader(name, value)
    connection.endheaders()
    answer = Asked(candidate, connection).answer()
    assert answer.status == 413
    assert "dépasse la taille permise" in answer.text
    assert resident(server, "VmHWM") - before < ADDED // 8


def nameless_files(server: Server) -> int:
    """Return how many files without a name the server holds open."""
    held = 0
    for one in Path(f"/proc/{server.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            held += os.readlink(one).endswith("(deleted)")
    return held


def at_rest(server: Server) -> int:
    """Return how many files without a name it holds, once that number has stood for half a second."""
    held, since = nameless_files(server), time.monotonic()
    while time.monotonic() < since + 0.5:
        time.sleep(0.05)
        if (now := nameless_files(server)) != held:
            held, since = now, time.monotonic()
    return held


def comes_true(is_true: Callable[[], bool]) -> bool:
    """Wait ten seconds at most: a server takes its time to open and to close what it receives."""
    until = time.monotonic() + 10
    while not is_true() and time.monotonic() < until:
        time.sleep(0.1)
    return is_true()


def test_a_sender_who_goes_away_leaves_nothing_open_and_nothing_kept(place):
    server, db, candidate, form = place
    fields, before = candidate.fields(form), at_rest(server)
    with contextlib.ExitStack() as opened:
        for _ in range(10):
            opened.enter_context(candidate.upload(form, fields, 2 * MEBIBYTE)).send_half()
        assert comes_true(lambda: nameless_files(server) >= before + 10)
    assert comes_true(lambda: nameless_files(server) == before)
    with db.reader() as session:
        assert session.scalar(select(func.count()).select_from(EvidenceFile)) == 1


# What the parsers accept: as many bytes of each, in the form that costs most to read.
KINDS = {
    "urlencoded": ("application/x-www-form-urlencoded", lambda size: b"x=" + b"%C3%A9" * (size // 6)),
    "fields": ("application/x-www-form-urlencoded", lambda size: b"a=1&" * (size // 4)),
    "json": ("application/json", lambda size: b"[" * (size // 2) + b"]" * (size // 2)),
    "xml": ("application/xml", lambda size: b"<a>" * (size // 7) + b"</a>" * (size // 7)),
    "text": ("text/plain", lambda size: b"e" * size),
    "parts": ("multipart/form-data; boundary=b", lambda size: PART * (size // len(PART)) + b"--b--\r\n"),
    "long_part": ("multipart/form-data; boundary=b", lambda size: PART[:-3] + b"e" * size + b"\r\n--b--\r\n"),
    "file": (
        "multipart/form-data; boundary=b",
        lambda size: (
            b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
            + b"e" * size
            + b"\r\n--b--\r\n"
        ),
    ),
}
PART = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ne\r\n'
BODY = (60 if EXHAUSTIVE else 6) * MEBIBYTE
# Somebody else waits no longer for a page, nineteen times of twenty.
WAIT_S = 0.5


@contextlib.contextmanager
def others_are_served(server: Server) -> Iterator[None]:
    """Check what the server takes meanwhile, and how long somebody else waits for a page."""
    before, waited, ended = forget_the_peak(server), [], threading.Event()

    def read_on() -> None:
        other = Visitor(server.port, patience=60)
        while not ended.is_set():
            began = time.monotonic()
            assert other.ask("GET", "/connexion").answer().status == 200
            waited.append(time.monotonic() - began)
            time.sleep(0.02)

    reader = threading.Thread(target=read_on)
    reader.start()
    try:
        yield
    finally:
        ended.set()
        reader.join()
    added, waits = resident(server, "VmHWM") - before, sorted(waited)
    print(f"added {added / MEBIBYTE:.0f} MiB, p95 {waits[int(len(waits) * 0.95)]:.3f} s of {len(waits)}")
    assert added <= ADDED
    assert waits[int(len(waits) * 0.95)] <= WAIT_S


def test_ten_clients_with_every_kind_of_body_add_little_memory_and_stop_nobody(place):
    server, _, candidate, form = place
    strangers = [Visitor(server.port, patience=60) for _ in range(5)]
    paths = {True: (form, form.replace("preuves/ajouter", "envois"), "/connexion"), False: ("/connexion", form)}
    token = {"X-CSRFToken": candidate.fields(form)["csrf_token"]}  # what is sent is read for good

    def send(visitor: Visitor, is_signed: bool, kind: str) -> None:
        media_type, made = KINDS[kind]
        body = made(BODY)
        for path in paths[is_signed]:
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):  # refused on the way
                assert visitor.ask("POST", path, body, media_type, token).answer().status < 500

    with others_are_served(server), ThreadPoolExecutor(10) as pool:
        senders = [(candidate, True)] * 5 + [(stranger, False) for stranger in strangers]
        done = [pool.submit(send, *sender, kind) for kind in KINDS for sender in senders]
        for each in done:
            each.result()


# One odd sign makes each of a million others wider in memory; a page writes each quotation mark as five signs.
TEXTS = {
    "wide": "\N{GRINNING FACE}" + "'" * 1_000_000,
    "wide and shown": "\N{GRINNING FACE}" + "'" * 160_000,
    "plain": "'" * 650_000,
    "short": "\N{GRINNING FACE}" + "'" * 30_000,
}


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("fields", "wide and shown"),
        ("fields", "plain"),
        ("fields", "short"),
        ("parts", "wide"),
        ("file", "wide and shown"),
    ],
)
def test_ten_people_whose_far_too_long_text_is_shown_again_leave_the_memory_to_the_others(place, sent, name):
    server, _, candidate, form = place
    text = TEXTS[name]
    path = form if sent == "file" else f"{form.rpartition('/preuves')[0]}/experiences/ajouter"
    fields = {**candidate.fields(path), "comment" if sent == "file" else "context": text}
    if sent == "fields":
        body, kind = urlencode(fields, safe="'").encode(), FORM
    else:
        body, kind = encoded(fields, {"files": ("a.txt", b"e" * 2 * MEBIBYTE)} if sent == "file" else {})

    def send(_: int) -> int:
        return candidate.ask("POST", path, body, kind).answer().status

    with others_are_served(server), ThreadPoolExecutor(10) as pool:
        assert set(pool.map(send, range(40))) <= {303, 413, 422}
