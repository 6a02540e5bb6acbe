"""What lies inside is not called, however it is written."""

import pytest

from app.webhooks.addresses import literal, outside

INSIDE = """
127.0.0.1 127.8.8.8 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1
100.100.100.200 192.0.0.192 198.18.0.1 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 2001:db8::1
2002:7f00:1:: 2002:a00:1:: 64:ff9b::7f00:1 64:ff9b:1::a00:1 ::127.0.0.1 example 0x7f.1 2130706433
0177.0.0.1 0x7f000001 127.1 0 1.1.1.1. 1.1.1.1:80 ::ffff:0:127.0.0.1 ::ffff:169.254.169.254 ::ffff:7f00:1
2001:0:7f00:1:: fec0::1 100::1 198.51.100.1 １２７.0.0.1
"""


@pytest.mark.parametrize("address", INSIDE.split())
def test_inside(address: str) -> None:
    assert not outside(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "114.114.114.114", "2400:3200::1", "172.32.0.1"])
def test_outside(address: str) -> None:
    assert outside(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "::1", "2130706433", "0x7f000001", "017700000001", "127.1", "127.0.0.1."]
)
def test_an_address_is_known_however_it_is_written(host: str) -> None:
    assert literal(host)
    assert not literal("hooks.example")
