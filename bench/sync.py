"""The platform's synchronisation against COPY of the same rows into the same table, in the same run.

    python -m bench.sync [--rows 100000] [--check]

Ours is the property service as it ships, sent companies that it has never seen as one NDJSON request, and then the
same again. The reference copies the finished rows, with all that is worked out of a name, into an empty table that is
`companies` with its indexes and checks, and does nothing else: it reads no JSON, keeps nothing of the platform's word
and leaves no event behind. Afterwards every row must be found in the table, among the platform's and in the events.
"""

import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psycopg

from bench.command import run
from bench.served import property_service
from bench.writes import valid_codes
from kit.district.search_words import found_by
from kit.storage.db import new_id
from kit.storage.named import spelled

#: What is promised: our share of COPY; and megabytes that a request may add at most, however many rows it has.
SHARE, MEMORY = 0.4, 300
_COLUMNS = "id, name, name_key, name_like, found_by, uscc, version, entered_at, changed_at"


@dataclass(frozen=True)
class Figures:
    """Rows a second of COPY, of a first request and of its repeat; megabytes at the service's peak, and before."""

    copied: float
    first: float
    again: float
    peak: int
    before: int

    def broken(self) -> list[str]:
        """What is less than promised."""
        found = [
            (self.first < SHARE * self.copied, f"a sync does less than {SHARE} of COPY"),
            (self.peak - self.before > MEMORY, f"a sync takes more than {MEMORY} MB"),
        ]
        return [text for is_broken, text in found if is_broken]


def main() -> None:
    """Run from the command line."""
    run("The platform's synchronisation against COPY.", measure, rows=100_000)


def measure(rows: int) -> Figures:
    """Measure, check what was promised, and print."""
    with property_service("property:sync") as serving:
        database, pid = serving.database, serving.pid
        copied = rows / _copy(database, serving.folder, rows)
        before = _peak(pid)
        first, again = (rows / _send(serving.port, serving.token, rows) for _ in range(2))
        figures = Figures(copied, first, again, _peak(pid), before)
        _check(database, rows)
    _print(figures, rows)
    return figures


def _named(rows: int) -> Iterator[tuple[str, str]]:
    for _, code in zip(range(rows), valid_codes(), strict=False):
        yield f"测速{code[8:17]}物业服务有限公司", code


def _copy(database: psycopg.Connection[Any], folder: Path, rows: int) -> float:
    """Seconds of COPY; what it copies is made before and read from a file."""
    now = "2024-06-24 09:30:00+08"
    path = folder / "companies.copy"
    with path.open("w") as file:
        for name, code in _named(rows):
            words = "{" + ",".join(f'"{word}"' for word in found_by(name)) + "}"
            values = [str(new_id()), *spelled(name).values(), words, code, "1", now, now]
            file.write("\t".join(values) + "\n")
    database.execute("CREATE TABLE copied (LIKE companies INCLUDING ALL)")
    started = time.monotonic()
    with database.cursor().copy(f"COPY copied ({_COLUMNS}) FROM STDIN") as copy, path.open("rb") as lines:
        while part := lines.read(256 * 1024):
            copy.write(part)
    seconds = time.monotonic() - started
    database.execute("DROP TABLE copied")
    return seconds


def _send(port: int, token: str, rows: int) -> float:
    """Seconds of a request with all rows, made while they are sent."""

    def lines() -> Iterator[bytes]:
        for number, (name, code) in enumerate(_named(rows)):
            row = {"key": f"C-{number}", "source_version": 1, "name": name, "uscc": code}
            yield json.dumps(row, ensure_ascii=False).encode() + b"\n"

    def parts() -> Iterator[bytes]:
        held: list[bytes] = []
        for line in lines():
            held.append(line)
            if len(held) == 1000:
                yield b"".join(held)
                held = []
        yield b"".join(held)

    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    started = time.monotonic()
    connection = HTTPConnection("127.0.0.1", port, timeout=3600)
    connection.request("PUT", "/property/v1/sync/companies", parts(), headers, encode_chunked=True)
    answer = connection.getresponse()
    receipt = json.loads(answer.read())
    connection.close()
    if answer.status != 200 or receipt["accepted"] + receipt["unchanged"] != rows:
        sys.exit(f"not all was taken: {receipt}")
    return time.monotonic() - started


def _peak(pid: int) -> int:
    """Megabytes that a process has held at most."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) // 1024


def _check(database: psycopg.Connection[Any], rows: int) -> None:
    """End the program unless each row is there once."""
    for table in ("companies", "sync_rows", "events"):
        found = database.execute(f"SELECT count(*) FROM {table}").fetchone()
        if found != (rows,):
            sys.exit(f"{rows} rows were sent, but {table} has {found}")


def _print(figures: Figures, rows: int) -> None:
    print(f"\n{rows:,} companies of the platform in one request\n")
    print("| | rows/s | of COPY |\n|---|---:|---:|")
    print(f"| COPY of the finished rows | {figures.copied:,.0f} | |")
    print(f"| first request | {figures.first:,.0f} | {figures.first / figures.copied:.2f} |")
    print(f"| the same again | {figures.again:,.0f} | {figures.again / figures.copied:.2f} |")
    print(f"\nThe service holds {figures.before} MB before, {figures.peak} MB at its peak.")


if __name__ == "__main__":
    main()
