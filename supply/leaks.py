"""Does a secret lie about in the files that would be given away? Scanned by detect-secrets; part of `make lint`.

`known.json` names what was looked at and is none (made-up passwords of tests, words that look like keys), by file
and by hash, without lines, so that it stays true when lines move. Whatever is not in it fails the scan.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings

from supply.pins import ROOT

KNOWN = Path(__file__).with_name("known.json")
LEFT_OUT = ("requirements", "supply/known.json")
"""Files that are made of hashes."""

Findings = dict[str, list[str]]


def main() -> int:
    asked = argparse.ArgumentParser(
        prog="python -m supply.leaks", description="Look for secrets in the files."
    )
    asked.add_argument(
        "--accept", action="store_true", help="what is found now was looked at, and is no secret"
    )
    wanted = asked.parse_args()
    found = scanned(ROOT, tracked(ROOT))
    if wanted.accept:
        KNOWN.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        return 0
    new = unknown(found)
    for file, secrets in new.items():
        for secret in secrets:
            print(f"✗ {file}: {secret.partition(' ')[2]}", file=sys.stderr)
    if not new:
        print(f"密钥扫描 · no secret in the files ({sum(map(len, found.values()))} known to be none)")
    return 1 if new else 0


def tracked(root: Path) -> list[str]:
    """Every file of the project; without git (an unpacked archive) none, and then there is nothing to give away."""
    told = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    names = [name for name in told.stdout.split("\0") if name and not name.startswith(LEFT_OUT)]
    return [name for name in names if (root / name).is_file()]


def scanned(root: Path, names: list[str]) -> Findings:
    """By file: the hash and the sort of each thing that looks like a secret."""
    with default_settings():
        secrets = SecretsCollection(root=str(root))
        secrets.scan_files(*names)
        told = secrets.json()
    return {
        file: sorted({f"{one['hashed_secret']} {one['type']}" for one in found})
        for file, found in told.items()
    }


def unknown(found: Findings) -> Findings:
    """What nobody has looked at yet."""
    known: Findings = json.loads(KNOWN.read_text(encoding="utf-8"))
    new = {
        file: [one for one in secrets if one not in known.get(file, ())] for file, secrets in found.items()
    }
    return {file: secrets for file, secrets in new.items() if secrets}


if __name__ == "__main__":
    sys.exit(main())
