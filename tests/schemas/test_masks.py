"""A masked number can be recognised by its owner and used by nobody else."""

import pytest

from app.schemas.masks import masked_phone, masked_proof


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13800000001", "138****0001"),
        ("0731-82345678", "073****5678"),
        ("82345678", "823****5678"),
        ("8234567", "*******"),
        ("", ""),
    ],
)
def test_a_phone_number_keeps_head_and_tail(number: str, shown: str) -> None:
    assert masked_phone(number) == shown
    assert masked_phone(shown) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [("HS-2024-0099", "****0099"), ("1234", "****"), ("9", "****"), (None, None)]
)
def test_a_document_s_number_keeps_its_tail(number: str | None, shown: str | None) -> None:
    assert masked_proof(number) == shown
    assert masked_proof(shown) == shown
