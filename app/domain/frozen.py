"""A part of a place's policy: numbers that nobody changes once they are read, and no word that is not known."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
