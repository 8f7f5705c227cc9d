"""Which addresses a call may reach, and which of the rest an operator has allowed.

Decides it for addresses that have been resolved already: whatever is not plainly public is
refused unless `WATCHBILL_HTTP_ALLOW` names it. An address that carries another inside
(IPv4-mapped, NAT64, 6to4) is judged by both.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SPECIAL: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "an unspecified address"),
    ("10.0.0.0/8", "a private address"),
    ("100.64.0.0/10", "an address shared by a carrier (CGNAT)"),
    ("127.0.0.0/8", "a loopback address"),
    ("169.254.0.0/16", "a link-local address"),
    ("172.16.0.0/12", "a private address"),
    ("192.0.0.0/24", "a reserved address"),
    ("192.0.2.0/24", "a reserved address"),
    ("192.88.99.0/24", "a reserved address"),
    ("192.168.0.0/16", "a private address"),
    ("198.18.0.0/15", "a reserved address"),
    ("198.51.100.0/24", "a reserved address"),
    ("203.0.113.0/24", "a reserved address"),
    ("224.0.0.0/4", "a multicast address"),
    ("240.0.0.0/4", "a reserved address"),
    ("::/128", "an unspecified address"),
    ("::1/128", "a loopback address"),
    ("fc00::/7", "a private address"),
    ("fe80::/10", "a link-local address"),
    ("fec0::/10", "a private address"),
    ("ff00::/8", "a multicast address"),
    ("2001::/23", "a reserved address"),
    ("2001:db8::/32", "a reserved address"),
    ("3fff::/20", "a reserved address"),
)
_REFUSED = tuple((ip_network(network), why) for network, why in _SPECIAL)

_PUBLIC_6 = IPv6Network("2000::/3")
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")

NEVER_BY_NAME = ("a link-local address", "a multicast address", "an unspecified address")
"""A name that leads here is refused although it is allowed: it would be the cloud's metadata
service. An address or network that is allowed as such may be any."""

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_HIGHEST_PORT = 65535


class InvalidAllowanceError(ValueError):
    """An entry of the list of allowed targets is none."""


def why_refused(address: Address) -> str | None:
    """What the address is if no call may reach it; None if it is public."""
    for network, why in _REFUSED:
        if address.version == network.version and address in network:
            return why
    inner = carried_in(address)
    if inner is not None:
        why_inner = why_refused(inner)
        return why_inner and f"{why_inner} inside IPv6 ({inner})"
    if isinstance(address, IPv6Address) and address not in _PUBLIC_6:
        return "a reserved address"
    return None


def carried_in(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one carries; None if it carries none."""
    if isinstance(address, IPv4Address):
        return None
    number = int(address)
    if address in _MAPPED or address in _NAT64:
        return IPv4Address(number & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address((number >> 80) & 0xFFFFFFFF)
    return None


def address_of(text: str) -> Address:
    """The address in the text, without a zone. Raises ValueError."""
    return ip_address(text.partition("%")[0])


@dataclass(frozen=True)
class Allowed:
    """The targets that an operator allows; a port of None is every port."""

    names: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[tuple[Network, int | None], ...] = ()

    def __or__(self, other: "Allowed") -> "Allowed":
        """What either allows."""
        return Allowed(self.names | other.names, self.networks + other.networks)

    def refusal(self, host: str, address: Address, port: int) -> str | None:
        """What the address is if the call must not reach it; None if it may.

        `host` is the name that it was resolved from, or the address itself.
        """
        why = why_refused(address)
        if why is None or self._has_address(address, port):
            return None
        if why not in NEVER_BY_NAME and self._has_name(host, port):
            return None
        return why

    def _has_name(self, host: str, port: int) -> bool:
        name = host.lower().rstrip(".")
        return (name, None) in self.names or (name, port) in self.names

    def _has_address(self, address: Address, port: int) -> bool:
        both = (address, carried_in(address))
        return any(
            one is not None and one.version == network.version and one in network
            for network, only in self.networks
            if only in (None, port)
            for one in both
        )


def read_allowed(entries: str | Iterable[str]) -> Allowed:
    """The list of hosts, `host:port`, addresses and networks, parted by commas.

    Raises:
        InvalidAllowanceError: an entry is none of these.
    """
    given = entries.split(",") if isinstance(entries, str) else entries
    names: set[tuple[str, int | None]] = set()
    networks: list[tuple[Network, int | None]] = []
    for entry in (one.strip() for one in given):
        if not entry:
            continue
        host, port = _split(entry)
        network = _network(host, entry)
        if network is not None:
            networks.append((network, port))
        elif _NAME.fullmatch(host.lower().rstrip(".")):
            names.add((host.lower().rstrip("."), port))
        else:
            raise _invalid(entry)
    return Allowed(frozenset(names), tuple(networks))


def _split(entry: str) -> tuple[str, int | None]:
    """Host and port of an entry; an IPv6 address with a port stands in brackets."""
    if entry.startswith("["):
        host, found, rest = entry[1:].partition("]")
        if not found or (rest and not rest.startswith(":")):
            raise _invalid(entry)
        return host, _port(rest[1:], entry) if rest else None
    if entry.count(":") != 1:
        return entry, None
    host, _, port = entry.partition(":")
    return host, _port(port, entry)


def _port(text: str, entry: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= _HIGHEST_PORT:
        raise _invalid(entry)
    return int(text)


def _network(host: str, entry: str) -> Network | None:
    """The network or single address; None if it is a name."""
    try:
        return ip_network(host)
    except ValueError as error:
        if "/" in host or ":" in host or "host bits" in str(error):
            raise _invalid(entry, str(error)) from None
        return None


def _invalid(entry: str, why: str = "") -> InvalidAllowanceError:
    reason = f" ({why})" if why else ""
    return InvalidAllowanceError(
        f"'{entry}' is no target{reason}; write a host, host:port, an address or a network, "
        "such as router.internal, 127.0.0.1:9000, [fd00::1]:80 or 10.20.0.0/16"
    )
