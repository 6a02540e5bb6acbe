"""How a migration says what it makes and changes: as lines of text, which no later model can alter.

A line is `column kind [?] [-> parent] [= what older rows hold]` (`?`: may be null), `CHECK name condition`,
`UNIQUE columns`, `INDEX name rest` or `KEY columns`; lines are separated by `;` or a new line. `text40` is
VARCHAR(40) and `word` VARCHAR(32) everywhere; `KINDS` is what differs between the engines, the rest SQL's own.

SQLite cannot change a condition or a type: there a changed table is written anew from its own text, its lines
replaced.
"""

import re
from functools import cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from alembic import context
from app.sealing import Keyring, hand_over

KINDS = {
    "sqlite": {"id": "CHAR(32)", "at": "DATETIME", "json": "JSON", "path": "VARCHAR(200)", "sealed": "BLOB"},
    "postgresql": {
        "id": "UUID",
        "at": "TIMESTAMP WITH TIME ZONE",
        "json": "JSONB",
        "path": 'VARCHAR(200) COLLATE "C"',
        "sealed": "BYTEA",
    },
}
COLUMN = re.compile(
    r"(?P<name>\w+)(?: (?P<kind>\w+))?(?P<null> \?)?(?: -> (?P<parent>\w+))?(?: = (?P<older>.+))?"
)


class Shape(NamedTuple):
    """By the name of what they define: lines of SQL, what older rows hold there, and whole statements."""

    lines: dict[str, str]
    older: dict[str, str]
    indexes: dict[str, str]


