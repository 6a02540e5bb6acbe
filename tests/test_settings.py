"""The service refuses to start in production with anything that was made for development."""

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from app.main import create_app
from app.settings import DEFAULT_SECRET, Settings, settings

FIT: dict[str, Any] = {
    "env": "production",
    "secret": SecretStr("a secret of at least 32 characters"),
    "wechat": "http",
    "wechat_appid": "wx0000000000000000",
    "wechat_secret": SecretStr("from the platform"),
}


def test_a_production_with_its_own_secrets_starts() -> None:
    assert Settings(**FIT).production


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"secret": SecretStr(DEFAULT_SECRET)}, "SIDAN_SECRET"),
        ({"secret": SecretStr("x" * 31)}, "SIDAN_SECRET"),
        ({"wechat": "fake"}, "SIDAN_WECHAT=fake"),
        ({"clock_file": "moved-clock"}, "SIDAN_CLOCK_FILE"),
        ({"wechat_appid": ""}, "SIDAN_WECHAT_APPID"),
        ({"wechat_secret": SecretStr("")}, "SIDAN_WECHAT_SECRET"),
    ],
)
def test_what_is_missing_is_named_and_no_secret_is_printed(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**FIT | changes)
    assert named in str(refused.value)
    assert FIT["secret"].get_secret_value() not in str(refused.value)


def test_development_needs_nothing() -> None:
    assert Settings().wechat == "fake"


def test_the_application_itself_does_not_come_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDAN_ENV", "production")
    settings.cache_clear()
    try:
        with pytest.raises(ValidationError, match="SIDAN_SECRET"):
            create_app()
    finally:
        settings.cache_clear()
