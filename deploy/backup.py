"""python -m deploy.backup save | restore FOLDER: the data, keys and secrets of a set, as one folder.

    save       of the running set, into a folder that is not there yet
    restore    into a place that has no data yet: an empty LOCAL_FOLDER, or the empty databases that
               <SERVICE>_DATABASE_URL name

Dumps are consistent by database and taken one after another, senders of events first: what a receiver has
and its sender no longer knows to have sent is sent again, and taken once. Files that services keep in folders are
copied after the dumps, so that every file that a dump's rows name is there; a bucket is backed up by its own means.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

from deploy.local import databases
from deploy.lock import only_one
from deploy.plan import FILES, KEEP_FILES, SERVICES, LocalSettings, clients_file, read_settings, variable
from deploy.postgres import Refused, find_binaries
from deploy.tokens import read_environment
from kit.storage.files.folder import BEGUN

#: What lies beside the databases and is needed to read them.
KEPT = ("keys", "secrets")

#: Transactions that may have been made between the backup and the loss of what was backed up: readers outside
#: may have seen events as new as that. Some days' worth, and used up in seconds.
MARGIN = 1_000_000

#: Uses transaction numbers up, one a turn, each committed with nothing in it.
_ADVANCE = """
DO $$ BEGIN
    WHILE pg_current_xact_id() <= '{beyond}'::xid8 LOOP COMMIT; END LOOP;
END $$
"""
_NEWEST = """
SELECT xid::text FROM (
    (SELECT xid FROM events ORDER BY xid DESC LIMIT 1)
    UNION ALL (SELECT xid FROM audit ORDER BY xid DESC LIMIT 1)
    UNION ALL (SELECT cursor_xid FROM subscriptions ORDER BY cursor_xid DESC LIMIT 1)
) AS seen ORDER BY xid DESC LIMIT 1
"""


def main() -> None:
    arguments = _parser().parse_args()
    try:
        settings = read_settings()
        if arguments.command == "save":
            save(settings, arguments.folder)
        else:
            restore(settings, arguments.folder)
    except Refused as refused:
        sys.exit(str(refused))


def save(settings: LocalSettings, folder: Path) -> None:
    """Back the running set up; the folder appears whole or not at all, closed to others (it holds keys).

    Raises: Refused when nothing runs, the folder is there already, or a dump fails.
    """
    environment = read_environment(settings.place)
    if folder.exists():
        raise Refused(f"{folder} is there already: name another folder")
    scratch = folder.with_name(folder.name + ".new")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700, parents=True)
    for name in SERVICES:
        target = ("--format=custom", f"--file={scratch / name}.dump")
        _run("pg_dump", make_url(environment[variable(name, "DATABASE_URL")]), *target)
    for name in KEPT:
        shutil.copytree(settings.place / name, scratch / name)
    shutil.copy2(clients_file(settings.place), scratch)
    for name, files in _folders(settings.place, environment).items():
        if files.exists():
            shutil.copytree(files, scratch / FILES / name, ignore=shutil.ignore_patterns(BEGUN, ".lock"))
    scratch.rename(folder)


def _folders(place: Path, environment: Mapping[str, str]) -> dict[str, Path]:
    """Where the services keep files in folders, by service."""
    return {
        name: Path(environment.get(variable(name, "FILES_FOLDER")) or place / FILES / name)
        for name in KEEP_FILES
        if not environment.get(variable(name, "FILES_BUCKET"))
    }


def restore(settings: LocalSettings, folder: Path) -> None:
    """Bring a backup back, and let transaction numbers go on from where they were.

    Raises: Refused when data is there already, the backup is incomplete, or a restore fails.
    """
    with only_one(settings.place):
        restore_folder(settings.place, folder)
        with databases(settings) as (made, _):
            for name in SERVICES:
                url = made.get(name) or os.environ[variable(name, "DATABASE_URL")]
                restore_database(make_url(url), folder / f"{name}.dump")


def check_whole(folder: Path) -> None:
    """Raises Refused where a backup lacks a part."""
    missing = [
        name for name in (*KEPT, *(f"{name}.dump" for name in SERVICES)) if not (folder / name).exists()
    ]
    if missing:
        raise Refused(f"{folder} is no whole backup, it lacks {', '.join(missing)}")


def restore_folder(place: Path, folder: Path) -> None:
    """Bring back what a backup keeps beside the databases: keys, secrets, clients, files.

    Raises Refused when data is there already, or the backup is incomplete.
    """
    check_whole(folder)
    if there := [name for name in ("postgres", FILES, *KEPT) if (place / name).exists()]:
        raise Refused(f"{place} has data already ({', '.join(there)}): set LOCAL_FOLDER to a new folder")
    for name in KEPT:
        shutil.copytree(folder / name, place / name)
    shutil.copy2(folder / clients_file(place).name, place)
    for name, files in _folders(place, os.environ).items():
        if (folder / FILES / name).exists():
            shutil.copytree(folder / FILES / name, files, dirs_exist_ok=True)


def restore_database(url: URL, dump: Path) -> None:
    """Bring one database back, which is there and empty, and let its transaction numbers go on from where they were.

    Raises Refused where it fails.
    """
    _run(
        "pg_restore",
        url,
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        "--exit-on-error",
        str(dump),
    )
    advance(url)


def advance(url: URL) -> None:
    """Use transaction numbers up until they are well beyond those that the restored events bear.

    Events are read in the order of the transactions that wrote them, and only below the oldest that still runs
    (kit.events.feed). A new cluster counts from the beginning: without this the restored events would be hidden,
    and new ones would stand before them, where subscribers no longer look.
    """
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        newest = connection.execute(_NEWEST).fetchone()
        if newest is not None:
            connection.execute("SET synchronous_commit = off")
            connection.execute(_ADVANCE.format(beyond=int(newest[0]) + MARGIN).encode())


def _run(program: str, url: URL, *options: str) -> None:
    """Run one of PostgreSQL's own programs against a database. Raises Refused with its words."""
    where = (f"--host={url.host}", f"--port={url.port or 5432}", f"--username={url.username}")
    secret = {"PGPASSWORD": str(url.password or "")}
    database = f"--dbname={url.database}"
    done = subprocess.run(
        [find_binaries() / program, *where, database, "--no-password", *options],
        env={**os.environ, **secret},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refused(f"{program} failed for {url.database}:\n{done.stderr.strip()}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.backup", description="Back a set up, or bring it back."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help in (("save", "back the running set up"), ("restore", "bring a backup back")):
        commands.add_parser(name, help=help).add_argument("folder", type=Path)
    return parser


if __name__ == "__main__":
    main()
