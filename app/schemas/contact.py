"""How and where an office or a team is reached."""

from typing import Annotated, Any

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator

from app.schemas.base import Clean, Phone


def _or_none_at_all(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    return "" if value == "" else check(value)


PhoneOrEmpty = Annotated[Phone, WrapValidator(_or_none_at_all)]
"""An empty string takes the number away."""

Address = Annotated[str, Field(max_length=200), Clean]
