import ipaddress

import pytest

from vestibule.server.outbound.addresses import Reach

INNER_ADDRESSES = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 - what must not be asked
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "::127.0.0.1",
    "fd00::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::1",
    "2001::1",
    "2001:db8::1",
]
INNER_URLS = [
    *[f"https://[{address}]/" if ":" in address else f"https://{address}/" for address in INNER_ADDRESSES],
    "https://0/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://127.1/",
    "https://0177.0.0.1/",
    "https://localhost/",
    "https://localhost./",
    "https://LOCALHOST/",
    "https://app.localhost/",
    "https://metadata.google.internal/",
    "https://printer.local/",
    "https://database/",
    "https://[fe80::1%25eth0]/",
]
OTHER_URLS = [
    "http://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "ftp://example.com/",
    "//example.com/",
    "example.com",
    "https:///nowhere",
    "https://example.com:0/",
    "https://example.com:99999/",
    "https://user:password@example.com/",
    "https://example.com@127.0.0.1/",
    "https://example.com\\@127.0.0.1/",
    "https://example.com/#part",
    "https://exa mple.com/",
    "https://example.com/\r\nHost: localhost",
    "https://пример.com/",
    "https://example.com/" + "a" * 2_048,
    "",
]


@pytest.mark.parametrize("url", [*INNER_URLS, *OTHER_URLS])
def test_WH_1_an_inner_address_is_refused_before_anything_is_asked(url: str) -> None:
    assert Reach().problem_of(url) is not None


@pytest.mark.parametrize("address", INNER_ADDRESSES)
def test_WH_1_no_connection_is_made_to_an_inner_address(address: str) -> None:
    assert not Reach().allows(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/webhooks?tenant=1",
        "https://example.com.:8443/",
        "https://93.184.215.14/",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
        "https://xn--e1afmkfd.com/",
        "https://localhost.example.com/",
    ],
)
def test_what_is_public_may_be_asked(url: str) -> None:
    assert Reach().problem_of(url) is None


def test_in_development_loopback_may_be_asked_and_nothing_else_that_is_private() -> None:
    reach = Reach(development=True)
    for url in (
        "http://localhost:3000/hook",
        "http://127.0.0.1:3000/",
        "http://[::1]/",
        "https://app.localhost/",
    ):
        assert reach.problem_of(url) is None
    for url in ("http://10.0.0.1/", "http://169.254.169.254/", "http://database/", "http://0.0.0.0/"):
        assert reach.problem_of(url) is not None
    assert reach.allows(ipaddress.ip_address("127.0.0.1"))
    assert not reach.allows(ipaddress.ip_address("192.168.0.1"))


def test_networks_of_ones_own_may_be_named() -> None:
    reach = Reach(networks=[ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd00:1::/64")])
    assert reach.problem_of("https://10.1.2.3/") is None
    assert reach.problem_of("https://database/") is None  # its address decides
    assert reach.problem_of("http://10.1.2.3/") is not None
    assert reach.allows(ipaddress.ip_address("10.1.255.1"))
    assert reach.allows(ipaddress.ip_address("fd00:1::7"))
    assert not reach.allows(ipaddress.ip_address("10.2.0.1"))
    assert not reach.allows(ipaddress.ip_address("127.0.0.1"))
