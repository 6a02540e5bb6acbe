"""Placing, listing and accepting."""

from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.django_peer.models import Event, Notice, Offer, Order
from benchmarks.django_peer.serializers import SUMMARY, Line, Shown, Wanted

PAGE = 20
FROM_MENU = ("title", "category", "risk", "urgency", "mode", "org_path", "people", "duration_minutes")


class Ready(APIView):
    authentication_classes = ()

    def get(self, _: Request) -> Response:
        return Response({"orders": Order.objects.only("id").first() is not None})


class Orders(APIView):
    def post(self, request: Request) -> Response:
        sent = Wanted(data=request.data)
        sent.is_valid(raise_exception=True)
        wanted: dict[str, Any] = sent.validated_data
        at = timezone.now()
        item = settings.STAGE.rows[0][1]
        with transaction.atomic():
            order = Order.objects.create(
                **{name: item[name] for name in FROM_MENU},
                organisation_id=wanted["organisation_id"],
                handler_id=wanted["organisation_id"],
                menu_item_id=wanted["menu_item_id"],
                placed_by_id=request.user,
                beneficiary_key=sha256(f"person\n{request.user.hex}".encode()).hexdigest(),
                detail=wanted["detail"],
                required_specialties=["housekeeping"],
                address=wanted["address"],
                lat=wanted["location"]["lat"],
                lon=wanted["location"]["lon"],
                contact_name=wanted["contact"]["name"],
                contact_phone=wanted["contact"]["phone"],
                window_start=wanted["window"]["start"],
                window_end=wanted["window"]["end"],
                status="submitted",
                status_at=at,
                due_at=at + timedelta(days=1),
                risk_at=at + timedelta(hours=18),
            )
            _happened(order, 1, "submit", None, request.user, "resident")
            _told(order, "submit", None, "staff")
        return Response(Shown(order).data, status=201)

    def get(self, request: Request) -> Response:
        found = Order.objects.filter(placed_by_id=request.user).only(*SUMMARY).order_by("-id")[: PAGE + 1]
        items = Line(found, many=True).data
        following = items[PAGE - 1]["id"] if len(items) > PAGE else None
        return Response({"items": items[:PAGE], "next_cursor": following})


class Accept(APIView):
    def post(self, request: Request, offer_id: UUID) -> Response:
        at = timezone.now()
        with transaction.atomic():
            offer = Offer.objects.get(id=offer_id)
            order = Order.objects.get(id=offer.order_id)
            taken = Offer.objects.filter(id=offer_id, status="open", expires_at__gt=at).update(
                status="accepted", answered_at=at, answered_by_id=request.user
            )
            moved = Order.objects.filter(id=order.id, status="offered").update(
                status="accepted",
                status_at=at,
                due_at=None,
                version=models.F("version") + 1,
                team_id=offer.team_id,
                scheduled_start=order.window_start,
                scheduled_end=order.window_start + timedelta(minutes=order.duration_minutes),
            )
            if not (taken and moved):
                raise exceptions.APIException
            order.refresh_from_db()
            _happened(order, order.version, "accept", "offered", request.user, "team_leader")
            _told(order, "accept", order.placed_by_id, "resident")
        return Response(Shown(order).data)


def _happened(order: Order, seq: int, action: str, seen: str | None, actor: UUID, role: str) -> None:
    Event.objects.create(
        order_id=order.id,
        seq=seq,
        action=action,
        from_status=seen,
        to_status=order.status,
        actor_id=actor,
        actor_role=role,
    )


def _told(order: Order, kind: str, person_id: UUID | None, audience: str) -> None:
    Notice.objects.create(
        order_id=order.id,
        person_id=person_id,
        org_path=None if person_id else order.org_path,
        kind=kind,
        data={"title": order.title, "reason": "", "audience": audience},
        dedupe_key=f"{order.id.hex}:{order.version}:{audience}:",
    )
