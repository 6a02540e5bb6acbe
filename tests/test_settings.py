"""The service refuses to start in production with anything that was made for development."""

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from app.domain.templates import FIELDS, Source, Template
from app.main import create_app
from app.settings import DEFAULT_SECRET, Settings, settings

FIT: dict[str, Any] = {
    "env": "production",
    "secret": SecretStr("a secret of at least 32 characters"),
    "data_key": SecretStr("another one that seals the personal data"),
    "index_key": SecretStr("a third by which what is sealed is found"),
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
        ({"data_key": SecretStr(DEFAULT_SECRET)}, "SIDAN_DATA_KEY"),
        ({"data_key": SecretStr("x" * 31)}, "SIDAN_DATA_KEY"),
        ({"index_key": SecretStr(DEFAULT_SECRET)}, "SIDAN_INDEX_KEY"),
        ({"data_key": SecretStr("a third by which what is sealed is found")}, "must differ"),
        ({"wechat": "fake"}, "SIDAN_WECHAT=fake"),
        ({"clock_file": "moved-clock"}, "SIDAN_CLOCK_FILE"),
        ({"wechat_appid": ""}, "SIDAN_WECHAT_APPID"),
        ({"wechat_url": "http://nearer.example"}, "SIDAN_WECHAT_URL"),
        ({"sms": "fake"}, "SIDAN_SMS=fake"),
        ({"sms": "http", "sms_url": "https://sms.example"}, "SIDAN_SMS_SECRET"),
        ({"sms": "http", "sms_url": "http://sms.example", "sms_secret": SecretStr("x")}, "SIDAN_SMS_URL"),
        ({"webhooks_inside": True}, "SIDAN_WEBHOOKS_INSIDE"),
        ({"wechat_secret": SecretStr("")}, "SIDAN_WECHAT_SECRET"),
    ],
)
def test_what_is_missing_is_named_and_no_secret_is_printed(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**FIT | changes)
    assert named in str(refused.value)
    assert FIT["secret"].get_secret_value() not in str(refused.value)


@pytest.mark.parametrize(
    "templates",
    [
        {"progres": "id"},
        {"progress": ""},
        {"progress": {"id": "x", "fields": {"thing": "title"}}},
        {"progress": {"id": "x", "fields": {"thing1": "address"}}},
        {"progress": {"id": "x", "colour": "red"}},
    ],
)
def test_a_template_that_wechat_would_not_know_stops_the_start(templates: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="wechat_templates"):
        Settings(wechat_templates=templates)


def test_templates_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "SIDAN_WECHAT_TEMPLATES", '{"review": "a", "visit": {"id": "b", "fields": {"time7": "time"}}}'
    )
    forms = Settings().templates
    assert forms[Template.REVIEW] == ("a", FIELDS[Template.REVIEW])
    assert forms[Template.VISIT] == ("b", {"time7": Source.TIME})
    assert len(forms) == 2


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
