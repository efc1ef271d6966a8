"""What the adapter shows at /metrics."""

from datetime import date, datetime, time
from importlib.metadata import version
from typing import Any

from prometheus_client import Counter, Gauge

from adapter.passes import Outcome
from kit.district.clock import SHANGHAI

_TAKEN = Counter("adapter_orders_taken", "orders of the platform that became requests")
_TOLD = Counter("adapter_tellings", "what the platform was told of requests")
_REFUSED = Gauge(
    "adapter_refused", "orders and tellings that the last pass could not place: people must look"
)
_AWAY = Gauge("adapter_away", "what the last pass left undone since a side was away")
_DONE = Gauge("adapter_done_until_timestamp_seconds", "up to when all has been done")
_DIFFERENCES = Gauge("adapter_reconciliation_differences", "orders that differ of the last day", ["when"])
_DAY = Gauge("adapter_reconciliation_day_timestamp_seconds", "the end of the last day that was reconciled")

Gauge("dongsheng_build_info", "The version that runs", ["version"]).labels(version("dongsheng")).set(1)


def passed(outcome: Outcome, now: datetime) -> None:
    """Show what a pass did."""
    _TAKEN.inc(outcome.taken)
    _TOLD.inc(outcome.told)
    _REFUSED.set(len(outcome.refused))
    _AWAY.set(len(outcome.away))
    if outcome.whole:
        _DONE.set(now.timestamp())


def reconciled(day: date, found: dict[str, Any]) -> None:
    """Show what a day's reconciliation found."""
    for when in ("found", "left"):
        _DIFFERENCES.labels(when).set(len(found[when]))
    _DAY.set(datetime.combine(day, time.max, SHANGHAI).timestamp())
