"""A backup is restored for trial: one that is whole is said to be, and whatever is wrong with one is found."""

import asyncio
import json
import os
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from secrets import token_hex
from types import SimpleNamespace

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from console.cli import load
from console.home import HOME
from deploy import backup, lastly, postgres, programs
from deploy.datafolder import Refused
from deploy.drill import drill
from deploy.kept import random_key
from deploy.plan import CONSOLE, HOMES, SERVICES, LocalSettings, assertion_key, personal_key, variable
from kit.personal.keys import Keys
from kit.storage import migrations
from kit.storage.files.folder import Folder
from kit.testing import PERSONAL_KEY

CALL = {
    "matter": "government-affairs",
    "summary": "咨询办事流程",
    "division": "天骄街道",
    "citizen": {"name": "张先生", "phone": "13800001234"},
}
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)
_KEEPS_A_FILE = """
INSERT INTO study_systems
    (id, unit, title, adopted_on, file_sha256, file_name, file_size, file_media_type, entered_at, changed_at, version)
VALUES (gen_random_uuid(), '区司法局', '学法制度', '2024-01-01', %s, 'a.png', 108, 'image/png', now(), now(), 1)
"""
_AS_EVENTS_ARE_READ = """
CREATE TABLE events AS SELECT pg_current_xact_id() AS xid, 'kept' AS subject;
CREATE TABLE audit AS SELECT pg_current_xact_id() AS xid;
CREATE TABLE subscriptions AS SELECT pg_current_xact_id() AS cursor_xid;
"""
_saved = []


@pytest.fixture
def place(tmp_path):
    """What lies beside the databases of a set."""
    made = tmp_path / "var"
    for name in SERVICES:
        personal_key(made, name).parent.mkdir(parents=True, exist_ok=True)
        personal_key(made, name).write_text(PERSONAL_KEY.get_secret_value())
    assertion_key(made, CONSOLE).write_text("a key")
    (made / "keys").mkdir()
    (made / "keys" / "jwks.json").write_text("{}")
    (made / "clients.yaml").write_text("clients: {}\n")
    return made


@pytest.fixture
def people(empty):
    """The console's database, with its first accounts."""
    migrations.migrate(HOME, SecretStr(empty))
    asyncio.run(load(SecretStr(empty), lambda *_: None))
    return empty


@pytest.fixture
def saved(request, serve, place, tmp_path, tmp_path_factory, monkeypatch):
    """A backup, the test's own; made once from databases that the environment names."""
    monkeypatch.setattr(backup, "MARGIN", 1000)
    if not _saved:
        monkeypatch.setenv(variable(CONSOLE, "DATABASE_URL"), request.getfixturevalue("people"))
        for name in SERVICES:
            running = serve(import_module(f"services.{name}.app").service)
            monkeypatch.setenv(variable(name, "DATABASE_URL"), running.url)
            if name == "office":
                sent = running.client("dispatch:write").post("/dispatch/requests", json=CALL)
                assert sent.status_code == 201
                running.work()
            if name == "lawstudy":
                kept = asyncio.run(
                    Folder(place / "files" / name).keep(_in_one_part(), limit=1000, kinds=["png"])
                )
                running.sql(_KEEPS_A_FILE, kept.sha256)
        _saved.append(tmp_path_factory.mktemp("saved") / "backup")
        backup.save(LocalSettings(folder=place), _saved[0])
        assert lastly.read(place).keys() == {"done"}
        for name in HOMES:
            monkeypatch.delenv(variable(name, "DATABASE_URL"))
    return shutil.copytree(_saved[0], tmp_path / "backup")


@pytest.fixture
def look(place, capsys, monkeypatch):
    """`look(folder)`: what a drill says, and what it says is wrong; on the server of the tests unless it is to be its own."""
    server = make_url(os.environ["TEST_POSTGRES_URL"]).set(drivername="postgresql+psycopg")

    def drilled(folder, *, own=False, **how):
        mark = token_hex(4)  # so that drills of other tests beside this one are not taken for it
        monkeypatch.setattr("deploy.drill.secrets", SimpleNamespace(token_hex=lambda _size: mark))
        settings = LocalSettings(
            folder=place, drill_server=SecretStr("" if own else server.render_as_string(hide_password=False))
        )
        said = []
        whole = drill(settings, folder, say=said.append, **how)
        assert not _databases(mark) or how.get("keep")
        wrong = capsys.readouterr().err.splitlines()
        assert whole == (not wrong)
        return said, wrong

    return drilled


def test_a_whole_backup_is_told_with_its_times_in_an_embedded_server_that_is_gone_afterwards(
    saved, look, place, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(place.parent / "scratch"))
    Path(place.parent / "scratch").mkdir()
    said, wrong = look(saved, own=True)
    assert wrong == []
    told = dict(line.split(maxsplit=1) for line in said)
    assert list(told) == [*HOMES, "backup", "drill"]
    assert (
        "audit holds (1 entries), newest write 2024-06-24 09:30:00, 2 of 2 sealed rows open" in told["office"]
    )
    assert "1 of 1 files whole" in told["lawstudy"]
    assert "audit holds (" in told["console"]
    assert "MB, of 20" in told["backup"]
    assert "restored in " in told["drill"]
    assert told["drill"].endswith("s: whole")
    assert list((place.parent / "scratch").iterdir()) == []
    assert lastly.read(place).keys() >= {"drilled"}


