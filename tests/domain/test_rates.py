"""What a call is counted as."""

import pytest

from app.domain.rates import RATES, Rate, RouteClass, class_of


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/api/v1/auth/password", RouteClass.SIGN_IN),
        ("GET", "/api/v1/orders", RouteClass.READ),
        ("OPTIONS", "/api/v1/orders", RouteClass.READ),
        ("POST", "/api/v1/orders", RouteClass.WRITE),
        ("BREW", "/nowhere", RouteClass.WRITE),
        ("GET", "/api/v1/people", RouteClass.SEARCH),
        ("POST", "/api/v1/people", RouteClass.WRITE),
        ("POST", "/api/v1/orders/1/reveal", RouteClass.SEARCH),
        ("POST", "/api/v1/recurring-orders/1/reveal", RouteClass.SEARCH),
        ("POST", "/api/v1/media", RouteClass.UPLOAD),
        ("GET", "/api/v1/events/stream", RouteClass.STREAM),
        ("GET", "/docs", RouteClass.READ),
        ("GET", "/readyz", None),
        ("GET", "/healthz", None),
        ("GET", "/metrics", None),
    ],
)
def test_a_call_is_counted_by_its_shape(method: str, path: str, kind: RouteClass | None) -> None:
    assert class_of(method, path) is kind


def test_an_address_is_an_office_and_a_rate_lets_somebody_through() -> None:
    assert all(rate.address == 10 * rate.person for rate in RATES.values())
    with pytest.raises(ValueError, match="at least one"):
        Rate(0, 1)
