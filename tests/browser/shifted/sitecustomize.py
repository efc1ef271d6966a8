"""Python imports this first where the tests start a set: its clock stands where the tests put it, and goes on from there."""

import os
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from standardwebhooks import webhooks

from kit.district import clock

_AHEAD = Path(os.environ["TEST_CLOCK"])  # seconds, of a clock on the wall


def _shifted() -> datetime:
    return datetime.now(clock.SHANGHAI) + timedelta(seconds=float(_AHEAD.read_text()))


class _Signing(datetime):
    """What the library of signatures asks for now."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return _shifted().astimezone(tz)


clock.system_clock = _shifted
webhooks.datetime = _Signing
