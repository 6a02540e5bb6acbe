"""The policy in force at an organisation."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain.policy import Policy, effective
from app.models.organisation import Organisation


def ancestors(org_path: str) -> list[str]:
    """`/a/b/` → `["/a/", "/a/b/"]`: the center first."""
    codes = org_path.strip("/").split("/")
    return ["/" + "/".join(codes[: depth + 1]) + "/" for depth in range(len(codes))]


async def policy_at(session: AsyncSession, org_path: str) -> Policy:
    """The defaults overlaid with what each organisation from the center down to `org_path` changes."""
    rows = await session.exec(
        select(Organisation.policy)
        .where(col(Organisation.path).in_(ancestors(org_path)))
        .order_by(col(Organisation.path))
    )
    return effective(rows)
