"""The life of an order and of an offer: every legal move, once.

Everything that needs to know the lifecycle reads MOVES: the compare-and-set in services/moves.py, the
drawing in docs/lifecycle.md, the tests that try each move with the right and the wrong person. What is not
in here cannot happen. Marks (urged, escalated, overdue …) leave the state alone: their target is None.
"""

from enum import StrEnum
from typing import NamedTuple

from app.domain.roles import Permission


class OrderStatus(StrEnum):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    OFFERED = "offered"
    POOLED = "pooled"
    ACCEPTED = "accepted"
    IN_SERVICE = "in_service"
    DELIVERED = "delivered"
    CLOSED = "closed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    UNMET = "unmet"
    MERGED = "merged"


STATUS_ZH: dict[OrderStatus, str] = {
    OrderStatus.SUBMITTED: "待审核",
    OrderStatus.APPROVED: "待派单",
    OrderStatus.OFFERED: "待接单",
    OrderStatus.POOLED: "待抢单",
    OrderStatus.ACCEPTED: "已接单",
    OrderStatus.IN_SERVICE: "服务中",
    OrderStatus.DELIVERED: "待评价",
    OrderStatus.CLOSED: "已完成",
    OrderStatus.REJECTED: "不予受理",
    OrderStatus.CANCELLED: "已取消",
    OrderStatus.UNMET: "未能满足",
    OrderStatus.MERGED: "已并入",
}


class Action(StrEnum):
    """Verbs on an order. `submit` creates it and is therefore the one that has no source."""

    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    RESCHEDULE = "reschedule"
    MERGE = "merge"
    JOIN = "join"
    AUTOMATE = "automate"
    SUGGEST = "suggest"
    TAKE_OVER = "take_over"
    DISPATCH = "dispatch"
    WIDEN = "widen"
    OPEN_POOL = "open_pool"
    WIDEN_POOL = "widen_pool"
    ESCALATE = "escalate"
    REPORT = "report"
    UNREPORTED = "unreported"
    GIVE_UP = "give_up"
    OVERDUE = "overdue"
    ACCEPT = "accept"
    DECLINE = "decline"
    LAPSE = "lapse"
    RECALL = "recall"
    CLAIM = "claim"
    ASK_STANDBY = "ask_standby"
    STAND_BY = "stand_by"
    STAND_DOWN = "stand_down"
    CONFIRM = "confirm"
    NAME_CREW = "name_crew"
    START = "start"
    POSTPONE = "postpone"
    RELEASE = "release"
    MISS = "miss"
    RELIEVE = "relieve"
    PROMOTE = "promote"
    REASSIGN = "reassign"
    DELIVER = "deliver"
    REVIEW = "review"
    CLOSE = "close"
    COMPLAIN = "complain"
    REOPEN = "reopen"
    CANCEL = "cancel"
    URGE = "urge"
    CORRECT = "correct"


class Move(NamedTuple):
    sources: frozenset[OrderStatus]
    target: OrderStatus | None
    permission: Permission


def _move(sources: str, target: OrderStatus | None, permission: Permission) -> Move:
    return Move(frozenset(OrderStatus(name) for name in sources.split()), target, permission)


_S, _P = OrderStatus, Permission
_BEFORE_SERVICE = "submitted approved offered pooled accepted"

