"""A service's commands: serve, worker, migrate, load, verify, reseal, openapi, revision."""

import argparse
import asyncio
import gc
import json
import signal
import sys
from collections.abc import Coroutine
from dataclasses import asdict
from typing import Any

import psycopg
import structlog

from kit import spans
from kit.audit.auditing import verify_audit
from kit.context import Context
from kit.district.clock import system_clock
from kit.events.subscriptions import declare, end_others
from kit.logs import configure, log
from kit.personal import resealing
from kit.service import Service, create_app, open_database
from kit.settings import ServiceSettings, read
from kit.storage import schema
from kit.storage.files.upkeep import verify as verify_files
from kit.storage.pending import defer
from kit.web import server
from kit.web.issuers import BrokenIssuers
from kit.worker import work as run_worker

#: Idle database connections that a worker keeps, beside the queue's own, and those that it opens under load.
WORKER_POOL = {"pool_size": 2, "pool_overflow": 8}


def main(service: Service) -> None:
    """Run a command of a service from the command line."""
    arguments = _parser(service).parse_args()
    settings = read(service.settings)
    configure(settings.log_level, settings.log_format)
    try:
        _run(service, settings, arguments)
    except (BrokenIssuers, schema.Refused) as error:
        sys.exit(f"{service.name}: {error}")
    except psycopg.OperationalError as error:
        sys.exit(f"{service.name}: the database cannot be used: {error}")


def _run(service: Service, settings: ServiceSettings, arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "serve":
            spans.begin(service.name)
            serve(service, settings, with_worker=arguments.with_worker)
        case "worker":
            spans.begin(service.name)
            asyncio.run(until_stopped(work(service, settings)))
        case "migrate":
            from kit.storage import migrations  # here, since a server has no use for Alembic

            migrations.migrate(
                service, settings.database_url, *arguments.to, losing_data=arguments.losing_data
            )
        case "load":
            asyncio.run(load(service, settings))
        case "verify":
            sys.exit(0 if asyncio.run(_verify(service, settings)) else 1)
        case "reseal":
            done = _standing(service, settings) if arguments.check else _reseal(service, settings)
            sys.exit(0 if asyncio.run(done) else 1)
        case "openapi":
            document = create_app(service, settings).openapi()
            sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        case "revision":
            from kit.storage import migrations

            migrations.revise(service, settings.database_url, arguments.message, arguments.number)


def serve(service: Service, settings: ServiceSettings, *, with_worker: bool) -> None:
    """Serve the API until stopped, once the database is at this release's revisions.

    Raises: BrokenIssuers; NewerSchema.
    """
    app = create_app(service, settings, with_worker=with_worker)
    asyncio.run(schema.wait_until_known(service, settings.database_url))
    # The app stands for ever, and requests leave few cycles: collections are rare and leave it out.
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    server.run(server.config(app, settings))


async def load(service: Service, settings: ServiceSettings) -> None:
    """Bring in the service's reference data and the subscribers that the deployment names.

    Raises: NewerSchema.
    """
    schema.refuse_newer(service, schema.standing(settings.database_url))
    async with open_database(service, settings) as database, database.transaction() as session:
        context = Context.of_system(session, system_clock())
        for loader in service.loaders:
            await loader(context)
        for subscriber in settings.subscribers:
            await declare(context, subscriber)
        await end_others(context, [subscriber.name for subscriber in settings.subscribers])


async def work(service: Service, settings: ServiceSettings) -> None:
    """Run the service's jobs until cancelled, once the database is at this release's revisions; logs name the service.

    Raises: NewerSchema.
    """
    structlog.contextvars.bind_contextvars(service=service.name)
    await schema.wait_until_known(service, settings.database_url)
    few = settings.model_copy(update=WORKER_POOL)
    async with open_database(service, few) as database:
        reading = service.catching_up(database, settings, system_clock)
        await run_worker(database, service.name, settings.worker_concurrency, reading)


async def _verify(service: Service, settings: ServiceSettings) -> bool:
    """Print what was found of the audit chain and, where the service keeps any, of its files; whether all is as it was."""
    async with open_database(service, settings) as database, database.reading() as session:
        found = await verify_audit(session)
        sys.stdout.write(found.model_dump_json() + "\n")
        if not service.files:
            return found.holds
        files = await verify_files(session, service.files)
        sys.stdout.write(json.dumps(asdict(files)) + "\n")
        return found.holds and not files.harmed


async def _reseal(service: Service, settings: ServiceSettings) -> bool:
    """Put the job into the queue that seals anew what a former key has sealed."""
    async with open_database(service, settings) as database, database.transaction() as session:
        defer(session, resealing.RESEAL, key=database.cipher.id)
    return True


async def _standing(service: Service, settings: ServiceSettings) -> bool:
    """Print a line for each table: what a former key has sealed, and what no key opens; whether there is none of both."""
    none = True
    async with open_database(service, settings) as database, database.reading() as session:
        async for each in resealing.standings(session, database.cipher, service.metadata):
            sys.stdout.write(json.dumps(asdict(each)) + "\n")
            none &= not (each.left or each.lost)
    return none


async def until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Await the work until SIGINT or SIGTERM cancels it."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        log.info("worker-stopped")
    finally:
        spans.end()


def _parser(service: Service) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m services.{service.name}", description=service.title)
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="serve the API")
    serving.add_argument("--with-worker", action="store_true", help="run the jobs in the same process")
    commands.add_parser("worker", help="run the jobs")
    migrating = commands.add_parser(
        "migrate", help="bring the database to the newest revisions, or to others"
    )
    migrating.add_argument(
        "--to", nargs="+", default=(), metavar="REVISION", help="forward or back; base: to nothing"
    )
    migrating.add_argument("--losing-data", action="store_true", help="go back though data is lost")
    commands.add_parser("load", help="bring in the reference data; again changes nothing")
    commands.add_parser(
        "verify", help="recompute the audit chain and the hashes of files; exit code 1 where one is broken"
    )
    sealing = commands.add_parser(
        "reseal", help="have the worker seal by the first key for personal data whatever others have sealed"
    )
    sealing.add_argument(
        "--check",
        action="store_true",
        help="count what others have sealed; exit code 1 where anything is left",
    )
    commands.add_parser("openapi", help="print the OpenAPI document")
    revision = commands.add_parser("revision", help="write a migration from the models (for developers)")
    revision.add_argument("number")
    revision.add_argument("message")
    return parser
