"""What is told of requests that came in at a compound more often than expected."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from kit.dispatch.patterns import PatternNoticed
from kit.storage.db import new_id

WORDS = "最近 28 天有 5 件；此前 12 个 28 天共 6 件，平均每 28 天 0.50 件。如果只是偶然，出现这么多件或更多的概率为约 0.0172%。"


def pattern(place: str, matter: str = "lift-maintenance", kind: str = "compound") -> PatternNoticed:
    """Five requests of a matter at a place."""
    return PatternNoticed(
        matter=matter,
        kind=kind,
        place=place,
        window_from=date(2024, 5, 28),
        window_to=date(2024, 6, 24),
        count=5,
        past=6,
        windows=12,
        probability=Decimal("0.0001721156"),
        words=WORDS,
        requests=["DS-CQ-20240620-0001"],
    )


def noticed(place: str, id: UUID | None = None, **said: str) -> dict[str, Any]:
    """The event of such a pattern among credit's requests."""
    return {
        "specversion": "1.0",
        "id": str(new_id()),
        "source": "/credit",
        "type": "dispatch.pattern.noticed",
        "subject": str(id or new_id()),
        "time": "2024-06-24T06:23:00+08:00",
        "datacontenttype": "application/json",
        "data": pattern(place, **said).model_dump(mode="json"),
    }
