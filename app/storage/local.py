"""Pictures on the disk of this machine: what one county center needs, and what development runs on."""

import errno
import logging
import os
import tempfile
from pathlib import Path

from anyio import to_thread

from app.storage.port import MediaMissing, StoreFull, checked_key

log = logging.getLogger(__name__)

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class LocalStore:
    """A MediaStore under `root`, which is made when it is first written to.

    A picture is written beside its final place and then renamed onto it, so no reader and no crash can meet
    half a file; the file and its folder are synced before `put` returns, because the row that names the key
    is committed right after. Disk work happens in a thread.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, key: str, data: bytes) -> None:
        await to_thread.run_sync(_write, self._root / checked_key(key), data)

    async def get(self, key: str) -> bytes:
        return await to_thread.run_sync(_read, self._root / checked_key(key))

    async def delete(self, key: str) -> None:
        await to_thread.run_sync(_remove, self._root / checked_key(key))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".part-", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in FULL:
            log.error("no room left for pictures: %s", error.strerror)
            raise StoreFull from error
        raise
    _sync(path.parent)
    _sync(path.parent.parent)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise MediaMissing from None


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """A rename is durable only once the folder that holds the name is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
