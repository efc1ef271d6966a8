"""python -m deploy.place secrets | prepare | restore FOLDER: what a set needs whose processes stand alone, in containers or not.

    secrets    makes the folder that they read (LOCAL_FOLDER): keys, passwords, clients, and for each part one file
               with its settings; what is there stays. --backup FOLDER: begins with what a backup kept
    prepare    in the running PostgreSQL, a database and a role for each service and for the console, brought to the
               newest revision, with the district's reference data; the console's first accounts: `python -m console load`
    restore    in a new PostgreSQL, the databases of a backup, from whose keys and secrets the folder was made

Again changes nothing, and what was chosen holds. The folder has the shape of `var/`, so that the commands beside a set
work on it.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import psycopg

from deploy import backup
from deploy.databases import ensure_database
from deploy.datafolder import SUPERUSER, Refused
from deploy.kept import kept, random_password
from deploy.parts import Choices, kept_choices, made_databases, make_parts, password
from deploy.plan import FILES, HOMES, KEEP_FILES, read_settings
from deploy.prepare import make_keys_and_clients, prepare_all
from gateway.settings import GatewaySettings

#: Who the processes of the image are; a folder of theirs becomes theirs where root makes it.
OWNER = 10001
#: Seconds that PostgreSQL may take until it answers.
PATIENCE = 60.0


def main() -> None:
    arguments = _parser().parse_args()
    folder = read_settings().place
    try:
        match arguments.command:
            case "secrets":
                if arguments.backup:
                    backup.restore_folder(folder, arguments.backup)
                make_folder(folder, _chosen(folder, arguments))
            case "prepare":
                make_databases(folder)
                prepare_all(HOMES, people=False)
            case "restore":
                restore(folder, arguments.folder)
    except (Refused, psycopg.Error) as error:
        sys.exit(f"{arguments.command}: {error}")


def make_folder(folder: Path, choices: Choices) -> None:
    """Make what the processes read: `parts/NAME` with the settings of each, `run.env` with all, and what these name.

    Raises Refused where the folder is closed to us, or the choices are none.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in KEEP_FILES:
            (folder / FILES / name).mkdir(parents=True, exist_ok=True)
        for inner in ("keys/public", "parts"):
            (folder / inner).mkdir(mode=0o700, parents=True, exist_ok=True)
        kept(password(folder, SUPERUSER), random_password)
        plan = make_parts(folder, choices)
        os.environ.update(plan.gateway.environment)
        make_keys_and_clients(GatewaySettings(), folder)
        _give_away(folder, choices)
    except PermissionError as error:
        raise Refused(
            f"{error.filename} is closed to uid {os.geteuid()}: run as its owner, or as root once"
        ) from None


def make_databases(folder: Path) -> None:
    """A database and a role for each service and the console, in the PostgreSQL of the set, as soon as it answers."""
    with _superuser(folder) as connection:
        for name in HOMES:
            ensure_database(connection, name, password(folder, name).read_text())


def restore(folder: Path, saved: Path) -> None:
    """Bring the databases of a backup back, into new ones; the folder was made from the same backup.

    Raises Refused where the backup is not whole, or a database has something in it already.
    """
    backup.check_whole(saved)
    make_databases(folder)
    urls = made_databases(folder)
    for name in backup.saved_homes(saved):
        backup.restore_database(urls[name], saved / f"{name}.dump")


def _superuser(folder: Path) -> psycopg.Connection[tuple[object, ...]]:
    server = next(iter(made_databases(folder).values()))
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return psycopg.connect(
                host=server.host,
                port=server.port,
                user=SUPERUSER,
                password=password(folder, SUPERUSER).read_text(),
                dbname="postgres",
                autocommit=True,
                connect_timeout=5,
            )
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def _give_away(folder: Path, choices: Choices) -> None:
    """Let the processes read and write what root made: those of the image, or on this machine those of the folder's owner."""
    if os.geteuid() == 0:
        there = folder.stat()
        uid, gid = (there.st_uid, there.st_gid) if choices.here else (OWNER, OWNER)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, uid, gid, follow_symlinks=False)


def _chosen(folder: Path, arguments: argparse.Namespace) -> Choices:
    """What is chosen now, before what was chosen earlier."""
    given = {name: getattr(arguments, name) for name in Choices.model_fields}
    now = {name: value for name, value in given.items() if value is not None}
    return kept_choices(folder).model_copy(update=now)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.place", description="What a set needs whose processes stand alone."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    secrets = commands.add_parser("secrets", help="make the folder that the processes read")
    secrets.add_argument(
        "--public-url", metavar="URL", help="under which callers reach the gateway; http://127.0.0.1:8000"
    )
    secrets.add_argument(
        "--pages-url", metavar="URL", help="under which people reach the console; http://127.0.0.1:8001"
    )
    secrets.add_argument(
        "--here",
        action=argparse.BooleanOptionalAction,
        help="all processes are on this machine, and listen at 127.0.0.1 alone",
    )
    secrets.add_argument(
        "--postgres",
        metavar="HOST:PORT",
        help="where PostgreSQL is; postgres:5432, with --here 127.0.0.1:5432",
    )
    secrets.add_argument("--backup", type=Path, help="a backup whose keys, secrets and files it begins with")
    commands.add_parser("prepare", help="make the databases, and bring them up to date")
    restoring = commands.add_parser("restore", help="bring the databases of a backup back")
    restoring.add_argument("folder", type=Path)
    return parser


if __name__ == "__main__":
    main()
