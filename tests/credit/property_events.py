"""The property service's side of the wire: its events, and how it signs and sends them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from httpx2 import Response
from standardwebhooks import Webhook

from kit.district.clock import SHANGHAI
from kit.storage.db import new_id
from kit.testing import SECRET, Running

CODE = "91110000600037341L"
Told = dict[str, Any]


def at(hour: int, minute: int = 0) -> datetime:
    """A time on 24 June 2024."""
    return datetime(2024, 6, 24, hour, minute, tzinfo=SHANGHAI)


def told(
    company: UUID,
    name: str = "甲物业（虚构）",
    uscc: str | None = CODE,
    *,
    kind: str = "registered",
    time: datetime = at(8),
    **changes: Any,
) -> Told:
    """An event of the property service; `changes` replace members of it."""
    return {
        "specversion": "1.0",
        "id": str(new_id()),
        "source": "/property",
        "type": f"property.company.{kind}",
        "subject": str(company),
        "time": time.isoformat(),
        "datacontenttype": "application/json",
        "data": {"company": str(company), "name": name, "uscc": uscc},
    } | changes


def send(credit: Running, event: Told, *, secret: str = SECRET, age: float = 0) -> Response:
    """Deliver an event with a signature made `age` seconds ago."""
    return credit.stranger().post("/events", **delivery(event, secret=secret, age=age))


def delivery(event: Told, *, secret: str = SECRET, age: float = 0) -> dict[str, Any]:
    """The content and the headers that an event is delivered with."""
    body = json.dumps(event, ensure_ascii=False)
    signed_at = datetime.now(UTC) - timedelta(seconds=age)
    headers = {
        "content-type": "application/cloudevents+json",
        "webhook-id": event["id"],
        "webhook-timestamp": str(int(signed_at.timestamp())),
        "webhook-signature": Webhook(secret).sign(event["id"], signed_at, body),
    }
    return {"content": body.encode(), "headers": headers}


def entry(credit: Running, company: UUID) -> tuple[str, str | None]:
    """Name and code under which the company stands."""
    [found] = credit.sql("SELECT name, uscc FROM companies WHERE id = %s", company)
    return found


def listings(credit: Running, company: UUID) -> int:
    """How often credit told others that the company came under evaluation."""
    query = "SELECT count(*) FROM events WHERE type = 'credit.company.listed' AND subject = %s"
    return credit.sql(query, str(company))[0][0]
