"""python -m deploy.backup save | restore | drill FOLDER: the data, keys and secrets of a set, as one folder.

    save       of the running set, or of one that runs elsewhere on databases that the environment or run.env names,
               into a folder that is not there yet
    restore    into a place that has no data yet: an empty LOCAL_FOLDER, or the empty databases that
               <SERVICE>_DATABASE_URL name
    drill      into a scratch place, looked over there and removed: deploy/drill.py

Dumps are consistent by database and taken one after another, senders of events first: what a receiver has
and its sender no longer knows to have sent is sent again, and taken once. Files that services keep in folders are
copied after the dumps, so that every file that a dump's rows name is there; a bucket is backed up by its own means.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from deploy import lastly
from deploy.inventory import Inventory, hashes, snapshot
from deploy.local import databases
from deploy.lock import only_one
from deploy.plan import (
    CONSOLE,
    FILES,
    HOMES,
    KEEP_FILES,
    LocalSettings,
    assertion_key,
    clients_file,
    read_settings,
    variable,
    without_database,
)
from deploy.postgres import Refused
from deploy.programs import connect, run
from deploy.tokens import kept_environment, read_environment
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
_NEWEST = "SELECT {column}::text FROM {table} ORDER BY {column} DESC LIMIT 1"
#: What bears them, where it is there: the console tells no events.
_BEARING = {"events": "xid", "audit": "xid", "subscriptions": "cursor_xid"}


def main() -> None:
    arguments = _parser().parse_args()
    try:
        settings = read_settings()
        match arguments.command:
            case "save":
                save(settings, arguments.folder)
            case "restore":
                restore(settings, arguments.folder)
            case _:
                from deploy.drill import drill  # here, since it takes in every service, and knows this module

                sys.exit(0 if drill(settings, arguments.folder, keep=arguments.keep) else 1)
    except Refused as refused:
        sys.exit(str(refused))


def save(settings: LocalSettings, folder: Path) -> None:
    """Back a set up; the folder appears whole or not at all, closed to others (it holds keys).

    Raises: Refused when no set is found, the folder is there already, or a dump fails.
    """
    environment = _environment(settings.place)
    if folder.exists():
        raise Refused(f"{folder} is there already: name another folder")
    scratch, made_at = folder.with_name(folder.name + ".new"), datetime.now(UTC)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700, parents=True)
    rows = {}
    for name in HOMES:
        url = make_url(environment[variable(name, "DATABASE_URL")])
        with snapshot(url) as (moment, rows[name]):
            run("pg_dump", url, "--format=custom", f"--snapshot={moment}", f"--file={scratch / name}.dump")
    for name in KEPT:
        shutil.copytree(settings.place / name, scratch / name)
    shutil.copy2(clients_file(settings.place), scratch)
    for name, files in folders_of_files(settings.place, environment).items():
        if not files.exists():
            files = settings.place / FILES / name  # where what a container calls otherwise lies here
        if files.exists():
            shutil.copytree(files, scratch / FILES / name, ignore=shutil.ignore_patterns(BEGUN, ".lock"))
    Inventory(made_at, rows, hashes(scratch)).write(scratch)
    scratch.rename(folder)
    lastly.note(settings.place, "done", datetime.now(UTC))


def _environment(place: Path) -> Mapping[str, str]:
    """Where the databases of a set are: as we are told, or as its folder keeps it. Raises Refused."""
    if not without_database():
        return os.environ
    if (place / "postgres").exists() or not (place / "run.env").exists():
        return read_environment(place)  # its databases are there while it runs
    return kept_environment(place)


def folders_of_files(place: Path, environment: Mapping[str, str]) -> dict[str, Path]:
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
    check_whole(folder)
    with only_one(settings.place):
        restore_folder(settings.place, folder)
        with databases(settings) as (made, _):
            for name in saved_homes(folder):
                url = made.get(name) or os.environ[variable(name, "DATABASE_URL")]
                restore_database(make_url(url), folder / f"{name}.dump")


def saved_homes(folder: Path) -> list[str]:
    """What has a database in a backup: the services, and the console where the set had one, and so its key."""
    return [name for name in HOMES if name != CONSOLE or assertion_key(folder, CONSOLE).exists()]


def check_whole(folder: Path) -> None:
    """Raises: Refused, naming what a backup lacks."""
    needed = (*KEPT, *(f"{name}.dump" for name in saved_homes(folder)), clients_file(folder).name)
    if missing := [name for name in needed if not (folder / name).exists()]:
        raise Refused(f"{folder} is no whole backup, it lacks {', '.join(missing)}")


def restore_folder(place: Path, folder: Path) -> None:
    """Bring back what a backup keeps beside the databases, where nothing is yet.

    Raises: Refused when data is there already, or the backup is incomplete.
    """
    check_whole(folder)
    if there := [name for name in ("postgres", FILES, *KEPT) if (place / name).exists()]:
        raise Refused(f"{place} has data already ({', '.join(there)}): set LOCAL_FOLDER to a new folder")
    lay_files(folder, place, os.environ)


def lay_files(folder: Path, place: Path, environment: Mapping[str, str]) -> None:
    """Lay what a backup keeps beside the databases: keys, secrets, clients, files."""
    for name in KEPT:
        shutil.copytree(folder / name, place / name)
    shutil.copy2(folder / clients_file(place).name, place)
    for name, files in folders_of_files(place, environment).items():
        if (folder / FILES / name).exists():
            shutil.copytree(folder / FILES / name, files, dirs_exist_ok=True)


def restore_database(url: URL, dump: Path) -> None:
    """Bring one database back, which is there and empty, and let its transaction numbers go on from where they were.

    Raises: Refused where it fails.
    """
    bare = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    run("pg_restore", url, *bare, str(dump))
    advance(url)


def advance(url: URL) -> None:
    """Use transaction numbers up until they are well beyond those that the restored events bear.

    Events are read in the order of the transactions that wrote them, and only below the oldest that still runs
    (kit.events.feed). A new cluster counts from the beginning: without this the restored events would be hidden,
    and new ones would stand before them, where subscribers no longer look.
    """
    with connect(url) as connection:
        newest = max(
            (
                int(str(xid))
                for table, column in _BEARING.items()
                if connection.execute("SELECT to_regclass(%s)", (table,)).fetchone() != (None,)
                for (xid,) in connection.execute(_NEWEST.format(table=table, column=column).encode())
            ),
            default=None,
        )
        if newest is not None:
            connection.execute("SET synchronous_commit = off")
            connection.execute(_ADVANCE.format(beyond=newest + MARGIN).encode())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.backup", description="Back a set up, or bring it back."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help in (("save", "back the running set up"), ("restore", "bring a backup back")):
        commands.add_parser(name, help=help).add_argument("folder", type=Path)
    drilling = commands.add_parser(
        "drill", help="restore a backup for trial, look it over, say how long it took"
    )
    drilling.add_argument("folder", type=Path)
    drilling.add_argument(
        "--keep", action="store_true", help="leave what was restored where it is, to be looked at"
    )
    return parser


if __name__ == "__main__":
    main()
