"""`sidan` as whole processes: they serve, believe whom they should, stop, and leave with 0."""

from pathlib import Path

import httpx
import pytest

from tests.command import Command, address_said, embedded, running, sidan

assert sidan
assert embedded


def from_where(base: str) -> str:
    """Whence somebody comes, in their own list of sign-ins, who says to come from elsewhere."""
    with httpx.Client(base_url=f"{base}/api/v1", headers={"X-Forwarded-For": "203.0.113.9"}) as caller:
        signed_in = caller.post("/auth/wechat", json={"code": "demo:somebody"}).json()
        bearer = {"Authorization": f"Bearer {signed_in['access_token']}"}
        (mine,) = caller.get("/me/sign-ins", headers=bearer).json()["items"]
        return str(mine["address"])


def test_one_command_serves_and_leaves_with_0(embedded: Command) -> None:
    with running(embedded, "serve", "--port", "0") as process:
        base = address_said(process)
        assert httpx.get(f"{base}/readyz").is_success
        assert httpx.get(f"{base}/docs").is_success
        assert from_where(base).startswith("203.0."), "this machine is a proxy that is believed"
        acted = embedded("demo", "--url", base)
        assert acted.exit_code == 0, acted.output
        assert "合计" in acted.stdout
        assert embedded("verify").exit_code == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{base}/healthz")


@pytest.mark.parametrize("sidan", ["postgresql"], indirect=True)
def test_two_processes_serve_and_leave_with_0(sidan: Command) -> None:
    assert sidan("migrate").exit_code == 0
    sidan.set(SIDAN_TRUSTED_PROXIES="192.0.2.1")
    with running(sidan, "serve", "--port", "0", "--workers", "2") as process:
        base = address_said(process)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        assert not children.exists() or len(children.read_text().split()) >= 2
        assert httpx.get(f"{base}/readyz").is_success
        assert from_where(base).startswith("127.0."), "whoever may say anything is not believed"
        assert "青禾区" in sidan("demo", "--url", base).stderr, "nobody lives there yet"
    assert "没有应答" in sidan("demo", "--url", base).stderr


def test_the_clock_runs_alone_and_leaves_with_0(sidan: Command) -> None:
    assert sidan("migrate").exit_code == 0
    with running(sidan, "worker") as process:
        assert process.stdout is not None
        assert "✓" in process.stdout.readline()
