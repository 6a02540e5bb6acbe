"""点单: an order is placed by one statement.

Order, first event, the notice to the dispatchers, the beneficiary of a proxy order and the kept answer are
written together or not at all, on the condition that the caller is still signed in, has agreed to the words in
force, and that the menu and policies it was made from are still in force. When nothing was written, and only
then, the reason is looked for and told. This is the busiest write of the house; benchmarks/ shows what that is
worth.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, bindparam, exists
from sqlmodel import Uuid, col

from app.clock import now
from app.db import Database, table_of
from app.domain.discretion import Sight
from app.domain.roles import Permission
from app.errors import AppError, Forbidden, NotFound, Unavailable
from app.models.idempotency import IdempotencyRecord
from app.models.media import MediaStage
from app.models.organisation import Organisation
from app.schemas.order import OrderCreate
from app.services import auditing
from app.services.access import require_at
from app.services.actors import actor_of, signed_in
from app.services.catalogue import Catalogue
from app.services.consent_keeping import asked, consented, purposes_of, require_for
from app.services.daily_orders import counted, is_staffs, require_room, room_left
from app.services.idempotency import Answer, Key, stored
from app.services.media import attach
from app.services.order_draft import draft
from app.services.order_rows import Rows
from app.services.order_views import detail, to_json
from app.services.tokens import Claims

TRIES = 3
ACT = "order_place"
CREATED = 201

_GUARDS = {
    staff: and_(
        signed_in(),
        exists().where(
            col(Organisation.id) == bindparam("center_id", type_=Uuid()),
            col(Organisation.revision) == bindparam("revision", type_=Integer()),
        ),
        consented(),
        room_left(staff=staff),
    )
    for staff in (False, True)
}
"""By whether somebody orders on duty."""


async def place(
    database: Database, catalogue: Catalogue, claims: Claims, wanted: OrderCreate, key: Key | None
) -> tuple[Answer, bool]:
    """Place an order; the answer's JSON is an OrderDetail. True when it is a kept answer replayed.

    Raises NotFound (organisation), what order_draft.draft raises, Forbidden (staff relation without the
    grant), MediaNotAttachable, ConsentNeeded, OrdersADayReached, Unauthenticated, IdempotencyMismatch.
    """
    for _ in range(TRIES):
        try:
            snapshot = await catalogue.of(wanted.organisation_id)
            if snapshot is None or not snapshot.organisations[wanted.organisation_id].active:
                raise NotFound("没有这个文明实践中心、所或站")
            order, rows = draft(snapshot, database.keyring, claims.person_id, wanted, now())
        except AppError:
            if (first := await _first_answer(database, claims, key)) is None:
                raise
            return first, True
        policy = snapshot.policy(order["org_path"])
        answer = Answer(CREATED, to_json(_view(order, wanted)))
        if key is not None:
            rows.insert(0, (table_of(IdempotencyRecord), _kept(claims, key, answer, order["created_at"])))
        parameters = {
            "person_id": claims.person_id,
            "sign_in_id": claims.sign_in_id,
            "center_id": snapshot.center_id,
            "revision": snapshot.revision,
            **asked(policy, purposes_of(policy, wanted)),
            **counted(policy, wanted, order["created_at"]),
        }
        try:
            if await _write(database, claims, wanted, order, rows, parameters):
                return answer, False
        except Forbidden as refusal:
            async with database.transaction() as session:
                actor = await actor_of(session, claims)
                auditing.record(session, actor, ACT, org_path=order["org_path"], result=refusal.code)
            raise
        if (first := await _first_answer(database, claims, key)) is not None:
            return first, True
        async with database.reading() as session:
            await require_for(session, claims.person_id, wanted, order["org_path"])
            await require_room(session, claims.person_id, policy, wanted, order["created_at"])
        catalogue.forget(snapshot)
    raise Unavailable


async def _first_answer(database: Database, claims: Claims, key: Key | None) -> Answer | None:
    """What the caller was told before under this key: true still, though the window may be past by now.

    Raises Unauthenticated, IdempotencyMismatch.
    """
    async with database.transaction() as session:
        await actor_of(session, claims)
        return await stored(session, claims.person_id, key.key, key.digest) if key else None


async def _write(
    database: Database,
    claims: Claims,
    wanted: OrderCreate,
    order: dict[str, Any],
    rows: Rows,
    parameters: dict[str, Any],
) -> bool:
    staff = is_staffs(wanted)
    if not staff and not wanted.pictures:
        return await database.insert_all(rows, _GUARDS[staff], parameters)
    async with database.transaction() as session:
        if staff:
            actor = await actor_of(session, claims)
            require_at(actor, Permission.ORDERS_PLACE_FOR_STAFF, order["org_path"])
        if not await database.insert_all(rows, _GUARDS[staff], parameters, session=session):
            return False
        if staff:
            auditing.record(
                session, actor, ACT, org_path=order["org_path"], object_kind="order", object_id=order["id"]
            )
        await attach(session, claims.person_id, wanted.media_ids, order["id"], MediaStage.ORDER)
        if wanted.beneficiary is not None:
            consent = wanted.beneficiary.consent_media_ids
            await attach(session, claims.person_id, consent, order["id"], MediaStage.CONSENT)
        return True


def _kept(claims: Claims, key: Key, answer: Answer, at: datetime) -> dict[str, Any]:
    return {
        "person_id": claims.person_id,
        "key": key.key,
        "created_at": at,
        "digest": key.digest,
        "status_code": answer.status_code,
        "body": answer.body,
    }


def _view(order: dict[str, Any], wanted: OrderCreate) -> dict[str, Any]:
    beneficiary = None
    if wanted.beneficiary is not None:
        told = wanted.beneficiary.model_dump(exclude={"consent_media_ids"})
        beneficiary = told | {"phone": wanted.beneficiary.phone or ""}
    return detail(
        order,
        order["created_at"],
        sight=Sight.MASKED if is_staffs(wanted) else Sight.WHOLE,
        beneficiary=beneficiary,
        media_ids=sorted(wanted.pictures),
    )