class Tables:
    """The tables of one migration; `op` is its own, and `before` the revision it starts from."""

    def __init__(self, op: Any, before: str) -> None:
        self.op, self.before = op, before

    @property
    def sqlite(self) -> bool:
        return bool(self.op.get_context().dialect.name == "sqlite")

    def make(self, name: str, text: str) -> None:
        """A new table; without a KEY it has the id and the time that every record has."""
        shape = self.shape(name, text if "KEY" in text else f"id id; created_at at; {text}; KEY id")
        self.op.execute(_table(name, shape.lines))
        for statement in shape.indexes.values():
            self.op.execute(statement)

    def shape(self, table: str, text: str) -> Shape:
        shape = Shape({}, {}, {})
        for line in filter(None, map(str.strip, re.split(r"[;\n]", text))):
            word, _, rest = line.partition(" ")
            name, _, said = rest.partition(" ")
            if word == "KEY":
                shape.lines[f"pk_{table}"] = f"PRIMARY KEY ({rest})"
            elif word == "UNIQUE":
                shape.lines[f"uq_{table}_{rest.replace(', ', '_')}"] = f"UNIQUE ({rest})"
            elif word == "CHECK":
                shape.lines[f"ck_{table}_{name}"] = f"CHECK ({said})"
            elif word == "INDEX":
                unique, name = "UNIQUE " * name.startswith("uq"), f"{name[:2]}_{table}{name[2:]}"
                shape.indexes[name] = f"CREATE {unique}INDEX {name} ON {table} {said}"
            elif column := COLUMN.fullmatch(line):
                self._hold(shape, table, **column.groupdict())
        return shape

    def _hold(
        self,
        shape: Shape,
        table: str,
        name: str,
        kind: str | None,
        null: str | None,
        parent: str | None,
        older: str | None,
    ) -> None:
        sort = (kind or "id").replace("word", "text32")
        known = KINDS[self.op.get_context().dialect.name].get(sort)
        sql = known or re.sub(r"TEXT(\d+)", r"VARCHAR(\1)", sort.upper())
        shape.lines[name] = sql if null else f"{sql} NOT NULL"
        if older:
            shape.older[name] = older
        if parent:
            shape.lines[f"fk_{table}_{name}"] = f"FOREIGN KEY({name}) REFERENCES {parent} (id)"

    def change(self, table: str, gone: Shape, come: Shape, renamed: dict[str, str] | None = None) -> None:
        """Take what is `gone` out of a table and put what has `come` in; `come.older` is what its rows hold then. A
        line in `renamed` is the column of that other name, which has its kind already; a column that both goes and
        comes stays with what it holds, and may be null or may not be any more.
        """
        renamed, run = renamed or {}, self.op.execute
        for index in gone.indexes:
            run(f"DROP INDEX {index}")
        if self.sqlite:
            self._write_anew(table, gone, come, renamed)
        else:
            self._alter(table, gone, come, renamed)
        for statement in come.indexes.values():
            run(statement)

    def _alter(self, table: str, gone: Shape, come: Shape, renamed: dict[str, str]) -> None:
        run = self.op.execute
        same = [
            name for name in gone.lines if name in come.lines and not _promise(name) and name not in renamed
        ]
        for name in sorted(gone.lines.keys() - same, key=_promise, reverse=True):
            run(f"ALTER TABLE {table} DROP {'CONSTRAINT' if _promise(name) else 'COLUMN'} {name}")
        columns = {name: line for name, line in come.lines.items() if not _promise(name)}
        for name, line in columns.items():
            if name in renamed:
                run(f"ALTER TABLE {table} RENAME COLUMN {renamed[name]} TO {name}")
            elif name in same:
                run(f"ALTER TABLE {table} ALTER COLUMN {name} DROP NOT NULL")
            else:
                run(f"ALTER TABLE {table} ADD COLUMN {name} {line.removesuffix(' NOT NULL')}")
        if come.older:
            run(f"UPDATE {table} SET {', '.join(f'{name} = {held}' for name, held in come.older.items())}")
        for name, line in columns.items():
            if line.endswith(" NOT NULL"):
                run(f"ALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL")
        for name in filter(_promise, come.lines):
            run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {come.lines[name]}")

    def _write_anew(self, table: str, gone: Shape, come: Shape, renamed: dict[str, str]) -> None:
        """SQLite's own way (lang_altertable, section 7): a new table, the rows, the old one's name and indexes."""
        rows = self._as_it_is().exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL AND type <> 'trigger' "
            "ORDER BY type DESC",
            (table,),
        )
        was, *indexes = rows.scalars()
        for name in renamed.values():  # an added column stands at the end of another's line
            was = re.sub(rf", {name} [^,\n]*", "", was)
        there = dict(re.findall(r"^\t(?:CONSTRAINT )?\"?(\w+)\"? (.*?),? ?$", was, re.M))
        kept = {name: line for name, line in there.items() if name not in gone.lines}
        columns = [name for name in kept if not _promise(name)]
        same = [name for name in come.lines if name in gone.lines and not _promise(name)]
        older = {name: name for name in same} | come.older | renamed
        self.op.execute(_table(f"{table}_anew", kept | come.lines))
        into, held = ", ".join([*columns, *older]), ", ".join([*columns, *older.values()])
        self.op.execute(f"INSERT INTO {table}_anew ({into}) SELECT {held} FROM {table}")
        self.op.execute(f"DROP TABLE {table}")
        self.op.execute(f"ALTER TABLE {table}_anew RENAME TO {table}")
        for index in indexes:
            if not gone.indexes.keys() & set(index.split()):
                self.op.execute(index)

    def _as_it_is(self) -> sa.Connection:
        """The database, or (`--sql`) what stands for it."""
        if self.op.get_context().as_sql:
            return self._as_it_would_be
        held: sa.Connection = self.op.get_bind()
        return held

    @cached_property
    def _as_it_would_be(self) -> sa.Connection:
        """An empty one as the older release makes it; any key opens nothing."""
        engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
        hand_over(engine.dialect, Keyring("nothing", "nothing"))
        scratch = engine.connect()
        there = Operations(MigrationContext.configure(scratch))
        for script in reversed(list(context.script.walk_revisions("base", self.before))):
            names = vars(script.module)
            here, names["op"] = names["op"], there
            script.module.upgrade()
            names["op"] = here
        return scratch


def _promise(name: str) -> bool:
    return name[:3] in ("pk_", "fk_", "ck_", "uq_")


def _table(name: str, lines: dict[str, str]) -> str:
    """Columns first, for SQLite, each on a line of its own."""
    columns = [f"{column} {line}" for column, line in lines.items() if not _promise(column)]
    promises = [f"CONSTRAINT {promise} {line}" for promise, line in lines.items() if _promise(promise)]
    return f"CREATE TABLE {name} (\n\t" + ",\n\t".join(columns + promises) + "\n)"
