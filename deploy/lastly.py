"""When the last good backup and the last good drill were, for Prometheus' textfile collector: backup.prom in the folder."""

import os
import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path

NAME = "backup.prom"
_FIGURES = {
    "done": "When the last backup was done.",
    "drilled": "When a backup was last restored for trial, and found whole.",
}


def note(place: Path, what: str, at: datetime) -> None:
    """Note that a backup was "done" or "drilled"; who reads meanwhile sees the old or the new. It is open to all readers."""
    times = read(place) | {what: at.timestamp()}
    lines = []
    for each in filter(times.__contains__, _FIGURES):
        name = f"dongsheng_backup_{each}_timestamp_seconds"
        lines += [f"# HELP {name} {_FIGURES[each]}", f"# TYPE {name} gauge", f"{name} {times[each]:.3f}"]
    place.mkdir(parents=True, exist_ok=True)
    new = place / f".{NAME}.{os.getpid()}"
    new.write_text("\n".join(lines) + "\n", encoding="utf-8")
    new.chmod(0o644)
    new.replace(place / NAME)


def read(place: Path) -> dict[str, float]:
    """What was noted so far."""
    with suppress(FileNotFoundError):
        written = (place / NAME).read_text(encoding="utf-8")
        found = re.findall(r"^dongsheng_backup_(\w+)_timestamp_seconds (\S+)$", written, re.M)
        return {what: float(seconds) for what, seconds in found}
    return {}
