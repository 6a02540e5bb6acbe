"""A notice as a message: what WeChat or a gateway is given to send."""

from datetime import datetime

from app.domain.messages import Subject, filled, note_of, status_after
from app.domain.reminders import words
from app.domain.templates import Form
from app.services.addressing import Addressed
from app.sms.port import TextMessage
from app.wechat.port import SubscribeMessage

READ_OUT = 8
"""The last characters of an order's id: short enough for the telephone."""


def wechat_message(notice: Addressed, form: Form, page: str, at: datetime) -> SubscribeMessage:
    """A `page` that holds `{order_id}` is left out where there is no order. Raises LookupError and ValueError for a
    notice that has no words."""
    about = notice.about
    subject = Subject(
        title=notice.title or "志愿服务",
        status=status_after(notice.kind, about.status),
        time=(about.time or at).astimezone(about.zone),
        note=note_of(notice.kind, notice.audience, notice.reason),
        number=notice.order_id.hex[-READ_OUT:] if notice.order_id else "",
    )
    order = str(notice.order_id) if notice.order_id else ""
    leads_to = page.replace("{order_id}", order) if order or "{order_id}" not in page else ""
    openid = notice.phone.openid or ""
    return SubscribeMessage(openid, form.template_id, filled(form.fields, subject), leads_to)


def text_message(notice: Addressed) -> TextMessage:
    """Raises LookupError and ValueError for a notice that has no words."""
    text = words(notice.kind, notice.audience, notice.title, notice.reason)
    return TextMessage(notice.id.hex, notice.phone.number, str(notice.template), text)
