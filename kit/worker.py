"""What is done behind the writers, in the worker's process: jobs, events that go out and come in, sealing of the audit."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kit.audit.auditing import BATCH, seal
from kit.context import Context
from kit.events.catching_up import CatchingUp
from kit.events.delivery import Deliverer
from kit.logs import log
from kit.storage.transactions import Database

#: Seconds between two looks for entries to seal.
SEAL_EVERY = 1.0


@dataclass(frozen=True)
class Job:
    """Work in the background: `run(context, **arguments)`, repeatable without harm.

    cron: where it recurs, in UTC: minute, hour, day, month, weekday and, if wanted, second, in this order
    (`* * * * * */15` is every 15 seconds). A tick runs once even with two workers, and is not retried.
    """

    run: Callable[..., Awaitable[None]]
    cron: str | None = None


def register_jobs(database: Database, jobs: Mapping[str, Job], clock: Callable[[], datetime]) -> None:
    """Make the jobs known to this process, each run in a transaction of its own."""
    for name, job in jobs.items():
        database.queue.register_task(name, _in_transaction(database, job, clock), job.cron)
    database.queue.register_upkeep()


async def work(database: Database, service: str, concurrency: int, catching_up: CatchingUp) -> None:
    """Run what is due until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(database.queue.work(concurrency))
        group.create_task(Deliverer(database, service, catching_up.clock).run())
        group.create_task(catching_up.run())
        group.create_task(_seal_for_ever(database))


async def seal_all(database: Database) -> None:
    """Seal what has been committed, in batches."""
    sealed = BATCH
    while sealed == BATCH:
        async with database.transaction() as session:
            sealed = await seal(session)


async def _seal_for_ever(database: Database) -> None:
    while True:
        try:
            await seal_all(database)
        except Exception as error:
            log.error("sealing-interrupted", error=type(error).__name__)
        await asyncio.sleep(SEAL_EVERY)


def _in_transaction(
    database: Database, job: Job, clock: Callable[[], datetime]
) -> Callable[..., Awaitable[None]]:
    async def run(**arguments: Any) -> None:
        async with database.transaction() as session:
            await job.run(Context.of_system(session, clock()), **arguments)

    return run
