"""python -m deploy.local run | token [CLIENT] | person LOGIN NAME ROLE [LIMIT]: everything on this machine, as one set.

    run     starts PostgreSQL, the services and the gateway, and ends them with itself
    token   prints a token for a client of the running set
    person  makes an account of the running set's console, and prints its first password

What it starts is in deploy/plan.py. A part that ends is started again; without its database the set ends.
"""

import argparse
import asyncio
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from deploy.datafolder import Refused
from deploy.interrupts import Interrupted, Interrupts
from deploy.lock import only_one
from deploy.plan import (
    CONSOLE,
    Address,
    LocalSettings,
    Plan,
    addresses,
    make_plan,
    read_settings,
    variable,
    without_database,
)
from deploy.tokens import read_environment, token_of, write_environment

if TYPE_CHECKING:
    from deploy.postgres import Server

WELCOME = """\
Ready after {seconds:.1f} s. Ctrl-C stops everything; the data stays in {folder}.

Pages           {pages} (administrator, security, auditor; first passwords: {folder}/secrets/people)
                make person LOGIN=lihua NAME=李华 ROLE=leader, … for an account with another role
Documentation   {base}/docs
Tokens          make token, make token CLIENT=hotline, … (clients: {folder}/clients.yaml)

Three commands to try in another shell, as the administrator:

  export TOKEN=$(make -s token)
  curl -H "Authorization: Bearer $TOKEN" {base}/dispatch/v1/matters
  curl -H "Authorization: Bearer $TOKEN" '{base}/property/v1/coverage?level=street'
  curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
    -d '{{"deaths": 3}}' {base}/emergency/v1/assessments
"""


def main() -> None:
    arguments = _parser().parse_args()
    try:
        settings = read_settings()
        if arguments.command == "token":
            print(token_of(settings.place, arguments.client))
        elif arguments.command == "person":
            print(person_of(settings.place, arguments))
        else:
            _run(settings)
    except PermissionError as error:
        sys.exit(f"{error.filename} is closed to this account: run as its owner, or set LOCAL_FOLDER")
    except Refused as error:
        sys.exit(str(error))


def _run(settings: LocalSettings) -> None:
    # What runs a set is imported here: a token needs none of it, and is made in half the time.
    from deploy.running import Failed

    try:
        run(settings)
    except Failed as error:
        sys.exit(str(error))


def run(settings: LocalSettings) -> None:
    """Start the set, and watch it until we are asked to end.

    Raises: Refused when it may not start; Failed when it cannot start or go on.
    """
    from deploy.forking import preload
    from deploy.running import RunningSet

    begun, folder, interrupts = time.monotonic(), settings.place, Interrupts()
    with only_one(folder) as lock:
        refuse_taken(addresses())
        _say(f"Starting; the logs are in {folder / 'log'}.")
        try:
            with databases(settings, meanwhile=preload) as (made, server):
                plan = make_plan(folder, made)
                write_environment(folder, plan)
                with RunningSet(plan, folder, lock, interrupts, _say) as parts:
                    parts.start()
                    _say(_welcome(plan, folder, time.monotonic() - begun))
                    parts.watch(server)
        except Interrupted:
            _say("Stopped.")


def person_of(folder: Path, given: argparse.Namespace) -> str:
    """Make an account of the console; its first password. Raises Refused where nothing runs, or it cannot be made."""
    from console.cli import make_person
    from console.people.accounts import Wrong

    url = SecretStr(read_environment(folder)[variable(CONSOLE, "DATABASE_URL")])
    try:
        return asyncio.run(make_person(url, given.login, given.name, given.role, given.limit))
    except Wrong as wrong:
        raise Refused(f"{wrong.field}: {wrong.reason}") from None


def refuse_taken(where: Mapping[str, Address]) -> None:
    """Raise Refused, naming every port that something else listens on."""
    wrong = []
    for name, address in where.items():
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        try:
            socket.create_server((address.host, address.port), family=family).close()
        except OSError as error:
            setting = f"{name.upper()}_PORT"
            wrong.append(
                f"port {address.port} on {address.host} ({setting}) cannot be used: {error.strerror}"
            )
    if wrong:
        raise Refused("\n".join([*wrong, "Stop what listens there, or set other ports."]))


@contextmanager
def databases(
    settings: LocalSettings, meanwhile: Callable[[], None] = lambda: None
) -> Iterator[tuple[dict[str, str], "Server | None"]]:
    """The embedded PostgreSQL with a database for each service that brings none, or nothing if all do.

    meanwhile: is called while PostgreSQL starts, which has the second processor for itself.
    """
    from deploy import postgres

    names = without_database()
    if not names:
        meanwhile()
        yield {}, None
        return
    try:
        server = postgres.start(settings.place / "postgres", settings.postgres_port, meanwhile=meanwhile)
    except postgres.PortTaken as error:
        raise Refused(f"PostgreSQL cannot start: {error} (LOCAL_POSTGRES_PORT)") from None
    with server:
        yield {name: server.ensure_database(name) for name in names}, server


def _welcome(plan: Plan, folder: Path, seconds: float) -> str:
    shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    return WELCOME.format(seconds=seconds, folder=shown, base=plan.base, pages=plan.pages)


def _say(text: str) -> None:
    print(text, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.local", description="The whole set on this machine."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start everything; Ctrl-C stops it")
    token = commands.add_parser("token", help="print a token for the running set")
    token.add_argument("client", nargs="?", default="operator", help="a client's id; operator if left out")
    person = commands.add_parser(
        "person", help="make an account of the console, and print its first password"
    )
    for name in ("login", "name", "role"):
        person.add_argument(name)
    person.add_argument(
        "limit", nargs="?", default="", help="the unit, street or company that the role asks for"
    )
    return parser


if __name__ == "__main__":
    main()
