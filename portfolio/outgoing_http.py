"""Calls to addresses that others chose: never to this machine or a private network, and no redirect is followed.

A name is resolved once; the connection goes to the address that was looked at, so a name that changes meanwhile
leads nowhere else.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

CONNECT_SECONDS, TOTAL_SECONDS = 5.0, 15.0
MAX_URL_CHARS = 500
_PORTS = {"https": 443, "http": 80}
# Below, a port is that of a service of the system: SSH, mail, names. Nobody is told of events there.
_FIRST_FREE_PORT = 1024
# Of the public network by its number, and inside for the machines of one host: what Azure's own agents answer at.
_OF_HOSTS = frozenset({ipaddress.IPv4Address("168.63.129.16")})
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")


class AddressFault(StrEnum):
    """Reasons why an address is not called."""

    FORM = "webhook_address_form"
    UNKNOWN = "webhook_address_unknown"
    PRIVATE = "webhook_address_private"
    PORT = "webhook_address_port"


class BadAddressError(OSError):
    """An address that is not called, and why."""

    def __init__(self, fault: AddressFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def resolve(url: str, *, allow_private: bool = False) -> tuple[SplitResult, Sequence[str]]:
    """Return the parts of a URL and the addresses of its host.

    Raise BadAddressError when it is no plain `https` URL, when its port is that of another service, when its host has
    no address, or when one of them is of this machine or of a private network. `allow_private` takes these, and `http`.
    """
    parts = _parts(url)
    if parts is None or (parts.scheme != "https" and not allow_private):
        raise BadAddressError(AddressFault.FORM)
    if _port(parts) < _FIRST_FREE_PORT and _port(parts) not in _PORTS.values():
        raise BadAddressError(AddressFault.PORT)
    try:
        known = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BadAddressError(AddressFault.UNKNOWN) from None
    found = list(dict.fromkeys(str(row[4][0]) for row in known))
    if not found:
        raise BadAddressError(AddressFault.UNKNOWN)
    if not allow_private and not all(map(is_public, found)):
        raise BadAddressError(AddressFault.PRIVATE)
    return parts, found


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme in _PORTS and parts.hostname and parts.port != 0
    except ValueError:
        return None
    is_plain = is_plain and not parts.username and not parts.password and not parts.fragment
    is_plain = is_plain and url.isascii() and url.isprintable() and " " not in url and len(url) <= MAX_URL_CHARS
    return parts if is_plain else None


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]


def is_public(text: str) -> bool:
    """Tell whether an address is of the public network, and of no interface of this machine."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(str(address.ipv4_mapped))
        if address not in _GLOBAL_UNICAST or address.sixtofour is not None or address.teredo is not None:
            return False
    if address in _OF_HOSTS:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved and not _is_ours(text)


def _is_ours(text: str) -> bool:
    """Tell whether an interface of this machine has the address: only then does a socket bind to it."""
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((text, 0))
    except OSError:
        return False
    return True


class _Pinned(http.client.HTTPConnection):
    """A connection to addresses that were looked at before; the certificate is that of the name."""

    def __init__(self, parts: SplitResult, addresses: Sequence[str]) -> None:
        super().__init__(parts.hostname or "", _port(parts), timeout=CONNECT_SECONDS)
        self._addresses, self._is_encrypted = addresses, parts.scheme == "https"

    def connect(self) -> None:
        """Connect to the first address that answers."""
        plain = self._open()
        plain.settimeout(TOTAL_SECONDS)
        self.sock = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=self.host) if self._is_encrypted else plain
        )

    def _open(self) -> socket.socket:
        refused: OSError | None = None
        for address in self._addresses:
            try:
                return socket.create_connection((address, self.port), CONNECT_SECONDS)
            except OSError as error:
                refused = error
        raise refused or OSError("no address")


def post(url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool = False) -> int:
    """Send a body and return the status of the answer, which is not read; a redirect is an answer like another.

    Raise OSError when nobody answers within `TOTAL_SECONDS`, BadAddressError as `resolve` does.
    """
    parts, addresses = resolve(url, allow_private=allow_private)
    connection = _Pinned(parts, addresses)
    late = threading.Timer(TOTAL_SECONDS, lambda: _cut(connection))
    late.daemon = True
    late.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, dict(headers))
        return connection.getresponse().status
    except http.client.HTTPException as error:  # no HTTP is spoken there
        raise OSError(type(error).__name__) from error
    finally:
        late.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection) -> None:
    """End a call whose answer comes byte by byte."""
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
