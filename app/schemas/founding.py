"""What an operator says when a center begins."""

from pydantic import SecretStr

from app.schemas.base import Input, Name
from app.schemas.codes import OrgCode, Username
from app.schemas.place import Location


class Founder(Input):
    """Somebody who rules from the first day; of the password only a hash is kept."""

    username: Username
    password: SecretStr


class Founding(Input):
    """A center, who sets it up, and, because nobody is both (三员分立), who decides about its rulers."""

    code: OrgCode
    name: Name
    location: Location
    admin: Founder
    security: Founder
