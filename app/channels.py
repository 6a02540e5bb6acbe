"""What an operator may set about the ways out: WeChat messages, text messages, webhooks."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, StringConstraints
from pydantic_settings import BaseSettings

from app.domain.messages import FIELD
from app.domain.templates import FIELDS, Form, Source, Template

WECHAT_HOST = "https://api.weixin.qq.com"

FieldName = Annotated[str, StringConstraints(pattern=f"^{FIELD.pattern}$")]


class TemplateChoice(BaseModel):
    """A template of the account: its id, and its fields when they are named otherwise than we assume."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=64)
    fields: dict[FieldName, Source] = Field({}, max_length=5)


def _choice(value: object) -> object:
    return {"id": value} if isinstance(value, str) else value


class ChannelSettings(BaseSettings):
    """The part of Settings (app/settings.py) that concerns what leaves the house."""

    wechat_url: str = WECHAT_HOST
    """Another of WeChat's hosts, nearer to the server; in development an imitation."""
    wechat_templates: dict[Template, Annotated[TemplateChoice, BeforeValidator(_choice)]] = {}
    wechat_page: str = Field("", max_length=200)
    """Where a message leads: a page of the mini-program, with `{order_id}` where the order's id belongs."""

    sms: Literal["off", "fake", "http"] = "off"
    sms_url: str = ""
    sms_secret: SecretStr = SecretStr("")

    send_attempts: int = Field(6, ge=1, le=20)
    """How often a notice is tried before it is left to the operator."""
    webhooks_inside: bool = False
    """Webhooks may go to this machine and its network, and without TLS: for development."""

    def forms(self, *, made_up: bool) -> dict[Template, Form]:
        """The templates that were chosen; while WeChat is made up and none was, so are they."""
        chosen = {
            template: Form(choice.id, choice.fields or FIELDS[template])
            for template, choice in self.wechat_templates.items()
        }
        if chosen or not made_up:
            return chosen
        return {template: Form(f"demo-{template}", FIELDS[template]) for template in Template}

    def unfit_channels(self, *, production: bool) -> str | None:
        """What the start has to refuse, by the variable's name."""
        if self.sms == "http" and not (self.sms_url and self.sms_secret.get_secret_value()):
            return "SIDAN_SMS_URL and SIDAN_SMS_SECRET are needed with SIDAN_SMS=http"
        if not production:
            return None
        if self.sms == "fake":
            return "SIDAN_SMS=fake sends nothing to anybody; it is refused in production"
        if self.sms == "http" and not self.sms_url.startswith("https://"):
            return "SIDAN_SMS_URL must be https in production"
        if not self.wechat_url.startswith("https://"):
            return "SIDAN_WECHAT_URL must be https in production"
        if self.webhooks_inside:
            return "SIDAN_WEBHOOKS_INSIDE opens the inner network to callers; it is refused in production"
        return None