def test_what_was_restored_stays_where_it_is_asked_for(saved, look, place, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(place.parent))
    said, wrong = look(saved, own=True, keep=True)
    assert wrong == []
    [kept] = [line.removeprefix("what was restored stays in ") for line in said if "stays" in line]
    with postgres.start(Path(kept) / "postgres", 0) as server:
        url = server.url("office", "office").replace("+psycopg", "")
        with psycopg.connect(url) as database:
            assert database.execute("SELECT count(*) FROM dispatch_requests").fetchall() == [(1,)]


def test_a_tampered_dump_is_found_by_its_hash_by_its_audit_and_by_its_rows(saved, look):
    with _as_restored(saved / "office.dump") as url, programs.connect(url) as database:
        database.execute("SET session_replication_role = replica")  # without the trigger that keeps the audit
        database.execute("UPDATE audit SET client = 'somebody-else'")
        database.execute("DELETE FROM dispatch_steps")
        programs.run("pg_dump", url, "--format=custom", f"--file={saved / 'office.dump'}")
    said, wrong = look(saved)
    assert "office.dump is not what was saved" in wrong
    assert "office: the audit is broken at entry 1" in wrong
    assert "office: dispatch_steps has 0 rows, it had 1" in wrong
    assert "audit BROKEN" in "\n".join(said)
    assert said[-1].endswith(f"{len(wrong)} wrong")

    (
        saved / "backup.json"
    ).unlink()  # of a former release, or taken away with intent: the chain is still there
    said, wrong = look(saved)
    assert wrong == ["office: the audit is broken at entry 1"]
    assert "without backup.json, so that neither rows nor hashes were compared" in "\n".join(said)


def test_a_dump_that_is_cut_off_is_found_and_the_others_are_looked_at_all_the_same(saved, look):
    dump = saved / "office.dump"
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
    said, wrong = look(saved)
    assert wrong[0] == "office.dump is not what was saved"
    assert wrong[1].startswith("office: pg_restore failed for drill_office_")
    assert {line.split()[0] for line in said} == {*HOMES, "backup", "drill"} - {"office"}


def test_a_missing_key_and_one_of_other_data_are_found(saved, look):
    personal_key(saved, "office").write_text(random_key())
    personal_key(saved, "credit").unlink()
    personal_key(saved, "property").write_text("hunter2")
    _, wrong = look(saved)
    assert "secrets/office.personal-key is not what was saved" in wrong
    assert "office: 1 of 1 rows of dispatch_requests open with no kept key" in wrong
    assert "secrets/credit.personal-key is missing" in wrong
    assert any(line.startswith("credit: ") and "No such file" in line for line in wrong)
    assert any(line.startswith("property: personal_key: ") for line in wrong)
    assert "hunter2" not in "\n".join(wrong)


@pytest.mark.parametrize("harm", [Path.unlink, lambda file: file.write_bytes(b"something else")])
def test_a_file_that_is_missing_or_damaged_is_found(saved, look, harm):
    [file] = [path for path in (saved / "files").rglob("*") if path.is_file()]
    harm(file)
    _, wrong = look(saved)
    assert wrong == [f"lawstudy: file {file.name} is missing or damaged"]


def test_a_backup_from_before_a_change_of_keys_opens_with_the_keys_that_lie_in_it(saved, look, place):
    (old,) = Keys.read(PERSONAL_KEY.get_secret_value()).sealing
    personal_key(place, "office").write_text(Keys((b"n" * 32,)).written)
    assert look(saved)[1] == []
    (saved / "backup.json").unlink()
    personal_key(saved, "office").write_text(Keys((b"n" * 32, old)).written)
    assert look(saved)[1] == [], "one from amidst the change has both"


def test_without_a_part_nothing_is_restored(saved, place):
    (saved / "office.dump").unlink()
    shutil.rmtree(saved / "secrets")
    with pytest.raises(Refused, match=r"lacks secrets, office\.dump"):
        drill(LocalSettings(folder=place), saved)


def test_a_backup_of_a_set_that_had_no_console_yet_is_whole_and_one_that_lost_its_people_is_not(saved):
    (saved / "console.dump").unlink()
    with pytest.raises(Refused, match=r"it lacks console\.dump"):
        backup.check_whole(saved)
    assertion_key(saved, CONSOLE).unlink()
    backup.check_whole(saved)
    assert CONSOLE not in backup.saved_homes(saved)


def test_a_backup_that_says_nothing_readable_of_itself_is_not_whole(saved, look):
    (saved / "backup.json").write_text(json.dumps({"made_at": "yesterday"}))
    _, [wrong] = look(saved)
    assert wrong.startswith("backup.json cannot be read")


