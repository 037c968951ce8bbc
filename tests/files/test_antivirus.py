"""A file is scanned by the ClamAV daemon that is configured, and refused when the daemon does not find it clean."""

import io
import os
import socket
import struct
import threading
from dataclasses import replace

import pytest

from portfolio import create_app
from portfolio.files import antivirus
from portfolio.files.antivirus import Antivirus
from portfolio.files.file_types.types import FileRejected, RejectionReason
from portfolio.files.inspection import inspect_file
from tests import factories, samples
from tests.applications import close_app

# The harmless file that every antivirus reports.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Daemon(threading.Thread):
    """A server that speaks INSTREAM on a Unix socket, and finds EICAR."""

    def __init__(self, path, answer: bytes | None = None) -> None:
        super().__init__(daemon=True)
        self.address, self.answer, self.scanned = str(path), answer, []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(self.address)
        self.socket.listen()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as sent:
                order = sent.read(6)
                if order == b"zPING\0":
                    connection.sendall(b"PONG\0")
                    continue
                assert order + sent.read(4) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack("!L", sent.read(4))[0]:
                    content += sent.read(size)
                self.scanned.append(content)
                found = b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
                connection.sendall(self.answer if self.answer is not None else found)

    def stop(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


@pytest.fixture
def daemon(tmp_path):
    server = Daemon(tmp_path / "clamd.ctl")
    server.start()
    yield server
    server.stop()
    antivirus.install("")


def refusal(address: str, content: bytes) -> RejectionReason | None:
    try:
        Antivirus(address).scan(io.BytesIO(content), 1)
    except FileRejected as refused:
        return refused.code
    return None


def test_a_clean_file_passes_and_an_infected_one_is_refused(daemon):
    assert refusal(daemon.address, b"bonjour" * 100_000) is None
    assert daemon.scanned[-1] == b"bonjour" * 100_000
    assert refusal(daemon.address, EICAR) is RejectionReason.INFECTED


@pytest.mark.parametrize("answer", [b"", b"Can't allocate memory ERROR\0", b"OK\0", b"\xff\xff\0"])
def test_whatever_else_the_daemon_answers_refuses_the_file(tmp_path, answer):
    server = Daemon(tmp_path / "odd.ctl", answer)
    server.start()
    assert refusal(server.address, b"bonjour") is RejectionReason.NOT_SCANNED
    server.stop()


@pytest.mark.parametrize("address", ["/nowhere/clamd.ctl", "127.0.0.1:1"])
def test_a_daemon_that_is_away_refuses_the_file(address):
    assert refusal(address, b"bonjour") is RejectionReason.NOT_SCANNED


def test_an_upload_is_scanned_and_others_receive_what_was_scanned(config, daemon, tmp_path):
    app = create_app(replace(config, clamd=daemon.address))
    store = app.extensions["database"]
    with store.transaction() as session:
        world = factories.world(session)
        piece = factories.evidence(session, world.candidacy.id, 50, "Notes")
        kept = app.extensions["files"].save(piece.file.key, io.BytesIO(samples.pdf()))
        piece.file.size, piece.file.sha256 = kept.size, kept.sha256
        session.flush()
        factories.drawn(session)
    candidate, advisor = app.test_client(), app.test_client()
    for client, person in ((candidate, world.candidate), (advisor, world.advisor)):
        client.post("/connexion", data=_login(client, person))
    base = f"/dossiers/{world.candidacy.id}/preuves"
    assert "non analysé" not in candidate.get(f"{base}/{piece.id}").text
    answer = _send(candidate, f"{base}/ajouter", EICAR)
    assert answer.status_code == 422
    assert "L’antivirus a trouvé" in answer.text
    assert _send(candidate, f"{base}/ajouter", samples.pdf(2)).status_code == 303
    assert advisor.get(f"{base}/{piece.id}/fichier/1").status_code == 200
    assert daemon.scanned[-1] == samples.pdf()
    antivirus.install(str(tmp_path / "away.ctl"))
    assert candidate.get(f"{base}/{piece.id}/fichier/1").status_code == 200, "the candidate takes their own file"
    assert advisor.get(f"{base}/{piece.id}/fichier/1").status_code == 503
    close_app(app)


def _login(client, person):
    page = client.get("/connexion").text
    return {"csrf_token": _token(page), "email": person.email, "password": factories.PASSWORD}


def _send(client, url, content):
    data = {
        "csrf_token": _token(client.get(url).text),
        "files": (io.BytesIO(content), "notes.txt"),
        "nonce": "n" + str(len(content)),
    }
    return client.post(url, data=data, content_type="multipart/form-data")


def _token(page: str) -> str:
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def test_without_a_daemon_the_screen_says_so(client, store):
    with store.transaction() as session:
        world = factories.world(session)
    client.log_in(world.candidate.email, factories.PASSWORD)
    assert "non analysé" in client.page(f"/dossiers/{world.candidacy.id}/preuves/{world.pieces[0].id}").text


def test_inspect_file_says_the_same(daemon, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"Notes de travail\n" + EICAR)
    antivirus.install(daemon.address)
    found = inspect_file(path, 1_000_000)
    assert not found.accepted
    assert "antivirus" in found.reason
    antivirus.install("")
    assert inspect_file(path, 1_000_000).scanned is False


@pytest.mark.skipif(not os.environ.get("ACQUIS_CLAMD"), reason="ACQUIS_CLAMD does not name the socket of a clamd")
def test_a_real_daemon_finds_what_this_one_finds():
    assert refusal(os.environ["ACQUIS_CLAMD"], b"bonjour") is None
    assert refusal(os.environ["ACQUIS_CLAMD"], EICAR) is RejectionReason.INFECTED
