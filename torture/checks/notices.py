"""Every notice that a move owes (app/domain/notices.py) is there, once; and none without its move."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from app.domain.lifecycle import Action, OfferStatus
from app.domain.notices import NOTICES, OWN_DEEDS, Audience
from app.models.event import OrderEvent
from app.models.notification import Notification
from app.models.order import Order
from torture.checks.violation import Broken
from torture.checks.walks import TAKES
from torture.snapshot import Snapshot

OWN_TEAM = TAKES | {Action.STAND_BY}
"""What concerns a team that does not stand behind the order yet; the event names it."""
ASKS = frozenset({Action.DISPATCH, Action.WIDEN, Action.ASK_STANDBY})
ENDS_QUESTIONS = frozenset(action for action, told in NOTICES.items() if Audience.ASKED in told) - ASKS

Owed = tuple[int, Audience, UUID | None]
"""Number of the event, to whom, and who that is (nobody: whoever is on duty)."""


def check(seen: Snapshot) -> Iterator[Broken]:
    for order_id, order in seen.orders.items():
        events = seen.events.get(order_id, [])
        found = Counter(_written(seen.notices.get(order_id, []), order))
        owed = list(_owed(seen, order, events))
        for one in owed:
            if found[one] != 1:
                seq, audience, person = one
                text = f"{events[seq - 1].action} ({seq}) to {audience} {person or ''}: {found[one]} times"
                yield Broken("notice_lost" if not found[one] else "notice_twice", str(order_id), text)
        for seq, audience, person in found:
            if not 1 <= seq <= len(events) or audience not in NOTICES[events[seq - 1].action]:
                yield Broken("notice_unowed", str(order_id), f"{audience} {person or ''} of no event {seq}")
        yield from _recalled(seen, order_id)


def _written(notices: Iterable[Notification], order: Order) -> Iterator[Owed]:
    """Notices of moves; reminders and digests have keys of another shape."""
    for notice in notices:
        parts = notice.dedupe_key.split(":")
        if len(parts) == 4 and parts[0] == order.id.hex and parts[1].isdigit() and parts[2] in set(Audience):
            yield int(parts[1]), Audience(parts[2]), notice.person_id


def _owed(seen: Snapshot, order: Order, events: list[OrderEvent]) -> Iterator[Owed]:
    """Of the crew nobody keeps who was on it at each time, and so nothing is expected."""
    held: UUID | None = None
    for event in events:
        named = _named(event.data)
        concerned = named[:1] if event.action in OWN_TEAM else [held] if held else []
        told: set[UUID] = set()
        for audience in () if _answered(event) else NOTICES[event.action]:
            people = _people(seen, order, event, audience, concerned, named)
            own = {event.actor_id} if event.action in OWN_DEEDS else set()
            yield from ((event.seq, audience, one) for one in people if one is None or one not in told | own)
            told.update(one for one in people if one)
        if event.action in TAKES:
            held = named[0] if named else None
        elif event.to_status not in ("accepted", "in_service", "delivered", "closed"):
            held = None


def _answered(event: OrderEvent) -> bool:
    """An approval by policy is what the answer to placing said already."""
    return event.action == Action.APPROVE and event.actor_id is None


def _people(
    seen: Snapshot,
    order: Order,
    event: OrderEvent,
    audience: Audience,
    concerned: list[UUID],
    named: list[UUID],
) -> list[UUID | None]:
    match audience:
        case Audience.RESIDENT:
            return [order.placed_by_id]
        case Audience.STAFF:
            return [None]
        case Audience.TEAM:
            return [one for team in concerned for one in seen.leaders.get(team, [])]
        case Audience.ASKED if event.action in ASKS:
            return [one for team in named for one in seen.leaders.get(team, [])]
        case Audience.INSTEAD:
            return [one for team in named for one in seen.leaders.get(team, [])]
        case _:
            return []


def _named(data: Mapping[str, object]) -> list[UUID]:
    """The teams that an event names."""
    one, many = data.get("team_id"), data.get("team_ids")
    listed = [one] if isinstance(one, str) else many if isinstance(many, list) else []
    return [UUID(team) for team in listed]


def _recalled(seen: Snapshot, order_id: UUID) -> Iterator[Broken]:
    """Whoever was asked and is asked no more has heard so."""
    heard = Counter(
        notice.person_id
        for notice in seen.notices.get(order_id, [])
        if notice.data.get("audience") in (Audience.ASKED, Audience.INSTEAD) and notice.kind in ENDS_QUESTIONS
    )
    for offer in seen.offers.get(order_id, []):
        if offer.status == OfferStatus.RECALLED and not _taken_away(seen, order_id, offer.team_id):
            for person_id in seen.leaders.get(offer.team_id, []):
                if not heard[person_id]:
                    yield Broken("notice_lost", str(order_id), f"recalled offer {offer.id} to {person_id}")


def _taken_away(seen: Snapshot, order_id: UUID, team_id: UUID) -> bool:
    """Whether the team had the order and lost it by reassignment or cancelling, of which it hears as the team."""
    return any(
        event.action in TAKES and _named(event.data)[:1] == [team_id]
        for event in seen.events.get(order_id, [])
    )
