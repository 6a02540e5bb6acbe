"""The contract: committed as served, whole, and true of what the code can raise."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator import validate as validate_document

from app.domain.hours import HOURS_ZH
from app.domain.recurrence import RULES_ZH
from app.errors import AppError
from app.lab.history import NoHistory
from app.openapi import TAGS, committed
from app.problem_texts import HOUSE_RULES
from app.problems import PROBLEM_JSON
from app.refusals import HeadTooLarge, MethodNotAllowed
from app.services.founding import CenterCodeTaken
from tests.contract import document, faults, resolved

ROOT = Path(__file__).parents[1]
APP = ROOT / "app"

PUBLIC = {
    *("wechat_sign_in", "password_sign_in", "tokens_refresh"),
    *("orgs_list", "org_get", "menu_items_list", "menu_item_get", "taxonomy_get"),
    *("liveness_get", "readiness_get", "privacy_notice_get"),
}
"""Whoever is not signed in may call these, and nothing else."""

NO_DATABASE = {"liveness_get", "taxonomy_get"}
UNKEYED = (
    {"device_sign_out", "devices_sign_out", "my_password_change", "order_reveal", "recurring_order_reveal"}
    | {
        *("my_second_factor_begin", "my_second_factor_confirm", "my_second_factor_remove"),
        "my_recovery_codes_renew",
    }
    | {name for name in PUBLIC if name.endswith(("_sign_in", "_refresh"))}
)
"""POSTs that take no Idempotency-Key; their rooms say why."""

BESIDE_THE_CONTRACT = {AppError, HeadTooLarge, CenterCodeTaken, MethodNotAllowed, NoHistory}
"""Problems of no operation: the root of all, two of the command line, and where there is none."""

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ASKED_INSTEAD = {"grant_create", "order_reveal", "recurring_order_reveal"}
"""Where it takes two, a second person is asked: 202."""
CREATED = re.compile(r"_(create|make|place|upload|declare)$")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def by_id() -> dict[str, dict[str, Any]]:
    return {operation["operationId"]: operation for _, _, operation in operations()}


def answers(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {status: resolved(answer) for status, answer in operation["responses"].items()}


def problems(operation: dict[str, Any]) -> set[str]:
    """The codes of all problems that an operation names."""
    found = (answer.get("content", {}).get(PROBLEM_JSON, {}) for answer in answers(operation).values())
    return {code for content in found for code in content.get("examples", {})}


def shown(node: dict[str, Any]) -> bool:
    """Whether a schema, or what it refers to or lists, has an example."""
    schema = resolved(node)
    inner = schema.get("items")
    return "examples" in schema or "example" in schema or (isinstance(inner, dict) and shown(inner))


every = pytest.mark.parametrize("name", sorted(by_id()))


def test_what_is_committed_is_what_is_served() -> None:
    kept = (ROOT / "openapi" / "openapi.json").read_text("utf-8")
    assert kept == committed(document()), "the contract changed: `make openapi`, and commit it"


async def test_what_is_served_is_the_document(client: httpx.AsyncClient) -> None:
    served = await client.get("/openapi.json")
    assert served.json() == document()
    assert json.loads(committed(served.json())) == document()
    assert (await client.get("http://test/docs")).status_code == 200


def test_the_document_is_valid_openapi_3_1() -> None:
    assert document()["openapi"].startswith("3.1.")
    validate_document(document(), cls=OpenAPIV31SpecValidator)


def test_the_document_names_its_server_its_license_and_its_key() -> None:
    assert [server["url"] for server in document()["servers"]] == ["/"]
    assert document()["info"]["license"]["identifier"] == "Apache-2.0"
    schemes = document()["components"]["securitySchemes"].values()
    assert [(scheme["type"], scheme["scheme"]) for scheme in schemes] == [("http", "bearer")]


def test_operation_ids_are_unique_and_named_by_noun_and_verb() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert [name for name, times in Counter(ids).items() if times > 1] == []
    assert [name for name in ids if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)] == []


def test_every_tag_is_described_and_used() -> None:
    used = {tag for _, _, operation in operations() for tag in operation["tags"]}
    declared = {tag["name"]: tag["description"] for tag in document()["tags"]}
    assert used == set(declared) == set(TAGS)
    assert all(CHINESE.search(text) for text in declared.values())


@every
def test_an_operation_says_in_chinese_what_it_is_and_in_english_what_it_does(name: str) -> None:
    operation = by_id()[name]
    assert CHINESE.search(operation["summary"])
    assert len(operation["tags"]) == 1
    assert re.match(r"[A-Z0-9`荣]", operation["description"]), operation["description"]
    assert re.search(r"[a-z]{3,} [a-z]+", operation["description"])
    assert operation["description"].rstrip().endswith((".", ")"))


@every
def test_an_operation_succeeds_with_the_right_code(name: str) -> None:
    operation = by_id()[name]
    successes = {status for status in operation["responses"] if status.startswith("2")}
    (status,) = successes - ({"202"} if name in ASKED_INSTEAD else set())
    empty = "content" not in operation["responses"][status]
    assert empty == (status == "204")
    assert (status == "201") == bool(CREATED.search(name))


@every
def test_an_operation_asks_for_a_token_unless_it_is_public(name: str) -> None:
    operation = by_id()[name]
    assert operation["security"] == ([] if name in PUBLIC else [{"HTTPBearer": []}])
    assert ("401" in operation["responses"]) == (name not in PUBLIC or name in UNKEYED)


@every
def test_every_failure_is_a_problem_with_examples(name: str) -> None:
    failures = {status: answer for status, answer in answers(by_id()[name]).items() if status >= "400"}
    assert failures
    for status, answer in failures.items():
        assert list(answer["content"]) == [PROBLEM_JSON], status
        content = answer["content"][PROBLEM_JSON]
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert content["examples"]
        assert CHINESE.search(answer["description"])
        for code, reference in content["examples"].items():
            example = resolved(reference)["value"]
            assert (example["code"], str(example["status"])) == (code, status)
            assert not faults(example, "/components/schemas/Problem")


@every
def test_an_operation_names_what_its_shape_implies(name: str) -> None:
    operation = by_id()[name]
    found, content = problems(operation), operation.get("requestBody", {}).get("content", {})
    expected = {"internal_error"}
    if name not in NO_DATABASE:
        expected |= {"unavailable"}
    if content:
        expected |= {"malformed_request", "too_large", "unsupported_media_type", "invalid_request"}
    if "application/json" in content:
        expected |= {"json_invalid"}
    if operation.get("parameters"):
        expected |= {"invalid_request"}
    if any(parameter["in"] == "path" for parameter in operation.get("parameters", ())):
        expected |= {"not_found"}
    assert expected <= found
    for status, header in (("401", "WWW-Authenticate"), ("429", "Retry-After"), ("503", "Retry-After")):
        assert status not in operation["responses"] or header in answers(operation)[status]["headers"]


@every
def test_every_post_takes_a_key_but_those_that_say_why_not(name: str) -> None:
    (method,) = {method for _, method, operation in operations() if operation["operationId"] == name}
    keyed = any(one["name"] == "Idempotency-Key" for one in by_id()[name].get("parameters", ()))
    assert keyed == (method == "post" and name not in UNKEYED)
    if keyed:
        assert "idempotency_mismatch" in problems(by_id()[name])
        successes = [answer for status, answer in answers(by_id()[name]).items() if status < "300"]
        assert all("Idempotency-Replayed" in answer["headers"] for answer in successes)


@every
def test_bodies_are_shown_by_examples(name: str) -> None:
    operation = by_id()[name]
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    bodies += [answer for status, answer in answers(operation).items() if status < "300"]
    schemas = [body["content"]["application/json"]["schema"] for body in bodies if _json_in(body)]
    assert [schema for schema in schemas if not shown(schema)] == []


def _json_in(body: dict[str, Any]) -> bool:
    return "application/json" in body.get("content", {})


def examples(node: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every example of every schema anywhere in the document, with the pointer of that schema."""
    if isinstance(node, dict):
        if isinstance(node.get("examples"), list):
            yield from ((pointer, example) for example in node["examples"])
        if "example" in node and "type" in node:
            yield pointer, node["example"]
        for name, below in node.items():
            if name not in ("examples", "example"):
                escaped = name.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
                yield from examples(below, f"{pointer}/{escaped}")
    elif isinstance(node, list):
        for number, below in enumerate(node):
            yield from examples(below, f"{pointer}/{number}")


