"""Part of a volunteer's basic record (志愿服务记录办法), and sometimes of a wish: who may bathe or dress whom."""

from enum import StrEnum
from typing import Final


class Gender(StrEnum):
    FEMALE = "female"
    MALE = "male"


GENDER_ZH: Final = {Gender.FEMALE: "女", Gender.MALE: "男"}
