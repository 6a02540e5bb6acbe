"""A valid call of every operation: its path from the planted rows, its body from the examples of the contract.

What can be derived is derived. The tables below say the rest: which state an operation wants its order in, and the
few fields whose example cannot be true of a planted world. An operation that cannot be filled fails the test.
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.routers.needs import NEEDS
from tests.factories import NOW
from tests.scope.caller import Call
from tests.scope.corner import Corner
from tests.scope.furniture import BLOCKED_DAY

Document = dict[str, Any]

ROW = {
    "absence_id": "absence",
    "approval_id": "approval",
    "check_id": "check",
    "complaint_id": "complaint",
    "export_id": "export",
    "follow_up_id": "follow_up",
    "grant_id": "grant",
    "item_id": "item",
    "media_id": "picture",
    "notice_id": "notice",
    "offer_id": "offer",
    "order_id": "submitted",
    "organisation_id": "station",
    "parent_id": "station",
    "center_id": "center",
    "person_id": "member",
    "plan_id": "plan",
    "recurring_id": "series",
    "sign_in_id": "device",
    "team_id": "team",
    "volunteer_id": "volunteer",
    "webhook_id": "webhook",
    "menu_item_id": "item",
    "preferred_team_id": "team",
    "into_id": "twin",
    "members": "crew",
    "area_ids": "station",
}
"""Parameters and fields that name a row, and which row of the corner that is."""
WANTS: dict[str, dict[str, str]] = {
    "attendance_check_in": {"order_id": "begun"},
    "attendance_check_out": {"order_id": "in_service", "client_id": "client"},
    "attendance_declare": {"order_id": "in_service", "person_id": "crew"},
    "appointment_confirm": {"order_id": "accepted"},
    "appointment_postpone": {"order_id": "accepted"},
    "block_create": {"order_id": "approved", "team_id": "spare"},
    "block_delete": {"order_id": "blocked", "team_id": "spare"},
    "blocks_list": {"order_id": "blocked"},
    "crew_name": {"order_id": "accepted"},
    "grant_create": {"person_id": "owner"},
    "no_show_report": {"order_id": "begun"},
    "order_claim": {"order_id": "pooled"},
    "order_complain": {"order_id": "delivered"},
    "order_deliver": {"order_id": "in_service"},
    "order_dispatch": {"order_id": "approved"},
    "order_escalate": {"order_id": "approved"},
    "order_give_up": {"order_id": "stuck"},
    "order_matches_list": {"order_id": "approved"},
    "order_reassign": {"order_id": "accepted", "team_id": "spare"},
    "order_recall": {"order_id": "offered"},
    "order_release": {"order_id": "accepted"},
    "order_reopen": {"order_id": "delivered"},
    "order_report": {"order_id": "whistled"},
    "order_review": {"order_id": "delivered"},
    "order_take_over": {"order_id": "offered"},
    "recurring_order_approve": {"recurring_id": "wish"},
    "recurring_order_reject": {"recurring_id": "wish"},
    "release_excuse": {"offer_id": "released"},
    "standby_ask": {"order_id": "accepted", "team_id": "spare"},
    "team_leader_dismiss": {"person_id": "leader"},
    "team_member_add": {"person_id": "owner"},
    "volunteer_create": {"person_id": "member"},
}
WRITTEN: dict[str, dict[str, Any]] = {
    "attendance_check_in": {"at": NOW.isoformat(), "client_id": "0192f3c0-0000-7000-8000-0000000000aa"},
    "attendance_check_out": {"at": NOW.isoformat()},
    "order_deliver": {"media_ids": []},
    "order_escalate": {"version": 1},
    "my_phone_set": {"code": "phone:13800000009"},
}
"""Fields whose example is not true here."""
ASKED = {
    "people_list": "?phone=13800000001",
    "privacy_notice_get": "?organisation_id={station}",
}
"""What a question must say to be one."""
SPELLED = {"day": BLOCKED_DAY.isoformat(), "occurs_at": "2026-11-26T14:00:00+08:00", "purpose": "publicity"}
UPLOAD = "media_upload"


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    needs: tuple[str, ...]
    said: Document

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    @property
    def named(self) -> list[str]:
        """The rows that a call of it names: those of the path, else the place in its body."""
        wants = WANTS.get(self.name, {})
        return [wants.get(one, ROW[one]) for one in self.parameters if one not in SPELLED]


def operations(document: Document) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, said in item.items():
            yield Operation(said["operationId"], method.upper(), path, tuple(said[NEEDS]), said)


def filled(
    document: Document, operation: Operation, made: Corner, changes: dict[str, str] | None = None
) -> Call:
    """A call about the rows of this corner; `changes` puts other ids into its path."""
    path = operation.path
    for name in operation.parameters:
        value = (changes or {}).get(name) or SPELLED.get(name) or str(_row(operation.name, name, made))
        path = path.replace(f"{{{name}}}", value.replace("+", "%2B"))
    path += ASKED.get(operation.name, "").format(station=made.station.id)
    if operation.name == UPLOAD:
        return _upload(operation.method, path)
    body = example(document, operation)
    if body is not None:
        body = _swapped(body, operation.name, made) | WRITTEN.get(operation.name, {})
    return Call(operation.method, path, body)


def example(document: Document, operation: Operation) -> Any:
    """The first example of its body, None for an operation without one."""
    content = operation.said.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    schema = content["schema"]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return copy.deepcopy(schema["examples"][0])


def _row(name: str, key: str, made: Corner) -> UUID:
    return made.ids[WANTS.get(name, {}).get(key) or ROW[key]]


def _swapped(body: Any, name: str, made: Corner, key: str = "") -> Any:
    """The same with the ids of the corner's rows, wherever the example names a row."""
    if isinstance(body, dict):
        return {one: _swapped(value, name, made, one) for one, value in body.items()}
    if isinstance(body, list):
        return [_swapped(body[0], name, made, key)] if key in ROW and body else body
    if key in ROW or key in WANTS.get(name, {}):
        return str(_row(name, key, made))
    return body


def _upload(method: str, path: str) -> Call:
    """The smallest picture that decodes: one grey pixel."""
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
        "0000000a4944415478da63680000008200816f9d2f4d0000000049454e44ae426082"
    )
    content = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
    content += b"Content-Type: image/png\r\n\r\n" + png + b"\r\n--x--\r\n"
    return Call(method, path, content=content, headers={"content-type": "multipart/form-data; boundary=x"})
