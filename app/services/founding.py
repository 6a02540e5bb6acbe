"""The first row of a center: everything else is made through the API by the administrator named here."""

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
    """A center with its administrator and the default menu (S2.6, S1.4), which the center then changes.

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
    kept = await hash_strong(wanted.password.get_secret_value(), wanted.username)
    await insert_unique(session, center, CenterCodeTaken)
    admin = Person(name="管理员", username=wanted.username, password_hash=kept)
    await insert_unique(session, admin, UsernameTaken)
    grant = RoleGrant(person_id=admin.id, role=Role.ORG_ADMIN, organisation_id=center.id)
    session.add_all([grant, *default_menu(center.id)])
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
