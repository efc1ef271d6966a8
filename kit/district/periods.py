"""Periods as values: a month stays a month and is never given a day it does not have."""

import re
from calendar import monthrange
from datetime import date
from functools import total_ordering
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

PATTERN = r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])$"


@total_ordering
class Month:
    """A calendar month, written `2024-05`. Ordered by time; `month + 1` is the month after.

    A plain class, since FastAPI would read a dataclass from the body where a query parameter is meant.
    """

    __slots__ = ("_index",)

    def __init__(self, year: int, month: int) -> None:
        if not (1000 <= year <= 9999 and 1 <= month <= 12):
            raise ValueError(f"没有 {year} 年 {month} 月，请核对。")
        self._index = year * 12 + month - 1

    @property
    def year(self) -> int:
        return self._index // 12

    @property
    def month(self) -> int:
        """1 to 12."""
        return self._index % 12 + 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2024-05`. Raises `ValueError` with a Chinese sentence for anything else."""
        if not re.fullmatch(PATTERN, text):
            raise ValueError("应当是年月，例如 2024-05。")
        return cls(int(text[:4]), int(text[5:]))

    @classmethod
    def of(cls, day: date) -> Self:
        """The month that `day` is in."""
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """The last day of the month."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def __add__(self, months: int) -> Self:
        """The month so many months later, or earlier for a negative number."""
        year, month = divmod(self._index + months, 12)
        return type(self)(year, month + 1)

    def __contains__(self, day: date) -> bool:
        return Month.of(day) == self

    def __eq__(self, other: object) -> bool:
        return self._index == other._index if isinstance(other, Month) else NotImplemented

    def __lt__(self, other: "Month") -> bool:
        return self._index < other._index if isinstance(other, Month) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._index)

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"

    def __repr__(self) -> str:
        return f"Month({self.year}, {self.month})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls.parse(str(value)),
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "pattern": PATTERN, "examples": ["2024-05"]}


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it has no such day: 31 August + 6 is 28 February."""
    month = Month.of(day) + months
    return month.first.replace(day=min(day.day, month.last.day))
