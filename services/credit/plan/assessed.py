"""The notice of a year's assessments as a table: read line by line, with all that is wrong in it; pure (P-2.3.5a)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from kit.workbooks.reading import column_letter

HEADINGS: Final = ("企业名称", "统一社会信用代码", "考核结果", "考核得分")
#: Rows that may stand above the headings.
ABOVE: Final = 10
#: The most that an assessment may give.
MOST: Final = 1000
_POINTS: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,2})?")


@dataclass(frozen=True)
class AssessedLine:
    """A company's assessment; row: counted from 1; named by its code, its name, or both."""

    row: int
    name: str | None
    uscc: str | None
    result: str
    points: Decimal | None


@dataclass
class Assessed:
    """What a table says: its lines, what is wrong as (cell, reason), and in which column (letter) each heading stands."""

    lines: list[AssessedLine] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)

    def cell(self, heading: str, row: int) -> str:
        """Where a heading's value of a row stands, as B7."""
        return f"{column_letter(self.columns[heading])}{row}"


def read_assessed(rows: Sequence[Sequence[object]], results: Sequence[str]) -> Assessed:
    """The lines below the row of headings; results: the words that a result may be.

    A row without anything in the columns of the table is passed over.
    """
    found = Assessed()
    head = next((number for number, row in enumerate(rows[:ABOVE]) if "考核结果" in _texts(row)), None)
    texts = [] if head is None else _texts(rows[head])
    if head is None or not {"企业名称", "统一社会信用代码"} & set(texts):
        found.wrong.append(("A1", "没有找到表头；表头应有“考核结果”，以及“企业名称”或“统一社会信用代码”。"))
        return found
    found.columns = {heading: texts.index(heading) for heading in HEADINGS if heading in texts}
    for number, row in enumerate(rows[head + 1 :], head + 2):
        values = {heading: _texts(row)[at] if at < len(row) else "" for heading, at in found.columns.items()}
        if any(values.values()):
            _take(found, number, values, results)
    if not found.lines and not found.wrong:
        found.wrong.append((f"A{head + 2}", "表头下面没有企业。"))
    return found


def _take(found: Assessed, row: int, values: dict[str, str], results: Sequence[str]) -> None:
    name, uscc, result, points = (values.get(heading) or None for heading in HEADINGS)
    before = len(found.wrong)
    if name is None and uscc is None:
        heading = "统一社会信用代码" if "统一社会信用代码" in found.columns else "企业名称"
        found.wrong.append((found.cell(heading, row), "请填写企业。"))
    if result not in results:
        found.wrong.append((found.cell("考核结果", row), f"应为{'、'.join(results)}之一。"))
    if points is not None and not (_POINTS.fullmatch(points) and Decimal(points) <= MOST):
        found.wrong.append((found.cell("考核得分", row), "应为 0 到 1000 的数，最多两位小数；没有的不填。"))
    if len(found.wrong) == before:
        code = None if uscc is None else uscc.upper()
        found.lines.append(
            AssessedLine(row, name, code, str(result), None if points is None else Decimal(points))
        )


def _texts(row: Sequence[object]) -> list[str]:
    return ["".join(str(cell).split()) for cell in row]
