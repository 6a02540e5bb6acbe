"""What somebody owes before the roles granted to them work (等保 GB/T 22239-2019 8.1.4.1).

Roles are not taken away for it: they rest, from the request in which something is owed to the one in which it is
done. Whoever signed in stays signed in, so that it can be done.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.roles import APART, Role


class Owed(StrEnum):
    """A sign-in with a second factor, asked of who administers; a password of one's own that is not too old."""

    SECOND_FACTOR = "second_factor"
    PASSWORD = "password"  # noqa: S105  (a word, not a secret)


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody is signed in. `password_changed_at` is null for a first password, which another one chose."""

    strong: bool
    has_password: bool
    password_changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Duties:
    """What this installation asks for; `password_days` is 0 where a password may grow old."""

    second_factor: bool = False
    password_days: int = 0

    def owed(self, roles: Collection[Role], standing: Standing, at: datetime) -> tuple[Owed, ...]:
        """By who was granted `roles`: somebody without any owes nothing."""
        owes = {
            Owed.SECOND_FACTOR: self.second_factor and not standing.strong and not APART.isdisjoint(roles),
            Owed.PASSWORD: bool(roles) and self._too_old(standing, at),
        }
        return tuple(one for one, due in owes.items() if due)

    def _too_old(self, standing: Standing, at: datetime) -> bool:
        if not self.password_days or not standing.has_password:
            return False
        changed = standing.password_changed_at
        return changed is None or at - changed >= timedelta(days=self.password_days)


def rests(role: Role, owed: Collection[Owed]) -> bool:
    """Whether a granted role has no effect while this is owed."""
    return Owed.PASSWORD in owed or (Owed.SECOND_FACTOR in owed and role in APART)
