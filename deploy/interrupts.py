"""Ctrl-C and its like as something one looks at, so that nothing is torn in the middle."""

import signal
import time
from types import FrameType


class Interrupted(Exception):
    """We were asked to end."""


class Interrupts:
    """From when it is made, SIGINT, SIGTERM and SIGHUP are only counted, until the process is gone.

    Children start with the signals' own meaning again, even where a shell in the background ignores SIGINT.
    """

    def __init__(self) -> None:
        self.count = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # it is under nohup
            signal.signal(signal.SIGHUP, self._note)

    def pause(self, seconds: float) -> None:
        """Let time pass. Raises Interrupted, a moment after a signal came."""
        until = time.monotonic() + seconds
        while not self.count and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.05))
        if self.count:
            raise Interrupted

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
