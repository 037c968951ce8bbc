"""Rate limit: the limits of one network address, and the address that a request counts for."""

from dataclasses import dataclass

from portfolio.web.request_limits import network_address

# Below the limit of waitress: when the server is full, a connection that waits for its request is closed for
# the new one.
MAX_CONNECTIONS = 480
# A slow line still passes at this speed; below it, a request has to be complete within `request_seconds`.
MIN_BYTES_PER_SECOND = 8 * 1024


@dataclass(frozen=True)
class AddressLimits:
    """Limits of one network address at one moment.

    `proxies`: how many trusted proxies write X-Forwarded-For.
    """

    connections: int
    in_flight_bytes: int
    request_seconds: int
    proxies: int = 0

    def seconds_for(self, received_bytes: int) -> float:
        """Return how long a request may take that has received so many bytes."""
        return self.request_seconds + received_bytes / MIN_BYTES_PER_SECOND

    def client_network(self, peer: str, forwarded_for: str) -> str:
        """Return the network of the client: that of the peer, or of the address that the outermost
        trusted proxy wrote.
        """
        hops = forwarded_for.split(",")
        if self.proxies and forwarded_for and len(hops) >= self.proxies:
            return network_address(hops[-self.proxies].strip())
        return peer
