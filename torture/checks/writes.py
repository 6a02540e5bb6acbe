"""Nothing acknowledged is lost, nothing refused has happened, nothing happened more often than it was asked for."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from uuid import UUID

from app.domain.attendance import Mark
from app.domain.lifecycle import Action, OfferStatus
from torture.checks.violation import Broken
from torture.history import Entry, Outcome, first_answers
from torture.snapshot import Snapshot

EFFECTS: dict[str, frozenset[Action]] = {
    "place": frozenset({Action.SUBMIT}),
    "approve": frozenset({Action.APPROVE}),
    "reject": frozenset({Action.REJECT}),
    "cancel": frozenset({Action.CANCEL}),
    "urge": frozenset({Action.URGE}),
    "review": frozenset({Action.REVIEW}),
    "dispatch": frozenset({Action.DISPATCH, Action.OPEN_POOL, Action.AUTOMATE}),
    "recall": frozenset({Action.RECALL}),
    "reassign": frozenset({Action.REASSIGN}),
    "escalate": frozenset({Action.ESCALATE}),
    "give-up": frozenset({Action.GIVE_UP}),
    "reopen": frozenset({Action.REOPEN}),
    "accept": frozenset({Action.ACCEPT, Action.STAND_BY}),
    "claim": frozenset({Action.CLAIM}),
    "release": frozenset({Action.RELEASE}),
    "deliver": frozenset({Action.DELIVER}),
}
"""What each write leaves in the timeline, under the name of who made it. Declining and stamping leave a row."""

Deed = tuple[UUID, UUID, str]
"""Order, person, verb."""


def check(entries: list[Entry], seen: Snapshot) -> Iterator[Broken]:
    yield from _answers(entries)
    yield from _placed(entries, seen)
    yield from _counted(entries, seen)
    yield from _versions(entries, seen)
    yield from _offers(entries, seen)
    yield from _stays(entries, seen)


def _answers(entries: list[Entry]) -> Iterator[Broken]:
    """One key has one answer; and a service that is broken says 503, never 500."""
    given: dict[tuple[UUID, str], Entry] = {}
    for entry in entries:
        if entry.http >= 500 and entry.http != 503:
            yield Broken(
                "answer_broken", str(entry.order_id), f"{entry.verb}: HTTP {entry.http} {entry.code}"
            )
        if entry.outcome is not Outcome.OK and not entry.again:
            continue
        first = given.setdefault((entry.person_id, entry.key), entry)
        if (first.http, first.digest) != (entry.http, entry.digest):
            text = (
                f"{entry.verb}: {first.http} {first.status}, then {entry.http} {entry.status or entry.code}"
            )
            yield Broken("answer_repeated", str(entry.order_id), text)


def _placed(entries: list[Entry], seen: Snapshot) -> Iterator[Broken]:
    known: set[UUID] = set()
    open_ = Counter[UUID]()
    for entry in first_answers(entries):
        if entry.verb == "place" and entry.outcome is Outcome.OK and entry.order_id:
            known.add(entry.order_id)
        elif entry.verb == "place" and entry.may_have_happened:
            open_[entry.person_id] += 1
    for order_id in known - seen.orders.keys():
        yield Broken("write_lost", str(order_id), "the order was acknowledged and is not there")
    unknown = Counter(seen.orders[one].placed_by_id for one in seen.orders.keys() - known)
    for person_id, count in unknown.items():
        if count > open_[person_id]:
            text = f"{count} orders that nobody was told of, {open_[person_id]} tries without an answer"
            yield Broken("write_repeated", str(person_id), text)


def _counted(entries: list[Entry], seen: Snapshot) -> Iterator[Broken]:
    acked, open_ = Counter[Deed](), Counter[Deed]()
    for entry in first_answers(entries):
        if entry.verb in EFFECTS and entry.verb != "place" and entry.order_id is not None:
            mark = (entry.order_id, entry.person_id, entry.verb)
            acked[mark] += entry.outcome is Outcome.OK
            open_[mark] += entry.may_have_happened
    done = _done(seen)
    for mark in acked.keys() | done.keys():
        order_id, _, verb = mark
        if done[mark] < acked[mark]:
            text = f"{verb}: acknowledged {acked[mark]} times, in the timeline {done[mark]} times"
            yield Broken("write_lost", str(order_id), text)
        if done[mark] > acked[mark] + open_[mark]:
            text = f"{verb}: in the timeline {done[mark]} times, acknowledged {acked[mark]}, unknown {open_[mark]}"
            yield Broken("write_repeated", str(order_id), text)


def _done(seen: Snapshot) -> Counter[Deed]:
    verb_of = {action: verb for verb, actions in EFFECTS.items() for action in actions if verb != "place"}
    return Counter(
        (order_id, event.actor_id, verb_of[event.action])
        for order_id, events in seen.events.items()
        for event in events
        if event.actor_id is not None and event.action in verb_of
    )


def _versions(entries: list[Entry], seen: Snapshot) -> Iterator[Broken]:
    """An answer shows the order as it was after an event that is in its timeline."""
    reached = {order_id: {event.seq: event for event in events} for order_id, events in seen.events.items()}
    for entry in entries:
        if entry.outcome is not Outcome.OK or not entry.version or entry.order_id not in seen.orders:
            continue
        event = reached.get(entry.order_id, {}).get(entry.version)
        if event is None:
            text = f"{entry.verb}: answered with version {entry.version}, which never was"
            yield Broken("write_lost", str(entry.order_id), text)
        elif event.to_status != entry.status:
            text = f"{entry.verb}: version {entry.version} was {entry.status}, and is {event.to_status} now"
            yield Broken("write_changed", str(entry.order_id), text)


def _offers(entries: list[Entry], seen: Snapshot) -> Iterator[Broken]:
    """An offer is answered once."""
    offers = {offer.id: offer for found in seen.offers.values() for offer in found}
    answers: dict[UUID, list[Entry]] = defaultdict(list)
    for entry in first_answers(entries):
        if entry.verb in ("accept", "decline") and entry.outcome is Outcome.OK and entry.subject:
            answers[entry.subject].append(entry)
    for offer_id, given in answers.items():
        if len(given) > 1:
            yield Broken(
                "offer_twice", str(offer_id), f"answered {len(given)} times: {[e.verb for e in given]}"
            )
        offer = offers.get(offer_id)
        if offer is None or offer.answered_at is None:
            yield Broken(
                "write_lost", str(offer_id), f"{given[0].verb}: the answer to the offer is not there"
            )
        elif given[0].verb == "decline" and (offer.status, offer.answered_by_id) != (
            OfferStatus.DECLINED,
            given[0].person_id,
        ):
            yield Broken("write_lost", str(offer_id), f"declined, and is {offer.status} now")


def _stays(entries: list[Entry], seen: Snapshot) -> Iterator[Broken]:
    stays = {stay.client_id: stay for found in seen.stays.values() for stay in found}
    for entry in first_answers(entries):
        if (
            entry.verb not in ("check-in", "check-out")
            or entry.outcome is not Outcome.OK
            or not entry.subject
        ):
            continue
        if entry.status == Mark.PROOF_ONLY:
            if entry.order_id not in seen.overturned:
                yield Broken(
                    "write_lost", str(entry.order_id), "a late proof was taken, and the absence stands"
                )
            continue
        stay = stays.get(entry.subject)
        missing = stay is None or (entry.verb == "check-out" and stay.check_out_at is None)
        if missing or (stay and (stay.order_id, stay.person_id) != (entry.order_id, entry.person_id)):
            yield Broken("write_lost", str(entry.subject), f"{entry.verb}: the stay is not there")
