"""Files kept by their hash, in a folder and in a bucket: the same laws for both."""

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import tracemalloc
from datetime import UTC, datetime, timedelta
from errno import EDQUOT, ENOSPC
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.storage.files import folder as folders
from kit.storage.files.kinds import DOCUMENTS
from kit.storage.files.store import Kept
from kit.storage.files.upkeep import store_for
from kit.web.problems import Broken, Full, Invalid, TooLarge, Unavailable
from tests.kit.files import samples
from tests.kit.files.stores import LIMIT, Tried, bucket_of, digest_of, make_bucket, moto, parts

NOW = datetime.now(UTC)
PNG = samples.WANTED["png"]


@pytest.fixture(scope="module")
def s3():
    yield from moto()


@pytest.fixture(scope="module")
def both(s3, tmp_path_factory):
    """A folder and a bucket for all examples of a law."""
    make_bucket(s3, "laws")
    return Tried(tmp_path_factory.mktemp("files"), None), Tried(None, bucket_of(s3, "laws"))


@pytest.fixture(params=["folder", "bucket"])
def tried(request, tmp_path, s3):
    if request.param == "folder":
        return Tried(tmp_path / "files", None)
    make_bucket(s3, name := f"b{digest_of(str(tmp_path).encode())[:20]}")
    return Tried(None, bucket_of(s3, name))


def keep(tried, data, **options):
    return tried.store.keep(parts(data), **({"limit": LIMIT, "kinds": DOCUMENTS} | options))


async def read(tried, digest):
    opened = await tried.store.open(digest)
    with opened.file:
        data = opened.file.read()
    assert opened.size == len(data)
    return data


def unfinished(tried):
    return list((tried.folder / "new").iterdir()) if tried.folder else []


@settings(max_examples=25)
@given(data=st.binary(max_size=200_000), piece=st.integers(1000, 70_000))
def test_what_was_kept_comes_back_byte_by_byte_and_twice_the_same_is_one_file(both, data, piece):
    async def once(tried):
        wanted = PNG + data
        first = await tried.store.keep(parts(wanted, piece), limit=LIMIT, kinds=DOCUMENTS)
        again = await keep(tried, wanted)
        assert first == again == Kept(digest_of(wanted), len(wanted), "image/png", "png")
        assert await read(tried, first.sha256) == wanted
        assert (await tried.names()).count(first.sha256) == 1

    for tried in both:
        asyncio.run(once(tried))


def test_the_same_bytes_kept_by_many_at_once_are_one_file(tried):
    data = PNG + random.Random(1).randbytes(3_000_000)

    async def many():
        found = await asyncio.gather(*(keep(tried, data) for _ in range(8)))
        assert {each.sha256 for each in found} == {digest_of(data)}
        assert await tried.names() == [digest_of(data)]
        assert await read(tried, digest_of(data)) == data

    asyncio.run(many())
    assert unfinished(tried) == []


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
def test_a_file_of_the_limit_is_kept_and_one_byte_more_is_refused(tried, size):
    data = PNG + bytes(size - len(PNG))
    if size == LIMIT:
        assert asyncio.run(keep(tried, data)).size == size
        return
    with pytest.raises(TooLarge, match="超过 4 MB"):
        asyncio.run(keep(tried, data))
    assert asyncio.run(tried.names()) == []
    assert unfinished(tried) == []


def test_a_source_that_grows_is_not_read_beyond_the_limit(tried):
    read = 0

    async def endless():
        nonlocal read
        while True:
            read += 1
            yield bytes(1024 * 1024)

    with pytest.raises(TooLarge):
        asyncio.run(tried.store.keep(endless(), limit=LIMIT, kinds=DOCUMENTS))
    assert read == 5


@pytest.mark.parametrize("name", samples.REFUSED)
def test_what_is_not_kept_leaves_nothing_behind(tried, name):
    data, _ = samples.REFUSED[name]
    with pytest.raises(Invalid):
        asyncio.run(keep(tried, data, pointer="/scan"))
    assert asyncio.run(tried.names()) == []
    assert unfinished(tried) == []


