"""What another service tells of a request whose words tell of an accident."""

from typing import Any

from kit.storage.db import new_id


def alarming(number: str = "DS-PQ-20240624-0001", **data: Any) -> dict[str, Any]:
    """The event of a request that came in as a complaint about noise; data: replaces what it says."""
    said = {
        "number": number,
        "matter": "noise",
        "words": ["爆炸", "被困"],
        "division": "天骄街道",
        "received_at": "2024-06-24T09:10:00+08:00",
    }
    return {
        "specversion": "1.0",
        "id": str(new_id()),
        "source": "/property",
        "type": "dispatch.request.alarming",
        "subject": number,
        "time": "2024-06-24T09:10:00+08:00",
        "datacontenttype": "application/json",
        "data": said | data,
    }
