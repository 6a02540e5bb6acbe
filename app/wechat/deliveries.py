"""What WeChat answers to a message, as a value: sent, refused by the person, to be tried again, or our mistake."""

import logging
from typing import Final

from app.domain.delivery import SENT, Delivery, Outcome
from app.wechat.refusals import BUSY, TOKEN_REFUSED
from app.wechat.wire import Reply

REFUSED: Final = 43101
"""The person did not consent, has used up the consent, or has switched messages off. Never asked again."""
CROWDED: Final = 43108
"""Too many messages to one person at the same moment."""
OURS: Final = {
    40003: "not an openid of this mini-program",
    40037: "no such template",
    41030: "no such page",
    43107: "the mini-program may not send messages",
    45168: "WeChat holds the words to be unfit",
    47003: "a field does not fit its template",
}
"""Nothing that waiting would mend."""

logger = logging.getLogger(__name__)


def delivery(reply: Reply) -> Delivery:
    """None of these answers, but 0, sent anything. The operator reads `errmsg`, which names the field at fault."""
    if reply.errcode == 0:
        return SENT
    said = f"{reply.errcode} {reply.errmsg}"[:200]
    if reply.errcode == REFUSED:
        return Delivery(Outcome.REFUSED, said)
    if reply.errcode in BUSY or reply.errcode in TOKEN_REFUSED or reply.errcode == CROWDED:
        return Delivery(Outcome.RETRY, said)
    logger.error("WeChat takes no message: %s: %s", OURS.get(reply.errcode, "unknown to us"), said)
    return Delivery(Outcome.FAILED, said)
