"""The columns of the service's tables, as models that Django does not manage."""

from typing import Any

from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7


class Plain(models.BinaryField):
    """Text in a column that the service seals; here its bytes go in as they are."""

    def __init__(self, **options: Any) -> None:
        super().__init__(editable=True, **options)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return super().get_db_prep_value(str(value).encode(), connection, prepared)

    def from_db_value(self, value: Any, *_: Any) -> str:
        return bytes(value).decode(errors="replace")


class Row(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class Order(Row):
    organisation_id = models.UUIDField()
    handler_id = models.UUIDField()
    org_path = models.CharField(max_length=200)
    menu_item_id = models.UUIDField(null=True)
    placed_by_id = models.UUIDField()
    beneficiary_id = models.UUIDField(null=True)
    beneficiary_key = models.CharField(max_length=64)
    circumstances = Plain(default=str)
    required_levels = models.JSONField(default=dict)
    wish_gender = models.CharField(max_length=32, null=True)
    wish_language = models.CharField(max_length=40, null=True)
    wish_must = models.BooleanField(default=False)
    title = models.CharField(max_length=60)
    category = models.CharField(max_length=40)
    detail = Plain()
    required_specialties = models.JSONField(default=list)
    risk = models.CharField(max_length=32)
    urgency = models.CharField(max_length=32)
    people = models.IntegerField()
    mode = models.CharField(max_length=32)
    address = Plain()
    lat = Plain()
    lon = Plain()
    contact_name = Plain()
    contact_phone = Plain()
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    duration_minutes = models.IntegerField()
    status = models.CharField(max_length=32)
    status_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)
    team_id = models.UUIDField(null=True)
    scheduled_start = models.DateTimeField(null=True)
    scheduled_end = models.DateTimeField(null=True)
    urged_times = models.IntegerField(default=0)
    urged_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    risk_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    step_at = models.DateTimeField(null=True)
    auto = models.BooleanField(default=False)
    wave = models.IntegerField(default=0)
    ring = models.IntegerField(default=0)
    pool_path = models.CharField(max_length=200, null=True)
    confirmed_at = models.DateTimeField(null=True)
    preferred_team_id = models.UUIDField(null=True)
    recurring_id = models.UUIDField(null=True)
    occurs_at = models.DateTimeField(null=True)
    merged_into_id = models.UUIDField(null=True)

    class Meta:
        app_label, db_table, managed = "peer", "service_order", False


class Event(Row):
    order_id = models.UUIDField()
    seq = models.IntegerField()
    action = models.CharField(max_length=32)
    from_status = models.CharField(max_length=32, null=True)
    to_status = models.CharField(max_length=32)
    actor_id = models.UUIDField(null=True)
    actor_role = models.CharField(max_length=32)
    reason = Plain(default=str)
    data = models.JSONField(default=dict)
    position = models.BigIntegerField(null=True)

    class Meta:
        app_label, db_table, managed = "peer", "order_event", False


class Notice(Row):
    person_id = models.UUIDField(null=True)
    org_path = models.CharField(max_length=200, null=True)
    order_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    dedupe_key = models.CharField(max_length=120)
    read_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=timezone.now)
    voided_at = models.DateTimeField(null=True)
    send_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    held_template = models.CharField(max_length=40, null=True)

    class Meta:
        app_label, db_table, managed = "peer", "notification", False


class Offer(Row):
    order_id = models.UUIDField()
    team_id = models.UUIDField()
    status = models.CharField(max_length=32)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by_id = models.UUIDField(null=True)

    class Meta:
        app_label, db_table, managed = "peer", "offer", False
