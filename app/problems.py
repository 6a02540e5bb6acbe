"""The only place where an error becomes HTTP: RFC 9457 problem+json, in Chinese, or English when asked.

A problem has a stable `code` to branch on, a title to show, the request id to quote on the phone, and for
invalid input one entry a field. It never holds a stack and never echoes what was sent.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DataError, IntegrityError
from starlette.exceptions import HTTPException

from app.errors import AppError, Conflict, Invalid
from app.problem_texts import field_message, house_rule

log = logging.getLogger(__name__)


class ProblemError(BaseModel):
    """One field at fault: where, which rule, and what to tell the person."""

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details with a stable `code`, the request id and, for invalid input, `errors`."""

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    instance: str
    request_id: str
    errors: list[ProblemError] = []


_STATUS_PROBLEMS: dict[int, tuple[str, str, str]] = {
    400: ("malformed_request", "请求格式有误", "The request is malformed"),
    404: ("not_found", "没有找到", "Not found"),
    405: ("method_not_allowed", "不支持的请求方法", "Method not allowed"),
    413: ("too_large", "提交的内容过大", "The request is too large"),
    415: ("unsupported_media_type", "不支持的内容类型", "Unsupported media type"),
}


def render(
    request: Request,
    status: int,
    code: str,
    title: str,
    detail: str | None = None,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    body: dict[str, Any] = {
        "type": f"urn:sidan:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "instance": request.url.path,
        "request_id": request.scope.get("state", {}).get("request_id", ""),
    }
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    return Response(orjson.dumps(body), status, headers=headers, media_type="application/problem+json")


def _english(request: Request) -> bool:
    return request.headers.get("accept-language", "").lower().startswith("en")


def of_error(request: Request, error: AppError) -> Response:
    english = _english(request)
    return render(
        request,
        error.status,
        error.code,
        error.title_en if english else error.title,
        None if english else error.detail,
        headers=error.headers,
    )


async def _app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)  # noqa: S101
    return of_error(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    english = _english(request)
    errors = [
        {
            "field": ".".join(str(part) for part in found["loc"]),
            "code": house_rule(found) or found["type"],
            "message": found["msg"] if english else field_message(found),
        }
        for found in error.errors()
    ]
    if any(found["type"] == "json_invalid" for found in error.errors()):
        return render(request, 422, "json_invalid", "Not valid JSON" if english else "请求不是有效的 JSON")
    ours = next((rule for found in error.errors() if (rule := house_rule(found))), None)
    title = Invalid.title_en if english else Invalid.title
    return render(request, 422, ours or Invalid.code, title, errors[0]["message"], errors)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    known = _STATUS_PROBLEMS.get(error.status_code)
    if known is None:
        phrase = HTTPStatus(error.status_code).phrase
        known = (phrase.lower().replace(" ", "_"), phrase, phrase)
    code, title, title_en = known
    return render(
        request, error.status_code, code, title_en if _english(request) else title, headers=error.headers
    )


async def _constraint(request: Request, error: Exception) -> Response:
    log.warning("a constraint caught what no service refused", exc_info=error)
    return of_error(request, Conflict())


async def _out_of_range(request: Request, error: Exception) -> Response:
    log.warning("the database refused a value that validation let through", exc_info=error)
    return of_error(request, Invalid())


async def _unexpected(request: Request, error: Exception) -> Response:
    log.exception("unexpected", exc_info=error)
    title = "Something went wrong on our side" if _english(request) else "服务出现异常，请稍后再试"
    return render(request, 500, "internal_error", title)


def install(app: FastAPI) -> None:
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(IntegrityError, _constraint)
    app.add_exception_handler(DataError, _out_of_range)
    app.add_exception_handler(Exception, _unexpected)


def documented(*errors: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: its problems, grouped by status, each shown by an example."""
    answers: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        answer = answers.setdefault(
            error.status,
            {
                "model": Problem,
                "description": "",
                "content": {"application/problem+json": {"examples": {}}},
            },
        )
        answer["description"] = "；".join(filter(None, [answer["description"], error.title]))
        answer["content"]["application/problem+json"]["examples"][error.code] = {
            "value": {
                "type": f"urn:sidan:problem:{error.code}",
                "title": error.title,
                "status": error.status,
                "code": error.code,
                "instance": "/api/v1/…",
                "request_id": "0192f3c0a1b2",
            }
        }
    return answers
