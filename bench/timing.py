"""How long something takes."""

import time
from collections.abc import Callable


def seconds(run: Callable[[], object]) -> float:
    """What running it once takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started
