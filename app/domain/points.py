"""What a deed earns in points (积分).

No national text prices an hour; practice does. 志愿汇 gives 1 益币 for an hour proven by sign-in and -out,
昆山 10 points an hour, 海林 1 an hour for at most two hours of an activity and none after a complaint. So
each number here is a proposal that a center may change. Hours proven by the phone (信用时数) earn more than
hours a leader entered (荣誉时数), because nobody can write the first kind.
"""

from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True)
class PointsRule:
    """Points for an hour of each kind, the bonus for a good rating, and the most that one order can earn.

    Whole and not negative; `bonus_from` is the mean rating, on the scale 1-5, from which the bonus is due.
    """

    verified_per_hour: int = 10
    declared_per_hour: int = 5
    bonus: int = 5
    bonus_from: float = 4.5
    cap_per_order: int = 60

    def __post_init__(self) -> None:
        if min(astuple(self)) < 0:
            raise ValueError("a rule of points has no negative number")


def earn(verified_minutes: int, declared_minutes: int, rating: float | None, rule: PointsRule) -> int:
    """Points of one volunteer for one order, rounded down once, after both kinds of minutes are added up.

    `rating` is the order's mean, or None where nobody rated. A rating can only add: a poor one is dealt with
    by people, not by arithmetic. Who was not there earns nothing, not even the bonus.
    """
    if verified_minutes < 0 or declared_minutes < 0:
        raise ValueError("minutes served are not negative")
    if not verified_minutes + declared_minutes:
        return 0
    for_time = verified_minutes * rule.verified_per_hour + declared_minutes * rule.declared_per_hour
    for_rating = rule.bonus if rating is not None and rating >= rule.bonus_from else 0
    return min(for_time // 60 + for_rating, rule.cap_per_order)
