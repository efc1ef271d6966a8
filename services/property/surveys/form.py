"""The survey form 东胜区物业管理基本情况统计表 (附件1 of 东政发〔2024〕18号), read and written.

`parse` takes the sheets of a workbook to a `Survey` with every error and warning at once; `write` takes a
survey to the official form. What `write` wrote, `parse` reads as the same survey. Pure: no session, no clock;
the streets that exist and the survey's year are passed in.
"""

import datetime
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from kit.workbooks.writing import Column, Layout, Value, table
from services.property.surveys.header import OFFICIAL
from services.property.surveys.lines import TITLE
from services.property.surveys.reading import parse
from services.property.surveys.survey import SUMMED, CellError, Status, Survey, SurveyRow

__all__ = [
    "TITLE",
    "CellError",
    "Status",
    "Survey",
    "SurveyRow",
    "above_the_table",
    "form_cells",
    "form_columns",
    "parse",
    "write",
]

NOTES: Final = (
    "备注：1.物业管理现状填写专业化物业管理、准物业管理、无物业；",
    "　　　2.各旗区可根据实际情况增加摸底调查内容，但不能减少内容。",
)
_WIDTHS: Final = (6, 12, 16, 24, 8, 8, 13, 10, 17, 28, 12, 12, 18, 9)
#: Where long headings break, as they do in the printed form.
_BREAKS: Final = re.compile("(?=（)|(?<=）)(?=.)")
_FORMATS: Final = {"area": "0.00", "fee": "0.00##", "collection_rate": "0.00%"}


def write(survey: Survey, *, created: datetime.datetime | None = None) -> bytes:
    """The survey as a workbook in the official form; added columns follow the form's own (P-A1a, P-A1c).

    `created` goes into the file's properties; with it, equal surveys give equal bytes.
    """
    added = added_headings(survey)
    return table(
        form_columns(added),
        (form_cells(number, row, added) for number, row in enumerate(survey.rows, 1)),
        Layout(
            sheet="统计表",
            label="附件1",
            title=TITLE,
            above=above_the_table(survey),
            total="合计",
            notes=NOTES,
            created=created,
        ),
    )


def added_headings(survey: Survey) -> tuple[str, ...]:
    """The survey's added columns, and after them whatever else its rows have added."""
    return tuple(dict.fromkeys([*survey.added, *(heading for row in survey.rows for heading in row.added)]))


def above_the_table(survey: Survey) -> tuple[str, str, str]:
    return f"填报单位：{survey.unit}", f"联系人：{survey.contact}", f"电话：{survey.phone}"


def form_columns(added: Iterable[str] = ()) -> list[Column]:
    """The columns of the form in their order, then the added ones."""
    official = [
        Column(
            _BREAKS.sub("\n", known.heading),
            known.group,
            width,
            _FORMATS.get(known.key, ""),
            align="center",
            total=known.key in SUMMED,
            choices=tuple(Status) if known.key == "status" else (),
        )
        for known, width in zip(OFFICIAL, _WIDTHS, strict=True)
    ]
    return official + [Column(heading, width=14, align="center") for heading in added]


#: A number as `cells.text` writes it; other digits (001, 1.0, an identity number) stay text.
_CANONICAL: Final = re.compile(r"-?(0|[1-9]\d{0,8})(\.\d{0,5}[1-9])?", re.ASCII)


def form_cells(number: int, row: SurveyRow, added: Iterable[str] = ()) -> list[Value]:
    """One row of the form, in the order of `form_columns`."""
    own = [getattr(row, known.key) for known in OFFICIAL if known.key != "number"]
    texts = [row.added.get(heading, "") for heading in added]
    return [number, *own, *(Decimal(text) if _CANONICAL.fullmatch(text) else text for text in texts)]
