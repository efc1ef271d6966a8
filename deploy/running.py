"""The running set: its processes are started, watched, started again where they end, and ended."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.children import Child, end_all, is_ready
from deploy.interrupts import Interrupts
from deploy.plan import SERVICES, Part, Plan
from deploy.postgres import Server

#: Seconds in which the databases are brought up to date, and in which all parts get ready after that.
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
        self._watched: list[_Watched] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the gateway, then the services, so that what has been let in is still answered."""
        for parts in (self._watched[-1:], self._watched[:-1]):
            end_all([watched.child for watched in parts], hurried=lambda: self._interrupts.count > 1)

    def start(self) -> None:
        """Bring the databases up to date, start all parts and wait until they are ready.

        Raises: Failed; Interrupted.
        """
        (self._folder / "log").mkdir(exist_ok=True)
        self._prepare()
        for part in self._plan.parts:
            self._watched.append(_Watched(part, self._launch(part)))
        until = time.monotonic() + READY
        for watched in self._watched:
            while not is_ready(watched.part.address):
                self._refuse_failed()
                if time.monotonic() > until:
                    raise Failed(
                        _failure(watched.part.name, watched.child, f"was not ready after {READY:.0f} s")
                    )
                self._interrupts.pause(0.05)
            watched.ready = True

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

    def _prepare(self) -> None:
        command = (sys.executable, "-m", "deploy.prepare", "--keep", str(self._folder), *SERVICES)
        child = Child(command, self._plan.environment, self._log("prepare"), self._lock)
        until = time.monotonic() + PREPARED
        try:
            while child.ended is None:
                if time.monotonic() > until:
                    raise Failed(_failure("prepare", child, f"was not done after {PREPARED:.0f} s"))
                self._interrupts.pause(0.02)
        finally:
            end_all([child])
        if child.ended:
            raise Failed(_failure("prepare", child, f"ended with {child.ended}"))

    def _refuse_failed(self) -> None:
        for watched in self._watched:
            if (code := watched.child.ended) is not None:
                raise Failed(_failure(watched.part.name, watched.child, f"ended with {code}"))

    def _launch(self, part: Part) -> Child:
        return Child(part.command, part.environment, self._log(part.name), self._lock)

    def _log(self, name: str) -> Path:
        return self._folder / "log" / f"{name}.log"


class _Watched:
    """A part and the process that it runs as at present."""

    def __init__(self, part: Part, child: Child) -> None:
        self.part, self.child = part, child
        self.ready = False
        self._since = time.monotonic()
        self._pause = FIRST_PAUSE
        self._again_at: float | None = None

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
        elif not self.ready and is_ready(self.part.address):
            self.ready = True
            say(f"{self.part.name} is ready again.")


def _failure(name: str, child: Child, what: str) -> str:
    words = child.last_words() or "(nothing)"
    return f"{name} {what}; {child.log} says:\n{words}"
