"""The embedded server, on real processes: what it keeps, what it refuses, and that it never outlives us."""

import os
import re
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from deploy.postgres import Server, find_binaries, start
from tests.deploy.servers import (
    IS_ROOT,
    NOBODY,
    SERVE,
    Place,
    answers,
    ask,
    connect,
    eventually,
    tell,
)

# What is kept


def test_a_restart_keeps_data_and_passwords(tmp_path: Path) -> None:
    with start(tmp_path / "var" / "pg", 0) as server:
        first = server.ensure_database("property")
        tell(first, "create table compounds (name text)", "insert into compounds values ('天骄小区')")
    assert not answers(server.port)
    with start(tmp_path / "var" / "pg", server.port) as server:
        assert server.ensure_database("property") == first
        assert ask(first, "select name from compounds") == "天骄小区"


def test_data_survives_a_crash_of_the_server(made: Path) -> None:
    with start(made, 0) as server:
        tell(
            server.ensure_database("credit"),
            "create table scores (score int)",
            "insert into scores values (90)",
        )
        server.process.kill()
        server.process.wait()
    assert (made / "postmaster.pid").exists()
    with start(made, 0) as server:
        assert ask(server.url("credit", "credit"), "select score from scores") == 90


def test_a_process_id_that_now_belongs_to_another_program_is_no_obstacle(made: Path) -> None:
    with start(made, 0, fast=True) as server:
        server.process.kill()
    file = made / "postmaster.pid"
    lender = {"user": NOBODY, "group": NOBODY} if IS_ROOT else {}
    with subprocess.Popen(["sleep", "10"], **lender) as stranger:
        file.write_text(re.sub(r"^\d+", str(stranger.pid), file.read_text()))
        start(made, 0, fast=True).stop()
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("show server_encoding", "UTF8"),
        ("select datcollate from pg_database where datname = 'office'", "C"),
        ("show timezone", "UTC"),
        ("show listen_addresses", "127.0.0.1"),
        ("show password_encryption", "scram-sha-256"),
        ("select count(*) from pg_hba_file_rules where auth_method <> 'scram-sha-256'", 0),
        ("show fsync", "off"),
        ("show synchronous_commit", "off"),
        ("show full_page_writes", "off"),
        ("show max_connections", "200"),
    ],
)
def test_how_a_server_for_tests_is_set(server: Server, question: str, answer: object) -> None:
    server.ensure_database("office")
    assert ask(server.admin_url, question) == answer


def test_a_server_that_is_not_for_tests_keeps_what_it_committed(made: Path) -> None:
    with start(made, 0) as server, connect(server.admin_url) as db:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            assert db.execute("select current_setting(%s)", [setting]).fetchone() == ("on",)


def test_passwords_log_and_data_are_closed_to_others(server: Server) -> None:
    server.ensure_database("office")
    folder = server.folder.path
    secret = [
        folder,
        server.log,
        server.folder.beside(".passwords"),
        *server.folder.beside(".passwords").iterdir(),
    ]
    assert {path.name for path in secret} >= {"postgres", "office"}
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in secret)