def test_every_example_is_of_its_schema() -> None:
    found = list(examples(document()))
    assert len(found) > 60
    assert [(where, faults(value, where)) for where, value in found if faults(value, where)] == []


def test_an_example_of_no_schema_would_be_found() -> None:
    assert faults({"lat": "north"}, "/components/schemas/Location")


def refusals(of: type[AppError] = AppError) -> set[type[AppError]]:
    return {of}.union(*(refusals(below) for below in of.__subclasses__()))


def in_the_app() -> set[type[AppError]]:
    return {refusal for refusal in refusals() if refusal.__module__.startswith("app.")}


def test_every_problem_that_can_be_raised_is_documented_somewhere() -> None:
    known = set().union(*(problems(operation) for operation in by_id().values()))
    raised = {refusal.code for refusal in in_the_app() - BESIDE_THE_CONTRACT}
    assert sorted(raised - known) == []
    assert sorted(known - raised) == []
    assert len(raised) > 70


def test_no_two_problems_share_a_code() -> None:
    codes = Counter(refusal.code for refusal in in_the_app())
    assert [code for code, times in codes.items() if times > 1] == []


def test_every_problem_has_its_own_words_in_both_languages() -> None:
    for refusal in in_the_app():
        assert {"code", "title", "title_en"} <= set(vars(refusal)), refusal
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", refusal.code)
        assert CHINESE.search(refusal.title)
        assert refusal.title_en.isascii()
        assert 400 <= refusal.status < 600


def test_every_rule_of_the_house_is_named_in_the_contract() -> None:
    broken = set()
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "broken",
                "_known",
                "_made_of",
            ):
                given = [str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)]
                broken |= {code for code in given if re.fullmatch(r"[a-z]+(_[a-z]+)+", code)}
    assert {"window_reversed", "specialty_unknown", "org_code_malformed"} <= broken
    assert sorted(broken - set(HOUSE_RULES)) == []
    assert sorted(set(HOUSE_RULES) - broken - set(HOURS_ZH) - set(RULES_ZH) - {"timezone_required"}) == []
    told = document()["components"]["schemas"]["Problem"]["properties"]["code"]["description"]
    assert all(f"`{code}`" in told for code in HOUSE_RULES)
