"""The contract as it is served: what FastAPI derives from the code, completed by what it cannot know.

Problems that follow from the shape of a call (a token, a body, parameters) are added here, so that no router
can forget one. Examples stand beside their schema, or in openapi_examples.json by its name; all of them belong
to one story, an order of cleaning in a fictional district.
"""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from app.domain.rates import EXEMPT
from app.domain.roles import Permission
from app.errors import AppError, Conflict, Invalid, Unauthenticated
from app.problem_texts import HOUSE_RULES
from app.problems import PROBLEM_JSON, Problem, documented
from app.refusals import (
    InternalError,
    JsonInvalid,
    MalformedRequest,
    RequestTimedOut,
    TooLarge,
    TooManyRequests,
    UnsupportedMediaType,
)
from app.routers.needs import NEEDS, Caller
from app.services.idempotency import IdempotencyMismatch

Document = dict[str, Any]

SERVERS = [{"url": "/", "description": "本服务 (the host that serves this document)"}]
LICENSE = {"name": "Apache 2.0", "identifier": "Apache-2.0"}
TAGS = {
    "登录": "用微信或密码登录，刷新与退出 (signing in and out)",
    "我的": "本人资料、消息、积分，导出数据与注销账号 (myself)",
    "点单": "居民下单、查单、催单、取消与评价 (ordering)",
    "派单": "审核、配单、派单、改派、吹哨上报 (dispatching)",
    "接单": "服务队接单、婉拒、抢单与退单 (answering offers)",
    "服务": "派人、签到签退、补录时长与完成服务 (the service itself)",
    "图片": "需求、知情同意与完成情况的图片 (pictures)",
    "组织": "中心、所、站、点、基地 (the tree of organisations)",
    "服务队": "队伍、队员、专长与可服务时间 (teams)",
    "人员": "工作人员与注册志愿者 (staff and volunteers)",
    "授权": "谁在哪里担任什么角色 (who holds which role where)",
    "审批": "须由他人同意的事 (what takes a second person)",
    "导出": "含个人信息的文件 (files with personal data)",
    "审计": "谁在何时何地做了什么 (the trail, for auditors)",
    "菜单": "服务菜单与服务分类 (what may be ordered)",
    "统计": "一个中心的总数 (figures of a whole center)",
    "规则": "时限、积分与匹配规则 (the rules of a place)",
    "通道": "消息发送记录与事件推送 (what leaves the house)",
    "运行": "供负载均衡与监控使用 (for load balancers and monitors)",
}
HEADERS: Document = {
    "RetryAfter": {"description": "Seconds to wait before the next try.", "schema": {"type": "integer"}},
    "Authenticate": {"description": "Always `Bearer`.", "schema": {"type": "string"}},
    "IdempotencyReplayed": {
        "description": "`true` when this is the first answer to the same key and body once more.",
        "schema": {"type": "string", "const": "true"},
    },
}
_CARRIED_BY = {"401": ("WWW-Authenticate", "Authenticate"), "429": ("Retry-After", "RetryAfter")}
_CARRIED_BY["503"] = _CARRIED_BY["429"]
_KEY = "Idempotency-Key"
_CODE = """Stable, to branch on. Each operation lists its own. With 422 and `errors`, where a field breaks a rule \
of the house, it is that rule:
"""


def committed(document: Document) -> str:
    """The text of openapi/openapi.json: sorted, so that a change of the code is all that a diff shows."""
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """The path, the method and the description of every operation."""
    for path, methods in document["paths"].items():
        yield from ((path, method, operation) for method, operation in methods.items())


def completed(document: Document) -> Document:
    """FastAPI's document, changed in place: servers, tags, security, problems and examples."""
    document["servers"], document["info"]["license"] = SERVERS, LICENSE
    document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    rules = "\n".join(f"- `{code}`: {text}" for code, text in sorted(HOUSE_RULES.items()))
    problem["properties"]["code"]["description"] = f"{_CODE}\n{rules}"
    schemas |= problem.pop("$defs") | {"Problem": problem}
    components |= {"headers": HEADERS, "examples": {}}
    for path, method, operation in operations(document):
        operation.setdefault("security", [])
        _require_needs(operation)
        counted = [] if path in EXEMPT else [TooManyRequests]
        _tell_problems(operation, documented(*_implied(method, operation), *counted), components["examples"])
        _tell_headers(operation)
    components["responses"] = _share([operation for *_, operation in operations(document)])
    _show(schemas)
    components["examples"] = dict(sorted(components["examples"].items()))
    return document


