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

HOUSE_RULES = {
    "area_repeated": "Each area is given once",
    "birth_date_invalid": "The date of birth cannot be right",
    "category_unknown": "Unknown category",
    "circumstance_repeated": "Each circumstance is given once",
    "correction_empty": "Say what is to be corrected",
    "crew_repeated": "Each volunteer is listed once",
    "hours_not_aligned": "Times must be on the half hour",
    "hours_out_of_range": "Weekdays are 1 to 7, times 00:00 to 24:00",
    "hours_overlapping": "Two spans of time overlap",
    "hours_reversed": "The end must come after the start",
    "id_number_invalid": "Not the number of an identity card",
    "idempotency_key_malformed": "The key must have 8 to 64 letters, digits or - _ : .",
    "language_repeated": "Each language is given once",
    "language_unknown": "Unknown language",
    "levels_invalid": "Specialties by code, each with a level from 1 to 3",
    "menu_code_malformed": "A code has small letters, digits, hyphens and underscores",
    "report_team": "A department that cannot help sends no team",
    "name_hidden_character": "Names hold nothing invisible, nothing that turns text around, no piles of marks",
    "order_dispatch_team": "Mode `team` needs a team, the other modes take none",
    "order_media_repeated": "Each picture is attached once",
    "order_needs_place": "A service on site needs an address and a location",
    "order_needs_subject": "Choose a menu item, or give title, category and duration",
    "order_online_has_no_place": "An online service has no location",
    "org_code_malformed": "A code has small letters, digits and hyphens",
    "phone_invalid": "Not a mobile number, nor a landline with its area code",
    "place_outside_country": "The place lies outside the country",
    "platform_unknown": "Unknown platform",
    "policy_invalid": "This rule cannot be set so",
    "programme_unknown": "Unknown programme",
    "proof_required": "This specialty needs the number of its proof",
    "recurrence_endless": "Say COUNT or UNTIL: at most a year, at most 366 times",
    "recurrence_ends_before_start": "It ends before it starts",
    "recurrence_foreign": "A rule holds neither a start, nor exceptions, nor other rules",
    "recurrence_frequency": "Only DAILY, WEEKLY, MONTHLY or YEARLY",
    "recurrence_interval": "The interval is a positive number, and lets something recur within a year",
    "recurrence_malformed": "Not an RRULE, such as FREQ=WEEKLY;BYDAY=TH;COUNT=8",
    "recurrence_missing": "Give a rule, such as FREQ=WEEKLY;BYDAY=TH;COUNT=8",
    "recurrence_never": "No day within a year fits this rule",
    "recurrence_part_unknown": "Use BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS and WKST only",
    "recurrence_too_long": "At most one year",
    "recurrence_too_many": "At most 366 times",
    "recurrence_too_often": "At most once a day, at the time of the first",
    "recurring_without_pictures": "A recurring order takes no pictures",
    "role_not_grantable": "This role cannot be granted here",
    "search_needed": "Give a whole phone number or a whole name",
    "specialty_repeated": "Each specialty is given once",
    "specialty_unknown": "Unknown specialty",
    "template_choice_unknown": "Templates by key, each accept, reject, ban or filter",
    "text_control_character": "The text holds control characters",
    "text_too_long": "The text is far too long",
    "text_not_unicode": "The text is not valid Unicode",
    "time_backwards": "The end comes after the beginning",
    "time_not_written": "Write times as 2026-11-28T09:00:00+08:00, days as 2026-11-28",
    "time_out_of_range": "The time is out of range",
    "timezone_required": "The time needs an offset",
    "title_holds_number": "Everybody reads a title: no telephone or identity-card number in it",
    "username_malformed": "3 to 40 of small letters, digits and . _ -, a letter first",
    "window_reversed": "The end must come after the start",
    "window_too_long": "The window is longer than 31 days",
    "wish_empty": "Say which gender or language is wished for",
}
"""Every rule of our own by its code, in English; in Chinese each speaks for itself, where it is broken."""

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
    """A short sentence, in Chinese or English."""
    kind, rule = error["type"], house_rule(error)
    if english:
        return HOUSE_RULES[rule] if rule in HOUSE_RULES else _ENGLISH.get(kind, error["msg"])
    template = _MESSAGES.get(kind)
    if template is None:
        return str(error["msg"]) if rule else "填写有误"
    return template.format_map(_Context(error.get("ctx") or {})).replace("'", "").replace(" or ", ", ")


class _Context(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
