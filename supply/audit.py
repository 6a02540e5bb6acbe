"""Is a vulnerability known of anything that is pinned? Asked of OSV by pip-audit; part of `make lint`.

Found: exit 1. Not reachable (no network, no answer in time): one line says that nothing was checked, and the work
goes on. pip-audit's other source is not used: behind a mirror it knows no package, skips all, and calls that clean.
"""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from supply.pins import EVERYTHING, ROOT

UNREACHED = re.compile(
    r"ConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|ServiceError|HTTPError"
)
SECONDS = 10


def main() -> int:
    asked = argparse.ArgumentParser(
        prog="python -m supply.audit", description="Ask for known vulnerabilities."
    )
    asked.add_argument("--requirements", type=Path, default=EVERYTHING)
    asked.add_argument("--service", help="where OSV's API answers, if not at its own address")
    wanted = asked.parse_args()
    done = subprocess.run(
        _command(wanted.requirements, wanted.service), capture_output=True, text=True, check=False
    )
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        last = done.stderr.strip().rpartition("\n")[2]
        if UNREACHED.search(done.stderr) is None:
            print(f"依赖审计失败 · the audit failed: {last}", file=sys.stderr)
            return 2
        print("未检查 · not checked: known vulnerabilities (the advisory service cannot be reached)")
        return 0
    return _judged(answer)


def accepted() -> dict[str, str]:
    """Advisories that do not concern us, and why: `[tool.sidan.advisories]` of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    reasons: dict[str, str] = project["tool"]["sidan"]["advisories"]
    return reasons


def _command(requirements: Path, service: str | None) -> list[str]:
    told = [
        sys.executable,
        "-m",
        "pip_audit",
        "--requirement",
        str(requirements),
        "--require-hashes",
        "--disable-pip",
    ]
    told += ["--vulnerability-service", "osv", "--format", "json", "--progress-spinner", "off"]
    told += ["--timeout", str(SECONDS), *(f"--ignore-vuln={one}" for one in accepted())]
    return told if service is None else [*told, "--osv-url", service]


def _judged(answer: dict[str, Any]) -> int:
    asked = answer["dependencies"]
    for one in (one for one in asked if "skip_reason" in one):
        print(f"未检查 · not checked: {one['name']} ({one['skip_reason']})")
    found = [(one, advisory) for one in asked for advisory in one.get("vulns", ())]
    for one, advisory in found:
        mended = ", ".join(advisory["fix_versions"]) or "none"
        print(f"✗ {one['name']} {one['version']}: {advisory['id']}, mended in {mended}", file=sys.stderr)
    if found:
        return 1
    print(f"依赖审计 · no known vulnerability in {sum('vulns' in one for one in asked)} requirements")
    return 0


if __name__ == "__main__":
    sys.exit(main())