def test_an_empty_file_is_refused(tried):
    with pytest.raises(Invalid) as refused:
        asyncio.run(keep(tried, b"", pointer="/scan"))
    assert refused.value.slug == "empty-file"
    assert refused.value.errors[0].pointer == "/scan"


def test_a_source_that_breaks_off_leaves_nothing_behind(tried):
    async def broken():
        yield PNG
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        asyncio.run(tried.store.keep(broken(), limit=LIMIT, kinds=DOCUMENTS))
    assert asyncio.run(tried.names()) == []
    assert unfinished(tried) == []


def test_a_file_that_has_changed_since_is_never_handed_out_and_keeping_it_again_heals_it(tried):
    async def go():
        digest = (await keep(tried, PNG)).sha256
        tried.harm(digest)
        with pytest.raises(Broken) as broken:
            await tried.store.open(digest)
        assert broken.value.slug == "file-damaged"
        await keep(tried, PNG)
        assert await read(tried, digest) == PNG

    asyncio.run(go())


def test_a_file_that_is_gone_is_said_to_be_damaged(tried):
    async def go():
        digest = (await keep(tried, PNG)).sha256
        assert await tried.store.has(digest)
        assert await tried.store.remove(digest)
        assert not await tried.store.remove(digest)
        assert not await tried.store.has(digest)
        with pytest.raises(Broken, match="损坏或丢失"):
            await tried.store.open(digest)

    asyncio.run(go())


def test_a_file_that_was_kept_since_is_not_removed_as_old(tried):
    async def go():
        digest = (await keep(tried, PNG)).sha256
        assert not await tried.store.remove(digest, kept_before=NOW - timedelta(days=1))
        assert await tried.store.has(digest)
        assert await tried.store.kept_before(NOW - timedelta(days=1)) == []
        assert await tried.store.remove(digest, kept_before=datetime.now(UTC) + timedelta(seconds=5))

    asyncio.run(go())


@pytest.mark.parametrize("digest", ["../../../etc/passwd", "A" * 64, "a" * 63, ""])
def test_what_is_no_hash_leads_nowhere(tried, digest):
    with pytest.raises(ValueError, match="no SHA-256"):
        asyncio.run(tried.store.open(digest))


