"""The network that an address belongs to: what one subscriber does is counted together."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

# One subscriber is given a whole network of this length, with as many addresses as they like.
_IPV6_PREFIX = 64


def network_address(address: str | None) -> str:
    """Return the address under which tries and requests are counted: an IPv4 address, or an IPv6 network of
    one subscriber.
    """
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or ""
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped or ip_network((found, _IPV6_PREFIX), strict=False))
    return str(found)
