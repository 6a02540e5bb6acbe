"""WeChat's error codes, read once: which of the four problems each of them is."""

import logging
from typing import Final

from app.errors import AppError
from app.wechat.port import WeChatBusy, WeChatMisconfigured, WeChatUserBlocked
from app.wechat.wire import Reply

CODE_REFUSED: Final = frozenset({40029, 40163, 41008})
"""Wrong or expired code; used code; no code."""
TOKEN_REFUSED: Final = frozenset({40001, 40014, 42001})
"""Not the latest access token; not an access token; expired."""
OPENID_REFUSED: Final = frozenset({40003, 61010})
"""Not this mini-program's; of somebody who was not in it lately."""
USER_BLOCKED: Final = 40226
BUSY: Final = {-1: 5, 45009: 60, 45011: 60}
"""System busy, quota used up, too often in a minute -> seconds to wait before asking again."""

logger = logging.getLogger(__name__)


def refusal(reply: Reply, code_invalid: type[AppError]) -> AppError:
    """The problem to raise for a reply whose errcode is not 0.

    An errcode that is not known here is not the user's to mend, nor will waiting mend it: the operator reads
    about it, as about a wrong secret.
    """
    if reply.errcode in CODE_REFUSED:
        return code_invalid()
    if reply.errcode == USER_BLOCKED:
        return WeChatUserBlocked()
    if reply.errcode in BUSY:
        logger.warning("WeChat is busy: errcode %d, %r", reply.errcode, reply.errmsg)
        return WeChatBusy(retry_after=BUSY[reply.errcode])
    logger.error("WeChat refuses this service: errcode %d, %r", reply.errcode, reply.errmsg)
    return WeChatMisconfigured()


def garbled(missing: str) -> WeChatBusy:
    """The problem to raise for consent without the thing consented to."""
    logger.warning("WeChat consents, but sends no usable %s", missing)
    return WeChatBusy()
