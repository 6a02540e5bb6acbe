"""What a stranger gets: pins that hold, no trace of the machine it was written on, one way to install."""

import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from app.settings import Settings

ROOT = Path(__file__).parents[1]
PINS = ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt")
UNTRACKED = {
    ".git",
    ".venv",
    "data",
    "dist",
    "build",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
}
# A letter in brackets keeps each pattern from finding itself.
FOREIGN = (
    r"py[p]i\.org|python[h]osted\.org|npm[j]s\.(org|com)",
    r"(?<!no-emit-)\b((extra-)?inde[x]-url|find-link[s])\b",
    r"\bfil[e]://",
    r"(?<![\w.])/(wor[k]|roo[t]|hom[e]|User[s]|tm[p]/v)(?![\w-])",
    r"\.\./share[d]\b",
)


def tracked() -> list[Path]:
    """Every file that would be given away; without git (an unpacked archive) every file there is."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    found = [ROOT / name for name in listing.stdout.split("\0") if name]
    if not found:
        found = [path for path in ROOT.rglob("*") if not UNTRACKED & set(path.relative_to(ROOT).parts)]
    return [path for path in found if path.is_file()]


def foreign_in(text: str) -> list[str]:
    return [found.group() for pattern in FOREIGN for found in re.finditer(pattern, text)]


def test_no_registry_and_no_machine_is_named() -> None:
    named = {}
    for path in tracked():
        try:
            found = foreign_in(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue
        if found:
            named[str(path.relative_to(ROOT))] = found
    assert not named


@pytest.mark.parametrize(
    "text", ["https://pypi_org/simple", "--index_url x", "cd _work/main", "_home/zhang/x", "file_//x"]
)
def test_a_trace_would_be_found(text: str) -> None:
    assert any(foreign_in(f"before {text.replace('_', mark)} after") for mark in "./:-")


def test_ordinary_text_is_no_trace() -> None:
    assert not foreign_in(
        "app/worker.py and docs/home, pip-compile --no-emit-index-url, sqlite+aiosqlite:///data/x.db"
    )


def pins_in(text: str) -> dict[str, tuple[Version, int]]:
    """Version and number of hashes by name; raises ValueError on any other line but a comment."""
    pins: dict[str, tuple[Version, int]] = {}
    name = ""
    for line in (line.strip().removesuffix("\\").strip() for line in text.splitlines()):
        if not line or line.startswith("#"):
            continue
        if pin := re.fullmatch(r"([a-z0-9.-]+)==(\S+)( ; .+)?", line):
            name = pin[1]
            pins[name] = Version(pin[2]), 0
        elif re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line):
            pins[name] = pins[name][0], pins[name][1] + 1
        else:
            raise ValueError(line)
    return pins


@pytest.mark.parametrize("file", PINS)
def test_every_requirement_is_pinned_with_hashes(file: str) -> None:
    pins = pins_in((ROOT / file).read_text())
    assert pins
    assert not [name for name, (_, hashes) in pins.items() if not hashes]


@pytest.mark.parametrize(
    "line", ["fastapi>=0.1", "fastapi", "-r other.txt", "--trusted-host x", "sidan @ ./x"]
)
def test_a_loose_requirement_would_be_found(line: str) -> None:
    with pytest.raises(ValueError, match=re.escape(line)):
        pins_in(line)


def test_pins_satisfy_what_the_project_declares() -> None:
    """A dependency added to pyproject.toml and not pinned: `make requirements` was forgotten."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    runtime = project["project"]["dependencies"] + project["build-system"]["requires"]
    wanted = (runtime, runtime + extras["dev"], runtime + extras["dev"] + extras["bench"])
    for file, declared in zip(PINS, wanted, strict=True):
        pins = pins_in((ROOT / file).read_text())
        for requirement in map(Requirement, declared):
            version, _ = pins[canonicalize_name(requirement.name)]
            assert version in requirement.specifier, f"{file}: {requirement} is pinned to {version}"


def test_one_set_of_versions() -> None:
    runtime, dev, bench = (pins_in((ROOT / file).read_text()) for file in PINS)
    assert runtime.items() <= dev.items() <= bench.items()


def makefile_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_make_alone_lists_every_target() -> None:
    help_text = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert makefile_targets() == set(re.findall(r"^ *make ([a-z-]+)", help_text, re.MULTILINE))
    assert {"run", "test", "lint", "bench", "openapi", "help"} <= makefile_targets()


def instructions(kind: str) -> list[str]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.removeprefix(kind).strip() for line in text.splitlines() if line.startswith(kind + " ")]


def test_the_image_is_made_by_the_makefile() -> None:
    made = [command for command in instructions("RUN") if command.startswith("make ")]
    assert [shlex.split(command)[1] for command in made] == ["setup"]
    assert not [
        command for command in instructions("RUN") if re.search(r"\b(pip|venv|apt|apt-get|curl)\b", command)
    ]
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {name for line in instructions("COPY") if "--from" not in line for name in line.split()[:-1]} - {
        "."
    }
    assert {name.split("/")[0] for name in copied} <= allowed
    assert all((ROOT / name).exists() for name in allowed)


def test_the_image_runs_as_nobody_special_and_holds_no_secret() -> None:
    (user,) = instructions("USER")
    assert int(user.split(":")[0]) >= 1000
    assert not re.search(r"SIDAN_(WECHAT_)?(SECRET|PREVIOUS)", (ROOT / "Dockerfile").read_text())
    assert "SIDAN_ENV=production" in instructions("ENV")[0]


@pytest.mark.parametrize(
    ("given", "run"),
    [
        ([], "serve --host 0.0.0.0 --port 8000"),
        (["api", "--workers", "2"], "serve --host 0.0.0.0 --port 8000 --workers 2"),
        (["worker"], "worker"),
        (["migrate"], "migrate"),
        (["verify", "two words"], "verify two words"),
    ],
)
def test_the_image_maps_its_commands_plainly(tmp_path: Path, given: list[str], run: str) -> None:
    stand_in = tmp_path / "sidan"
    stand_in.write_text('#!/bin/sh\necho "$#:$*"\n')
    stand_in.chmod(0o755)
    entry: list[str] = json.loads(instructions("ENTRYPOINT")[0])
    command: list[str] = given or json.loads(instructions("CMD")[-1])
    done = subprocess.run(
        [*entry, *command],
        env={"PATH": f"{tmp_path}:/bin:/usr/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    count, _, arguments = done.stdout.strip().partition(":")
    assert arguments == run
    assert int(count) == (2 if given[:1] == ["verify"] else len(run.split()))


def test_every_setting_is_documented() -> None:
    documented = (ROOT / "docs" / "operations.md").read_text()
    names = {
        str(field.validation_alias or f"SIDAN_{name.upper()}")
        for name, field in Settings.model_fields.items()
    }
    assert not {name for name in names if f"`{name}`" not in documented}


def test_ci_runs_what_the_makefile_offers() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    (command,) = [
        line for line in script.read_text().splitlines() if "make " in line and not line.startswith("#")
    ]
    assert set(command.partition("make ")[2].split()) == {"lint", "test"}


def test_the_readme_begins_with_commands_that_exist() -> None:
    commands = re.findall(r"^(?:\$ )?make ([a-z-]+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert commands[:2] == ["run", "test"]
    assert set(commands) <= makefile_targets()
