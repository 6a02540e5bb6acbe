"""Text messages for development: they are logged without their words, and nobody's phone rings."""

import logging

from app.domain.delivery import SENT, Delivery
from app.sms.port import TextMessage

logger = logging.getLogger(__name__)


class FakeSms:
    async def send(self, message: TextMessage) -> Delivery:
        logger.info("a text message of template %s", message.template)
        return SENT

    async def aclose(self) -> None:
        """There is nothing to let go of."""
