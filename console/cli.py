"""The console's commands: serve, migrate, load, verify, person."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import psycopg
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from console.home import HOME
from console.people import accounts
from console.people.audit import SYSTEM, Acting
from console.people.roles import Duty, all_roles
from console.people.tables import Person
from console.settings import ConsoleSettings
from kit import spans
from kit.audit.auditing import verify_audit
from kit.district.clock import system_clock
from kit.logs import configure
from kit.settings import read
from kit.storage import db, schema
from kit.web import server

#: The accounts that there are before any other, one for each office over the console.
FIRST = {
    Duty.ADMINISTRATOR: ("administrator", "系统管理员"),
    Duty.SECURITY: ("security", "安全管理员"),
    Duty.AUDITOR: ("auditor", "审计员"),
}


def main() -> None:
    """Run a command of the console from the command line."""
    arguments = _parser().parse_args()
    settings = read(ConsoleSettings)
    # What prints passwords prints nothing else, unless something is wrong.
    quiet = arguments.command in ("load", "person")
    configure("WARNING" if quiet else settings.log_level, settings.log_format)
    try:
        _run(settings, arguments)
    except (schema.Refused, OSError, ValueError) as error:
        sys.exit(f"console: {error}")
    except accounts.Wrong as wrong:
        sys.exit(f"console: {wrong.field}: {wrong.reason}")
    except psycopg.OperationalError as error:
        sys.exit(f"console: the database cannot be used: {error}")


def _run(settings: ConsoleSettings, arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "serve":
            from console.app import config  # here, since other commands have no use for pages

            spans.begin("console")
            made = config(settings)
            asyncio.run(schema.wait_until_known(HOME, settings.database_url))
            server.run(made)
        case "migrate":
            from kit.storage import migrations

            migrations.migrate(HOME, settings.database_url, *arguments.to, losing_data=arguments.losing_data)
        case "load":
            asyncio.run(load(settings.database_url, _say))
        case "verify":
            sys.exit(0 if asyncio.run(_verify(settings.database_url)) else 1)
        case "person":
            given = (arguments.login, arguments.name, arguments.role, arguments.limit)
            _say(arguments.login, asyncio.run(make_person(settings.database_url, *given)))


@asynccontextmanager
async def transaction(url: SecretStr) -> AsyncIterator[AsyncSession]:
    """A transaction beside the running console."""
    engine = db.create_engine(url, size=1, overflow=0)
    try:
        async with async_sessionmaker(engine, expire_on_commit=False).begin() as session:
            yield session
    finally:
        await engine.dispose()


async def load(url: SecretStr, tell: Callable[[str, str], None]) -> None:
    """Make the first accounts where there is none at all; tell: is told each account and its first password."""
    async with transaction(url) as session:
        if await session.scalar(select(func.count()).select_from(Person)):
            return
        roles = {role.duty: id for id, role in all_roles().items() if role.duty}
        for duty, (login, name) in FIRST.items():
            acting = Acting(session, system_clock(), SYSTEM)
            person, password = await accounts.make(acting, login, name)
            await accounts.grant(acting, person, roles[duty])
            tell(login, password)


async def make_person(url: SecretStr, login: str, name: str, role: str, limit: str) -> str:
    """Make an account with a role; its first password. Raises: Wrong."""
    async with transaction(url) as session:
        acting = Acting(session, system_clock(), SYSTEM)
        person, password = await accounts.make(acting, login, name)
        await accounts.grant(acting, person, role, limit)
        return password


async def _verify(url: SecretStr) -> bool:
    engine = db.create_engine(url, size=1, overflow=0)
    one_by_one = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with async_sessionmaker(one_by_one)() as session:
        found = await verify_audit(session)
    await engine.dispose()
    sys.stdout.write(found.model_dump_json() + "\n")
    return found.holds


def _say(login: str, password: str) -> None:
    sys.stdout.write(f"{login} {password}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m console", description="Pages for people.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve until stopped")
    migrating = commands.add_parser(
        "migrate", help="bring the database to the newest revision, or to another"
    )
    migrating.add_argument("--to", nargs="+", default=(), metavar="REVISION", help="base: to nothing")
    migrating.add_argument("--losing-data", action="store_true", help="go back though data is lost")
    commands.add_parser("load", help="make the first accounts where there is none, and print their passwords")
    commands.add_parser("verify", help="recompute the audit chain; exit code 1 where it is broken")
    person = commands.add_parser("person", help="make an account with a role, and print its first password")
    person.add_argument("login")
    person.add_argument("name")
    person.add_argument("role", choices=list(all_roles()))
    person.add_argument(
        "limit", nargs="?", default="", help="the unit, street or company that the role asks for"
    )
    return parser
