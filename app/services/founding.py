"""The first rows of a center: everything else is made through the API by the two administrators named here.

They are two because the roles of 三员分立 are never one person's, and because a further administrator is granted by
the one with the consent of the other (approvals).
"""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.domain import taxonomy
from app.domain.roles import Role
from app.errors import Conflict
from app.models.menu import MenuItem, Mode, Risk
from app.models.organisation import Organisation, OrgLevel
from app.models.person import Person, RoleGrant
from app.schemas.founding import Founding
from app.services.passwords import hash_strong
from app.services.staff import UsernameTaken
from app.services.unique import insert_unique


class CenterCodeTaken(Conflict):
    code, title, title_en = "center_code_taken", "已有使用这个代码的中心", "A center has this code already"


async def found(session: AsyncSession, wanted: Founding) -> Organisation:
    """A center with its administrators and the default menu (S2.6, S1.4), which the center then changes.

    Raises PasswordWeak, CenterCodeTaken, UsernameTaken.
    """
    center = Organisation(
        code=wanted.code,
        name=wanted.name,
        level=OrgLevel.CENTER,
        path=f"/{wanted.code}/",
        lat=wanted.location.lat,
        lon=wanted.location.lon,
    )
    await insert_unique(session, center, CenterCodeTaken)
    for name, role, founder in (
        ("管理员", Role.ORG_ADMIN, wanted.admin),
        ("安全管理员", Role.SECURITY_ADMIN, wanted.security),
    ):
        kept = await hash_strong(founder.password.get_secret_value(), founder.username)
        person = Person(name=name, username=founder.username, password_hash=kept)
        await insert_unique(session, person, UsernameTaken)
        session.add(RoleGrant(person_id=person.id, role=role, organisation_id=center.id))
    session.add_all(default_menu(center.id))
    return center


def default_menu(center_id: UUID) -> list[MenuItem]:
    """The taxonomy's menu as rows of one center."""
    return [
        MenuItem(
            center_id=center_id,
            code=one.code,
            title=one.title,
            category=one.category,
            programme=one.programme,
            platform=one.platform,
            description=one.description,
            duration_minutes=one.duration_minutes,
            people=one.people,
            required_specialties=list(one.required_specialties),
            risk=Risk(one.risk),
            mode=Mode(one.mode),
        )
        for one in taxonomy.menu_templates().values()
    ]
