"""Who is asking, from the service's own tokens."""

from uuid import UUID

from django.conf import settings
from jose import JWTError, jwt
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request


class Bearer(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[UUID, None]:
        try:
            token = request.headers["authorization"].removeprefix("Bearer ")
            return UUID(jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"])["sub"]), None
        except (JWTError, KeyError, ValueError) as error:
            raise AuthenticationFailed from error
