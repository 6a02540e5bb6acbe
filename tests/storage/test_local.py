"""The disk keeps whole pictures under keys of one shape, and nothing else anywhere."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from app.storage.local import LocalStore
from app.storage.port import MediaMissing, MediaStore, media_key

ID = UUID("0198c0de-0000-7000-8000-00000000beef")
KEY = "ef/0198c0de00007000800000000000beef.jpg"


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


async def test_what_was_put_is_there(tmp_path: Path) -> None:
    store: MediaStore = LocalStore(tmp_path / "media")
    await store.put(KEY, b"picture")
    assert await store.get(KEY) == b"picture"
    assert files(tmp_path) == [f"media/{KEY}"]


async def test_another_store_on_the_same_folder_sees_it(tmp_path: Path) -> None:
    await LocalStore(tmp_path).put(KEY, b"picture")
    assert await LocalStore(tmp_path).get(KEY) == b"picture"


async def test_putting_again_replaces(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    await store.put(KEY, b"first, and longer")
    await store.put(KEY, b"second")
    await store.put(KEY, b"second")
    assert await store.get(KEY) == b"second"
    assert files(tmp_path) == [KEY]


async def test_missing_and_deleted_are_the_same(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    with pytest.raises(MediaMissing) as problem:
        await store.get(KEY)
    assert (problem.value.status, problem.value.code) == (404, "media_missing")
    await store.delete(KEY)
    await store.put(KEY, b"picture")
    await store.delete(KEY)
    await store.delete(KEY)
    with pytest.raises(MediaMissing):
        await store.get(KEY)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "..",
        "../" + KEY,
        "ef/../" + KEY,
        "/" + KEY,
        "ef/" + "../" * 3 + "etc/passwd",
        "ef\\0198c0de00007000800000000000beef.jpg",
        KEY.upper(),
        KEY + "\n",
        KEY + "\0",
        KEY.replace(".jpg", ".html"),
        KEY.replace(".jpg", ""),
        KEY.replace("ef/", ""),
        "ef/" + KEY,
        KEY.replace("beef", "bee"),
        KEY.replace("0", "０"),
    ],
)
async def test_no_other_key_reaches_the_disk(tmp_path: Path, key: str) -> None:
    (tmp_path / "beside.txt").write_bytes(b"keep")
    store = LocalStore(tmp_path / "media")
    for act in (store.put(key, b"x"), store.get(key), store.delete(key)):
        with pytest.raises(ValueError, match="not a media key"):
            await act
    assert files(tmp_path) == ["beside.txt"]


async def test_a_crowd_writing_one_key_leaves_one_whole_picture(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    versions = [bytes([number]) * 200_000 for number in range(24)]
    await store.put(KEY, versions[0])

    async def read() -> bytes:
        return await store.get(KEY)

    writers = [store.put(KEY, version) for version in versions]
    seen = await asyncio.gather(*(read() for _ in range(24)), *writers)
    assert all(data in versions for data in seen[:24])
    assert await store.get(KEY) in versions
    assert files(tmp_path) == [KEY]


async def test_a_write_that_fails_leaves_the_old_picture_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path)
    await store.put(KEY, b"old")
    at_the_rename: list[tuple[bytes, bytes]] = []

    def power_fails(source: str, target: Path) -> None:
        at_the_rename.append((Path(source).read_bytes(), target.read_bytes()))
        raise OSError("no space left")

    monkeypatch.setattr("app.storage.local.os.replace", power_fails)
    with pytest.raises(OSError, match="no space left"):
        await store.put(KEY, b"new")
    assert at_the_rename == [(b"new", b"old")]
    assert await store.get(KEY) == b"old"
    assert files(tmp_path) == [KEY]


def test_keys_come_from_the_id_and_the_type() -> None:
    assert media_key(ID, "image/jpeg") == KEY
    assert media_key(ID, "image/png") == KEY.replace("jpg", "png")
    with pytest.raises(KeyError):
        media_key(ID, "image/webp")
