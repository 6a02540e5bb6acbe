"""Text messages as the rest of the house sees them: words to a mobile number.

Every provider has its own interface, its own approved templates and its own price; so what is called is a gateway
of the operator's (docs/notices.md), which turns one plain call into the provider's.
"""

from dataclasses import dataclass
from typing import Protocol

from app.domain.delivery import Delivery


@dataclass(frozen=True, slots=True)
class TextMessage:
    """`key` is the same for every attempt at one notice, so that a gateway can send it once."""

    key: str
    phone: str
    template: str
    text: str


class Sms(Protocol):
    """Never call it inside a transaction: it waits for others' networks."""

    async def send(self, message: TextMessage) -> Delivery:
        """Raises nothing: whatever happens is an outcome."""

    async def aclose(self) -> None:
        """Let go of the network."""
