"""Totals among the rows of a survey, compared with the sums of the rows above them."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple


class Total(NamedTuple):
    """A row of totals; whole: of everything above it, not of a part."""

    row: int
    is_whole: bool


def unlike(
    totals: Sequence[Total],
    figures: Mapping[int, Decimal],
    stated: Mapping[int, Decimal | None],
    leeway: Decimal,
) -> Iterator[tuple[Total, Decimal]]:
    """The totals that are no sum of rows above them, with the sum that was to be expected.

    figures, stated: by row, those of compounds from 0 up and those of totals. A total may be that of all rows above or
    of those since any total before it: subtotals of communities, streets and pages stand in each other.
    """
    rows = iter(sorted(figures))
    row = next(rows, None)
    summed, before = Decimal(), [Decimal()]
    for total in totals:
        while row is not None and row < total.row:
            summed += figures[row]
            row = next(rows, None)
        if (claimed := stated.get(total.row)) is not None:
            start = bisect_left(before, summed - claimed - leeway)
            if start == len(before) or before[start] > summed - claimed + leeway:
                yield total, summed if total.is_whole else summed - before[-1]
        before.append(summed)
