"""The smart-property platform as the tests play it: rows, and requests that carry them."""

import json
from hashlib import md5
from typing import Any

from stdnum.cn import uscc

from kit.testing import Client, Running

NDJSON = {"Content-Type": "application/x-ndjson"}


def platform(running: Running, name: str = "smart-platform") -> Client:
    """The platform's client."""
    return running.client("property:read", "property:sync", name=name)


def code(number: int) -> str:
    """A valid unified social credit code."""
    body = f"91150602{number:09}"
    return body + str(uscc.calc_check_digit(body))


def company(number: int, version: int = 1, **more: Any) -> dict[str, Any]:
    """A company of the platform's; keywords change it."""
    given = {"name": f"同步{number}物业（虚构）", "uscc": code(number)}
    return {"key": f"C-{number}", "source_version": version} | given | more


def compound(number: int, version: int = 1, **more: Any) -> dict[str, Any]:
    """A compound of the platform's in 天骄街道; keywords change it."""
    place = {"street": "天骄街道", "community": "团结社区", "name": f"同步{number}号院"}
    return {"key": f"X-{number}", "source_version": version} | place | more


def contract(number: int, version: int = 1, **more: Any) -> dict[str, Any]:
    """A contract of compound and company number 1."""
    dates = {"signed_on": "2024-05-20", "starts_on": "2024-06-01", "ends_on": "2027-06-01"}
    return (
        {"key": f"H-{number}", "source_version": version, "compound": "X-1", "company": "C-1"} | dates | more
    )


def gone(key: str, version: int) -> dict[str, Any]:
    """A tombstone."""
    return {"key": key, "source_version": version, "deleted": True}


def hash_of(*rows: dict[str, Any]) -> int:
    """The digest's hash of rows as the platform computes it, before it is written as 15 digits."""
    said = (f"{row['key']}\t{row['source_version']}".encode() for row in rows)
    return sum(int(md5(each, usedforsecurity=False).hexdigest()[:15], 16) for each in said) % 2**60


def ndjson(*rows: Any) -> bytes:
    """Rows as lines; what is bytes already stands as it is."""
    lines = (row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode() for row in rows)
    return b"\n".join(lines) + b"\n"


def put(client: Client, kind: str, *rows: Any) -> dict[str, Any]:
    """Send rows, and expect a receipt."""
    answer = client.put(f"/sync/{kind}", content=ndjson(*rows), headers=NDJSON)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def counts(receipt: dict[str, Any]) -> tuple[int, int, int, int]:
    """What a receipt counts."""
    return tuple(receipt[name] for name in ("accepted", "unchanged", "stale", "rejected"))
