"""What the adapter keeps between two passes: up to when all was done, and what each day's reconciliation found. Files."""

import json
import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kit.logs import log


@dataclass(frozen=True)
class Marks:
    """Files in a folder, each written whole or not at all."""

    folder: Path

    def read(self) -> datetime | None:
        """Up to when all was done; None where that is not known, so that a pass looks back as the first one does."""
        file = self.folder / "mark.json"
        try:
            at = datetime.fromisoformat(json.loads(file.read_text(encoding="utf-8"))["done_until"])
            return at if at.tzinfo else None
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            log.warning("unreadable-mark", file=file.name)
            return None

    def write(self, at: datetime) -> None:
        """Keep up to when all was done."""
        self._write("mark.json", {"done_until": at.isoformat()})

    def day(self, day: date) -> dict[str, Any] | None:
        """What a day's reconciliation found; None where there was none."""
        file = self.folder / f"{day.isoformat()}.json"
        try:
            found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return found

    def write_day(self, day: date, found: dict[str, Any]) -> None:
        """Keep what a day's reconciliation found."""
        self._write(f"{day.isoformat()}.json", found)

    def _write(self, name: str, content: dict[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        new = self.folder / f"{name}.new"
        with new.open("w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.folder / name)
