"""Where a database stands among the revisions that this release knows; without Alembic, which takes its time to import."""

import asyncio
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg.errors import UndefinedTable
from pydantic import SecretStr
from sqlalchemy import MetaData
from sqlalchemy.engine import make_url

from kit.logs import log

#: Seconds between two looks at a database that is away or not brought up to date yet.
_PAUSE = 1.0


class Home(Protocol):
    """What has a database of its own: a service, or the console.

    module: what `python -m` starts it by; revisions: the folders of its migrations, its own first; tables: what they lay.
    """

    @property
    def name(self) -> str: ...
    @property
    def module(self) -> str: ...
    @property
    def revisions(self) -> tuple[Path, ...]: ...
    @property
    def tables(self) -> tuple[MetaData, ...]: ...


class Refused(Exception):
    """What was asked of a database was not done, and nothing was changed."""


class NewerSchema(Refused):
    """The database was brought to a revision that this release does not know."""

    def __init__(self, home: Home, unknown: set[str]) -> None:
        newest = " ".join(sorted(newest_revisions(home)))
        self.home = home.name
        super().__init__(
            f"the database stands at revision {', '.join(sorted(unknown))}, which this release does not"
            f" know (its newest are {newest}). A newer release has migrated it: start that one, or let it go back:"
            f" python -m {home.module} migrate --to {newest}"
        )


def branches(home: Home) -> list[list[str]]:
    """The revisions of each folder, from its first to its newest: its own, and the house's where it stands on that floor."""
    return [
        sorted(path.name.partition("_")[0] for path in folder.glob("*[0-9]_*.py"))
        for folder in home.revisions
    ]


def newest_revisions(home: Home) -> set[str]:
    """What the newest migrations begin with, which are their revisions."""
    return {names[-1] for names in branches(home)}


def known_revisions(home: Home) -> set[str]:
    """Every revision that this release has."""
    return {name for names in branches(home) for name in names}


def standing(database_url: SecretStr) -> set[str]:
    """Where a database stands; empty where nothing has been laid there.

    Raises: psycopg.OperationalError where it cannot be reached.
    """
    url = make_url(database_url.get_secret_value()).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), connect_timeout=5) as database:
        try:
            return {row[0] for row in database.execute("SELECT version_num FROM alembic_version")}
        except UndefinedTable:
            return set()


def refuse_newer(home: Home, stands: set[str]) -> None:
    """Raises: NewerSchema where a database stands at what this release does not know."""
    if unknown := stands - known_revisions(home):
        raise NewerSchema(home, unknown)


async def wait_until_known(home: Home, database_url: SecretStr) -> None:
    """Return once the database is at this release's newest revisions; asked at the start only.

    What runs goes on while a newer release brings the database further: a rolling upgrade depends on it.
    Raises: NewerSchema.
    """
    told: str | None = None
    while reason := await asyncio.to_thread(_why_not_yet, home, database_url):
        if reason != told:
            log.warning("waiting-for-database", service=home.name, reason=reason)
        told = reason
        await asyncio.sleep(_PAUSE)


def _why_not_yet(home: Home, database_url: SecretStr) -> str | None:
    try:
        stands = standing(database_url)
    except psycopg.OperationalError:
        return "it cannot be reached"
    refuse_newer(home, stands)
    if stands == newest_revisions(home):
        return None
    return f"it stands at {' '.join(sorted(stands)) or 'nothing'}; `migrate` brings it up to date"
