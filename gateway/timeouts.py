"""How long exchanges may take, as one table: gateway/timeouts.yaml, with the deployment's own rows before it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import translate
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from starlette.types import Scope

from kit.district import reference

_Seconds = Annotated[float, Field(gt=0)]


class Row(BaseModel):
    """A row of the table, as its head says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    kind: str = ""
    silent: _Seconds | None = None
    whole: _Seconds


TABLE = TypeAdapter(tuple[Row, ...]).validate_python(
    reference.read(Path(__file__).with_name("timeouts.yaml"))
)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that an exchange may take: in which nothing moves, and as a whole."""

    silent: float
    whole: float


class Timeouts:
    """The table; `own`: rows that come before it; `silent`: where a row does not say."""

    def __init__(self, own: Iterable[Row], silent: float) -> None:
        self._rows = [(_matching(row.path), row.kind, _patience(row, silent)) for row in (*own, *TABLE)]

    def of(self, scope: Scope) -> Patience:
        """That of a request."""
        kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
        return self.on(scope["path"], kind.partition(b";")[0].strip().lower().decode("latin-1"))

    def on(self, path: str, kind: str = "") -> Patience:
        """That of a path and of the kind of a request's body."""
        for fits, wanted, patience in self._rows:
            if (not wanted or wanted == kind) and (fits is None or fits(path)):
                return patience
        raise AssertionError("the last row fits everything")


def _matching(path: str) -> Callable[[str], object] | None:
    """What tells whether a path fits; None where any does."""
    return None if path == "*" else re.compile(translate(path)).match


def _patience(row: Row, silent: float) -> Patience:
    return Patience(min(row.silent or silent, row.whole), row.whole)