def test_a_set_that_runs_elsewhere_is_saved_by_its_run_env_and_one_that_stands_still_is_not(
    saved, serve, place, people, tmp_path
):
    with pytest.raises(Refused, match="nothing runs in"):
        backup.save(LocalSettings(folder=place), tmp_path / "second")
    urls = {name: serve(import_module(f"services.{name}.app").service).url for name in SERVICES}
    urls[CONSOLE] = people
    lines = [f"{variable(name, 'DATABASE_URL')}={url}\n" for name, url in urls.items()]
    (place / "run.env").write_text("".join([*lines, "LAWSTUDY_FILES_FOLDER=/of/the/container\n"]))
    (place / "files" / "lawstudy").mkdir(parents=True, exist_ok=True)
    (place / "files" / "lawstudy" / "kept").write_bytes(b"kept")
    backup.save(LocalSettings(folder=place), tmp_path / "second")
    assert (tmp_path / "second" / "files" / "lawstudy" / "kept").read_bytes() == b"kept"


def test_times_are_noted_whole_and_beside_one_another(tmp_path):
    place = tmp_path / "not-there-yet"
    lastly.note(place, "done", datetime(2024, 6, 24, tzinfo=UTC))
    lastly.note(place, "drilled", datetime(2024, 6, 25, tzinfo=UTC))
    lastly.note(place, "done", datetime(2024, 6, 26, tzinfo=UTC))
    written = (place / "backup.prom").read_text()
    values = [line for line in written.splitlines() if not line.startswith("#")]
    assert values == [
        "dongsheng_backup_done_timestamp_seconds 1719360000.000",
        "dongsheng_backup_drilled_timestamp_seconds 1719273600.000",
    ]
    assert [path.name for path in place.iterdir()] == ["backup.prom"]
    assert (place / "backup.prom").stat().st_mode & 0o777 == 0o644


def _servers():
    """PostgreSQL's versions that know no transaction_timeout: the wheel's 16, and Debian's 15 where it is installed."""
    old = [folder for folder in postgres.all_binaries() if postgres.major(folder) == 16]
    debian = Path("/usr/lib/postgresql/15/bin")
    missing = pytest.mark.skipif(not debian.exists(), reason="takes Debian's postgresql-15")
    return [pytest.param(old[0], id="16"), pytest.param(debian, id="15", marks=missing)]


@pytest.mark.parametrize("binaries", _servers())
def test_older_servers_are_saved_and_restored_by_programs_that_suit_them(tmp_path, monkeypatch, binaries):
    monkeypatch.setattr(backup, "MARGIN", 1000)
    with monkeypatch.context() as chosen:
        chosen.setenv("PG_BIN", str(binaries))
        server = postgres.start(tmp_path / "old" / "pg", 0)
    with server, postgres.start(tmp_path / "new" / "pg", 0, fast=True) as newer:
        url = server.ensure_database("office")
        with programs.connect(make_url(url)) as database:
            database.execute(_AS_EVENTS_ARE_READ)
        dump = tmp_path / "office.dump"
        programs.run("pg_dump", make_url(url), "--format=custom", f"--file={dump}")
        for target in (server, newer):
            restored = make_url(target.ensure_database("restored"))
            backup.restore_database(restored, dump)
            with programs.connect(restored) as database:
                assert database.execute("SELECT subject FROM events").fetchall() == [("kept",)]


def test_programs_that_are_older_than_the_server_say_so(monkeypatch):
    monkeypatch.setattr(
        programs, "all_binaries", lambda: [p for p in postgres.all_binaries() if postgres.major(p) == 16]
    )
    url = make_url(os.environ["TEST_POSTGRES_URL"])
    with pytest.raises(Refused, match="the programs here are of 16: set PG_BIN to those of 18"):
        programs.run("pg_dump", url)


def test_programs_are_found_where_no_server_is_beside_them(tmp_path, monkeypatch):
    """As in the image, which keeps of the wheel what backups need."""
    newest = max(postgres.all_binaries(), key=postgres.major)
    monkeypatch.setattr(programs, "all_binaries", lambda: [tmp_path])
    (tmp_path / "pg_dump").symlink_to(newest / "pg_dump")
    postgres.major.cache_clear()
    assert programs.suiting(make_url(os.environ["TEST_POSTGRES_URL"])) == tmp_path


@contextmanager
def _as_restored(dump):
    """A database of the office, as a dump has it."""
    admin = os.environ["TEST_POSTGRES_URL"]
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE DATABASE tampered TEMPLATE template0")
        try:
            url = make_url(admin).set(database="tampered")
            backup.restore_database(url, dump)
            yield url
        finally:
            connection.execute("DROP DATABASE tampered WITH (FORCE)")


async def _in_one_part():
    yield PICTURE


def _databases(mark):
    with psycopg.connect(os.environ["TEST_POSTGRES_URL"]) as connection:
        query = "SELECT datname FROM pg_database WHERE datname LIKE %s"
        return connection.execute(query, [f"drill%{mark}"]).fetchall()
