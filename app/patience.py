"""How long this service waits for its database, and when it says that the database is away.

Whoever asks is a person with a telephone: a late answer is none. So nothing waits without an end: not a connection
that is made, not a turn in the pool, not a statement, and not a packet that never comes back because the other
machine is gone without a word (a half-open connection, which looks like a slow one for ever).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from asyncpg.exceptions import PostgresError
from sqlalchemy import event
from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.errors import Unavailable

PASSING: Final = ("08", "25006", "40", "53", "57", "58")
"""SQLSTATEs that are nobody's mistake: connection, a standby asked to write, rollback (deadlock), resources (disk
full, too many connections), shutting down or out of time, input and output."""

GONE: Final = ("08", "57P")
"""Those by which a server says that it cannot be talked to at all."""

NETWORK_SECONDS: Final = 2.0
"""What a packet may take on top of what the server does: after that it is not the statement that is slow."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for a turn in the pool, for a new connection, for one statement (None: as long as it takes), and for
    a transaction in which nothing is asked.
    """

    pool: float = 30.0
    connect: float = 5.0
    statement: float | None = None
    idle: float = 60.0

    def arguments(self) -> dict[str, Any]:
        """For asyncpg. The server ends what takes too long; we do where the server is not heard any more."""
        if self.statement is None:
            return {"timeout": self.connect}
        told = {
            "statement_timeout": f"{self.statement * 1000:.0f}",
            "idle_in_transaction_session_timeout": f"{self.idle * 1000:.0f}",
        }
        most = self.statement + NETWORK_SECONDS
        return {"timeout": self.connect, "command_timeout": most, "server_settings": told}


def watch(engine: Engine) -> None:
    """Let no dead connection be used again: neither one that fell silent nor one that the server has closed."""
    event.listen(engine, "handle_error", _silent)
    event.listen(engine.pool, "checkout", _closed)


def _silent(context: ExceptionContext) -> None:
    if isinstance(context.original_exception, TimeoutError):
        context.is_disconnect = True


def _closed(connection: Any, _: object, __: object) -> None:
    """Costs no question: a server that stops says so, and the loop has heard it before we ask."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def away(error: Exception) -> bool:
    """Whether `error` says that nobody answers there. Too many who ask is not away."""
    state = _state(error)
    if isinstance(error, PoolTimeout) or (state and not state.startswith(GONE)):
        return False
    broken = isinstance(error, DBAPIError) and error.connection_invalidated
    return isinstance(error, OSError | InterfaceError) or broken or state.startswith(GONE)


def _state(error: Exception) -> str:
    """The SQLSTATE, wherever the driver or SQLAlchemy has put it; empty if there is none."""
    told = error.orig if isinstance(error, DBAPIError) else error
    return getattr(told, "sqlstate", None) or ""


@contextmanager
def reachable() -> Iterator[None]:
    """A database that is away, full, restarting, or that ended this transaction for another's: try again soon."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
        raise Unavailable from error
    except (DBAPIError, PostgresError) as error:
        broken = isinstance(error, DBAPIError) and error.connection_invalidated
        if broken or _state(error).startswith(PASSING):
            raise Unavailable from error
        raise
