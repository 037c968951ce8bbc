"""Check what one network address may hold: connections, seconds, bytes in flight; the others are served meanwhile."""

import time
from contextlib import ExitStack, suppress

import pytest

from portfolio.server import run
from tests.server.clients import FORM, MEBIBYTE, answer, ask, connect, head, page
from tests.web.test_answers import serving

OTHER = "127.0.0.2"


@pytest.fixture
def held():
    with ExitStack() as opened:
        yield opened


def hold(held: ExitStack, port: int, count: int, *pieces: bytes, address: str = "127.0.0.1") -> list:
    return [held.enter_context(connect(port, address, *pieces)) for _ in range(count)]


def is_closed(connection) -> bool:
    connection.settimeout(5)
    return answer(connection)[0] == 0


@pytest.mark.parametrize("sent", [b"", b"G", head(60_000), head(60_000) + b"x"])
def test_slow_and_silent_clients_of_one_address_leave_the_server_to_everyone_even_at_that_address(start, held, sent):
    port = start(address_connections=5)
    silent = hold(held, port, 12, *([sent] if sent else []))
    assert page(port, OTHER) == 200
    assert page(port) == 200
    assert is_closed(silent[0]), "the one that waited longest"
    silent[-1].settimeout(0.2)
    with pytest.raises(TimeoutError):
        silent[-1].recv(1)


def test_uploads_in_progress_are_not_dropped_and_one_connection_more_is_closed(start, held, signed):
    port = start(address_connections=3)
    upload = head(MEBIBYTE, FORM, signed(_user_id="x")) + b"x"
    uploads = hold(held, port, 3, upload)
    time.sleep(0.3)
    with connect(port) as refused:
        assert is_closed(refused)
    assert page(port, OTHER) == 200
    uploads[0].settimeout(0.2)
    with pytest.raises(TimeoutError):
        uploads[0].recv(1)


def test_a_full_server_drops_a_waiting_connection_of_the_address_that_holds_most(start, held, monkeypatch):
    monkeypatch.setattr(run, "MAX_CONNECTIONS", 10)
    port = start(address_connections=8)
    most = hold(held, port, 7, b"G")
    few = hold(held, port, 3, b"G", address=OTHER)
    for _ in range(3):
        assert page(port, "127.0.0.3") == 200
    assert is_closed(most[0])
    few[0].settimeout(0.2)
    with pytest.raises(TimeoutError):
        few[0].recv(1)


def test_a_request_that_does_not_arrive_in_time_is_closed_whatever_it_sends(start, held):
    port = start(request_seconds=1)
    slow = hold(held, port, 1, b"G")[0], hold(held, port, 1, head(60_000))[0]
    began = time.monotonic()
    while time.monotonic() - began < 4:
        for connection in slow:
            try:
                connection.send(b"x")
            except ConnectionError:
                continue
        time.sleep(0.2)
    assert all(is_closed(connection) for connection in slow)


def test_a_slow_line_that_goes_on_sending_passes(start, held):
    port = start(request_seconds=1)
    (slow,) = hold(held, port, 1, head(50_000, more="Content-Type: application/x-www-form-urlencoded\r\n"))
    for _ in range(10):
        slow.sendall(b"a" * 5_000)
        time.sleep(0.3)
    assert answer(slow)[0] == 400, "it arrived whole, without a token"


def test_the_bodies_of_one_address_in_flight_are_bounded_together_and_a_single_one_never(start, held, signed):
    port, cookie = start(address_in_flight=3 * MEBIBYTE), signed(_user_id="x")
    single = hold(held, port, 1, head(20 * MEBIBYTE, FORM, cookie) + b"x")[0]
    time.sleep(0.3)
    status, text = ask(port, head(MEBIBYTE, FORM, cookie))
    assert status == 429
    assert "Attendez une minute, revenez en arrière" in text
    assert ask(port, head(MEBIBYTE, FORM, cookie, "Expect: 100-continue\r\n"), address=OTHER)[0] == 100
    assert page(port) == 200
    single.close()
    time.sleep(0.3)
    assert ask(port, head(MEBIBYTE, FORM, cookie, "Expect: 100-continue\r\n"))[0] == 100


def test_behind_a_trusted_proxy_each_client_is_an_address_of_its_own(start, held):
    port = start(address_connections=2, proxies=1)
    for _ in range(2):
        hold(held, port, 1, head(1000, more="X-Forwarded-For: 1.2.3.4, 192.0.2.1\r\n"))
    time.sleep(0.3)
    assert page(port, more="X-Forwarded-For: 192.0.2.1\r\n") == 429
    assert page(port, more="X-Forwarded-For: 192.0.2.1, 192.0.2.2\r\n") == 200, (
        "the last address is the one of the proxy"
    )
    hold(held, port, 5)
    assert page(port, more="X-Forwarded-For: 192.0.2.3\r\n") == 200, "connections of a proxy are not counted"


def test_without_a_trusted_proxy_nobody_chooses_their_address(start, held, signed):
    port, cookie = start(address_in_flight=MEBIBYTE), signed(_user_id="x")
    hold(held, port, 1, head(MEBIBYTE, FORM, cookie, "X-Forwarded-For: 192.0.2.1\r\n") + b"x")
    time.sleep(0.3)
    assert ask(port, head(MEBIBYTE, FORM, cookie, "X-Forwarded-For: 192.0.2.2\r\n"))[0] == 429


def test_a_client_that_does_not_read_its_answer_is_closed(own_app):
    size = 12 * MEBIBYTE

    @own_app.get("/lourd")
    def heavy():
        return bytes(size)

    with serving(own_app, 100_000, channel_timeout=1) as port, connect(port) as silent:
        silent.sendall(b"GET /lourd HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(4)
        came = 0
        with suppress(ConnectionError):
            while piece := silent.recv(MEBIBYTE):
                came += len(piece)
    assert 0 < came < size
