"""The only place where an error becomes HTTP: RFC 9457 problem+json, in Chinese, or English when asked.

A problem has a stable `code` to branch on, a title to show, the request id to quote on the phone, and for
invalid input one entry a field. It never holds a stack and never echoes what was sent: neither a value nor
the name of a field that this service does not know.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DataError, IntegrityError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import AppError, Conflict, Invalid, NotFound
from app.problem_texts import field_message, field_name, house_rule
from app.refusals import (
    InternalError,
    JsonInvalid,
    MalformedRequest,
    MethodNotAllowed,
    TooLarge,
    UnsupportedMediaType,
    allow,
    of_another_type,
)

log = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
MOST_ERRORS = 20
LONGEST_INSTANCE = 200


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


_BY_STATUS = {error.status: error for error in (MalformedRequest, NotFound, MethodNotAllowed, TooLarge)}


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
        "instance": quote(request.scope["path"])[:LONGEST_INSTANCE],
        "request_id": _request_id(request),
    }
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    language = {"Content-Language": "en" if _english(request) else "zh-CN"}
    return Response(
        orjson.dumps(body), status, headers={**language, **(headers or {})}, media_type=PROBLEM_JSON
    )


def _request_id(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))


def _english(request: Request) -> bool:
    return request.headers.get("accept-language", "").lower().startswith("en")


def of_error(request: Request, error: AppError, headers: Mapping[str, str] | None = None) -> Response:
    english = _english(request)
    return render(
        request,
        error.status,
        error.code,
        error.title_en if english else error.title,
        None if english else error.detail,
        headers={**error.headers, **(headers or {})},
    )


async def _app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)  # noqa: S101
    return of_error(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    english = _english(request)
    found = error.errors()
    if of_another_type(request, found):
        return of_error(request, UnsupportedMediaType())
    if any(one["type"] == "json_invalid" for one in found):
        return of_error(request, JsonInvalid())
    told = {
        (field_name(one), house_rule(one) or one["type"]): field_message(one, english=english)
        for one in found[:MOST_ERRORS]
    }
    errors = [{"field": field, "code": code, "message": text} for (field, code), text in told.items()]
    ours = next((rule for one in found if (rule := house_rule(one))), None)
    title = Invalid.title_en if english else Invalid.title
    return render(request, Invalid.status, ours or Invalid.code, title, errors[0]["message"], errors)


async def _http(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: unknown routes and methods, bodies it cannot read."""
    assert isinstance(error, HTTPException)  # noqa: S101
    known = _BY_STATUS.get(error.status_code)
    if known is MethodNotAllowed:
        return of_error(request, known(), {**(error.headers or {}), **allow(request)})
    if known is not None:
        return of_error(request, known(), error.headers)
    phrase = HTTPStatus(error.status_code).phrase
    return render(request, error.status_code, phrase.lower().replace(" ", "_"), phrase, headers=error.headers)


async def _constraint(request: Request, error: Exception) -> Response:
    log.warning("a constraint caught what no service refused", exc_info=error)
    return of_error(request, Conflict())


async def _out_of_range(request: Request, error: Exception) -> Response:
    log.warning("the database refused a value that validation let through", exc_info=error)
    return of_error(request, Invalid())


async def _unexpected(request: Request, error: Exception) -> Response:
    log.exception("unexpected", exc_info=error)
    return of_error(request, InternalError())


def install(app: FastAPI) -> None:
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(IntegrityError, _constraint)
    app.add_exception_handler(DataError, _out_of_range)
    app.add_exception_handler(Exception, _unexpected)


class InProblems:
    """Around everything: the framework refuses too large a body in plain text, and it goes out as a problem."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        plain = False

        async def retold(message: Message) -> None:
            nonlocal plain
            if message["type"] == "http.response.start" and message["status"] == TooLarge.status:
                plain = (b"content-type", b"text/plain; charset=utf-8") in message["headers"]
                if plain:
                    await of_error(Request(scope), TooLarge())(scope, receive, send)
            if not plain:
                await send(message)

        await self.app(scope, receive, retold)


def documented(*errors: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: its problems, grouped by status, each shown by an example.

    What follows from the shape of a call (a token, a body, parameters) is added in app/openapi.py.
    """
    answers: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        fresh = {"description": "", "content": {PROBLEM_JSON: {"examples": {}}}}
        answer = answers.setdefault(error.status, fresh)
        answer["description"] = "；".join(filter(None, [answer["description"], error.title]))
        answer["content"][PROBLEM_JSON]["examples"][error.code] = {
            "summary": error.title_en,
            "value": {
                "type": f"urn:sidan:problem:{error.code}",
                "title": error.title,
                "status": error.status,
                "code": error.code,
                "instance": "/api/v1/orders",
                "request_id": "0192f3c000007000800000000000000a",
            },
        }
    return answers
