"""The database itself keeps the trail append-only: whoever writes SQL by hand is refused, too.

What an entry says never changes, its number and link are given once, and it goes only from the front, when the
chain has let go of it and it is older than the law wants it kept. Sealed columns may be sealed anew by another key;
what they say is in the chain, so saying something else is found out there. Plain triggers, for any descendant of
PostgreSQL; the migration that makes the table runs the same lines.
"""

from typing import Any, Final

from sqlalchemy import DDL, Table, event

KEPT_DAYS: Final = 183
"""At least six months (网络安全法 Art. 21)."""

_FIXED: Final = (
    *("id", "created_at", "actor_id", "sign_in_id", "act", "result"),
    *("org_path", "object_kind", "object_id", "request_id"),
)
_ONCE: Final = ("seq", "chain")


def _changed(differs: str) -> str:
    fixed = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in _FIXED)
    once = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in _ONCE)
    return f"{fixed} OR (OLD.seq IS NOT NULL AND ({once}))"


_GONE: Final = "OLD.seq IS NULL OR NOT EXISTS (SELECT 1 FROM audit_chain WHERE forgotten >= OLD.seq)"
_BACK: Final = "NEW.last < OLD.last OR NEW.forgotten < OLD.forgotten OR NEW.forgotten > NEW.last"


def _sqlite(name: str, when: str, table: str, condition: str, told: str) -> str:
    return (
        f"CREATE TRIGGER {name} BEFORE {when} ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{told}'); END"
    )


def _postgresql(name: str, when: str, table: str, condition: str, told: str) -> tuple[str, str]:
    back = "OLD" if when == "DELETE" else "NEW"
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger AS $$ BEGIN IF {condition} THEN "
        f"RAISE EXCEPTION '{told}' USING ERRCODE = '23000'; END IF; RETURN {back}; END; $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW EXECUTE PROCEDURE {name}()",
    )


def _emptied(table: str) -> tuple[str, str]:
    name = f"{table}_emptied"
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger AS $$ BEGIN "
        f"RAISE EXCEPTION '{table} is append-only' USING ERRCODE = '23000'; END; $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE PROCEDURE {name}()",
    )


_ENTRY, _CHAIN = "audit_entry", "audit_chain"
_KEPT: Final = "audit_entry is append-only"
_LINKED: Final = "audit_chain only goes forward"

GUARDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "sqlite": {
        _ENTRY: (
            _sqlite("audit_entry_changed", "UPDATE", _ENTRY, _changed("IS NOT"), _KEPT),
            _sqlite(
                "audit_entry_deleted",
                "DELETE",
                _ENTRY,
                f"OLD.created_at > datetime('now', '-{KEPT_DAYS} days') OR {_GONE}",
                _KEPT,
            ),
        ),
        _CHAIN: (
            _sqlite("audit_chain_changed", "UPDATE", _CHAIN, _BACK, _LINKED),
            _sqlite("audit_chain_deleted", "DELETE", _CHAIN, "1", _LINKED),
        ),
    },
    "postgresql": {
        _ENTRY: (
            *_postgresql("audit_entry_changed", "UPDATE", _ENTRY, _changed("IS DISTINCT FROM"), _KEPT),
            *_postgresql(
                "audit_entry_deleted",
                "DELETE",
                _ENTRY,
                f"OLD.created_at > CURRENT_TIMESTAMP - INTERVAL '{KEPT_DAYS} days' OR {_GONE}",
                _KEPT,
            ),
            *_emptied(_ENTRY),
        ),
        _CHAIN: (
            *_postgresql("audit_chain_changed", "UPDATE", _CHAIN, _BACK, _LINKED),
            *_postgresql("audit_chain_deleted", "DELETE", _CHAIN, "TRUE", _LINKED),
            *_emptied(_CHAIN),
        ),
    },
}
"""By dialect and table, what is run once the table is there."""

UNGUARDED: Final = tuple(
    f"DROP FUNCTION IF EXISTS {name}() CASCADE"
    for name in (
        *("audit_entry_changed", "audit_entry_deleted", "audit_chain_changed", "audit_chain_deleted"),
        *("audit_entry_emptied", "audit_chain_emptied"),
    )
)
"""On PostgreSQL, before both tables are dropped for good; SQLite drops a trigger with its table."""


def guard(table: Table) -> None:
    """Run the guards of `table` whenever it is made from the metadata."""
    for dialect, guards in GUARDS.items():
        for line in guards[table.name]:
            guarded: Any = DDL(line.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", guarded.execute_if(dialect=dialect))
