"""What HTTP itself refuses before any room is asked, and how that is recognised."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request

from app.errors import AppError


class MalformedRequest(AppError):
    """A body that cannot be taken apart: broken multipart, numbers or nesting without end."""

    status, code, title, title_en = 400, "malformed_request", "请求格式有误", "The request is malformed"


class MethodNotAllowed(AppError):
    status, code, title, title_en = 405, "method_not_allowed", "不支持的请求方法", "Method not allowed"


class RequestTimedOut(AppError):
    """Whoever sends a byte now and then would hold a place for ever."""

    status, code, title, title_en = (
        408,
        "request_timed_out",
        "提交超时，请重试",
        "The request came too slowly",
    )

    def __init__(self) -> None:
        super().__init__(headers={"Connection": "close"})


class TooManyRequests(AppError):
    """Of one person or from one address within a minute, in one class of calls (app/domain/rates.py)."""

    status, code, title = 429, "too_many_requests", "请求过于频繁，请稍后再试"
    title_en = "Too many requests"

    def __init__(self, left: int = 60) -> None:
        super().__init__(headers={"Retry-After": str(left)})


class TooLarge(AppError):
    """More bytes than this route reads."""

    status, code, title, title_en = 413, "too_large", "提交的内容过大", "The request is too large"


class UnsupportedMediaType(AppError):
    """The body is of another type than this route reads, and says so."""

    status, code, title = 415, "unsupported_media_type", "不支持的内容类型"
    title_en = "Unsupported media type"


class HeadTooLarge(AppError):
    """More headers, or longer ones, than any client of this service sends."""

    status, code, title, title_en = 431, "head_too_large", "请求头过大", "The request's headers are too large"


class JsonInvalid(AppError):
    status, code, title, title_en = 422, "json_invalid", "请求不是有效的 JSON", "Not valid JSON"


class InternalError(AppError):
    """Not on purpose: what happened stands in the log, under the request id."""

    status, code, title = 500, "internal_error", "服务出现异常，请稍后再试"
    title_en = "Something went wrong on our side"


def of_another_type(request: Request, found: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the body could not be read because it is no JSON, or no multipart where a file is wanted."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    json = sent == "application/json" or (sent.startswith("application/") and sent.endswith("+json"))
    places = {tuple(one["loc"]): one["type"] for one in found}
    unread = places.get(("body",), "missing") != "missing" and not json
    return unread or (("body", "file") in places and sent != "multipart/form-data")


def allow(request: Request) -> dict[str, str]:
    """Every method of this path: the framework itself names those of the first route that fits."""
    methods = {
        method.upper()
        for path, found in request.app.openapi()["paths"].items()
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), request.scope["path"])
        for method in found
    }
    return {"Allow": ", ".join(sorted(methods))} if methods else {}
