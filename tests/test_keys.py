"""`sidan keys` and `sidan privacy`, as an operator calls them."""

from pathlib import Path

import pytest

from tests.command import Command, sidan

assert sidan
FIRST, SECOND = "the first key of all the personal data", "the second key of all the personal data"


@pytest.fixture
def founded(sidan: Command) -> Command:
    """A migrated database with one administrator, whose name is sealed by the first key."""
    sidan.set(SIDAN_DATA_KEY=FIRST)
    assert sidan("migrate").exit_code == 0
    given = ("qinghe", "青禾中心", "--lat", "28.2", "--lon", "112.98", "--admin", "qinghe_admin")
    more = ("--security", "qinghe_security")
    made = sidan("found", *given, *more, answer="Daohua-Xiang-2026\n" * 2 + "Caihua-Xiang-2026\n" * 2)
    assert made.exit_code == 0, made.output
    return sidan


def test_a_key_is_changed_and_the_old_one_may_go(founded: Command) -> None:
    assert "全部由当前密钥加密" in founded("keys", "status").stdout
    founded.set(SIDAN_DATA_KEY=SECOND)
    assert "SIDAN_PREVIOUS_DATA_KEYS" in founded("keys", "status").stderr
    refused = founded.refused("keys", "rotate")
    assert "未作任何改动" in refused
    assert "person.name" in refused
    founded.set(SIDAN_PREVIOUS_DATA_KEYS=f'["{FIRST}"]')
    assert "由旧密钥加密" in founded("keys", "status").stdout
    changed = founded("keys", "rotate")
    assert changed.exit_code == 0, changed.output
    assert "全部由当前密钥加密" in changed.stdout
    founded.set(SIDAN_PREVIOUS_DATA_KEYS="[]")
    told = founded("keys", "status")
    assert (told.exit_code, "person.name" in told.stdout) == (0, True)
    for secret in (FIRST, SECOND):
        assert secret not in told.output + changed.output + refused


def test_the_inventory_is_written_and_compared(sidan: Command, tmp_path: Path) -> None:
    file = tmp_path / "privacy.md"
    assert "不一致" in sidan.refused("privacy", "--check", "--file", str(file))
    assert sidan("privacy", "--file", str(file)).exit_code == 0
    assert sidan("privacy", "--check", "--file", str(file)).exit_code == 0
    assert file.read_text("utf-8").startswith("# 个人信息清单")
