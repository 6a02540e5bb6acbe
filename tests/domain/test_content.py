"""A word is found however it is written, and only then."""

import pytest

from app.domain.content import hits

WORDS = ("贷款", "casino", "微信号", " ", "")


@pytest.mark.parametrize(
    "text",
    [
        "低息贷款请来电",
        "贷\u200b款",
        "贷\u2060 \u202e款",
        "贷\n款",
        "⼤贷款",
        "CASINO",
        "ＣａＳｉＮｏ",
        "ca\u0301si\u0308no",
        "c a s i n o",
        "𝓬𝓪𝓼𝓲𝓷𝓸",
        "加我微信號微信号",
    ],
)
def test_a_word_is_found_however_it_is_written(text: str) -> None:
    assert len(hits(["", text], WORDS)) == 1


@pytest.mark.parametrize("text", ["", "擦窗、拖地", "贷一本书的款", "cas-ino", "微信", " \u200b "])
def test_what_is_not_there_is_not_found(text: str) -> None:
    assert hits([text], WORDS) == []


def test_each_is_named_once_as_the_list_writes_it() -> None:
    assert hits(["Casino 贷款", "casino"], WORDS) == ["贷款", "casino"]
    assert hits(["任何文字"], ()) == []
