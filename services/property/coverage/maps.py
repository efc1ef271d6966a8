"""The district's own map, where a setting names one (PROPERTY_OUTLINES)."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from kit.figures.outlines import Outline, outlines_of


def _outlines(request: Request) -> Sequence[Outline]:
    path: Path | None = request.app.state.settings.outlines
    return read(path) if path else ()


@cache
def read(path: Path) -> Sequence[Outline]:
    """The outlines of a GeoJSON file. Raises: OSError, ValueError."""
    return outlines_of(json.loads(path.read_text(encoding="utf-8")))


Outlines = Annotated[Sequence[Outline], Depends(_outlines)]
