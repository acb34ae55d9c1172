"""Which network addresses are public: the rule the egress guard and the resolver share. Pure."""

import ipaddress
import socket
from collections.abc import Iterator

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

RESERVED = tuple(
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "100:0:0:1::/64",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
"""The special-purpose registries of IANA (RFC 6890 and its successors), and what lies unassigned
beside them. Written out because `is_global` differs between patch releases of Python."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)


def literal_address(host: str) -> IPAddress | None:
    """The address that `host` spells, or None when it is a name.

    Accepts what the system's resolver accepts: `127.1`, `0x7f.1`, `0177.0.0.1`, `2130706433`.
    """
    bare = host.strip("[]").rstrip(".")
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    if not bare or not all(c in "0123456789abcdefxABCDEFX." for c in bare):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare))
    except OSError:
        return None


def _carried(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses that a mapped, translated or tunnelled IPv6 address leads to."""
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _NAT64 or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        yield last


def is_public(address: IPAddress) -> bool:
    """Whether the address, and every address that it carries inside, is on the open internet."""
    if isinstance(address, ipaddress.IPv6Address):
        carried = tuple(_carried(address))
        if not all(is_public(inner) for inner in carried):
            return False
        if address.ipv4_mapped:
            return True
    return not any(address in block for block in RESERVED if block.version == address.version)