def test_a_large_file_is_never_held_whole(tried):
    size = 48 * 1024 * 1024

    async def large():
        yield PNG
        for _ in range(size // 1024 // 1024):
            yield bytes(1024 * 1024)

    async def go():
        digest = (await tried.store.keep(large(), limit=2 * size, kinds=DOCUMENTS)).sha256
        opened = await tried.store.open(digest)
        with opened.file:
            while opened.file.read(64 * 1024):
                pass

    tracemalloc.start()
    asyncio.run(go())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # In this process: moto's server holds the bucket's files in files of its own above half a megabyte.
    if tried.folder:
        assert most < 8 * 1024 * 1024


KEEPS = """
import asyncio, sys
from pathlib import Path
from kit.storage.files.folder import Folder
from kit.web.problems import Full
PNG = b"\\x89PNG\\r\\n\\x1a\\n"
async def large(megabytes, waits):
    yield PNG
    for _ in range(megabytes):
        yield bytes(1024 * 1024)
    if waits:
        print("written", flush=True)
        await asyncio.sleep(60)
def keep(megabytes, waits=False):
    store = Folder(Path(sys.argv[1]))
    return asyncio.run(store.keep(large(megabytes, waits), limit=2**30, kinds=["png"]))
"""


def test_a_writer_that_is_killed_half_way_leaves_nothing_with_a_name_and_what_it_left_is_removed(tmp_path):
    command = [sys.executable, "-c", KEEPS + "keep(3, waits=True)", tmp_path / "files"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "written\n"
        writer.send_signal(signal.SIGKILL)
    tried = Tried(tmp_path / "files", None)
    assert asyncio.run(tried.names()) == []
    [left] = unfinished(tried)
    assert left.stat().st_size > 3 * 1024 * 1024
    now = datetime.now(UTC)
    assert asyncio.run(tried.store.clear(now - timedelta(hours=1))) == 0
    assert left.exists()
    os.utime(left, times=(0, (now - timedelta(minutes=61)).timestamp()))
    assert asyncio.run(tried.store.clear(now - timedelta(hours=1))) == 1
    assert unfinished(tried) == []


FILLS = """
kept = keep(1)
try:
    keep(6)
except Full as full:
    print(full.slug, full.status)
print([each.name for each in Path(sys.argv[1]).glob("??/*")] == [kept.sha256])
print(list(Path(sys.argv[1]).glob("new/*")))
"""


def test_a_disk_that_fills_up_is_told_and_nothing_half_written_stays(tmp_path):
    """On a file system of four megabytes, where one can be mounted."""
    (tmp_path / "disk").mkdir()
    mounted = 'mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@"'
    enter = ["unshare", "--map-root-user", "--mount", "sh", "-c", mounted, tmp_path / "disk"]
    if shutil.which("unshare") is None or subprocess.run([*enter, "true"], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    script = [sys.executable, "-c", KEEPS + FILLS, tmp_path / "disk" / "files"]
    ended = subprocess.run([*enter, *script], capture_output=True, text=True)
    assert ended.stdout.splitlines()[-3:] == ["storage-full 507", "True", "[]"], ended.stderr


@pytest.mark.parametrize("error", [ENOSPC, EDQUOT])
@pytest.mark.parametrize("call", ["fsync", "fdopen"])
def test_a_disk_without_room_at_the_last_moment_leaves_nothing_half_written(
    tmp_path, monkeypatch, error, call
):
    def fails(*_, **__):
        raise OSError(error, os.strerror(error))

    tried = Tried(tmp_path / "files", None)
    monkeypatch.setattr(folders.os, call, fails)
    with pytest.raises(Full):
        asyncio.run(keep(tried, PNG))
    monkeypatch.undo()
    assert asyncio.run(tried.names()) == []
    assert call == "fdopen" or unfinished(tried) == []


def test_a_bucket_that_cannot_be_reached_is_503_with_the_time_to_wait(s3):
    store = Tried(None, bucket_of("http://127.0.0.1:1", "files")).store
    for asked in (
        store.keep(parts(PNG), limit=LIMIT, kinds=DOCUMENTS),
        store.open("a" * 64),
        store.has("a" * 64),
    ):
        with pytest.raises(Unavailable) as refused:
            asyncio.run(asked)
        assert refused.value.slug == "files-unavailable"
        assert int(refused.value.headers["Retry-After"]) > 0


@pytest.fixture
def answering():
    """`answering(status, code)`: the settings of a store that answers every write so."""
    servers = []

    def start(status, code):
        class Answers(BaseHTTPRequestHandler):
            def do_PUT(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                said = f"<Error><Code>{code}</Code></Error>".encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_):
                pass

        servers.append(server := ThreadingHTTPServer(("127.0.0.1", 0), Answers))
        threading.Thread(target=server.serve_forever).start()
        return bucket_of(f"http://127.0.0.1:{server.server_port}", "files")

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "code", "problem"),
    [
        (507, "InsufficientStorage", Full),
        (507, "XMinioStorageFull", Full),
        (403, "AccessDenied", None),
        (400, "InvalidRequest", None),
        (409, "QuotaExceeded", Full),
        (500, "InternalError", Unavailable),
        (503, "SlowDown", Unavailable),
    ],
)
def test_what_a_bucket_refuses_is_told_apart(answering, status, code, problem):
    store = store_for(answering(status, code), "album")
    with pytest.raises(Exception) as refused:
        asyncio.run(store.keep(parts(PNG), limit=LIMIT, kinds=DOCUMENTS))
    if problem is not None:
        assert isinstance(refused.value, problem)
    else:  # stays wrong however often it is tried: a fault of ours
        assert not isinstance(refused.value, Full | Unavailable)