def _require_needs(operation: Document) -> None:
    """A route that nobody has said who may call is not served: raises ValueError, naming the operation."""
    name, said = operation["operationId"], operation.get(NEEDS)
    known = {*map(str, Permission), *map(str, Caller)}
    if not said or not known >= set(said):
        raise ValueError(f"{name}: openapi_extra=needs(...) is missing, or names no permission: {said}")
    if (said == [Caller.ANYBODY]) is bool(operation["security"]) or (
        Caller.ANYBODY in said and len(said) > 1
    ):
        raise ValueError(f"{name}: needs {said}, but its security is {operation['security']}")


def _implied(method: str, operation: Document) -> Iterator[type[AppError]]:
    """What a call of this shape can meet, whatever it is about."""
    named = {parameter["name"] for parameter in operation.get("parameters", ())}
    body = operation.get("requestBody", {}).get("content", {})
    if operation["security"]:
        yield Unauthenticated
        if method != "get":
            yield Conflict
    if body:
        yield from (MalformedRequest, RequestTimedOut, TooLarge, UnsupportedMediaType)
    if "application/json" in body:
        yield JsonInvalid
    if named or body:
        yield Invalid
    if _KEY in named:
        yield IdempotencyMismatch
    yield InternalError


def _tell_problems(operation: Document, implied: dict[int | str, dict[str, Any]], shown: Document) -> None:
    """Every problem in one media type, each by one example that all operations share."""
    answers = operation["responses"]
    if "HTTPValidationError" in str(answers.get("422")):
        del answers["422"]
    for status, more in implied.items():
        told = answers.setdefault(str(status), more)
        told["content"][PROBLEM_JSON]["examples"] |= more["content"][PROBLEM_JSON]["examples"]
    for status, answer in answers.items():
        problems = answer.get("content", {}).get(PROBLEM_JSON)
        if problems is None:
            continue
        shown |= problems["examples"]
        titles = [example["value"]["title"] for example in problems["examples"].values()]
        answer["description"] = "；".join(titles)
        examples = {code: {"$ref": f"#/components/examples/{code}"} for code in problems["examples"]}
        answer["content"] = {
            PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}
        }
        if status in _CARRIED_BY:
            header, component = _CARRIED_BY[status]
            answer["headers"] = {header: {"$ref": f"#/components/headers/{component}"}}


def _share(every: list[Document]) -> Document:
    """Answers met by several operations stand once, under the names of their codes."""
    met: dict[str, list[tuple[Document, str]]] = {}
    for operation in every:
        for status, answer in sorted(operation["responses"].items()):
            if PROBLEM_JSON in answer.get("content", {}):
                codes = ".".join(sorted(answer["content"][PROBLEM_JSON]["examples"]))
                met.setdefault(codes, []).append((operation, status))
    shared = {}
    for codes, places in met.items():
        if len(places) > 1:
            shared[codes] = places[0][0]["responses"][places[0][1]]
            for operation, status in places:
                operation["responses"][status] = {"$ref": f"#/components/responses/{codes}"}
    return dict(sorted(shared.items()))


def _tell_headers(operation: Document) -> None:
    if not any(parameter["name"] == _KEY for parameter in operation.get("parameters", ())):
        return
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            replayed = {"Idempotency-Replayed": {"$ref": "#/components/headers/IdempotencyReplayed"}}
            answer["headers"] = answer.get("headers", {}) | replayed


@cache
def _examples() -> Document:
    found: Document = json.loads(files("app").joinpath("openapi_examples.json").read_text("utf-8"))
    return found


def _show(schemas: Document) -> None:
    """An example for each schema that has none of its own, and for each page of such."""
    for name, example in _examples().items():
        schemas[name].setdefault("examples", [example])
    for name, page in schemas.items():
        item = schemas.get(name.removeprefix("Page_").removesuffix("_"), {})
        if name.startswith("Page_") and "examples" in item:
            page["examples"] = [{"items": item["examples"], "next_cursor": None}]
