"""Jobs by procrastinate in the service's own database, enqueued in the transaction that needs them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import procrastinate
from procrastinate.types import JSONValue
from pydantic import SecretStr
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from kit.logs import log
from kit.records import DeferredJob

if TYPE_CHECKING:
    from kit.transactions import Database

RETRY = procrastinate.RetryStrategy(max_attempts=10, exponential_wait=3)


@dataclass(frozen=True)
class Job:
    """Work in the background: `run(session, now, **arguments)`, repeatable without harm.

    cron: six fields with seconds where it recurs; a tick runs once even with two workers.
    """

    run: Callable[..., Awaitable[None]]
    cron: str | None = None


class Queue:
    """The service's queue: enqueue in a session's transaction, and run what is due."""

    def __init__(self, database_url: SecretStr) -> None:
        url = make_url(database_url.get_secret_value()).set(drivername="postgresql")
        conninfo = url.render_as_string(hide_password=False)
        connector = procrastinate.PsycopgConnector(conninfo=conninfo, min_size=1, max_size=4)
        self.app = procrastinate.App(connector=connector)

    async def defer(self, session: AsyncSession, job: DeferredJob) -> None:
        """Put a job into the queue on the session's own connection."""
        connection = await (await session.connection()).get_raw_connection()
        await self.app.configure_task(
            job.name, lock=job.lock, schedule_at=job.at, connection=connection.driver_connection
        ).defer_async(**job.arguments)

    def register(self, jobs: Mapping[str, Job], database: "Database", clock: Callable[[], datetime]) -> None:
        """Make the jobs known to this process's worker, each run in a transaction of its own."""
        for name, job in jobs.items():
            self.register_task(name, _in_transaction(job, database, clock), job.cron)
        self.register_task("rescue-stalled", self._rescue_stalled, "*/30 * * * * *")

    def register_task(self, name: str, run: Callable[..., Awaitable[None]], cron: str | None = None) -> None:
        """Make one task known under its name; a recurring one runs at most once a tick."""

        async def tick(timestamp: int) -> None:
            await run()

        if cron is None:
            self.app.task(name=name, retry=RETRY)(run)
        else:
            task = self.app.task(name=name, queueing_lock=name)(tick)
            self.app.periodic(cron=cron)(task)

    async def work(self, concurrency: int) -> None:
        """Run jobs until cancelled."""
        async with self.app.open_async():
            await self.app.run_worker_async(
                concurrency=concurrency,
                install_signal_handlers=False,
                delete_jobs="successful",
                fetch_job_polling_interval=5.0,
                shutdown_graceful_timeout=10,
            )

    async def _rescue_stalled(self) -> None:
        # A killed worker leaves its job in `doing`; its missing heartbeat gives it away.
        for job in await self.app.job_manager.get_stalled_jobs():
            log.warning("job-rescued", job=job.id, task=job.task_name)
            await self.app.job_manager.retry_job(job)


def _in_transaction(
    job: Job, database: "Database", clock: Callable[[], datetime]
) -> Callable[..., Awaitable[None]]:
    async def run(**arguments: JSONValue) -> None:
        async with database.transaction() as session:
            await job.run(session, clock(), **arguments)

    return run
