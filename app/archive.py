"""A backup in one file: a tar of the database's dump, every picture, and a manifest that says what must be in it.

The manifest stands at the end, so that what was cut short has none, and is authenticated by the index key: a file
that was changed anywhere is refused before anything is done with it. No key is ever in it, only the names of those
that are needed to read what it holds. Sealed columns stay sealed; pictures are as they are on the disk.
"""

import hashlib
import os
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from app.sealing import Keyring
from app.storage.port import checked_key

DATABASE: Final = "database"
MEDIA: Final = "media/"
MANIFEST: Final = "manifest.json"
SEAL: Final = "manifest.seal"
FORMAT: Final = 1
CHUNK: Final = 1 << 20
LONGEST_MANIFEST: Final = 1 << 28


class ArchiveBroken(ValueError):
    """Not a backup, or not whole, or changed since it was made, or made with another index key."""


class Part(BaseModel):
    size: int
    sha256: str


class Manifest(BaseModel):
    """`revisions` of the schema; rows by table; `keys` that seal something in it; `index` names the index key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    made_at: datetime
    engine: str
    revisions: tuple[str, ...]
    counts: dict[str, int]
    keys: tuple[str, ...]
    index: str
    parts: dict[str, Part]


def index_name(keyring: Keyring) -> str:
    """By which an index key is known, and nothing about it."""
    return keyring.hashed("index", "backup name")[:16]


def pictures(root: Path) -> Iterator[tuple[str, Path]]:
    """What lies in a media store on the disk, by its key; whatever else lies there is none of ours."""
    for path in sorted(root.glob("[0-9a-f][0-9a-f]/*")):
        key = f"{path.parent.name}/{path.name}"
        try:
            yield checked_key(key), path
        except ValueError:
            continue


class Packing:
    """An archive that becomes `file` when it is finished, and is nothing at all until then."""

    def __init__(self, file: Path) -> None:
        self._file = file
        handle, name = tempfile.mkstemp(prefix=".sidan-backup-", dir=file.parent)
        self._name, self._out = name, os.fdopen(handle, "wb")
        self._tar = tarfile.open(fileobj=self._out, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self.parts: dict[str, Part] = {}

    def add(self, name: str, path: Path) -> None:
        """Raises OSError."""
        info = tarfile.TarInfo(name)
        with path.open("rb") as source:
            info.size = os.fstat(source.fileno()).st_size
            hashed = _Hashed(source)
            self._tar.addfile(info, hashed)
        self.parts[name] = Part(size=info.size, sha256=hashed.sum.hexdigest())

    def finish(self, manifest: Manifest, keyring: Keyring) -> None:
        text = manifest.model_dump_json(indent=1)
        for name, data in ((MANIFEST, text.encode()), (SEAL, _seal(text, keyring))):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            self._tar.addfile(info, BytesIO(data))
        self._tar.close()
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()
        os.link(self._name, self._file)  # unlike a rename it never takes the place of another file
        os.unlink(self._name)

    def drop(self) -> None:
        """Leave nothing behind of what was not finished; after `finish` harmless."""
        self._out.close()
        Path(self._name).unlink(missing_ok=True)


def checked(file: Path, keyring: Keyring) -> Manifest:
    """The manifest of a file that is whole and unchanged. Raises ArchiveBroken, which says why."""
    found: dict[str, Part] = {}
    ends = {MANIFEST: b"", SEAL: b""}
    try:
        for name, source in members(file):
            if name in found or ends.get(name):
                raise ArchiveBroken(f"{name} 出现两次 · there twice")
            if name in ends:
                ends[name] = source.read(LONGEST_MANIFEST)
            else:
                found[name] = _part(source)
        manifest = Manifest.model_validate_json(ends[MANIFEST])
    except ValidationError:
        raise ArchiveBroken("没有清单，文件不完整 · it has no manifest: it is not whole") from None
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ArchiveBroken(f"读不出来，文件不完整 · it cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise ArchiveBroken("备份格式属于其他版本 · its format is of another version")
    if manifest.index != index_name(keyring):
        raise ArchiveBroken("备份使用的 SIDAN_INDEX_KEY 不同 · made with another SIDAN_INDEX_KEY")
    if ends[SEAL] != _seal(ends[MANIFEST].decode(), keyring):
        raise ArchiveBroken("清单被改动过 · its manifest was changed")
    if manifest.parts != found or DATABASE not in found:
        raise ArchiveBroken("内容与清单不符 · its content is not what its manifest says")
    return manifest


def members(file: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each, in turn. Raises ArchiveBroken for what has no place in a backup, and TarError."""
    with tarfile.open(file, "r|") as tar:
        for member in tar:
            source = tar.extractfile(member) if member.isreg() else None
            if source is None or not _known(member.name):
                raise ArchiveBroken("不是四单的备份 · this is not a backup of Sidan")
            yield member.name, source


def _known(name: str) -> bool:
    if not name.startswith(MEDIA):
        return name in (DATABASE, MANIFEST, SEAL)
    try:
        return bool(checked_key(name.removeprefix(MEDIA)))
    except ValueError:
        return False


def _part(source: IO[bytes]) -> Part:
    hashed, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        hashed.update(chunk)
        size += len(chunk)
    return Part(size=size, sha256=hashed.hexdigest())


def _seal(text: str, keyring: Keyring) -> bytes:
    return keyring.hashed(text, "backup").encode()


class _Hashed:
    """A file that is summed up while it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self.sum = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.sum.update(data)
        return data
