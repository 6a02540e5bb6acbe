"""How another system knows that what it was sent comes from here, whole and just now."""

import hashlib
import hmac
from datetime import datetime

HEADER = "Sidan-Signature"


def signature(secret: str, at: datetime, body: bytes) -> str:
    """`t=<unix seconds>,v1=<hex>`: the HMAC-SHA256 of `<t>.<body>` under `secret`.

    The time is signed along with the body, so that an old call cannot be sent again as a new one.
    """
    seconds = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256)
    return f"t={seconds},v1={digest.hexdigest()}"
