"""Sealing citizens' requests anew with the next key, against a loop by hand over the same rows.

    python -m bench.reseal [--rows 20000] [--rounds 3] [--check]

Ours is the job as it runs: `python -m services.property reseal`, and a worker process of its own that goes from batch to batch.
The reference opens and seals the same two values and the hash of each row, in batches of the same size, over one
connection: with no queue, no lock, no second look, and nobody to tell.
"""

import json
import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import Any, LiteralString
from urllib.request import Request, urlopen

import psycopg
from pydantic import SecretStr

from bench.command import run
from bench.processes import running
from bench.served import property_service
from bench.timing import seconds
from deploy.kept import random_key
from kit.personal.cipher import Cipher
from kit.personal.keys import Keys
from kit.personal.resealing import RESEAL, ROWS

#: What is promised: how many times the loop by hand takes the job takes.
RESEALING = 3.0
_COMMAND = [sys.executable, "-m", "services.property"]
_SENT = {
    "summary": "物业服务反映",
    "description": "楼道保洁不及时，请处理",
    "division": "天骄街道",
    "address": "和谐家园小区",
    "source": "12345",
    "matter": "property-service",
    "external_number": "N0",
    "citizen": {"name": "巴特尔", "phone": "13847712345"},
}
_COPIED: LiteralString = """
INSERT INTO dispatch_requests SELECT (jsonb_populate_record(r, jsonb_build_object(
    'id', gen_random_uuid(), 'number', 'N' || n, 'external_number', 'N' || n))).*
FROM dispatch_requests r, generate_series(1, %s - 1) n
"""
_SEALED: LiteralString = (
    "SELECT id, citizen_name, citizen_phone FROM dispatch_requests WHERE id > %s ORDER BY id LIMIT %s"
)
_ANEW: LiteralString = (
    "UPDATE dispatch_requests SET citizen_name = %s, citizen_phone = %s, phone_hash = %s WHERE id = %s"
)
_LEFT: LiteralString = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s"
_BEGUN: LiteralString = _LEFT + " AND status = 'doing'"


@dataclass(frozen=True)
class Figures:
    """Rows a second of the job, and how many times the loop by hand takes it takes."""

    rate: float
    ratio: float

    def broken(self) -> list[str]:
        """What takes longer than promised."""
        said = f"sealing anew takes more than {RESEALING} of a loop by hand"
        return [said] if self.ratio > RESEALING else []


def main() -> None:
    """Run from the command line."""
    run("Sealing personal data anew.", measure, rows=20_000, rounds=3)


def measure(rows: int, rounds: int) -> Figures:
    """Measure and print."""
    with property_service("dispatch:read", "dispatch:write") as serving:
        hand_in = Request(
            f"{serving.base}/dispatch/requests",
            json.dumps(_SENT).encode(),
            {"Authorization": f"Bearer {serving.token}", "Content-Type": "application/json"},
        )
        urlopen(hand_in, timeout=60).close()
        serving.database.execute(_COPIED, [rows])
        serving.database.execute("VACUUM (ANALYZE) dispatch_requests")
        former, following = serving.environment["PROPERTY_PERSONAL_KEY"], random_key()
        settings = serving.environment | {"PROPERTY_PERSONAL_KEY": _keys(following, former)}
        back = Cipher(SecretStr(_keys(former, following)))
        taken = []
        with running([*_COMMAND, "worker"], None, settings):
            for _ in range(rounds):
                ours = _job(serving.database, settings)
                _must_be_sealed(serving.database, rows, Cipher(SecretStr(following)))
                taken.append((ours, seconds(lambda: _by_hand(serving.database, back))))
                _must_be_sealed(serving.database, rows, Cipher(SecretStr(former)))
    figures = Figures(median(rows / ours for ours, _ in taken), median(ours / bare for ours, bare in taken))
    bare_rate = median(rows / bare for _, bare in taken)
    print(f"\n{rows:,} citizens' requests sealed anew, {ROWS} in a batch:")
    print(f"the job {figures.rate:,.0f} rows/s, the loop by hand {bare_rate:,.0f}.")
    print(f"The job takes {figures.ratio:.2f} of the loop's time; promised: {RESEALING}.")
    return figures


def _keys(*written: str) -> str:
    """Keys side by side, the one that seals first."""
    (raw,) = zip(*(Keys.read(each).opening for each in written), strict=True)
    return Keys(raw).written


def _job(database: psycopg.Connection[Any], settings: dict[str, str]) -> float:
    """Seconds from the first batch's beginning to the end of the last."""
    with running([*_COMMAND, "reseal"], None, settings) as asking:
        while not _value(database, _BEGUN, RESEAL):
            if asking.poll():
                sys.exit("reseal failed")
            time.sleep(0.01)
        started = time.perf_counter()
        while _value(database, _LEFT, RESEAL):
            time.sleep(0.02)
        return time.perf_counter() - started


def _by_hand(database: psycopg.Connection[Any], cipher: Cipher) -> None:
    last = "00000000-0000-0000-0000-000000000000"
    while rows := database.execute(_SEALED, [last, ROWS]).fetchall():
        anew = []
        for key, name, phone in rows:
            opened = cipher.open(phone)
            sealed = cipher.seal(cipher.open(name)), cipher.seal(opened)
            anew.append((*sealed, cipher.lookup(opened), key))
        with database.transaction(), database.cursor() as cursor:
            cursor.executemany(_ANEW, anew)
        last = rows[-1][0]


def _must_be_sealed(database: psycopg.Connection[Any], rows: int, cipher: Cipher) -> None:
    """Ends the program unless all rows are sealed by the one key."""
    found = database.execute("SELECT citizen_name, citizen_phone FROM dispatch_requests").fetchall()
    if len(found) != rows or not all(cipher.is_first(value) for row in found for value in row):
        sys.exit("not every row was sealed anew")


def _value(database: psycopg.Connection[Any], query: LiteralString, *parameters: object) -> Any:
    row = database.execute(query, parameters).fetchone()
    assert row is not None
    return row[0]


if __name__ == "__main__":
    main()
