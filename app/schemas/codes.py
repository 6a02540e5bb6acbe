"""Short names that machines keep: each says with its own problem what it may be made of."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from app.schemas.base import broken


def _made_of(pattern: str, code: str, message: str) -> AfterValidator:
    shape = re.compile(pattern)

    def check(value: str) -> str:
        if shape.fullmatch(value) is None:
            raise broken(code, message)
        return value

    return AfterValidator(check)


OrgCode = Annotated[
    str,
    Field(max_length=32, description="`[a-z0-9-]`; becomes part of the path and never changes"),
    _made_of(r"[a-z0-9-]+", "org_code_malformed", "代码只能由小写字母、数字和连字符组成"),
]
MenuCode = Annotated[
    str,
    Field(max_length=40, description="`[a-z0-9_-]`, unique within the center"),
    _made_of(r"[a-z0-9_-]+", "menu_code_malformed", "代码只能由小写字母、数字、连字符和下划线组成"),
]
Username = Annotated[
    str,
    Field(max_length=40, description="3-40 of `[a-z0-9._-]`, a letter first"),
    _made_of(r"[a-z][a-z0-9._-]{2,39}", "username_malformed", "用户名须以小写字母开头，3至40个字符"),
]