def test_values_of_failed_statements_stay_out_of_the_log(server: Server) -> None:
    url = server.ensure_database("lawstudy")
    tell(url, "create table people (phone text primary key)", "insert into people values ('13800000001')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        tell(url, "insert into people values ('13800000001')")
    assert "duplicate key" in server.log.read_text()
    assert "13800000001" not in server.log.read_text()


def test_the_server_does_not_see_our_environment(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SECRET", "s3cret")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("LC_ALL", "no_SUCH.locale")
    with start(made, 0, fast=True) as server:
        assert b"s3cret" not in Path(f"/proc/{server.process.pid}/environ").read_bytes()


# Stopping


def test_stop_ends_open_sessions_and_may_be_called_again(made: Path) -> None:
    server = start(made, 0, fast=True)
    session = connect(server.admin_url)
    begin = time.monotonic()
    server.stop()
    server.stop()
    assert time.monotonic() - begin < 5
    assert server.log.read_text().endswith("database system is shut down\n")
    with pytest.raises(psycopg.OperationalError):
        session.execute("select 1")
    session.close()


@pytest.fixture(params=["own account", "root of a container", "ordinary user", "no setpriv"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """The account that runs the tests, and for root also lesser ones."""
    kind = request.param
    if kind == "own account":
        yield Place(tmp_path)
        return
    if not IS_ROOT:
        pytest.skip("only root can take another account")
    if kind == "root of a container":
        yield Place(tmp_path, prefix=("setpriv", "--bounding-set=-dac_read_search"))
        return
    binaries = find_binaries()
    if not all(path.stat().st_mode & stat.S_IXOTH for path in (binaries, *binaries.parents)):
        pytest.skip(f"{binaries} is closed to ordinary users")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.chown(folder, NOBODY, NOBODY)
        path = "/nowhere" if kind == "no setpriv" else os.environ["PATH"]
        yield Place(Path(folder), uid=NOBODY, path=path)


WAIT = """
print("waiting", flush=True)
sys.stdin.readline()
"""


def test_the_server_ends_cleanly_when_its_parent_is_killed_and_keeps_the_data(place: Place) -> None:
    data = place.folder / "var" / "pg"
    with place.python(SERVE, str(data)) as parent:
        assert parent.stdout
        port, _, url = parent.stdout.readline().split()
        tell(url, "create table t (n int)", "insert into t values (7)")
        parent.send_signal(signal.SIGKILL)
    assert eventually(lambda: not answers(int(port)))
    assert eventually(lambda: (data.parent / "pg.log").read_text().endswith("database system is shut down\n"))
    with place.python(SERVE, str(data)) as parent:
        assert parent.stdout
        again = parent.stdout.readline().split()[2]
        assert ask(again, "select n from t") == 7


def test_a_start_waits_for_the_shutdown_of_the_server_before_it(tmp_path: Path) -> None:
    place, data = Place(tmp_path), str(tmp_path / "pg")
    with place.python(SERVE, data) as before, place.python(WAIT + SERVE, data) as after:
        assert before.stdout and after.stdout and after.stdin and after.stdout.readline() == "waiting\n"
        before.stdout.readline()
        before.send_signal(signal.SIGKILL)
        after.stdin.write("\n")
        after.stdin.flush()
        assert ask(after.stdout.readline().split()[2], "select 1") == 1


def test_the_server_ends_when_its_parent_just_returns(made: Path) -> None:
    with Place(made.parent).python(SERVE, str(made)) as parent:
        assert parent.stdout and parent.stdin
        port = int(parent.stdout.readline().split()[0])
        parent.stdin.write("\n")
        parent.stdin.flush()
        assert parent.wait(10) == 0
    assert eventually(lambda: not answers(port))


def test_a_set_up_that_was_killed_halfway_leaves_nothing_in_the_way(place: Place) -> None:
    data = place.folder / "pg"
    with place.python(SERVE, str(data)) as parent:
        assert eventually((place.folder / "pg.new" / "data" / "PG_VERSION").exists)
        parent.send_signal(signal.SIGKILL)
    assert not data.exists()
    with place.python(SERVE, str(data)) as parent:
        assert parent.stdout and ask(parent.stdout.readline().split()[2], "select 1") == 1
    names = {path.name for path in place.folder.iterdir()}
    assert names - {"pg", "pg.lock", "pg.log", "pg.passwords"} == set()
    assert {path.name for path in (place.folder / "pg.passwords").iterdir()} == {"postgres", "property"}


# Databases and roles


def test_a_role_owns_its_database_and_no_more_power(server: Server) -> None:
    url = server.ensure_database("emergency")
    assert url == server.url("emergency", "emergency")
    tell(url, "create schema records", "create table incidents (id int)", "drop table incidents")
    powers = "rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls"
    assert ask(url, f"select {powers} from pg_roles where rolname = current_user") is False
    for forbidden in ("create database other", "create role other", "select pg_read_file('/etc/passwd')"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            tell(url, forbidden)


@pytest.mark.parametrize("database", ["property", "postgres", "template1"])
def test_a_role_cannot_connect_to_other_databases(server: Server, database: str) -> None:
    server.ensure_database("property")
    server.ensure_database("credit")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        ask(server.url(database, "credit"), "select 1")


def test_a_role_needs_its_password(server: Server) -> None:
    url = server.ensure_database("credit")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        ask(re.sub(r":[^:@]+@", ":guess@", url), "select 1")


def test_ensuring_again_changes_nothing_and_heals_a_lost_password(server: Server) -> None:
    url = server.ensure_database("property")
    tell(url, "create table kept as select 5 as n")
    assert server.ensure_database("property") == url
    server.folder.password_file("property").unlink()
    assert (renewed := server.ensure_database("property")) != url
    assert ask(renewed, "select n from kept") == 5


def test_databases_may_be_ensured_all_at_once(server: Server) -> None:
    names = [f"service_{number % 4}" for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        urls = list(pool.map(server.ensure_database, names))
    assert len(set(urls)) == 4
    assert [ask(url, "select current_database()") for url in urls] == names


@pytest.mark.parametrize(
    "name",
    ["", "Property", "a-b", "1a", 'x"; drop', "a" * 64, "postgres", "template1", "pg_x", "public", "物业"],
)
def test_names_that_are_not_for_services_are_refused(server: Server, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a service's database"):
        server.ensure_database(name)


def test_the_address_of_an_unknown_role_is_refused(server: Server) -> None:
    with pytest.raises(LookupError, match="ensure_database makes the role"):
        server.url("property", "stranger")
