"""Orders that may not be placed, and what is told about each."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from app.models.base import new_id
from tests.factories import NOW, PLACE, SATURDAY_9

HOUR = timedelta(hours=1)


def window(start: datetime, end: datetime) -> dict[str, Any]:
    return {"window": {"start": start.isoformat(), "end": end.isoformat()}}


def at(**changes: Any) -> dict[str, Any]:
    return {"location": {**PLACE, **changes}}


def contact(**changes: Any) -> dict[str, Any]:
    return {"contact": {"name": "张阿婆", "phone": "13800000001", **changes}}


def for_(**changes: Any) -> dict[str, Any]:
    return {"beneficiary": {"name": "王大爷", "relation": "family", "consent": "verbal", **changes}}


BAD_ORDERS: dict[str, tuple[dict[str, Any], str]] = {
    "a start without an offset": (
        {"window": {"start": "2026-11-28T09:00:00", "end": "2026-11-28T11:00:00+08:00"}},
        "422 timezone_required",
    ),
    "an end without an offset": (
        {"window": {"start": "2026-11-28T09:00:00+08:00", "end": "2026-11-28T11:00:00"}},
        "422 timezone_required",
    ),
    "a time that is a number": ({"window": {"start": 1795827600, "end": 1795834800}}, "422 time_not_written"),
    "a time that is true": ({"window": {"start": True, "end": False}}, "422 time_not_written"),
    "a time in words": ({"window": {"start": "明天上午", "end": "明天下午"}}, "422 time_not_written"),
    "a day that no calendar has": (
        {"window": {"start": "2026-02-30T09:00:00+08:00", "end": "2026-03-01T09:00:00+08:00"}},
        "422 invalid_request body.window.start:datetime_from_date_parsing",
    ),
    "a time before time": (
        {"window": {"start": "0001-01-01T00:00:00+14:00", "end": "0001-01-02T00:00:00+14:00"}},
        "422 time_out_of_range",
    ),
    "an end before its start": (window(SATURDAY_9, SATURDAY_9 - HOUR), "422 window_reversed"),
    "an end at its start": (window(SATURDAY_9, SATURDAY_9), "422 window_reversed"),
    "a window in the past": (window(NOW - 5 * HOUR, NOW - 2 * HOUR), "422 window_in_past"),
    "a window that ends now": (window(NOW - HOUR, NOW), "422 window_in_past"),
    "a window long begun": (window(NOW - 2 * HOUR, NOW + 5 * HOUR), "422 window_in_past"),
    "a window too far": (
        window(SATURDAY_9 + timedelta(days=367), SATURDAY_9 + timedelta(days=368)),
        "422 window_too_far",
    ),
    "a window too long": (window(SATURDAY_9, SATURDAY_9 + timedelta(days=32)), "422 window_too_long"),
    "a window shorter than the service": (
        window(SATURDAY_9, SATURDAY_9 + timedelta(minutes=119)),
        "422 window_too_short",
    ),
    "a window shorter than asked for": (
        {"duration_minutes": 240, **window(SATURDAY_9, SATURDAY_9 + 3 * HOUR)},
        "422 window_too_short",
    ),
    "no window": ({"window": ...}, "422 invalid_request body.window:missing"),
    "a place abroad": (at(lat=35.68, lon=139.69), "422 place_outside_country"),
    "a place abroad in WGS-84": (
        at(lat=35.68, lon=139.69, coord_system="wgs84"),
        "422 place_outside_country",
    ),
    "coordinates swapped": (at(lat=PLACE["lon"], lon=PLACE["lat"]), "422 place_outside_country"),
    "no place on earth": (at(lat=91, lon=181), "422 place_outside_country"),
    "the null island": (at(lat=0, lon=0), "422 place_outside_country"),
    "an unknown datum": (at(coord_system="bd09"), "422 invalid_request body.location.coord_system:enum"),
    "coordinates in words": (at(lat="28.2"), "422 invalid_request body.location.lat:float_type"),
    "half a place": ({"location": {"lat": 28.2}}, "422 invalid_request body.location.lon:missing"),
    "no place for a visit": ({"location": ...}, "422 order_needs_place"),
    "no address for a visit": ({"address": " "}, "422 order_needs_place"),
    "a place for a call": ({"mode": "online"}, "422 order_online_has_no_place"),
    "an unknown mode": ({"mode": "by_pigeon"}, "422 invalid_request body.mode:enum"),
    "no organisation": ({"organisation_id": ...}, "422 invalid_request body.organisation_id:missing"),
    "an organisation that is none": ({"organisation_id": str(uuid4())}, "404 not_found"),
    "an organisation by name": (
        {"organisation_id": "松岭社区"},
        "422 invalid_request body.organisation_id:uuid_parsing",
    ),
    "a menu item that is none": ({"menu_item_id": str(uuid4())}, "422 menu_item_unknown"),
    "neither menu item nor words": ({"menu_item_id": ...}, "422 order_needs_subject"),
    "words without a duration": (
        {"menu_item_id": ..., "title": "修水管", "category": "care"},
        "422 order_needs_subject",
    ),
    "an unknown category": (
        {"menu_item_id": ..., "title": "修水管", "category": "wizardry", "duration_minutes": 60},
        "422 category_unknown",
    ),
    "a category in Chinese": (
        {"category": "便民"},
        "422 invalid_request body.category:string_pattern_mismatch",
    ),
    "an unknown urgency": ({"urgency": "panic"}, "422 invalid_request body.urgency:enum"),
    "10,000 characters of detail": (
        {"detail": "很" * 10_000},
        "422 text_too_long",
    ),
    "10,000 characters of address": (
        {"address": "路" * 10_000},
        "422 text_too_long",
    ),
    "10,000 characters of title": (
        {"title": "净" * 10_000},
        "422 text_too_long",
    ),
    "10,000 characters of name": (
        contact(name="张" * 10_000),
        "422 text_too_long",
    ),
    "10,000 digits of phone": (
        contact(phone="1" * 10_000),
        "422 text_too_long",
    ),
    "an empty title": ({"title": ""}, "422 invalid_request body.title:string_too_short"),
    "a telephone number in the title": (
        {"title": "找张阿婆 138-0000-0001"},
        "422 title_holds_number",
    ),
    "an identity card's number in the title": (
        {"title": "４３０１０２１９４００１０１１２３Ｘ"},
        "422 title_holds_number",
    ),
    "an empty name": (contact(name=""), "422 invalid_request body.contact.name:string_too_short"),
    "a name of spaces": (contact(name=" \u3000\t"), "422 invalid_request body.contact.name:string_too_short"),
    "a name that shows nothing": (
        contact(name="\u200b\u2060\ufeff"),
        "422 invalid_request body.contact.name:string_too_short",
    ),
    "an empty phone": (contact(phone=""), "422 phone_invalid"),
    "a phone too short": (contact(phone="1380000000"), "422 phone_invalid"),
    "a phone of letters": (contact(phone="call me"), "422 phone_invalid"),
    "a foreign phone": (contact(phone="+4915112345678"), "422 phone_invalid"),
    "a NUL": ({"detail": "零\u0000"}, "422 text_control_character"),
    "a bell": (contact(name="张\u0007"), "422 text_control_character"),
    "an escape sequence": ({"address": "\u001b[31m红"}, "422 text_control_character"),
    "a C1 control": ({"detail": "a\u0085b"}, "422 text_control_character"),
    "a lone surrogate": ({"detail": "\ud83d"}, "422 text_not_unicode"),
    "surrogates in the wrong order": (contact(name="\udc4d\ud83d"), "422 text_not_unicode"),
    "an unknown field": ({"priority": 9}, "422 invalid_request body:extra_forbidden"),
    "an unknown field below": (contact(email="a@b.c"), "422 invalid_request body.contact:extra_forbidden"),
    "a field that the house sets": ({"status": "closed"}, "422 invalid_request body:extra_forbidden"),
    "a number as text": ({"people": "2"}, "422 invalid_request body.people:int_type"),
    "a truth as a number": ({"people": True}, "422 invalid_request body.people:int_type"),
    "a fraction of a person": ({"people": 1.5}, "422 invalid_request body.people:int_type"),
    "nobody": ({"people": 0}, "422 invalid_request body.people:greater_than_equal"),
    "201 people": ({"people": 201}, "422 invalid_request body.people:less_than_equal"),
    "10³⁰⁰ people": ({"people": 10**300}, "422 invalid_request body.people:less_than_equal"),
    "minutes before none": (
        {"duration_minutes": -1},
        "422 invalid_request body.duration_minutes:greater_than_equal",
    ),
    "a text as a list": ({"detail": ["a"]}, "422 invalid_request body.detail:string_type"),
    "an object as a text": ({"contact": "张阿婆"}, "422 invalid_request body.contact:model_attributes_type"),
    "a null that may not be": ({"detail": None}, "422 invalid_request body.detail:string_type"),
    "an unknown relation": (
        for_(relation="boss"),
        "422 invalid_request body.beneficiary.relation:enum",
    ),
    "no consent": (for_(consent=None), "422 invalid_request body.beneficiary.consent:enum"),
    "staff that is none": (for_(relation="staff"), "403 forbidden"),
    "an unknown circumstance": (
        {"circumstances": ["rich"]},
        "422 invalid_request body.circumstances.0:enum",
    ),
    "a circumstance twice": ({"circumstances": ["minor", "minor"]}, "422 circumstance_repeated"),
    "1,000 circumstances": (
        {"circumstances": ["minor"] * 1_000},
        "422 invalid_request body.circumstances:too_long",
    ),
    "a circumstance alone": ({"circumstances": "minor"}, "422 invalid_request body.circumstances:list_type"),
    "no circumstances but null": (
        {"circumstances": None},
        "422 invalid_request body.circumstances:list_type",
    ),
    "a wish for neither": ({"wish": {"gender": "any"}}, "422 invalid_request body.wish.gender:enum"),
    "a wish for Klingon": ({"wish": {"language": "klingon"}}, "422 language_unknown"),
    "a must without a wish": ({"wish": {"must": True}}, "422 wish_empty"),
    "a wish that may be a must": (
        {"wish": {"gender": "male", "must": None}},
        "422 invalid_request body.wish.must:bool_type",
    ),
    "a wish for youth": ({"wish": {"age": 20}}, "422 invalid_request body.wish:extra_forbidden"),
    "ten pictures": (
        {"media_ids": [str(uuid4()) for _ in range(10)]},
        "422 invalid_request body.media_ids:too_long",
    ),
    "6,000 pictures": (
        {"media_ids": [str(uuid4()) for _ in range(6_000)]},
        "422 invalid_request body.media_ids:too_long",
    ),
    "10,000 pictures": ({"media_ids": [str(uuid4()) for _ in range(10_000)]}, "413 too_large"),
    "a picture twice": ({"media_ids": [str(new_id())] * 2}, "422 order_media_repeated"),
    "a picture that is none": ({"media_ids": [str(uuid4())]}, "422 media_not_attachable"),
    "a picture by name": (
        {"media_ids": ["me.jpg"]},
        "422 invalid_request body.media_ids.0:uuid_parsing",
    ),
    "10,000 unknown fields": (
        {f"x{number}": number for number in range(10_000)},
        "422 invalid_request body:extra_forbidden",
    ),
}
