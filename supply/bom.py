"""A software bill of materials (CycloneDX) of the runtime: every pin, its hashes, its licence, and no address.

cyclonedx-py reads the requirements. It adds where it believes each package to come from, which is wrong behind a
mirror and nobody's business; the hashes move to the component itself, where they say what was installed.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from supply.licences import licence
from supply.pins import ROOT, RUNTIME, pinned

VERSION = SchemaVersion.V1_6


def main() -> int:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "sbom.cdx.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(made(), indent=1) + "\n", encoding="utf-8")
    print(f"✓ {target}")
    return 0


def made() -> dict[str, Any]:
    """The document, valid against CycloneDX's own schema. Raises ValueError when it is not."""
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", str(RUNTIME), "--of", "JSON"]
    command += ["--spec-version", VERSION.to_version(), "--output-reproducible"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    document: dict[str, Any] = json.loads(done.stdout)
    licences = {one.name: licence(one.name) for one in pinned()}
    for component in document["components"]:
        component.pop("description", None)
        component["hashes"] = [
            one for link in component.pop("externalReferences", ()) for one in link["hashes"]
        ]
        if told := licences.get(component["name"]):
            component["licenses"] = [{"license": {"name": told}}]
    for tool in document["metadata"]["tools"]["components"]:
        tool.pop("externalReferences", None)
    if error := JsonStrictValidator(VERSION).validate_str(json.dumps(document)):
        raise ValueError(str(error))
    return document


if __name__ == "__main__":
    sys.exit(main())
