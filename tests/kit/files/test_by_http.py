"""Files by HTTP: taken in, handed out, refused, swept and verified, by a service that keeps some."""

import dataclasses
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from errno import ENOSPC
from typing import Annotated

import pytest
from fastapi import Path, Request, Response, UploadFile
from pydantic_settings import SettingsConfigDict

from kit.settings import FileSettings
from kit.storage.files.kinds import DOCUMENTS
from kit.web import routes
from kit.web.downloads import streamed
from kit.web.shapes import Answer
from tests.kit.files import samples
from tests.kit.files.stores import digest_of
from tests.kit.notebook import app as notebook_app
from tests.kit.notebook.app import Note, NoteIn, Reader, Writer, write

PNG = samples.WANTED["png"]
router = routes.router("相册")


class PictureOut(Answer, title="图片"):
    """A file that was kept (图片)."""

    sha256: str
    size: int
    media_type: str
    extension: str


class AlbumSettings(FileSettings):
    """The settings of a notebook with pictures."""

    model_config = SettingsConfigDict(env_prefix="NOTEBOOK_", extra="ignore")


@router.post("/pictures", status_code=201, summary="收图片", description="收一份图片。")
async def take_picture(file: UploadFile, context: Writer, request: Request) -> PictureOut:
    """Keep a file, and write its hash down."""
    limit = request.app.state.settings.max_file_bytes
    kept = await context.files.keep(file, limit=limit, kinds=DOCUMENTS)
    await write(context, NoteIn(text=kept.sha256))
    return PictureOut.of(kept)


