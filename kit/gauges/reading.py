"""What a service tells Prometheus of its database, read anew at each scrape.

It is read on a connection of its own, so that it can be read while the pool is used up; read-only and briefly, so that a
scrape holds up nobody, and always ends. What could not be read is not told, which is told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from kit.audit.auditing import unsealed
from kit.events.standing import Standing, standings
from kit.gauges import overdue
from kit.gauges.overdue import Overdue
from kit.logs import log
from kit.storage.jobs import standing as standing_of_jobs
from kit.storage.pool import Pool
from kit.storage.transactions import Database

#: Seconds that one scrape may take; Prometheus gives up after ten.
PATIENCE = 4.0
#: Subscriptions that are shown: those that fare worst.
SHOWN = 200

_Reader = Callable[[AsyncSession, datetime], Awaitable[list[Metric]]]


class DatabaseFigures(Collector):
    """The figures of a service's database, as they were read last."""

    def __init__(self, asked: Sequence[Overdue]) -> None:
        """asked: what is overdue by the deadlines that the service stores."""

        async def late(session: AsyncSession, now: datetime) -> list[Metric]:
            return await overdue.of_deadlines(session, now, (overdue.parts, *asked))

        self._readers: dict[str, _Reader] = {
            "schema": _schema,
            "jobs": _jobs,
            "audit": _audit,
            "subscriptions": _subscriptions,
            "requests": overdue.of_requests,
            "deadlines": late,
        }
        self._found: list[Metric] = []
        self._reading = False

    def collect(self) -> Iterator[Metric]:
        """The figures that were read last."""
        yield from self._found

    async def read(self, database: Database, now: datetime) -> None:
        """Read them anew; while somebody else does, the last ones stay."""
        if self._reading:
            return
        self._reading = True
        try:
            self._found = [*_pool(database), *await self._read(database, now)]
        finally:
            self._reading = False

    async def _read(self, database: Database, now: datetime) -> list[Metric]:
        found: list[Metric] = []
        missing, is_up = dict.fromkeys(self._readers, 1), False
        try:
            async with asyncio.timeout(PATIENCE), database.glance() as session:
                await session.connection()
                is_up = True
                for name, read in self._readers.items():
                    try:
                        found += await read(session, now)
                        missing[name] = 0
                    except SQLAlchemyError as error:
                        log.warning("figures-not-read", figures=name, error=type(error).__name__)
        except (SQLAlchemyError, OSError) as error:  # TimeoutError is one of the latter
            log.warning("figures-not-read", error=type(error).__name__)
        up = GaugeMetricFamily("database_up", "Whether the database answers", value=is_up)
        return [
            up,
            _labelled("figures_missing", "1 of figures that could not be read", "figures", missing),
            *found,
        ]


def _labelled(name: str, says: str, label: str, values: dict[str, float] | dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, says, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _pool(database: Database) -> list[Metric]:
    pool = database.engine.pool
    assert isinstance(pool, Pool)
    used = pool.checkedout()
    connections = {"in_use": used, "idle": pool.checkedin()}
    return [
        _labelled("database_pool_connections", "Connections of the API process", "state", connections),
        GaugeMetricFamily("database_pool_limit", "Connections that there may be", value=pool.limit),
        GaugeMetricFamily("database_pool_waiting", "Who waits for a connection", value=pool.waiting),
        CounterMetricFamily("database_pool_timeouts", "Who waited in vain", value=pool.timeouts),
    ]


async def _schema(session: AsyncSession, _now: datetime) -> list[Metric]:
    revisions = await session.scalars(text("SELECT version_num FROM alembic_version"))
    return [
        _labelled("database_schema_info", "Revisions of the schema", "revision", dict.fromkeys(revisions, 1))
    ]


async def _jobs(session: AsyncSession, _now: datetime) -> list[Metric]:
    found = await standing_of_jobs(session)
    return [
        _labelled("jobs", "Jobs in the queue", "state", found.states),
        _labelled("jobs_failed", "Jobs that failed for good", "task", found.failed),
        GaugeMetricFamily(
            "jobs_due_seconds", "Since when the first job that is due waits", value=found.seconds
        ),
        CounterMetricFamily("jobs_enqueued", "Jobs put into the queue", value=found.enqueued),
        GaugeMetricFamily("workers_alive", "Worker processes that gave a sign of life", value=found.workers),
    ]


async def _audit(session: AsyncSession, now: datetime) -> list[Metric]:
    sealed, waiting, since = await unsealed(session)
    age = max((now - since).total_seconds(), 0) if since else 0
    return [
        GaugeMetricFamily("audit_entries_unsealed", "Audit entries not sealed, up to 10,000", value=waiting),
        GaugeMetricFamily("audit_unsealed_seconds", "Age of the first of them", value=age),
        CounterMetricFamily("audit_entries_sealed", "Audit entries sealed", value=sealed),
    ]


#: Name, what it says, and what of a subscription's standing.
_OF_SUBSCRIPTIONS: tuple[tuple[str, str, Callable[[Standing], Any]], ...] = (
    ("subscription_events_behind", "Events not delivered, up to 10,000", lambda each: each.behind),
    ("subscription_behind_seconds", "Age of the oldest event not delivered", lambda each: each.seconds),
    ("subscription_failures", "Failed deliveries in a row", lambda each: each.failures),
    ("subscription_events_held", "Events tried again, or waiting behind such", lambda each: each.held),
    ("subscription_events_dead", "Events given up", lambda each: each.dead),
    ("subscription_switched_off", "Whether nothing is sent any more", lambda each: each.off),
)


async def _subscriptions(session: AsyncSession, now: datetime) -> list[Metric]:
    """What a client calls its subscription is its own words: of these the id is shown, which `/deliveries` lists."""
    found = sorted(await standings(session, now), key=lambda each: (not each.off, -each.dead, -each.seconds))
    families: list[Metric] = []
    for name, says, value in _OF_SUBSCRIPTIONS:
        family = GaugeMetricFamily(name, says, labels=["subscription", "client"])
        for each in found[:SHOWN]:
            family.add_metric(
                [each.name if each.declared else str(each.row.id), each.row.client or ""], value(each)
            )
        families.append(family)
    return families
