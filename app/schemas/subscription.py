"""Consents to WeChat messages on the wire."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from app.domain.templates import Template
from app.schemas.base import Input, Output, broken


class Choice(StrEnum):
    """What `wx.requestSubscribeMessage` says of each template."""

    ACCEPT = "accept"
    REJECT = "reject"
    BAN = "ban"
    FILTER = "filter"


def _known(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """The place of a fault in an object with free names would repeat what was sent."""
    try:
        return check(value)
    except ValidationError:
        raise broken("template_choice_unknown", "请按模板代码填写 accept、reject、ban 或 filter") from None


Choices = Annotated[
    dict[Template, Choice],
    Field(
        min_length=1, max_length=len(Template), description="By the template's key in `GET me/subscriptions`."
    ),
    WrapValidator(_known),
]


class SubscriptionsIn(Input):
    templates: Choices


class SubscriptionOut(Output):
    """Ask for `template_id` when a person presses a button, the fewer are `remaining` the rather."""

    key: Template
    template_id: str
    remaining: int


class SubscriptionsOut(Output):
    items: list[SubscriptionOut]