@router.get("/pictures/{sha256}", summary="看图片", description="看一份图片。", response_class=Response)
async def see_picture(sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")], context: Reader) -> Response:
    """Hand a file out."""
    return streamed(await context.files.open(sha256), "图片.png", "image/png")


ALBUM = dataclasses.replace(
    notebook_app.service,
    settings=AlbumSettings,
    routers=(*notebook_app.service.routers, router),
    files=(Note.text,),
)


@pytest.fixture
def album(serve, tmp_path):
    return serve(ALBUM, files_folder=tmp_path / "files", max_file_bytes=100_000)


@pytest.fixture
def client(album):
    return album.client("notebook:read", "notebook:write")


def send(client, data, **options):
    return client.post("/pictures", files={"file": ("材料.docx", data)}, **options)


def problem(answer, status, slug):
    assert answer.status_code == status, answer.text
    assert answer.json()["type"] == f"urn:dongsheng:problem:{slug}"
    return answer.json()


def kept_in(folder):
    return sorted(each.name for each in folder.glob("??/*"))


def test_a_file_is_known_by_its_bytes_and_handed_out_as_it_came(client):
    answer = send(client, PNG)
    assert answer.status_code == 201
    assert answer.json() == {
        "sha256": digest_of(PNG),
        "size": len(PNG),
        "media_type": "image/png",
        "extension": "png",
    }
    found = client.get(f"/pictures/{digest_of(PNG)}")
    assert found.content == PNG
    assert found.headers["content-length"] == str(len(PNG))
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["content-disposition"] == "attachment; filename*=UTF-8''%E5%9B%BE%E7%89%87.png"


def test_a_program_under_the_name_of_a_document_is_refused_and_leaves_nothing(client, album, tmp_path):
    found = problem(send(client, b"MZ" + bytes(500)), 422, "unknown-kind")
    assert found["errors"] == [{"pointer": "/file", "reason": "实际是可执行程序（.exe）"}]
    assert "可以提交：PDF 文件" in found["detail"]
    assert kept_in(tmp_path / "files") == []
    assert album.sql("SELECT count(*) FROM notes") == [(0,)]


def test_a_password_an_empty_file_and_too_many_bytes_are_told_apart(client):
    problem(send(client, samples.PROTECTED["an encrypted old document"]), 422, "protected-file")
    problem(send(client, b""), 422, "empty-file")
    found = problem(send(client, PNG + bytes(100_000)), 413, "file-too-large")
    assert found["errors"][0]["pointer"] == "/file"


def test_a_form_beyond_the_bound_is_refused_by_its_length_before_it_is_read(serve, tmp_path):
    album = serve(ALBUM, files_folder=tmp_path, max_form_bytes=2000, max_file_bytes=1024)
    read = []

    def body():
        read.append(1)
        yield b"x"

    length = {"Content-Length": str(3 * 1024 * 1024), "Content-Type": "multipart/form-data; boundary=x"}
    found = problem(album.client().post("/pictures", content=body(), headers=length), 413, "body-too-large")
    assert "拆分" in found["detail"]


def test_a_form_may_be_larger_than_other_bodies(serve, tmp_path):
    album = serve(ALBUM, files_folder=tmp_path, max_body_bytes=2000)
    assert send(album.client(), PNG + bytes(50_000)).status_code == 201
    problem(album.client().post("/notes", json={"text": "a" * 3000}), 413, "body-too-large")


def test_the_same_form_with_the_same_key_is_answered_once_and_another_file_under_it_is_refused(client, album):
    key = {"Idempotency-Key": "a"}
    first, again = send(client, PNG, headers=key), send(client, PNG, headers=key)
    assert first.status_code == again.status_code == 201
    assert again.headers["idempotency-replayed"] == "true"
    problem(send(client, PNG + b"more", headers=key), 422, "idempotency-key-reused")
    assert album.sql("SELECT count(*) FROM notes") == [(1,)]


def test_a_full_disk_while_a_form_is_read_is_507_and_not_the_caller_s_fault(client, monkeypatch):
    def fails(*_):
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr("starlette.datastructures.UploadFile.write", fails)
    problem(send(client, PNG), 507, "storage-full")


def test_a_full_disk_while_a_file_is_kept_is_507_and_no_row_names_it(client, album, monkeypatch, tmp_path):
    def fails(*_):
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("kit.storage.files.folder.os.fsync", fails)
        problem(send(client, PNG), 507, "storage-full")
    assert kept_in(tmp_path / "files") == []
    assert list((tmp_path / "files" / "new").iterdir()) == []
    assert album.sql("SELECT count(*) FROM notes") == [(0,)]


def test_a_file_that_was_damaged_is_500_and_none_of_it_is_sent(client, tmp_path):
    send(client, PNG)
    (place := tmp_path / "files" / digest_of(PNG)[:2] / digest_of(PNG)).write_bytes(PNG + b"x")
    problem(client.get(f"/pictures/{digest_of(PNG)}"), 500, "file-damaged")
    place.unlink()
    problem(client.get(f"/pictures/{digest_of(PNG)}"), 500, "file-damaged")


def test_files_that_no_row_has_named_for_a_day_are_swept_and_named_ones_stay(client, album, tmp_path):
    other = PNG + b"other"
    send(client, PNG)
    send(client, other)
    (left := tmp_path / "files" / "new" / "left").write_bytes(b"half")
    album.sql("DELETE FROM notes WHERE text = %s", digest_of(other))

    album.clock.now = datetime.now(UTC) + timedelta(minutes=50)
    album.tick("sweep-files")
    assert left.exists()
    album.clock.now = datetime.now(UTC) + timedelta(hours=2)
    album.tick("sweep-files")
    assert not left.exists()
    assert kept_in(tmp_path / "files") == sorted([digest_of(PNG), digest_of(other)])
    album.clock.now = datetime.now(UTC) + timedelta(hours=25)
    album.tick("sweep-files")
    assert kept_in(tmp_path / "files") == [digest_of(PNG)]


@pytest.fixture
def command(album, tmp_path):
    """`command("verify")`: its exit status, and the findings that it wrote, line by line."""
    script = "from kit.cli import main; from tests.kit.files.test_by_http import ALBUM; main(ALBUM)"
    given = {
        "NOTEBOOK_DATABASE_URL": album.url,
        "NOTEBOOK_PERSONAL_KEY": album.app.state.settings.personal_key.get_secret_value(),
        "NOTEBOOK_TOKEN_JWKS": "none",
        "NOTEBOOK_FILES_FOLDER": str(tmp_path / "files"),
    }

    def run(word):
        ended = subprocess.run(
            [sys.executable, "-c", script, word], env=given, capture_output=True, text=True
        )
        return ended.returncode, [
            json.loads(line) for line in ended.stdout.splitlines() if "level" not in line
        ]

    return run


def test_verifying_finds_a_file_that_has_changed_or_is_gone(command, client, tmp_path):
    other = PNG + b"other"
    send(client, PNG)
    send(client, other)
    status, (audit, files) = command("verify")
    assert (status, audit["holds"], files) == (0, True, {"files": 2, "harmed": []})
    (tmp_path / "files" / digest_of(PNG)[:2] / digest_of(PNG)).write_bytes(b"x")
    (tmp_path / "files" / digest_of(other)[:2] / digest_of(other)).unlink()
    status, (_, files) = command("verify")
    assert (status, files["files"]) == (1, 2)
    assert files["harmed"] == sorted([digest_of(PNG), digest_of(other)])


def test_a_service_that_keeps_files_wants_a_folder_or_a_bucket():
    script = "from kit.settings import read; from tests.kit.files.test_by_http import AlbumSettings; read(AlbumSettings)"
    needed = {"NOTEBOOK_DATABASE_URL": "postgresql+psycopg://a@b/c", "NOTEBOOK_TOKEN_JWKS": "none"}
    needed["NOTEBOOK_PERSONAL_KEY"] = "a" * 43 + "="

    def run(**given):
        return subprocess.run(
            [sys.executable, "-c", script], env=needed | given, capture_output=True, text=True
        )

    refused = run()
    assert refused.returncode == 1
    assert refused.stderr.startswith("NOTEBOOK_FILES_FOLDER: Value error, should name a folder, unless")
    assert run(NOTEBOOK_FILES_FOLDER="files").returncode == 0
    assert run(NOTEBOOK_FILES_BUCKET="files").returncode == 0
