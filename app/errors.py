"""Everything that fails on purpose, below HTTP.

A service raises one of these and the transaction rolls back: nothing is changed, and the caller gets a
problem with a stable `code` (RFC 9457, rendered in app/problems.py and nowhere else). Problems that belong
to one noun are declared in that noun's own room; here stand those that several rooms share.
"""

from typing import ClassVar


class AppError(Exception):
    """A refusal with an HTTP status, a stable machine code and a title in the user's language."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "请求无法处理"
    title_en: ClassVar[str] = "The request cannot be handled"

    def __init__(self, detail: str | None = None, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.headers = headers or {}


class NotFound(AppError):
    """Also what a caller gets for a row that exists but is not theirs to see (no existence leaks)."""

    status, code, title, title_en = 404, "not_found", "没有找到", "Not found"


class Forbidden(AppError):
    """The row may be seen, but this act needs a permission that the caller does not hold there."""

    status, code, title, title_en = 403, "forbidden", "没有权限进行此操作", "Not permitted"


class Unauthenticated(AppError):
    """No token, or one that does not verify, has expired, or whose sign-in was revoked."""

    status, code, title, title_en = 401, "unauthenticated", "请先登录", "Sign in first"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class IllegalMove(AppError):
    """The order is not (or no longer) in a state from which this move leads."""

    status, code, title, title_en = 409, "illegal_move", "当前状态不允许此操作", "Not possible in this state"


class Conflict(AppError):
    """A unique rule of the house would be broken."""

    status, code, title, title_en = 409, "conflict", "与已有记录冲突", "Conflicts with an existing record"


class Invalid(AppError):
    """Well-formed input that the rules of the house refuse."""

    status, code, title, title_en = 422, "invalid_request", "提交的内容有误", "The request is not valid"


class Unavailable(AppError):
    """Something this service leans on does not answer; the same call may succeed shortly."""

    status, code, title, title_en = (
        503,
        "unavailable",
        "服务暂时不可用，请稍后再试",
        "Temporarily unavailable",
    )

    def __init__(self, detail: str | None = None, *, retry_after: int = 5) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})
