"""One caller, one neighbourhood; and of an address only so much is shown as its owner knows again."""

import pytest

from app.domain.neighbourhood import masked, neighbourhood


@pytest.mark.parametrize(
    ("address", "whole", "shown"),
    [
        ("113.240.7.9", "113.240.7.9", "113.240.*.*"),
        ("::ffff:113.240.7.9", "113.240.7.9", "113.240.*.*"),
        ("2408:8000:1:2:3:4:5:6", "2408:8000:1:2::/64", "2408:8000:0001::*"),
        ("2408:8000:1:2:ffff::", "2408:8000:1:2::/64", "2408:8000:0001::*"),
        ("", "", ""),
        ("testclient", "", ""),
        ("113.240.7.9:80", "", ""),
        ("\x00", "", ""),
    ],
)
def test_an_address(address: str, whole: str, shown: str) -> None:
    assert neighbourhood(address) == whole
    assert masked(address) == shown
