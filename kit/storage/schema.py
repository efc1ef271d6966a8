"""Where a database stands among the revisions that this release knows; without Alembic, which takes its time to import."""

import asyncio
from typing import TYPE_CHECKING

import psycopg
from psycopg.errors import UndefinedTable
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from kit.logs import log
from kit.storage import revisions

if TYPE_CHECKING:
    from kit.service import Service

#: Seconds between two looks at a database that is away or not brought up to date yet.
_PAUSE = 1.0


class Refused(Exception):
    """What was asked of a database was not done, and nothing was changed."""


class NewerSchema(Refused):
    """The database was brought to a revision that this release does not know."""

    def __init__(self, service: "Service", unknown: set[str]) -> None:
        newest = " ".join(sorted(newest_revisions(service)))
        self.service = service.name
        super().__init__(
            f"the database stands at revision {', '.join(sorted(unknown))}, which this release does not"
            f" know (its newest are {newest}). A newer release has migrated it: start that one, or let it go back:"
            f" python -m services.{service.name} migrate --to {newest}"
        )


def branches(service: "Service") -> list[list[str]]:
    """The revisions of the service's own and of the house's, each from its first to its newest."""
    return [
        sorted(path.name.partition("_")[0] for path in folder.glob("*[0-9]_*.py"))
        for folder in (service.migrations, revisions.FOLDER)
    ]


def newest_revisions(service: "Service") -> set[str]:
    """What the newest migrations begin with, which are their revisions: the service's own and the house's."""
    return {names[-1] for names in branches(service)}


def known_revisions(service: "Service") -> set[str]:
    """Every revision that this release has, the service's own and the house's."""
    return {name for names in branches(service) for name in names}


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


def refuse_newer(service: "Service", stands: set[str]) -> None:
    """Raises: NewerSchema where a database stands at what this release does not know."""
    if unknown := stands - known_revisions(service):
        raise NewerSchema(service, unknown)


async def wait_until_known(service: "Service", database_url: SecretStr) -> None:
    """Return once the database is at this release's newest revisions; asked at the start only.

    What runs goes on while a newer release brings the database further: a rolling upgrade depends on it.
    Raises: NewerSchema.
    """
    told: str | None = None
    while reason := await asyncio.to_thread(_why_not_yet, service, database_url):
        if reason != told:
            log.warning("waiting-for-database", service=service.name, reason=reason)
        told = reason
        await asyncio.sleep(_PAUSE)


def _why_not_yet(service: "Service", database_url: SecretStr) -> str | None:
    try:
        stands = standing(database_url)
    except psycopg.OperationalError:
        return "it cannot be reached"
    refuse_newer(service, stands)
    if stands == newest_revisions(service):
        return None
    return f"it stands at {' '.join(sorted(stands)) or 'nothing'}; `migrate` brings it up to date"
