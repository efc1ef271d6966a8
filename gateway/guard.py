"""Ends an exchange whose client has gone away, or in which nothing has moved for too long."""

import asyncio
from asyncio import AbstractEventLoop, Task, TimerHandle
from typing import Any

from starlette.types import Receive

from gateway.timeouts import Patience

#: Most answers are there sooner; only the others pay for a task that listens to the client.
_WATCH_AFTER = 0.05


class Guard:
    """Cancels the task that made it, once, and says why: the client is `gone`, or the exchange `stalled` or took too long.

    Whoever moves bytes says so with `moved`. `body_done` is set when the request's body has been read, as only
    then may somebody else listen to the client; `waits_for_caller` while more of it is awaited.
    """

    def __init__(self, receive: Receive, patience: Patience) -> None:
        self.gone = False
        self.stalled = False
        self.body_done = True
        self.waits_for_caller = False
        self._receive, self._patience = receive, patience.silent
        self._loop: AbstractEventLoop = asyncio.get_running_loop()
        self._task: Task[Any] | None = asyncio.current_task(self._loop)
        now = self._loop.time()
        self._deadline, self._end = now + patience.silent, now + patience.whole
        self._timer: TimerHandle = self._loop.call_later(_WATCH_AFTER, self._look)
        self._listener: Task[None] | None = None

    def moved(self) -> None:
        """Bytes have been taken or given: patience begins anew."""
        self._deadline = self._loop.time() + self._patience

    def end(self) -> None:
        """The exchange is over."""
        self._timer.cancel()
        if self._listener is not None:
            self._listener.cancel()

    def caught(self) -> bool:
        """Whether a CancelledError was the guard's own; then it is taken back and the task goes on."""
        if self._task is None or not (self.gone or self.stalled):
            return False
        self._task.uncancel()
        return True

    def _look(self) -> None:
        left = min(self._deadline, self._end) - self._loop.time()
        if left <= 0:
            self.stalled = True
            self._stop()
            return
        if self.body_done and self._listener is None:
            self._listener = self._loop.create_task(self._listen())
        self._timer = self._loop.call_later(left if self.body_done else min(left, 1), self._look)

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        self._stop()

    def _stop(self) -> None:
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
