"""Which addresses count as one caller."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

HOUSEHOLD: Final = 64
"""Bits of an IPv6 address that a subscriber is given; the rest is the subscriber's to change at will."""


def neighbourhood(address: str) -> str:
    """An IPv4 address, the network of an IPv6 one; empty for what is neither."""
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ip_network((int(known), HOUSEHOLD), strict=False))


def masked(address: str) -> str:
    """So much of an address that its owner knows it again: `113.240.*.*`, `2408:8000:1::*`."""
    whole = neighbourhood(address)
    if ":" in whole:
        return ":".join(ip_address(whole.split("/")[0]).exploded.split(":")[:3]) + "::*"
    return ".".join([*whole.split(".")[:2], "*", "*"]) if whole else ""
