"""The measures of property services that pages show, by what people call them."""

from typing import Any, Final

from console.web.view import View

MEASURES: Final = {
    "coverage_rate": "物业服务覆盖率",
    "committee_rate": "业委会（物管会）组建率",
    "filed_rate": "合同备案率",
}


def measure_of(view: View) -> str:
    """The measure that an address asks for; the first for what is none."""
    asked = view.query("measure")
    return asked if asked in MEASURES else next(iter(MEASURES))


def standing_of(division: dict[str, Any], measure: str) -> dict[str, Any]:
    """How a division stands in a measure."""
    found: dict[str, Any] = next(each for each in division["standings"] if each["measure"] == measure)
    return found


def by_gap(divisions: list[dict[str, Any]], measure: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(division, how it stands), the widest gap first and those without data last, as the figure has them."""
    rows = [(each, standing_of(each, measure)) for each in divisions]
    return sorted(rows, key=_order)


def _order(row: tuple[dict[str, Any], dict[str, Any]]) -> tuple[bool, float, float]:
    standing = row[1]
    return standing["value"] is None, -float(standing["gap"] or 0), -float(standing["value"] or 0)
