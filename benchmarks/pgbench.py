"""The same SQL without any service around it: what PostgreSQL itself can do, as its own pgbench drives it.

Prepared statements, as the drivers use them. Texts and times travel as variables, since pgbench reads a colon
as the beginning of one; ids are built in SQL from the number of the call.
"""

import asyncio
import json
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.load import Latencies, LoadFailed
from benchmarks.stage import Plan, Slot, Statement, base
from tests.postgres import Server

SHARE = 1_000_000
"""How far apart two clients' numbers lie when nothing prepared limits them."""

_PLACE = re.compile(r"\$(\d+)")


class _Script:
    """One pgbench script and the variables it is started with."""

    def __init__(self, plan: Plan) -> None:
        self.variables: dict[str, str] = {}
        self.moduli: set[int] = set()
        body = [self._line(statement) + ";" for statement in plan]
        if len(body) > 1:
            body = ["BEGIN;", *body, "COMMIT;"]
        head = ["\\set number :first + :client_id * :share + :turn", "\\set turn :turn + 1"]
        head += [f"\\set number_{modulus} :number % {modulus}" for modulus in sorted(self.moduli)]
        self.text = "\n".join([*head, *body]) + "\n"

    def _line(self, statement: Statement) -> str:
        sql = " ".join(statement.sql.split())
        return _PLACE.sub(lambda found: self._value(statement.arguments[int(found[1]) - 1]), sql)

    def _value(self, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, list):
            return f"ARRAY[{', '.join(map(self._value, value))}]"
        if isinstance(value, Slot):
            return self._slot(value)
        if isinstance(value, bool | int | float):
            return str(value)
        return self._variable(_text(value))

    def _slot(self, slot: Slot) -> str:
        number = f":number_{slot.modulus}" if slot.modulus else ":number"
        if slot.modulus:
            self.moduli.add(slot.modulus)
        start = base(slot.kind)
        counted = f"lpad(to_hex({number}::bigint + {start % (1 << 48) + slot.first}), 12, '0')"
        digits = f"'{start >> 48:020x}' || {counted}"
        if not slot.text:
            return f"({digits})::uuid"
        return f"({self._variable(slot.before)} || {digits} || {self._variable(slot.after)})"

    def _variable(self, text: str) -> str:
        if not text:
            return "''"
        for name, known in self.variables.items():
            if known == text:
                return f":{name}"
        name = f"v{len(self.variables)}"
        self.variables[name] = text
        return f":{name}"


def _text(value: Any) -> str:
    match value:
        case bytes():
            return "\\x" + value.hex()
        case datetime():
            return value.isoformat()
        case UUID() | str():
            return str(value)
        case _:
            return json.dumps(value)


class Pgbench:
    """pgbench of one server, on the database `name`."""

    def __init__(self, server: Server, name: str, folder: Path) -> None:
        self.program = server.bin / "pgbench"
        self._socket, self._name, self._folder = server.folder, name, folder

    @property
    def found(self) -> bool:
        return self.program.exists()

    async def drive(
        self, plan: Plan, first: int, clients: int, warm: float, seconds: float, supply: int = 0
    ) -> Latencies:
        """Send `plan` for `warm` + `seconds`, or until the `supply` of prepared numbers is used up.

        Numbers begin at `first`. Raises LoadFailed when a transaction fails.
        """
        script = _Script(plan)
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            file = Path(folder) / "script.sql"
            file.write_text(script.text)
            share = supply // clients or SHARE
            variables = {**script.variables, "turn": "0", "first": str(first), "share": str(share)}
            until = ["-t", str(share)] if supply else ["-T", str(max(1, round(warm + seconds)))]
            how = (
                f"-n -M prepared -U postgres -j 1 -c {clients} -l --log-prefix {folder}/log -f {file}".split()
            )
            command = [str(self.program), *how, *until, "-h", str(self._socket)]
            command += [part for name, text in variables.items() for part in ("-D", f"{name}={text}")]
            process = await asyncio.create_subprocess_exec(
                *command, self._name, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
            _, told = await process.communicate()
            if process.returncode or b"ERROR" in told or b"aborted" in told:
                raise LoadFailed(told.decode(errors="replace")[-2000:])
            return _window(list(_logged(Path(folder))), warm, seconds)


def _logged(folder: Path) -> Iterator[tuple[float, float]]:
    """(end in s, latency in ms) of each transaction."""
    for log in folder.glob("log.*"):
        for line in log.read_text().splitlines():
            fields = line.split()
            yield int(fields[4]) + int(fields[5]) / 1e6, int(fields[2]) / 1000


def _window(ended: list[tuple[float, float]], warm: float, seconds: float) -> Latencies:
    begun, last = min(at for at, _ in ended), max(at for at, _ in ended)
    start = begun + min(warm, (last - begun) / 5)
    counted = [ms for at, ms in ended if start < at <= start + seconds]
    return Latencies(min(seconds, last - start), counted)
