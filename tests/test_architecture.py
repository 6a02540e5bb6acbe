"""The house rules that a tool can hold: each reads the syntax trees of app/, and is shown able to fail."""

import ast
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.services.scope import OWNED

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "app").rglob("*.py"))
OWNED_NAMES = {model.__name__ for model in OWNED}
MOVED_NAMES = {"Order", "Offer"}
NAMELESS = {"utils", "util", "common", "helpers", "helper", "misc", "base_service"}


@dataclass(frozen=True)
class Rule:
    """`find` yields the nodes that break the rule; modules under `except_in` may do what it forbids."""

    name: str
    message: str
    find: Callable[[ast.Module], Iterator[ast.AST]]
    except_in: tuple[str, ...] = ()

    def broken_in(self, source: str, path: str) -> list[str]:
        if path.startswith(self.except_in):
            return []
        return [
            f"{path}:{getattr(node, 'lineno', 1)}: {self.message}" for node in self.find(ast.parse(source))
        ]


def called(node: ast.AST) -> str:
    """The last name of what a call calls: `commit` for `session.commit()`; empty for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def owner(node: ast.AST) -> str:
    """What a method is called on, by its last name: `func` for `func.now()` and for `sa.func.now()`."""
    value = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
    return value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")


def calls(tree: ast.Module, *names: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and called(node) in names)


def chain(node: ast.AST) -> Iterator[ast.Call]:
    """The calls of `a(…).b(…).c(…)`, from the last to the first."""
    while isinstance(node, ast.Call):
        yield node
        node = node.func.value if isinstance(node.func, ast.Attribute) else node.func


def named(nodes: list[ast.expr]) -> set[str]:
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def commits(tree: ast.Module) -> Iterator[ast.AST]:
    yield from calls(tree, "commit")
    yield from (
        call for call in calls(tree, "begin") if isinstance(call.func, ast.Attribute) and not call.args
    )


def status_set(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        flat = [part for target in targets for part in ast.walk(target)]
        if any(isinstance(part, ast.Attribute) and part.attr == "status" for part in flat):
            yield node
    for call in calls(tree, "setattr"):
        if any(isinstance(argument, ast.Constant) and argument.value == "status" for argument in call.args):
            yield call
    for call in calls(tree, "values"):
        first = list(chain(call))[-1]
        if called(first) == "insert":
            continue  # a new row has to begin somewhere
        given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg is None)]
        keys = {
            key.value
            for d in given
            if isinstance(d, ast.Dict)
            for key in d.keys
            if isinstance(key, ast.Constant)
        }
        hidden = any(not isinstance(values, ast.Dict) or None in values.keys for values in given)
        moved = called(first) == "update" and named(first.args) & MOVED_NAMES
        if "status" in keys | {keyword.arg for keyword in call.keywords} or (hidden and moved):
            yield call


def owned_selected(tree: ast.Module) -> Iterator[ast.AST]:
    for call in calls(tree, "select", "get", "get_one"):
        if named(call.args) & OWNED_NAMES:
            yield call


def inner_imports(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (inner for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom))


def clocks(tree: ast.Module) -> Iterator[ast.AST]:
    forbidden = {("func", "now"), ("func", "current_timestamp"), ("time", "time"), ("date", "today")}
    forbidden |= {("datetime", name) for name in ("now", "utcnow", "today")}
    yield from (node for node in ast.walk(tree) if (owner(node), called(node)) in forbidden)


def waiting_locks(tree: ast.Module) -> Iterator[ast.AST]:
    for call in calls(tree, "with_for_update"):
        given = {keyword.arg: keyword.value for keyword in call.keywords}.get("skip_locked")
        if not (isinstance(given, ast.Constant) and given.value is True):
            yield call


def http_exceptions(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        imported = isinstance(node, ast.ImportFrom) and any(a.name == "HTTPException" for a in node.names)
        if imported or (isinstance(node, ast.Attribute) and node.attr == "HTTPException"):
            yield node


RULES = (
    Rule("commit", "only Database.transaction() begins and commits", commits, ("app/db.py",)),
    Rule("status", "a status changes only through services/moves.py", status_set, ("app/services/moves.py",)),
    Rule(
        "owned",
        "rows that belong to somebody come from visible()",
        owned_selected,
        ("app/services/scope.py",),
    ),
    Rule("import", "an import inside a function hides a cycle: move the room", inner_imports),
    Rule("clock", "times are arguments, or clock.now()", clocks, ("app/clock.py",)),
    Rule("lock", "a row lock may only skip (skip_locked=True): compare and set instead", waiting_locks),
    Rule("http", "raise an AppError; problems.py makes it HTTP", http_exceptions, ("app/problems.py",)),
)

BAD = {
    "commit": ["async def f(session):\n    await session.commit()", "async with session.begin():\n    pass"],
    "status": [
        "order.status = OrderStatus.CLOSED",
        "order.status: OrderStatus = CLOSED",
        "order.status, order.reason = CLOSED, ''",
        "setattr(order, 'status', CLOSED)",
        "update(Order).where(Order.id == id).values(status=CLOSED)",
        "update(Order).values(**{'status': CLOSED})",
        "sqlalchemy.update(Offer).values({'status': CLOSED}).returning(Offer.id)",
        "update(Offer).values(changes)",
        "update(Offer).values({'answered_at': at, **changes})",
    ],
    "owned": [f"select({name})" for name in sorted(OWNED_NAMES)]
    + [
        "select(Order).where(Order.id == id)",
        "select(Person, Team).join(Team)",
        "await session.get(Media, id)",
    ],
    "import": ["def f():\n    import json", "class A:\n    async def f(self):\n        from app import db"],
    "clock": [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "func.now()",
        "sa.func.now()",
        "date.today()",
        "time.time()",
    ],
    "lock": ["select(X).with_for_update()", "select(X).with_for_update(skip_locked=False, nowait=True)"],
    "http": ["from fastapi import HTTPException", "raise fastapi.HTTPException(404)"],
}

GOOD = {
    "commit": "async with session.begin_nested():\n    pass\nawait begin(session, key)",
    "status": "Order(status=NEW)\ninsert(Order).values(status=NEW)\nseen = order.status\n"
    "update(Offer).values(expires_at=at)\nupdate(IdempotencyRecord).values(status_code=200)",
    "owned": "visible(Order, actor).where(Order.id == id)\nselect(Organisation)\nselect(Order.id)",
    "import": "import json\nfrom app import db",
    "clock": "clock.now()\nnow()\ntime.perf_counter()\nfunc.count()",
    "lock": "select(X).with_for_update(skip_locked=True)",
    "http": "raise IllegalMove",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_house_keeps(rule: Rule) -> None:
    broken = [
        line for path in MODULES for line in rule.broken_in(path.read_text(), str(path.relative_to(ROOT)))
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(("rule", "source"), [(rule, bad) for rule in RULES for bad in BAD[rule.name]])
def test_a_rule_can_fail(rule: Rule, source: str) -> None:
    assert rule.broken_in(source, "app/services/planted.py")
    assert not any(rule.broken_in(source, path) for path in rule.except_in)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_lets_pass(rule: Rule) -> None:
    assert not rule.broken_in(GOOD[rule.name], "app/services/planted.py")


def badly_named(paths: list[Path]) -> list[str]:
    return [str(path) for path in paths if path.stem in NAMELESS]


def test_every_module_is_named_after_its_noun() -> None:
    assert not badly_named(MODULES), "a room is named after what lives in it"
    assert badly_named([Path("app/services/utils.py")])


def too_long(lengths: dict[str, int]) -> list[str]:
    """Why a house of these module lengths (in lines, empty modules left out) is not one of small rooms."""
    longest = sorted(lengths, key=lambda name: lengths[name], reverse=True)
    above = [name for name in longest if lengths[name] > 250]
    complaints = [
        f"{name}: {lengths[name]} lines, above 300 it is two rooms" for name in above if lengths[name] > 300
    ]
    if len(above) > 0.05 * len(lengths):
        complaints.append(f"more than 5 % of the modules are above 250 lines: {above}")
    if (median := statistics.median(lengths.values())) > 80:
        complaints.append(f"the median module has {median:g} lines, more than 80")
    return complaints


def test_rooms_are_small() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in MODULES}
    complaints = too_long({name: length for name, length in lengths.items() if length})
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    ("lengths", "complaint"),
    [([301] + [50] * 99, "two rooms"), ([260] * 6 + [50] * 94, "5 %"), ([81] * 3, "median")],
)
def test_rooms_can_be_too_large(lengths: list[int], complaint: str) -> None:
    (found,) = too_long({f"room_{number}": length for number, length in enumerate(lengths)})
    assert complaint in found


def lint_imports(root: Path) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def test_imports_only_go_down() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("room", "line", "contract"),
    [
        ("domain/lifecycle.py", "import sqlalchemy", "The domain knows neither tables nor the network"),
        ("models/base.py", "import fastapi", "HTTP stays above the services"),
        ("db.py", "import app.services.moves", "Imports only go down"),
    ],
)
def test_an_import_that_climbs_is_found(tmp_path: Path, room: str, line: str, contract: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    planted = tmp_path / "app" / room
    planted.write_text(f"{planted.read_text()}\n{line}\n")
    done = lint_imports(tmp_path)
    assert done.returncode != 0
    assert re.search(rf"{re.escape(contract)}\s.*BROKEN", done.stdout), done.stdout
