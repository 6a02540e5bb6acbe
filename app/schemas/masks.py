"""What may be shown of a number: enough to recognise one's own, too little to call or copy another's."""

from typing import Annotated

from pydantic import BeforeValidator

HEAD, TAIL = 3, 4


def masked_phone(phone: str) -> str:
    """`13800000001` → `138****0001`; a number too short to hide anything in shows nothing."""
    return f"{phone[:HEAD]}****{phone[-TAIL:]}" if len(phone) > HEAD + TAIL else "*" * len(phone)


def masked_proof(number: str | None) -> str | None:
    """The last four characters of a document's number; none of a number of four or fewer."""
    return number and ("****" + number[-TAIL:] if len(number) > TAIL else "****")


MaskedPhone = Annotated[str, BeforeValidator(masked_phone)]
MaskedProof = Annotated[str | None, BeforeValidator(masked_proof)]
