"""The address that a request counts for, and how long it may take."""

import pytest

from portfolio.server.rate_limit import AddressLimits


@pytest.mark.parametrize(
    ("proxies", "forwarded_for", "network"),
    [
        (0, "", "127.0.0.1"),
        (0, "192.0.2.1", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "198.51.100.7, 192.0.2.1", "192.0.2.1"),
        (2, "198.51.100.7, 192.0.2.1", "198.51.100.7"),
        (2, "192.0.2.1", "127.0.0.1"),
        (1, "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
    ],
)
def test_a_client_is_the_address_that_the_outermost_trusted_proxy_wrote(proxies, forwarded_for, network):
    assert AddressLimits(10, 10, 60, proxies).client_network("127.0.0.1", forwarded_for) == network


def test_a_request_has_a_minute_and_more_for_what_it_sent():
    limits = AddressLimits(10, 10, 60)
    assert limits.seconds_for(0) == 60
    assert limits.seconds_for(8 * 1024 * 60) == 120
