"""What to tell a person about a field that did not pass: pydantic's rules in Chinese."""

from collections.abc import Mapping
from typing import Any

_MESSAGES = {
    "missing": "必填项",
    "extra_forbidden": "有不认识的字段",
    "string_too_short": "至少{min_length}个字",
    "string_too_long": "最多{max_length}个字",
    "string_type": "应为文字",
    "string_pattern_mismatch": "格式不正确",
    "string_unicode": "文字编码有误",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "int_parsing_size": "数字过大",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为有限的数字",
    "bool_type": "应为是或否",
    "bool_parsing": "应为是或否",
    "enum": "只能是：{expected}",
    "literal_error": "只能是：{expected}",
    "uuid_parsing": "编号格式不正确",
    "uuid_type": "编号格式不正确",
    "greater_than": "应大于{gt}",
    "greater_than_equal": "不能小于{ge}",
    "less_than": "应小于{lt}",
    "less_than_equal": "不能大于{le}",
    "too_short": "至少{min_length}项",
    "too_long": "最多{max_length}项",
    "timezone_aware": "时间需要带时区，例如 2026-11-28T09:00:00+08:00",
    "datetime_parsing": "时间格式不正确",
    "datetime_from_date_parsing": "时间格式不正确",
    "datetime_type": "时间格式不正确",
    "date_parsing": "日期格式不正确",
    "date_from_datetime_parsing": "日期格式不正确",
    "date_type": "日期格式不正确",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "dict_type": "应为对象",
    "list_type": "应为列表",
    "value_error": "填写有误",
}

_RENAMED = {"timezone_aware": "timezone_required"}
_HOUSE = "sidan."
_ENGLISH = {"uuid_parsing": "Input should be a valid UUID"}
"""Where pydantic's own sentence repeats a part of the input."""


def house_rule(error: Mapping[str, Any]) -> str | None:
    """The code of a rule of our own (app.schemas.base.broken), or None for one of pydantic's."""
    kind: str = error["type"]
    return _RENAMED.get(kind) or (kind.removeprefix(_HOUSE) if kind.startswith(_HOUSE) else None)


def field_name(error: Mapping[str, Any]) -> str:
    """Where the fault is, as `body.window.start`; of an unknown field only what holds it, for its name is input."""
    place = error["loc"][:-1] if error["type"] == "extra_forbidden" else error["loc"]
    return ".".join(str(part) for part in place)


def field_message(error: Mapping[str, Any], *, english: bool = False) -> str:
    """A short sentence; a rule of our own speaks Chinese, and in English no more than its name."""
    kind: str = error["type"]
    if english:
        return _ENGLISH.get(kind) or _english(error)
    template = _MESSAGES.get(kind)
    if template is None:
        return str(error["msg"]) if kind.startswith(_HOUSE) else "填写有误"
    return template.format_map(_Context(error.get("ctx") or {})).replace("'", "").replace(" or ", ", ")


def _english(error: Mapping[str, Any]) -> str:
    rule = house_rule(error)
    return rule.replace("_", " ").capitalize() if rule else str(error["msg"])


class _Context(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
