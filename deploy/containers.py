"""python -m deploy.containers secrets | prepare | restore FOLDER: what the set of deploy/compose.yaml needs beside its images.

    secrets    makes the folder that it mounts (LOCAL_FOLDER): keys, passwords, clients, and for each part one file with
               its settings; what is there stays. --backup FOLDER: begins with what a backup kept
    prepare    in the running PostgreSQL, a database and a role for each service, brought to the newest revision, with
               the district's reference data
    restore    in a new PostgreSQL, the databases of a backup, from whose keys and secrets the folder was made

Again changes nothing. The folder has the shape of `var/`, so that the commands beside a set work on it.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

from deploy import backup
from deploy.databases import ensure_database
from deploy.datafolder import SUPERUSER, Refused
from deploy.kept import kept, random_password, write_privately
from deploy.plan import FILES, KEEP_FILES, PORTS, SERVICES, make_plan, read_settings, variable
from deploy.prepare import make_keys_and_clients, prepare, service_named
from deploy.tokens import environment_lines, write_environment
from gateway.settings import GatewaySettings

#: Where PostgreSQL is, in the set's own network.
POSTGRES_HOST, POSTGRES_PORT = "postgres", 5432
#: Seconds that a part goes on answering when it is replaced; above those that the gateway keeps an idle connection for.
DRAIN = 5
#: Who the processes of the image are; the folder becomes theirs where root makes it.
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
                make_folder(folder, arguments.public_url)
            case "prepare":
                make_databases(folder)
                for name in SERVICES:
                    prepare(service_named(name))
            case "restore":
                restore(folder, arguments.folder)
    except (Refused, psycopg.Error) as error:
        sys.exit(f"{arguments.command}: {error}")


def make_folder(folder: Path, public_url: str) -> None:
    """Make what containers mount: `parts/NAME` with the settings of each part, `run.env` with all, and what these name.

    public_url: under which callers reach the gateway. Raises Refused where the folder is closed to us.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in KEEP_FILES:
            (folder / FILES / name).mkdir(parents=True, exist_ok=True)
        for inner in ("keys/public", "parts"):
            (folder / inner).mkdir(mode=0o700, parents=True, exist_ok=True)
        kept(_password(folder, SUPERUSER), random_password)
        plan = make_plan(folder, _addresses(folder), _given(folder, public_url), named=True)
        write_environment(folder, plan)
        for part in (*plan.services, plan.gateway):
            write_privately(folder / "parts" / part.name, environment_lines(part.environment))
        os.environ.update(plan.gateway.environment)
        make_keys_and_clients(GatewaySettings(), folder)
        _give_away(folder)
    except PermissionError as error:
        raise Refused(f"{error.filename} is closed to uid {os.geteuid()}: run as root once") from None


def make_databases(folder: Path) -> None:
    """A database and a role for each service, in the PostgreSQL of the set, as soon as it answers."""
    with _superuser(folder) as connection:
        for name in SERVICES:
            ensure_database(connection, name, _password(folder, name).read_text())


def restore(folder: Path, saved: Path) -> None:
    """Bring the databases of a backup back, into new ones; the folder was made from the same backup.

    Raises Refused where the backup is not whole, or a database has something in it already.
    """
    backup.check_whole(saved)
    make_databases(folder)
    for name, url in _addresses(folder).items():
        backup.restore_database(make_url(url), saved / f"{name}.dump")


def _given(folder: Path, public_url: str) -> dict[str, str]:
    """What is chosen otherwise in containers than on one machine."""
    jwks = str(folder / "keys" / "public" / "jwks.json")
    own = {"HOST": "0.0.0.0", "TOKEN_JWKS": jwks, "DRAIN": str(DRAIN)}  # noqa: S104 - its own network
    return {
        **{variable(name, setting): value for name in PORTS for setting, value in own.items()},
        **{variable(name, "PUBLIC_URL"): public_url for name in ("emergency", "credit")},
    }


def _addresses(folder: Path) -> dict[str, str]:
    """The services' databases; a password that is missing is made."""
    return {
        name: URL.create(
            "postgresql+psycopg",
            name,
            kept(_password(folder, name), random_password),
            POSTGRES_HOST,
            POSTGRES_PORT,
            name,
        ).render_as_string(hide_password=False)
        for name in SERVICES
    }


def _password(folder: Path, role: str) -> Path:
    return folder / "secrets" / f"{role}.database-password"


def _superuser(folder: Path) -> psycopg.Connection[tuple[object, ...]]:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return psycopg.connect(
                host=POSTGRES_HOST,
                port=POSTGRES_PORT,
                user=SUPERUSER,
                password=_password(folder, SUPERUSER).read_text(),
                dbname="postgres",
                autocommit=True,
                connect_timeout=5,
            )
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def _give_away(folder: Path) -> None:
    """Let the processes of the image read and write what root made."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, OWNER, OWNER, follow_symlinks=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.containers", description="What the set in containers needs beside its images."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    secrets = commands.add_parser("secrets", help="make the folder that the containers mount")
    secrets.add_argument(
        "--public-url", default="http://127.0.0.1:8000", help="under which callers reach the gateway"
    )
    secrets.add_argument("--backup", type=Path, help="a backup whose keys, secrets and files it begins with")
    commands.add_parser("prepare", help="make the databases, and bring them up to date")
    restoring = commands.add_parser("restore", help="bring the databases of a backup back")
    restoring.add_argument("folder", type=Path)
    return parser


if __name__ == "__main__":
    main()
