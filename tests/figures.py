"""What a service told Prometheus, read for tests."""

from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Select
from sqlalchemy.dialects import postgresql

from kit.testing import Running
from kit.worker import seal_all

#: Name and labels of a sample.
Key = tuple[str, tuple[tuple[str, str], ...]]


def figures(running: Running) -> dict[Key, float]:
    """Every sample by its name and labels."""
    return read(running.http.get("/metrics").text)


def read(told: str) -> dict[Key, float]:
    """The samples of what was told."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(told)
        for sample in family.samples
    }


def of(found: dict[Key, float], name: str, **labels: str) -> float | None:
    """One sample, where there is such."""
    return found.get((name, tuple(sorted(labels.items()))))


def overdue(running: Running, kind: str = "") -> dict[tuple[str, str], tuple[float, float]]:
    """(how many, seconds since the first) of what is overdue, by kind and item; of kinds that begin so."""
    found = figures(running)
    return {
        (labels["kind"], labels["item"]): (number, found["deadlines_overdue_seconds", key])
        for (name, key), number in found.items()
        for labels in [dict(key)]
        if name == "deadlines_overdue" and labels["kind"].startswith(kind)
    }


def plan(running: Running, query: Select[Any]) -> str:
    """How PostgreSQL would answer a query."""
    asked = query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    return "\n".join(row for (row,) in running.sql(f"EXPLAIN {asked}".replace("%", "%%")))


def is_sealed(running: Running) -> bool:
    """Whether all is sealed, once it is tried; a transaction of another test may hold the sealing up."""
    running.call(seal_all, running.app.state.database)
    beyond = "SELECT count(*) FROM audit WHERE (xid, id) > (SELECT xid, entry FROM audit_head)"
    return running.sql(beyond) == [(0,)]
