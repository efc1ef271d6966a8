"""Where streets and towns stand in the grid of tiles, which is no map."""

from functools import cache
from pathlib import Path

from kit.district import reference

_DATA = Path(__file__).parent / "data" / "divisions.yaml"


@cache
def tile_places() -> dict[str, tuple[int, int]]:
    """Column and row of each street and town, from 0, by its full name."""
    return {row["name"]: (row["tile"][0], row["tile"][1]) for row in reference.read(_DATA)}
