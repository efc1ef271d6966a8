"""Finding among 100,000 compounds against reading one by its key, and reading a workbook against its library alone.

    python -m bench.search [--rounds 3] [--seconds 3] [--check]

Both requests go to the property service as it ships: one process, a signed token each, one connection. The workbook of
50,000 rows is read by `kit.workbooks` in its child process, and every cell of it by python-calamine in this one.
"""

import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from statistics import median
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg
from python_calamine import CalamineWorkbook

from bench.command import run
from bench.gateway import wrk
from bench.served import property_service
from bench.timing import seconds
from kit.district.search_words import found_by
from kit.storage.db import new_id
from kit.workbooks.reading import BOUNDS, read
from kit.workbooks.writing import Column, Value, table

#: What is promised: how many times a search takes what a look-up by key takes, and our reading what the library takes.
SEARCH, READING = 3.0, 2.0
COMPOUNDS, ROWS = 100_000, 50_000
#: What names of compounds are made of.
_FIRST = "和谐团结天骄东方富力金色永昌祥泰安居鸿景吉园华盛民生温馨阳光锦绣康巴宏源星河玉林"
_LAST = ("小区", "家园", "花园", "苑", "名邸", "华庭", "公寓", "里")
#: What is looked for: letters, pinyin, initials, each of which some compounds are found by.
SOUGHT = ("团谐华庭", "tuanxiehuating", "txht12", "苑777期")
_COPY: LiteralString = (
    "COPY compounds (id, community_id, name, name_key, name_like, found_by, version) FROM STDIN"
)


@dataclass(frozen=True)
class Figures:
    """A search by a look-up (None without wrk), and our reading by the library's, in time."""

    search: float | None
    reading: float

    def broken(self) -> list[str]:
        """What takes longer than promised."""
        found = [
            (self.search is not None and self.search > SEARCH, f"a search takes more than {SEARCH} look-ups"),
            (self.reading > READING, f"reading a workbook takes more than {READING} of its library alone"),
        ]
        return [text for is_broken, text in found if is_broken]


def main() -> None:
    """Run from the command line."""
    run("Finding by words, and reading workbooks.", measure, rounds=3, seconds=3)


def measure(rounds: int, seconds: int) -> Figures:
    """Measure both and print."""
    figures = Figures(_search(rounds, seconds) if shutil.which("wrk") else None, _reading(rounds))
    said = "skipped, as wrk cannot be found" if figures.search is None else f"{figures.search:.2f} look-ups"
    print(f"\nA search among {COMPOUNDS:,} compounds: {said}.")
    print(
        f"A workbook of {ROWS:,} rows is read in {figures.reading:.2f} of the time of python-calamine alone."
    )
    return figures


def _search(rounds: int, seconds: int) -> float:
    with property_service() as serving:
        company, base, token = _fill(serving.database), serving.base, serving.token
        look_up = f"{base}/companies/{company}"
        searches = [f"{base}/search?kind=compound&limit=20&q={quote(word)}" for word in SOUGHT]
        for url in (look_up, *searches):
            wrk(url, 1, 1, token)  # nobody is measured cold
        ratios = []
        for _ in range(rounds):
            by_key = wrk(look_up, 1, seconds, token).rate
            ratios.append(max(by_key / wrk(url, 1, seconds, token).rate for url in searches))
        return median(ratios)


def _fill(database: psycopg.Connection[Any]) -> str:
    """Put compounds into a community, and a company to be looked up; returns its id."""
    rng = Random(1)
    street = database.execute("SELECT id FROM divisions WHERE kind = 'street' LIMIT 1").fetchone()
    assert street is not None
    community = new_id()
    database.execute(
        "INSERT INTO divisions (id, kind, parent_id, name, name_key, name_like, version)"
        " VALUES (%s, 'community', %s, '测速社区', '测速社区', '测速', 1)",
        [community, street[0]],
    )
    with database.cursor().copy(_COPY) as copy:
        for number in range(COMPOUNDS):
            name = f"{rng.choice(_FIRST)}{rng.choice(_FIRST)}{rng.choice(_LAST)}{number}期"
            copy.write_row((new_id(), community, name, name, name, found_by(name), 1))
    company = str(new_id())
    database.execute(
        "INSERT INTO companies (id, name, name_key, name_like, found_by, version, entered_at, changed_at)"
        " VALUES (%s, '测速', '测速', '测速', ARRAY['测速'], 1, now(), now())",
        [company],
    )
    database.execute("VACUUM (ANALYZE) compounds")
    return company


def _reading(rounds: int) -> float:
    data = _workbook()
    bounds = replace(BOUNDS, rows=ROWS + 1, seconds=60, memory_megabytes=2048)
    ratios = [seconds(lambda: read(data, bounds)) / seconds(lambda: _bare(data)) for _ in range(rounds)]
    return median(ratios)


def _workbook() -> bytes:
    columns = [Column(f"列{number}") for number in range(14)]
    texts = ["天骄街道", "团结社区", "专业化物业管理", "天骄物业服务有限公司"]
    rows: Iterator[list[Value]] = (
        [*texts, f"和谐家园{at}期", *(at * 10 + each for each in range(9))] for at in range(ROWS)
    )
    return table(columns, rows)


def _bare(data: bytes) -> None:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert len(rows) > ROWS


if __name__ == "__main__":
    main()
