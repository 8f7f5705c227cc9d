"""Which addresses a call may reach, and what an operator's list opens."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.addresses import (
    Allowed,
    InvalidAllowanceError,
    address_of,
    carried_in,
    read_allowed,
    why_refused,
)

ADDRESSES_4 = st.ip_addresses(v=4)
ADDRESSES_6 = st.ip_addresses(v=6)

REFUSED = {
    "0.0.0.0": "an unspecified address",
    "0.1.2.3": "an unspecified address",
    "10.0.0.1": "a private address",
    "100.64.0.1": "an address shared by a carrier (CGNAT)",
    "127.0.0.1": "a loopback address",
    "127.255.255.254": "a loopback address",
    "169.254.169.254": "a link-local address",
    "172.16.0.1": "a private address",
    "172.31.255.255": "a private address",
    "192.168.1.1": "a private address",
    "224.0.0.1": "a multicast address",
    "255.255.255.255": "a reserved address",
    "::": "an unspecified address",
    "::1": "a loopback address",
    "fc00::1": "a private address",
    "fd12:3456::1": "a private address",
    "fe80::1%eth0": "a link-local address",
    "ff02::1": "a multicast address",
    "2001:db8::1": "a reserved address",
    "100::1": "a reserved address",
    "::127.0.0.1": "a reserved address",
    "64:ff9b:1::1": "a reserved address",
    "::ffff:127.0.0.1": "a loopback address inside IPv6 (127.0.0.1)",
    "::ffff:169.254.169.254": "a link-local address inside IPv6 (169.254.169.254)",
    "64:ff9b::10.0.0.1": "a private address inside IPv6 (10.0.0.1)",
    "2002:7f00:1::1": "a loopback address inside IPv6 (127.0.0.1)",
}

PUBLIC = [
    "1.1.1.1",
    "100.63.255.255",
    "172.15.255.255",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "::ffff:1.1.1.1",
    "64:ff9b::1.1.1.1",
    "2002:101:101::1",
]


@pytest.mark.parametrize(("address", "why"), REFUSED.items())
def test_an_address_that_is_not_public_is_refused_with_its_kind(address: str, why: str):
    assert why_refused(address_of(address)) == why


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_not_refused(address: str):
    assert why_refused(address_of(address)) is None


@given(ADDRESSES_4)
def test_whatever_the_standard_library_calls_not_global_is_refused(address: IPv4Address):
    """The other way round we may be stricter: multicast is global there."""
    if not address.is_global:
        assert why_refused(address) is not None


@given(ADDRESSES_6)
def test_no_ipv6_address_outside_global_unicast_passes_unless_it_carries_a_public_one(
    address: IPv6Address,
):
    if why_refused(address) is None:
        carried = carried_in(address)
        if carried is None:
            assert address in IPv6Network("2000::/3")
        else:
            assert why_refused(carried) is None


@given(ADDRESSES_4)
def test_an_ipv4_address_is_judged_alike_in_every_ipv6_dress(address: IPv4Address):
    number = int(address)
    dressed = [
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address((0x64FF9B << 96) | number),
        IPv6Address((0x2002 << 112) | (number << 80) | 1),
    ]

    verdicts = {why_refused(one) is None for one in dressed}

    assert verdicts == {why_refused(address) is None}


@given(ADDRESSES_4 | ADDRESSES_6, st.integers(1, 65535))
def test_without_a_list_only_what_is_public_is_reached(
    address: IPv4Address | IPv6Address, port: int
):
    assert Allowed().refusal("some.example", address, port) == why_refused(address)


@given(ADDRESSES_4 | ADDRESSES_6, ADDRESSES_4, st.integers(8, 32), st.integers(1, 65535))
def test_a_network_of_the_list_opens_itself_and_nothing_else(
    address: IPv4Address | IPv6Address, inside: IPv4Address, length: int, port: int
):
    network = ip_network((inside, length), strict=False)
    allowed = read_allowed(str(network))

    assert allowed.refusal("x.example", inside, port) is None
    carried = carried_in(address)
    if address not in network and (carried is None or carried not in network):
        assert allowed.refusal("x.example", address, port) == why_refused(address)


@given(st.integers(1, 65535), st.integers(1, 65535))
def test_an_entry_with_a_port_opens_that_port_alone(named: int, asked: int):
    allowed = read_allowed(f"router.internal:{named}, 127.0.0.1:{named}, [::1]:{named}")

    for host, address in (
        ("router.internal", "10.0.0.1"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
    ):
        refused = allowed.refusal(host, address_of(address), asked)
        assert (refused is None) == (named == asked)


@pytest.mark.parametrize("host", ["router.internal", "Router.Internal", "router.internal."])
def test_a_name_of_the_list_may_lead_to_a_private_address(host: str):
    allowed = read_allowed("router.internal")

    assert allowed.refusal(host, address_of("10.0.0.1"), 443) is None
    assert allowed.refusal("other." + host, address_of("10.0.0.1"), 443) == "a private address"


def test_a_name_of_the_list_never_leads_to_the_metadata_service():
    """Whoever answers for that name could else read the machine's own credentials."""
    metadata = address_of("169.254.169.254")

    assert read_allowed("router.internal").refusal("router.internal", metadata, 80) is not None
    assert read_allowed("169.254.169.254").refusal("router.internal", metadata, 80) is None


@pytest.mark.parametrize(
    "entry",
    [
        "http://router.internal",
        "router.internal:0",
        "router.internal:http",
        "10.20.0.1/16",
        "10.0.0.0/33",
        "[::1",
        "*.internal",
        "a b",
    ],
)
def test_an_entry_that_is_no_target_is_refused_by_name_with_samples(entry: str):
    with pytest.raises(InvalidAllowanceError) as told:
        read_allowed(f"good.internal,{entry}")

    assert str(told.value).startswith(f"'{entry}' is no target")
    assert "such as router.internal, 127.0.0.1:9000" in str(told.value)
