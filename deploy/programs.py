"""PostgreSQL's own programs, of a version that suits the server they are run against.

pg_dump refuses a server newer than itself; pg_restore of version 17 or newer sets what servers before 17 do not know
(transaction_timeout), and fails there. So the oldest is taken that is not older than the server.
"""

import os
import subprocess
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

from deploy.postgres import Refused, all_binaries, major


def run(program: str, url: URL, *options: str) -> None:
    """Run a program against a database. Raises Refused with its words."""
    where = (f"--host={url.host}", f"--port={url.port or 5432}", f"--username={url.username}")
    done = subprocess.run(
        [suiting(url) / program, *where, f"--dbname={url.database}", "--no-password", *options],
        env={**os.environ, "PGPASSWORD": str(url.password or "")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refused(f"{program} failed for {url.database}:\n{done.stderr.strip()}")


def connect(url: URL) -> psycopg.Connection[tuple[object, ...]]:
    """A connection to a database, each statement by itself. Raises Refused where it cannot be reached."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        return psycopg.connect(plain, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise Refused(f"the database {url.database} at {url.host} cannot be used: {error}") from None


def suiting(url: URL) -> Path:
    """The folder of the programs for a server: PG_BIN's or the wheel's. Raises Refused where all are older than it."""
    with connect(url) as connection:
        server = connection.info.server_version // 10_000
    # Not asked of the server, which is not in the image.
    folders = [folder for folder in reversed(all_binaries()) if (folder / "pg_dump").is_file()]
    found = {major(folder, "pg_dump"): folder for folder in folders}
    fitting = [version for version in found if version >= server]
    if not fitting:
        known = ", ".join(map(str, sorted(found))) or "none"
        raise Refused(
            f"{url.host} is PostgreSQL {server}, and the programs here are of {known}: set PG_BIN to those of {server}"
        )
    return found[min(fitting)]
