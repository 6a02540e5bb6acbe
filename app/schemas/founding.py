"""What an operator says when a center begins."""

from pydantic import SecretStr

from app.schemas.base import Input, Name
from app.schemas.codes import OrgCode, Username
from app.schemas.place import Location


class Founding(Input):
    """A center and the person who will run it; of the password only a hash is kept."""

    code: OrgCode
    name: Name
    location: Location
    username: Username
    password: SecretStr
