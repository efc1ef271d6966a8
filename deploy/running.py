"""The running set: its processes are started, watched, started again where they end, and ended."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy import forking
from deploy.children import Child, end_all, is_ready, spawn
from deploy.interrupts import Interrupts
from deploy.plan import Part, Plan
from deploy.postgres import Server

#: Seconds in which all is prepared, and in which all parts get ready after that.
PREPARED, READY = 300.0, 120.0
#: Seconds until a part that ended is started again: doubled each time, until one has lived long enough.
FIRST_PAUSE, LONGEST_PAUSE, LONG_ENOUGH = 1.0, 30.0, 60.0


class Failed(Exception):
    """The set cannot start or go on; the message says why, with the last lines of the log."""


class RunningSet:
    """The processes of a plan; entered, it ends them in the end.

    folder: where they log; lock: a descriptor that they inherit; say: tells the user what happens.
    """

    def __init__(
        self, plan: Plan, folder: Path, lock: int, interrupts: Interrupts, say: Callable[[str], None]
    ) -> None:
        self._plan, self._folder, self._lock, self._interrupts, self._say = (
            plan,
            folder,
            lock,
            interrupts,
            say,
        )
        self._watched: list[_Watched] = []  # the gateway first

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the gateway, then the services and the worker, so that what has been let in is still answered."""
        for turn in (self._watched[:1], self._watched[1:]):
            end_all([watched.child for watched in turn], hurried=lambda: self._interrupts.count > 1)

    def start(self) -> None:
        """Start each part as soon as what it needs is there, and wait until all are ready.

        Raises: Failed; Interrupted.
        """
        (self._folder / "log").mkdir(exist_ok=True)
        forking.preload()
        for part in self._prepared():
            self._watched.append(_Watched(part, self._launch(part)))
        self._watched.append(_Watched(self._plan.worker, self._launch(self._plan.worker)))
        self._watched.sort(key=lambda watched: watched.part is not self._plan.gateway)
        until = time.monotonic() + READY
        for watched in reversed(self._watched):  # the gateway at last: it asks all others
            while not watched.is_ready():
                self._refuse_failed()
                if time.monotonic() > until:
                    raise Failed(
                        _failure(watched.part.name, watched.child, f"was not ready after {READY:.0f} s")
                    )
                self._interrupts.pause(0.02)
            watched.ready = True
        self._refuse_failed()

    def watch(self, server: Server | None) -> None:
        """Start parts that end again, for as long as we are let.

        Raises: Interrupted; Failed when the embedded database ends.
        """
        while True:
            self._interrupts.pause(0.2)
            if server is not None and (code := server.process.poll()) is not None:
                raise Failed(
                    f"PostgreSQL ended with {code}; {server.log} may say why. Start again: the data is kept."
                )
            for watched in self._watched:
                watched.look(time.monotonic(), self._launch, self._say)

    def _prepared(self) -> Iterator[Part]:
        """Each service once its database is up to date, and the gateway once its keys are made; together."""
        waiting = [
            (part, self._child((sys.executable, "-m", "deploy.prepare", part.name), part))
            for part in (*self._plan.services, self._plan.console, self._plan.gateway)
        ]
        until = time.monotonic() + PREPARED
        try:
            while waiting:
                for part, child in waiting[:]:
                    what = f"the preparation of {part.name}"
                    if code := child.ended:
                        raise Failed(_failure(what, child, f"ended with {code}"))
                    if code == 0:
                        waiting.remove((part, child))
                        yield part
                    elif time.monotonic() > until:
                        raise Failed(_failure(what, child, f"was not done after {PREPARED:.0f} s"))
                self._interrupts.pause(0.01)
        finally:
            end_all([child for _, child in waiting])

    def _refuse_failed(self) -> None:
        for watched in self._watched:
            if (code := watched.child.ended) is not None:
                raise Failed(_failure(watched.part.name, watched.child, f"ended with {code}"))

    def _launch(self, part: Part) -> Child:
        return self._child(part.command, part)

    def _child(self, command: Sequence[str], part: Part) -> Child:
        start = forking.fork if forking.POSSIBLE else spawn
        log = self._folder / "log" / f"{part.name}.log"
        return Child(command, part.environment, log, (self._lock,), start)


class _Watched:
    """A part and the process that it runs as at present."""

    def __init__(self, part: Part, child: Child) -> None:
        self.part, self.child = part, child
        self.ready = False
        self._since = time.monotonic()
        self._pause = FIRST_PAUSE
        self._again_at: float | None = None

    def is_ready(self) -> bool:
        """Whether it says so; the worker has nothing to say, and works from its beginning."""
        return self.part.address is None or is_ready(self.part.address)

    def look(self, now: float, launch: Callable[[Part], Child], say: Callable[[str], None]) -> None:
        """Take note of its end, start it again when its time has come, tell when it is ready."""
        if self._again_at is not None:
            if now >= self._again_at:
                self.child, self._since, self._again_at = launch(self.part), now, None
        elif (code := self.child.ended) is not None:
            if now - self._since > LONG_ENOUGH:
                self._pause = FIRST_PAUSE
            self.ready, self._again_at = False, now + self._pause
            say(
                _failure(
                    self.part.name, self.child, f"ended with {code}, starts again in {self._pause:.0f} s"
                )
            )
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        elif not self.ready and self.is_ready():
            self.ready = True
            say(f"{self.part.name} is ready again.")


def _failure(name: str, child: Child, what: str) -> str:
    words = child.last_words() or "(nothing)"
    return f"{name} {what}; {child.log} says:\n{words}"
