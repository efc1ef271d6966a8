"""The adapter as a process: a pass every so often, and each day's reconciliation once."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import httpx2

from adapter import codes, district, forms, metrics
from adapter.marks import Marks
from adapter.passes import Outcome, Passes
from adapter.port import Away, Refused
from adapter.reconciling import reconcile
from adapter.settings import AdapterSettings
from kit.district.clock import SHANGHAI
from kit.logs import log

Clock = Callable[[], datetime]
#: How many days back a new process looks for the last day that was reconciled.
_SHOWN = 30


@dataclass(frozen=True)
class Adapter:
    """What it works with. clock: tells the moment, in whatever zone."""

    settings: AdapterSettings
    passes: Passes
    clock: Clock

    def make_pass(self) -> Outcome:
        """One pass, shown in the log and the metrics."""
        now = self.clock()
        outcome = self.passes.make(now)
        metrics.passed(outcome, now)
        for number, why in outcome.refused.items():
            log.warning("refused", number=number, why=why)
        for away in outcome.away:
            log.warning("away", what=away)
        log.info("passed", taken=outcome.taken, told=outcome.told, whole=outcome.whole)
        return outcome

    def reconcile(self, day: date) -> dict[str, Any]:
        """Reconcile a day and keep what was found. Raises: Away, Refused."""
        found = reconcile(self.passes, day, self.clock())
        self.passes.marks.write_day(day, found)
        metrics.reconciled(day, found)
        log.info("reconciled", day=day.isoformat(), found=len(found["found"]), left=len(found["left"]))
        return found

    def show_last_day(self) -> None:
        """Show what the last day that was reconciled came to, as an earlier process left it."""
        today = self.clock().astimezone(SHANGHAI).date()
        for back in range(1, _SHOWN + 1):
            day = today - timedelta(days=back)
            if (found := self.passes.marks.day(day)) is not None:
                metrics.reconciled(day, found)
                return

    def days_due(self) -> Iterator[date]:
        """The days that are to be reconciled by now and were not, the oldest first; none before what a first pass looks at."""
        now = self.clock().astimezone(SHANGHAI)
        ends = now.date() if now.time() >= self.settings.reconcile_at else now.date() - timedelta(days=1)
        day = (now - self.passes.look_back).date()
        while day < ends:
            if self.passes.marks.day(day) is None:
                yield day
            day += timedelta(days=1)

    def turn(self) -> None:
        """What is done each time: a pass, then what is due of the days before. Whatever goes wrong, the next turn comes."""
        try:
            self.make_pass()
            for day in self.days_due():
                self.reconcile(day)
        except (Away, Refused) as error:
            log.warning("away", what=str(error))
        except Exception:
            log.exception("turn-failed")

    def serve(self) -> None:
        """Turn after turn, until the process is ended; that may be at any moment, as a pass is made good by the next."""
        self.show_last_day()
        while True:
            self.turn()
            time.sleep(self.settings.interval)


@contextmanager
def adapter(
    settings: AdapterSettings, clock: Clock, transport: httpx2.BaseTransport | None = None
) -> Iterator[Adapter]:
    """An adapter as the settings say. Raises: OSError, KeyError, ValueError where the lists of codes are unusable."""
    listed = codes.read(settings.kind, settings.matters)
    with httpx2.Client(timeout=settings.timeout, transport=transport) as http:
        platform = forms.FormPlatform(
            http,
            forms.Account(_base(settings.platform), settings.app_id, settings.app_secret.get_secret_value()),
            listed,
        )
        here = district.District(
            http,
            district.Account(
                _base(settings.gateway),
                settings.client,
                settings.client_secret.get_secret_value(),
                settings.source,
            ),
            settings.by_words,
        )
        passes = Passes(
            platform,
            here,
            Marks(settings.folder),
            timedelta(seconds=settings.overlap),
            timedelta(seconds=settings.look_back),
        )
        yield Adapter(settings, passes, clock)


def _base(url: object) -> str:
    return str(url).rstrip("/")
