"""Which addresses lie outside: what a caller may name is a way into the network that this service runs in.

An address that is not plainly a public one is inside: this machine, private and shared networks, link-local ones
(where clouds keep their metadata), multicast, and whatever hides such an address in a longer one.
"""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

_ASSIGNED: Final = IPv4Network("192.0.0.0/24")
"""For protocols (RFC 6890); one cloud keeps its metadata there."""
_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))

_NUMBERS: Final = re.compile(r"[0-9a-fx.]*[0-9]", re.ASCII | re.IGNORECASE)


def outside(address: str) -> bool:
    """False, too, for what is no address at all."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_public(one) for one in (known, *_hidden(known)))


def literal(host: str) -> bool:
    """Whether a host is an address and no name; numbers count, because libraries read `2130706433` as one."""
    host = host.removesuffix(".")
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return bool(_NUMBERS.fullmatch(host))
    return True


def _public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address) and address in _ASSIGNED:
        return False
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _hidden(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 one is a way to write."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _NAT64):
        found.append(IPv4Address(address.packed[-4:]))
    return [one for one in found if one is not None]
