"""The lifecycle drawn from MOVES, so that there is no second drawing to keep true (docs/lifecycle.md)."""

from app.domain.lifecycle import ENDED, MOVES, STATUS_ZH, OrderStatus
from app.domain.roles import GRANTS, Role

HEAD = """# The life of an order

Made from `app/domain/lifecycle.py` by `sidan lifecycle`; a test holds the two equal. Change MOVES, not this page.

"""


def drawing() -> str:
    """Markdown: a Mermaid state diagram and the table of moves with who may make them."""
    lines = [HEAD + "```mermaid", "stateDiagram-v2"]
    lines += [f"    {status} : {STATUS_ZH[status]}" for status in OrderStatus]
    lines.append(f"    [*] --> {OrderStatus.SUBMITTED} : submit")
    for action, move in MOVES.items():
        if move.target is not None:
            lines += [f"    {source} --> {move.target} : {action}" for source in _ordered(move.sources)]
    lines += [f"    {status} --> [*]" for status in _ordered(ENDED)]
    lines += ["```", "", "| move | from | to | who |", "|---|---|---|---|"]
    for action, move in MOVES.items():
        who = ", ".join(role for role in Role if move.permission in GRANTS[role])
        sources = ", ".join(_ordered(move.sources))
        lines.append(f"| {action} | {sources} | {move.target or 'a mark: the state stays'} | {who} |")
    return "\n".join(lines) + "\n"


def _ordered(statuses: frozenset[OrderStatus]) -> list[OrderStatus]:
    return [status for status in OrderStatus if status in statuses]
