"""The pool of connections, which knows how many wait for one and how often one was waited for in vain."""

from typing import Any

from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import AsyncAdaptedQueuePool, PoolProxiedConnection


class Pool(AsyncAdaptedQueuePool):
    """limit: how many there may be; waiting: how many are being given one; timeouts: how many were given none in time."""

    waiting = 0
    timeouts = 0

    def __init__(self, creator: Any, *, pool_size: int, max_overflow: int, **options: Any) -> None:
        super().__init__(creator, pool_size=pool_size, max_overflow=max_overflow, **options)
        self.limit = pool_size + max_overflow

    def connect(self) -> PoolProxiedConnection:
        """A connection, as soon as one is free. Raises: sqlalchemy.exc.TimeoutError."""
        self.waiting += 1
        try:
            return super().connect()
        except PoolTimeout:
            self.timeouts += 1
            raise
        finally:
            self.waiting -= 1
