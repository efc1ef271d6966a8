"""What a scenario does with a set, wherever its processes are: it goes in by the door, and may look into a database."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
from psycopg.sql import SQL, Identifier

#: The worker, too, writes in its queue, seals what was written before, and keeps how far it read others' events.
_TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    " AND relname NOT LIKE 'procrastinate%' AND relname NOT IN ('audit_seals', 'feeds_read') ORDER BY 1"
)


def eventually(true: Callable[[], Any], seconds: float) -> Any:
    """What `true` answers as soon as it is something, or at last."""
    until = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < until:
        time.sleep(0.1)
    return found


class Door(ABC):
    """A set that runs. base: where its gateway is reached; var: the folder with its clients' secrets."""

    base: str
    var: Path

    @abstractmethod
    def token(self, name: str) -> str:
        """A token of one of its clients."""

    @abstractmethod
    def database(self, service: str) -> str:
        """The address of a service's database."""

    def client(self, name: str | None = None) -> httpx2.Client:
        """An HTTP client with a token of one of the set's clients, or without any."""
        headers = {"Authorization": f"Bearer {self.token(name)}"} if name else {}
        return httpx2.Client(base_url=self.base, headers=headers, timeout=30)

    def document(self) -> bytes:
        """The document of all operations. Just after a start a service may not have answered yet, which it says: wait for all."""
        with self.client() as http:

            def whole() -> bytes | None:
                told = http.get("/openapi.json")
                return None if "目前没有应答" in told.json()["info"]["description"] else told.content

            found = eventually(whole, 60)
        assert found, "a service does not answer"
        return bytes(found)

    @contextmanager
    def nothing_written(self, service: str) -> Iterator[None]:
        """Fail when any table that requests write in has more or fewer rows afterwards."""
        before = self._rows(service)
        yield
        after = self._rows(service)
        changed = {table for table in before if before[table] != after[table]}
        assert not changed, f"written: {changed}"

    def _rows(self, service: str) -> dict[str, int]:
        with psycopg.connect(self.database(service), autocommit=True) as database:
            tables = [name for (name,) in database.execute(_TABLES)]
            counts = (
                database.execute(SQL("SELECT count(*) FROM {}").format(Identifier(name))) for name in tables
            )
            return {
                name: row[0] for name, count in zip(tables, counts, strict=True) if (row := count.fetchone())
            }
