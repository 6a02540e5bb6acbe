"""Where a phone stands: a position in the feed, and a mark of the rights with which it was read."""

import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from app.errors import Invalid
from app.services.access import Actor

_WRITTEN = re.compile(r"1:(\d{1,18}):([0-9a-f]{8})", re.ASCII)


class CursorInvalid(Invalid):
    code, title = "cursor_invalid", "同步位置有误，请不带 since 重新同步"
    title_en = "Not a cursor of ours: call again without `since`"


@dataclass(frozen=True, slots=True)
class Cursor:
    """`rights` changes whenever a grant does: then other rows exist for this person, without any of them moving."""

    position: int
    rights: str

    def written(self) -> str:
        return urlsafe_b64encode(f"1:{self.position}:{self.rights}".encode()).decode().rstrip("=")


def rights_of(actor: Actor) -> str:
    held = sorted((one.role.value, one.org_path, str(one.team_id)) for one in actor.held)
    return f"{zlib.crc32(repr((actor.person_id, held)).encode()):08x}"


def read_cursor(text: str) -> Cursor:
    """Raises CursorInvalid for what `written` never wrote."""
    try:
        found = _WRITTEN.fullmatch(urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
    except ValueError:
        found = None
    if found is None:
        raise CursorInvalid
    return Cursor(int(found[1]), found[2])
