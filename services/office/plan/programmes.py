"""Programmes as their documents give them: stages, measures with responsible units, reporting dates; pure (P-4.2, T-3, T-5)."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, model_validator

from kit.district import reference, units
from kit.district.citations import cite
from kit.district.periods import Month

DATA: Final = Path(__file__).with_name("data")


class Expansion(BaseModel, extra="forbid"):
    """What a word for several units (各街道) stands for: the units of a kind, or nobody by name, and why."""

    kind: units.Kind | None = None
    because: str


class StageData(BaseModel, extra="forbid"):
    """A stage (阶段); a document may print no months. assesses, corrects: what of T-3 is done in it."""

    number: int
    name: str
    at: str
    clause: str
    begins: Month | None = None
    ends: Month | None = None
    tasks: list[str]
    assesses: bool = False
    corrects: bool = False


class Chapter(BaseModel, extra="forbid"):
    """A chapter of measures, under the document's heading."""

    number: str
    at: str
    title: str


class FigureData(BaseModel, extra="forbid"):
    """A figure of the property service: a share of its coverage, or how many owe a duty."""

    title: str
    share: str | None = None
    duty: str | None = None

    @model_validator(mode="after")
    def _one(self) -> "FigureData":
        if (self.share is None) == (self.duty is None):
            raise ValueError("a figure is a share or a duty")
        return self


class MeasureData(BaseModel, extra="forbid"):
    """A measure (措施) and its responsible units as they are printed, in their order."""

    number: str
    at: str
    title: str
    units: list[str]
    clauses: list[str]
    figures: list[FigureData] = []


class DateData(BaseModel, extra="forbid"):
    """When reports on a measure are due by the document: a month, every year."""

    key: str
    title: str
    measure: str
    month: Month
    yearly: bool
    clause: str


class Named(BaseModel, frozen=True):
    """A responsible unit: by which word it is named, and whether by its own name or by a word for several."""

    unit: str
    written: str
    by_name: bool


class ProgrammeData(BaseModel, extra="forbid"):
    """A programme (专项工作); units are written as its document writes them."""

    id: str
    title: str
    document: str
    issued_on: date
    lead: str
    lead_at: str
    clause: str
    expands: dict[str, Expansion]
    stages: list[StageData]
    chapters: list[Chapter]
    measures: list[MeasureData]
    reporting_dates: list[DateData] = []

    @property
    def lead_unit(self) -> str:
        """The canonical id of the unit that leads it."""
        return units.unit(self.lead).id

    def chapter(self, measure: MeasureData) -> Chapter:
        """The chapter that a measure stands in, by its place in the document."""
        return max(
            (each for each in self.chapters if measure.at.startswith(each.at)), key=lambda each: len(each.at)
        )

    def responsible(self, measure: MeasureData) -> Iterator[Named]:
        """Every unit that a measure holds responsible, once, words for several units being taken apart.

        Who leads the programme takes the reports, and is not meant by such a word.
        """
        seen = set[str]()
        for written in measure.units:
            expansion = self.expands.get(written)
            found = [units.unit(written)] if expansion is None else _of_kind(expansion.kind, self.lead_unit)
            for unit in found:
                if unit.id not in seen:
                    seen.add(unit.id)
                    yield Named(unit=unit.id, written=written, by_name=expansion is None)

    @model_validator(mode="after")
    def _whole(self) -> "ProgrammeData":
        numbers = [each.number for each in self.stages]
        if numbers != list(range(1, len(numbers) + 1)):
            raise ValueError("stages are numbered from 1")
        cite(
            self.clause,
            *(each.clause for each in self.stages),
            *(each.clause for each in self.reporting_dates),
        )
        for measure in self.measures:
            cite(*measure.clauses)
            for named in self.responsible(measure):
                if units.unit(named.unit).kind is units.Kind.COLLECTIVE:
                    raise ValueError(f"what {named.written} stands for is not said")
        return self


def _of_kind(kind: units.Kind | None, but: str) -> list[units.Unit]:
    return [] if kind is None else [each for each in units.units(kind) if each.id != but]


@cache
def programmes() -> tuple[ProgrammeData, ...]:
    """The programmes of the data. Raises: ValidationError, KeyError for an unknown unit or clause."""
    return tuple(
        ProgrammeData.model_validate(reference.read(path)) for path in sorted(DATA.glob("programme_*.yaml"))
    )
