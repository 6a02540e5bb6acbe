"""What a phone has missed."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.schemas.base import Input, Output
from app.schemas.inbox import NoticeOut
from app.schemas.offer import OfferOut
from app.schemas.order import OrderSummary


class SyncFilter(Input):
    """`since` is the `cursor` of the answer before; without it comes a first picture. `limit` bounds `orders`."""

    since: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    limit: int = Field(50, ge=1, le=100)


class SyncOut(Output):
    """`reset`: forget what you keep, this is a first picture: the newest unfinished orders (older ones: the lists).

    `orders` have changed; `gone` were shown to the caller once and are not theirs to see any more. `more`: call
    again at once with `cursor`. The rest is what waits now and replaces what you keep: open offers, ids of the
    orders that the caller's teams may claim, tasks, unread notices (the newest) and their number (at most 100).
    """

    reset: bool
    orders: list[OrderSummary]
    gone: list[UUID]
    more: bool
    cursor: str
    offers: list[OfferOut]
    pool: list[UUID]
    tasks: list[OrderSummary]
    unread: int
    notices: list[NoticeOut]