MOVES: dict[Action, Move] = {
    Action.APPROVE: _move("submitted", _S.APPROVED, _P.ORDERS_APPROVE),
    Action.REJECT: _move("submitted", _S.REJECTED, _P.ORDERS_APPROVE),
    Action.RESCHEDULE: _move("submitted approved", None, _P.ORDERS_RESCHEDULE),
    Action.MERGE: _move("submitted approved", _S.MERGED, _P.ORDERS_APPROVE),
    Action.JOIN: _move("submitted approved offered pooled accepted", None, _P.ORDERS_APPROVE),
    Action.AUTOMATE: _move("approved", None, _P.ORDERS_DISPATCH),
    Action.SUGGEST: _move("approved", None, _P.ORDERS_DISPATCH),
    Action.TAKE_OVER: _move("approved offered pooled", None, _P.ORDERS_DISPATCH),
    Action.DISPATCH: _move("approved", _S.OFFERED, _P.ORDERS_DISPATCH),
    Action.WIDEN: _move("offered", None, _P.ORDERS_DISPATCH),
    Action.OPEN_POOL: _move("approved", _S.POOLED, _P.ORDERS_DISPATCH),
    Action.WIDEN_POOL: _move("pooled", None, _P.ORDERS_DISPATCH),
    Action.ESCALATE: _move("approved", None, _P.ORDERS_ESCALATE),
    Action.REPORT: _move("approved offered pooled", None, _P.ORDERS_REPORT),
    Action.UNREPORTED: _move("approved offered pooled", None, _P.ORDERS_LAPSE),
    Action.GIVE_UP: _move("approved", _S.UNMET, _P.ORDERS_DISPATCH),
    Action.OVERDUE: _move("submitted approved in_service", None, _P.ORDERS_LAPSE),
    Action.ACCEPT: _move("offered", _S.ACCEPTED, _P.OFFERS_ANSWER),
    Action.DECLINE: _move("offered", _S.APPROVED, _P.OFFERS_ANSWER),
    Action.LAPSE: _move("offered pooled", _S.APPROVED, _P.ORDERS_LAPSE),
    Action.RECALL: _move("offered pooled", _S.APPROVED, _P.ORDERS_DISPATCH),
    Action.CLAIM: _move("pooled", _S.ACCEPTED, _P.OFFERS_ANSWER),
    Action.ASK_STANDBY: _move("accepted", None, _P.ORDERS_DISPATCH),
    Action.STAND_BY: _move("accepted", None, _P.OFFERS_ANSWER),
    Action.STAND_DOWN: _move("approved offered pooled accepted", None, _P.OFFERS_ANSWER),
    Action.CONFIRM: _move("accepted", None, _P.OFFERS_ANSWER),
    Action.NAME_CREW: _move("accepted in_service", None, _P.ORDERS_CREW),
    Action.START: _move("accepted", _S.IN_SERVICE, _P.ORDERS_ATTEND),
    Action.POSTPONE: _move("accepted in_service", _S.ACCEPTED, _P.ORDERS_POSTPONE),
    Action.RELEASE: _move("accepted", _S.APPROVED, _P.OFFERS_ANSWER),
    Action.MISS: _move("accepted", _S.APPROVED, _P.ORDERS_MISS),
    Action.RELIEVE: _move("accepted", _S.APPROVED, _P.ORDERS_PROMOTE),
    Action.PROMOTE: _move("approved", _S.ACCEPTED, _P.ORDERS_PROMOTE),
    Action.REASSIGN: _move("accepted", _S.OFFERED, _P.ORDERS_DISPATCH),
    Action.DELIVER: _move("in_service", _S.DELIVERED, _P.ORDERS_DELIVER),
    Action.REVIEW: _move("delivered", _S.CLOSED, _P.ORDERS_REVIEW),
    Action.CLOSE: _move("delivered", _S.CLOSED, _P.ORDERS_CLOSE),
    Action.COMPLAIN: _move("delivered closed", None, _P.ORDERS_COMPLAIN),
    Action.REOPEN: _move("delivered closed", _S.IN_SERVICE, _P.ORDERS_REOPEN),
    Action.CANCEL: _move(_BEFORE_SERVICE, _S.CANCELLED, _P.ORDERS_CANCEL),
    Action.URGE: _move(_BEFORE_SERVICE, None, _P.ORDERS_URGE),
    Action.CORRECT: _move(f"{_BEFORE_SERVICE} in_service delivered", None, _P.ORDERS_CORRECT),
}

ENDED = frozenset({_S.CLOSED, _S.REJECTED, _S.CANCELLED, _S.UNMET, _S.MERGED})
STAFFED = frozenset({_S.ACCEPTED, _S.IN_SERVICE, _S.DELIVERED, _S.CLOSED})
"""States in which exactly one accepted offer, and so exactly one team, stands behind the order."""


class OfferStatus(StrEnum):
    """An offer is refusable (志愿服务条例 Art. 25: nobody is made to volunteer).

    STANDBY: the team has promised to go if the one that has the order cannot.
    """

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    RECALLED = "recalled"
    RELEASED = "released"
    STANDBY = "standby"


_O = OfferStatus
OFFER_MOVES: dict[Action, tuple[frozenset[OfferStatus], OfferStatus]] = {
    Action.ACCEPT: (frozenset({_O.OPEN}), _O.ACCEPTED),
    Action.DECLINE: (frozenset({_O.OPEN}), _O.DECLINED),
    Action.LAPSE: (frozenset({_O.OPEN}), _O.LAPSED),
    Action.RECALL: (frozenset({_O.OPEN}), _O.RECALLED),
    Action.CANCEL: (frozenset({_O.OPEN, _O.ACCEPTED, _O.STANDBY}), _O.RECALLED),
    Action.REASSIGN: (frozenset({_O.ACCEPTED}), _O.RECALLED),
    Action.RELEASE: (frozenset({_O.ACCEPTED}), _O.RELEASED),
    Action.MISS: (frozenset({_O.ACCEPTED}), _O.RELEASED),
    Action.RELIEVE: (frozenset({_O.ACCEPTED}), _O.RECALLED),
    Action.STAND_BY: (frozenset({_O.OPEN}), _O.STANDBY),
    Action.STAND_DOWN: (frozenset({_O.OPEN, _O.STANDBY}), _O.DECLINED),
    Action.PROMOTE: (frozenset({_O.STANDBY}), _O.ACCEPTED),
    Action.START: (frozenset({_O.OPEN, _O.STANDBY}), _O.RECALLED),
}

NEVER_AGAIN = frozenset({_O.OPEN, _O.ACCEPTED, _O.DECLINED, _O.RELEASED, _O.STANDBY})
"""A team with such an offer is not offered the same order again: it is asked now, has it, or said no."""
