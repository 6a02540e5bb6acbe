"""Every column says what it holds of a person, or is known to hold nothing; and docs/privacy.md says the same."""

from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Column, Date, Enum, LargeBinary, String
from sqlmodel import AutoString, SQLModel

from app.domain.roles import Role
from app.models.personal import Category
from app.sealing import Hashed, Sealed
from app.services.inventory import ROLES_ZH, TABLES_ZH, page, personal_columns
from app.services.privacy_notice import CATEGORY_ZH

PAGE = Path(__file__).parents[1] / "docs" / "privacy.md"
TELLING = (String, AutoString, JSON, Date, LargeBinary, Sealed, Hashed)
PATHS = ("org_path", "path", "pool_path", "department_path")
IMPERSONAL = frozenset(
    {
        *(
            "audit_chain.last_chain",
            "audit_chain.forgotten_chain",
            "audit_entry.chain",
        ),  # hashes of the trail
        "audit_entry.object_kind",  # the name of a table
        *("dispatch_plan_item.reason", "dispatch_plan_item.outcome"),  # words of the planner, from a list
        *("gap.category", "gap.specialty", "gap.reason"),  # what a place lacks
        *(
            f"menu_item.{name}"
            for name in ("code", "title", "category", "programme", "platform", "description")
        ),
        *("menu_item.required_specialties", "menu_item.required_levels"),  # a service that anybody may order
        *(
            f"organisation.{name}" for name in ("code", "name", "address", "phone", "policy", "duties")
        ),  # an office
        "recurring_order.time_zone",
        "sending.detail",  # what WeChat or the gateway gave as its reason: an error code
        *(
            f"team.{name}"
            for name in ("name", "kind", "title", "address", "area_ids", "weekly", "insured_until")
        ),
        *("team_exception.day", "team_exception.free", "team_price.day"),  # when a team can be asked
        *("team_specialty.specialty", "team_specialty.proof_until"),  # what a team can do
        *("webhook.url", "webhook.actions", "webhook.last_error"),  # a machine of the place
    }
)
"""Columns of text, JSON, bytes or days that hold nothing of a person: what they hold instead."""

PLAIN = frozenset(
    {
        *("service_order.title", "service_order.category", "recurring_order.title", "recurring_order.rule"),
        *(
            "service_order.required_specialties",
            "service_order.required_levels",
            "service_order.wish_language",
        ),
        *("person.wechat_openid", "person.wechat_unionid", "person.username", "person.password_hash"),
        *("volunteer.number", "volunteer.languages", "volunteer.insured_until"),
        *("volunteer_specialty.specialty", "volunteer_specialty.proof_until"),
        *(
            "service_order.beneficiary_key",
            "team_block.beneficiary_key",
            "sign_in_attempt.key",
        ),  # keyed hashes
        *(
            "refresh_token.digest",
            "recovery_code.digest",
            "idempotency_record.key",
            "idempotency_record.digest",
        ),
        *("attendance.marks", "order_event.data", "content_check.found", "data_consent.version"),
        *("media.storage_key", "media.content_type", "media.sha256"),
        *(
            "notification.kind",
            "notification.dedupe_key",
            "notification.held_template",
            "subscription.template",
        ),
        *("audit_entry.act", "audit_entry.result", "audit_entry.request_id", "reveal.role"),
    }
)
"""What stands in the database as it is; docs/privacy.md says why."""


def columns() -> list[Column[Any]]:
    return [column for table in SQLModel.metadata.sorted_tables for column in table.columns]


def telling(column: Column[Any]) -> bool:
    """Whether its type could hold anything; a closed list of words, and a place in the tree, cannot."""
    vocabulary = isinstance(column.type, Enum) or column.name in PATHS
    return isinstance(column.type, TELLING) and not vocabulary


def test_every_column_that_could_tell_of_a_person_says_so_or_is_known_not_to() -> None:
    undecided = {
        f"{column.table.name}.{column.name}"
        for column in columns()
        if telling(column) and "personal" not in column.info
    }
    assert undecided - IMPERSONAL == set(), (
        "say what it holds (app/models/base.py about()), or why it is nobody's"
    )
    assert IMPERSONAL - undecided == set(), "no such column any more"


def test_what_is_personal_and_plain_is_plain_for_a_reason() -> None:
    plain = {
        f"{column.table.name}.{column.name}"
        for column in columns()
        if telling(column) and "personal" in column.info and not isinstance(column.type, Sealed | Hashed)
    }
    assert plain - PLAIN == set(), "seal it, or say on the page why not (app/services/inventory.py PLAIN_WHY)"
    assert PLAIN - plain == set(), "no such column any more, or it is sealed"


def test_the_page_is_what_the_columns_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `sidan privacy`"


def test_the_page_speaks_of_everything() -> None:
    told = {table.name for table in SQLModel.metadata.sorted_tables if personal_columns(table)}
    assert told == TABLES_ZH.keys()
    assert CATEGORY_ZH.keys() == set(Category)
    assert ROLES_ZH.keys() == set(Role) - {Role.SYSTEM}
