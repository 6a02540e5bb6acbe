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


class TooLarge(AppError):
    """More bytes than this route reads."""

    status, code, title, title_en = 413, "too_large", "提交的内容过大", "The request is too large"


class UnsupportedMediaType(AppError):
    """The body is of another type than this route reads, and says so."""

    status, code, title = 415, "unsupported_media_type", "不支持的内容类型"
    title_en = "Unsupported media type"


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
