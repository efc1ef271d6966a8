"""Jobs by procrastinate in the service's own database, enqueued in the transaction that needs them."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import procrastinate
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from kit import spans
from kit.logs import log
from kit.storage.pending import DeferredJob
from kit.web.problems import Unavailable

RETRY = procrastinate.RetryStrategy(max_attempts=10, exponential_wait=3)
#: How long jobs that failed for good can be looked at.
FAILED_KEPT_HOURS = 30 * 24

#: Jobs of a kind that are counted; beyond, there are too many, and counting costs.
COUNTED = 10_000
#: Seconds without a sign of life after which a worker counts as gone; it gives one every ten.
_GONE = 30

#: Each by an index of its own: what waits, what runs, what failed, and the first job that is due.
_COUNT = text(
    "SELECT CASE WHEN attempts > 0 THEN 'retrying' ELSE 'todo' END AS state, NULL AS task, count(*) AS jobs"
    " FROM (SELECT attempts FROM procrastinate_jobs WHERE status = 'todo' LIMIT :counted) AS waiting GROUP BY 1"
    " UNION ALL SELECT 'doing', NULL, count(*) FROM procrastinate_jobs WHERE status = 'doing'"
    " UNION ALL SELECT 'failed', task_name, count(*) FROM"
    " (SELECT task_name FROM procrastinate_jobs WHERE status = 'failed' LIMIT :counted) AS failed GROUP BY 2"
)
#: A job that waits for no time is due since it was put there.
_DUE = text(
    "SELECT extract(epoch FROM now() - least("
    "(SELECT min(scheduled_at) FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at <= now()),"
    " (SELECT min(at) FROM procrastinate_events WHERE job_id = (SELECT id FROM procrastinate_jobs"
    " WHERE status = 'todo' AND scheduled_at IS NULL ORDER BY id LIMIT 1))))"
)
_WORKERS = text(
    "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => :gone)"
)
#: Jobs that are done are gone: how many there were, the sequence of their ids knows.
_ENQUEUED = text("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM procrastinate_jobs_id_seq")


@dataclass(frozen=True)
class Standing:
    """How the queue stands.

    states: how many jobs wait (`todo`), wait after a failure (`retrying`), run (`doing`) or `failed` for good; failed: these
    by task; seconds: since when the first that is due waits; enqueued: how many there ever were; workers: how many are alive.
    """

    states: dict[str, int]
    failed: dict[str, int]
    seconds: float
    enqueued: int
    workers: int


async def standing(session: AsyncSession) -> Standing:
    """How the queue of a session's database stands."""
    states: Counter[str] = Counter(dict.fromkeys(("todo", "retrying", "doing", "failed"), 0))
    failed: dict[str, int] = {}
    for state, task, jobs in await session.execute(_COUNT, {"counted": COUNTED}):
        states[state] += jobs
        if state == "failed":
            failed[task] = jobs
    return Standing(
        states=states,
        failed=failed,
        seconds=max(float(await session.scalar(_DUE) or 0), 0),
        enqueued=(await session.scalars(_ENQUEUED)).one(),
        workers=(await session.scalars(_WORKERS, {"gone": _GONE})).one(),
    )


#: Among a job's arguments, the `traceparent` of the write that enqueued it, where traces are recorded.
_TRACE = "_traceparent"


def _trace_kept() -> dict[str, str]:
    return {_TRACE: parent} if (parent := spans.current()) else {}


class Queue:
    """The service's queue: enqueue in a session's transaction, and run what is due."""

    def __init__(self, database_url: SecretStr) -> None:
        url = make_url(database_url.get_secret_value()).set(drivername="postgresql")
        conninfo = url.render_as_string(hide_password=False)
        connector = procrastinate.PsycopgConnector(conninfo=conninfo, min_size=1, max_size=2, timeout=5)
        self.app = procrastinate.App(connector=connector)

    async def defer(self, session: AsyncSession, job: DeferredJob) -> None:
        """Put a job into the queue on the session's own connection."""
        connection = await (await session.connection()).get_raw_connection()
        deferrer = self.app.configure_task(
            job.name,
            allow_unknown=False,
            schedule_at=job.at,
            connection=connection.driver_connection,
        )
        try:
            await deferrer.defer_async(**job.arguments, **_trace_kept())
        except ConnectorException as error:
            raise Unavailable("database-unavailable", "数据库暂时连接不上，请稍后重试。") from error

    def register_upkeep(self) -> None:
        """Make the queue's own recurring tasks known to this process."""
        self.register_task("rescue-stalled", self._rescue_stalled, "* * * * * */30")
        self.register_task("forget-failed", self._forget_failed, "29 19 * * *")

    def register_task(
        self,
        name: str,
        run: Callable[..., Awaitable[None]],
        cron: str | None = None,
    ) -> None:
        """Make one task known under its name; a recurring one runs at most once a tick."""

        async def logged(**arguments: Any) -> None:
            kept = arguments.pop(_TRACE, None)
            with spans.span(f"run {name}", spans.CONSUMER, {"messaging.destination.name": name}, parent=kept):
                try:
                    await run(**arguments)
                except Exception as error:
                    log.warning("job-failed", job=name, error=type(error).__name__)
                    raise

        async def tick(**_timestamp: int) -> None:
            await logged()

        if cron is None:
            self.app.task(name=name, retry=RETRY)(logged)
        else:
            self.app.periodic(cron=cron)(self.app.task(name=name, queueing_lock=name)(tick))

    async def work(self, concurrency: int) -> None:
        """Run jobs until cancelled; while the database is away, wait for it."""
        while True:
            try:
                async with self.app.open_async():
                    await self.app.run_worker_async(
                        concurrency=concurrency,
                        install_signal_handlers=False,
                        delete_jobs="successful",
                        shutdown_graceful_timeout=10,
                    )
            except Exception as error:
                log.error("worker-failed", error=type(error).__name__)
            # Procrastinate's worker also ends, without an exception, when it loses its listening connection.
            with suppress(Exception):
                await self.app.close_async()
            # It also forgets that it was cancelled when it cannot sign off, as the database is away.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise asyncio.CancelledError
            await asyncio.sleep(2)

    async def _rescue_stalled(self) -> None:
        # A killed worker leaves its job in `doing`; its missing heartbeat gives it away.
        for job in await self.app.job_manager.get_stalled_jobs():
            assert job.id is not None
            log.warning("job-rescued", job=job.task_name, id=job.id)
            try:
                await self.app.job_manager.retry_job(job)
            except UniqueViolation:  # a recurring job whose next tick already waits
                await self.app.job_manager.finish_job_by_id_async(job.id, Status.ABORTED, delete_job=True)

    async def _forget_failed(self) -> None:
        await self.app.job_manager.delete_old_jobs(
            nb_hours=FAILED_KEPT_HOURS, include_failed=True, include_aborted=True
        )
