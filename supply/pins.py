"""What the requirements pin, for whoever asks about it."""

from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
RUNTIME = ROOT / "requirements.txt"
EVERYTHING = ROOT / "requirements-bench.txt"
"""Runtime and tools are in it, each in the same version (tests/test_packaging.py)."""


def pinned(file: Path = RUNTIME) -> Iterator[Requirement]:
    """The requirements of a file that apply to this machine."""
    for line in file.read_text(encoding="utf-8").splitlines():
        if "==" in line and not line.lstrip().startswith(("#", "--")):
            requirement = Requirement(line.removesuffix("\\").strip())
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement
