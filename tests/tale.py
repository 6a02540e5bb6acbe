"""One order from 点单 to 评单 as a fault run leaves it behind: what its people know, and what the database says.

Two teams are asked, the second declines, a third is recalled; one volunteer looks where to go, stays an hour and is
credited for it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from app.domain.delivery import Channel
from app.domain.delivery import Outcome as Sent
from app.domain.lifecycle import MOVES, Action, OfferStatus, OrderStatus
from app.domain.messages import Subject, filled, note_of
from app.domain.notices import NOTICES, Audience
from app.domain.roles import Role
from app.domain.templates import FIELDS, template_of
from app.models.audit import Reveal
from app.models.base import new_id
from app.models.event import OrderEvent
from app.models.notification import Notification, Sending
from app.models.offer import Offer
from app.models.order import Order
from app.models.service import Attendance, Review
from app.services.notifications import notice
from torture.checker import Evidence
from torture.checks.messages import PAGE, TEMPLATE_IDS
from torture.history import Entry, Outcome
from torture.snapshot import Credit, Snapshot
from torture.wechat import Message

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Tale:
    """The lists are those of `seen`, so that whoever takes something away takes it from the evidence."""

    order: Order
    seen: Snapshot
    entries: list[Entry]
    messages: list[Message]
    due_by: datetime = AT + 48 * HOUR

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.entries, self.seen, self.messages, [], self.due_by)

    @property
    def events(self) -> list[OrderEvent]:
        return self.seen.events[self.order.id]

    @property
    def offers(self) -> list[Offer]:
        return self.seen.offers[self.order.id]

    @property
    def notices(self) -> list[Notification]:
        return self.seen.notices[self.order.id]

    @property
    def stays(self) -> list[Attendance]:
        return self.seen.stays[self.order.id]

    @property
    def credits(self) -> list[Credit]:
        return self.seen.credits[self.order.id]

    @property
    def looks(self) -> list[Reveal]:
        return self.seen.looks[self.order.id]

    @property
    def sendings(self) -> dict[UUID, list[Sending]]:
        assert isinstance(self.seen.sendings, dict)
        return self.seen.sendings

    def about(self, kind: str, audience: str) -> int:
        """Where the notice of this move to this audience stands."""
        told = [(one.kind, one.data["audience"]) for one in self.notices]
        return told.index((kind, audience))

    def forget(self, verb: str) -> None:
        self.entries[:] = [entry for entry in self.entries if entry.verb != verb]

    def refuse(self, verb: str, tries: int) -> None:
        """The client was refused, at its last try of so many."""
        for number, one in enumerate(self.entries):
            if one.verb == verb:
                self.entries[number] = replace(
                    one, outcome=Outcome.REFUSED, tries=tries, http=409, status="", version=0
                )

    def send(self, verb: str, at: float) -> None:
        """It was sent and answered then, in seconds of the run."""
        self.entries[:] = [replace(one, sent=at, at=at) if one.verb == verb else one for one in self.entries]

    def wait_since(self, status: OrderStatus, due_at: datetime) -> None:
        waiting: dict[str, Any] = {"status": status, "due_at": due_at}
        for name, value in waiting.items():
            vars(self.order)[name] = value


Row = TypeVar("Row")


def _row(kind: Callable[..., Row], **columns: Any) -> Row:
    """A row of which only these columns matter."""
    return kind(**columns)


STEPS = (
    (Action.SUBMIT, "resident", Role.RESIDENT, "place"),
    (Action.APPROVE, "dispatcher", Role.DISPATCHER, "approve"),
    (Action.DISPATCH, "dispatcher", Role.DISPATCHER, "dispatch"),
    (Action.ACCEPT, "leader 0", Role.TEAM_LEADER, "accept"),
    (Action.START, "volunteer", Role.VOLUNTEER, "check-in"),
    (Action.DELIVER, "leader 0", Role.TEAM_LEADER, "deliver"),
    (Action.REVIEW, "resident", Role.RESIDENT, "review"),
)


def tell() -> Tale:
    people = {
        name: new_id() for name in ("resident", "dispatcher", "volunteer", *(f"leader {n}" for n in range(3)))
    }
    teams = [new_id() for _ in range(3)]
    leaders = [people[f"leader {n}"] for n in range(3)]
    order = _row(
        Order,
        id=new_id(),
        placed_by_id=people["resident"],
        org_path="/center/",
        title="保洁",
        status=OrderStatus.SUBMITTED,
        version=0,
        auto=False,
        scheduled_start=AT,
        scheduled_end=AT + 2 * HOUR,
    )
    stay = _row(
        Attendance,
        order_id=order.id,
        person_id=people["volunteer"],
        client_id=new_id(),
        check_in_at=AT,
        check_out_at=AT + HOUR,
        verified_minutes=60,
        declared_minutes=0,
    )
    answers = [OfferStatus.ACCEPTED, OfferStatus.DECLINED, OfferStatus.RECALLED]
    offers = [
        _row(
            Offer,
            id=new_id(),
            order_id=order.id,
            team_id=team,
            answered_by_id=leader,
            answered_at=AT,
            status=status,
            expires_at=AT + HOUR,
        )
        for team, leader, status in zip(teams, leaders, answers, strict=True)
    ]
    subjects = {
        "accept": offers[0].id,
        "decline": offers[1].id,
        "check-in": stay.client_id,
        "check-out": stay.client_id,
    }

    def entry(verb: str, who: str, version: int = 0) -> Entry:
        return Entry(
            at=float(len(entries)),
            verb=verb,
            person_id=people[who],
            key=f"key-{verb}",
            outcome=Outcome.OK,
            tries=1,
            order_id=order.id,
            subject=subjects.get(verb),
            http=200,
            status=str(order.status) if version else "",
            version=version,
            digest="answer",
            sent=len(entries) - 0.5,
            since=AT,
            until=AT,
        )

    entries: list[Entry] = []
    events: list[OrderEvent] = []
    notices: list[Notification] = []
    concerned = {Action.DISPATCH: leaders, Action.ACCEPT: leaders[2:]}
    data: dict[Action, dict[str, Any]] = {
        Action.DISPATCH: {"team_ids": [team.hex for team in teams]},
        Action.ACCEPT: {"team_id": teams[0].hex},
    }
    for version, (action, who, role, verb) in enumerate(STEPS, 1):
        seen = None if action is Action.SUBMIT else order.status
        target = MOVES[action].target if action in MOVES else OrderStatus.SUBMITTED
        order = _row(Order, **{**order.model_dump(), "status": target, "version": version})
        events.append(
            _row(
                OrderEvent,
                order_id=order.id,
                seq=version,
                position=version,
                action=action,
                actor_id=people[who],
                from_status=seen,
                to_status=target,
                actor_role=role,
                data=data.get(action, {}),
            )
        )
        for audience in NOTICES[action]:
            to: dict[Audience, list[UUID | None]] = {
                Audience.RESIDENT: [people["resident"]],
                Audience.STAFF: [None],
                Audience.TEAM: [leaders[0]],
                Audience.ASKED: [*concerned.get(action, [])],
                Audience.CREW: [],
            }
            notices += [notice(order, action, audience, person, "") for person in to[audience]]
        entries.append(entry(verb, who, 0 if verb == "check-in" else version))
    entries += [entry("decline", "leader 1"), entry("check-out", "volunteer")]
    entries.append(replace(entry("reveal", "volunteer"), sent=3.2, at=3.8))
    look = _row(Reveal, order_id=order.id, person_id=people["volunteer"], role=Role.VOLUNTEER, created_at=AT)
    openids = {person_id: f"o-{person_id.hex}" for person_id in people.values()}
    sendings, messages = _sent(order, notices, openids)
    stars = dict.fromkeys(("timeliness", "attitude", "quality", "resolution"), 5)
    seen_after = Snapshot(
        orders={order.id: order},
        events={order.id: events},
        offers={order.id: offers},
        notices={order.id: notices},
        sendings=sendings,
        stays={order.id: [stay]},
        reviews={order.id: [_row(Review, id=new_id(), order_id=order.id, **stars)]},
        looks={order.id: [look]},
        credits={order.id: [Credit(order.id, people["volunteer"], 15)]},
        leaders={team: [leader] for team, leader in zip(teams, leaders, strict=True)},
        openids=openids,
    )
    return Tale(order, seen_after, entries, messages)


def _sent(
    order: Order, notices: list[Notification], openids: dict[UUID, str]
) -> tuple[dict[UUID, list[Sending]], list[Message]]:
    """Every notice that goes to a phone went there, once."""
    sendings: dict[UUID, list[Sending]] = {}
    messages: list[Message] = []
    for one in notices:
        one.send_at = None
        audience = Audience(one.data["audience"])
        template = template_of(one.kind, audience)
        if one.person_id is None or template is None:
            continue
        sendings[one.id] = [
            _row(Sending, notification_id=one.id, channel=Channel.WECHAT, attempt=1, outcome=Sent.SENT)
        ]
        subject = Subject(order.title, "", AT, note_of(one.kind, audience, ""), "")
        messages.append(
            Message(
                at=float(len(messages)),
                openid=openids[one.person_id],
                template_id=TEMPLATE_IDS[template],
                page=PAGE.format(order_id=order.id),
                values=filled(FIELDS[template], subject),
                accepted=True,
                answered=True,
            )
        )
    return sendings, messages
