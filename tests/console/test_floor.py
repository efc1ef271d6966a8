"""Browsers of 2021 (Chromium 90) are what people have: nothing that came later stands in sheets, scripts or templates."""

import re
from pathlib import Path

import pytest

CONSOLE = Path("console")
#: What came after Chromium 90, with the version that brought it.
LATER = {
    r":has\(": 105, r"@container|container-type|cq[wib]\b": 105, r"@layer": 99, r"\d[dsl]v[hw]\b": 108, r"@scope": 118,
    r"accent-color": 93, r"color-mix\(|\blab\(|oklch\(": 111, r"text-wrap": 114, r"@media[^{]*[<>]": 104, r"subgrid": 117,
    r"[{;}]\s*&": 112, r"\bpopover": 114, r"\binert\b": 102, r"scrollbar-gutter": 94, r"@starting-style": 117,
    r"\.at\(": 92, r"Object\.hasOwn\b": 93, r"structuredClone": 98, r"\.findLast": 97, r"AbortSignal\.(timeout|any)": 103,
    r"\.toSorted|\.toReversed|\.with\(": 110, r"replaceChildren\(\)\.": 86, r"static\s*\{": 94, r"Promise\.withResolvers": 119,
    r"\.groupBy\(": 117, r"checkVisibility": 105, r"startViewTransition": 111, r"\bURLPattern": 95,
}  # fmt: skip


@pytest.mark.parametrize(
    "file",
    sorted([*CONSOLE.glob("static/*.css"), *CONSOLE.glob("static/*.js"), *CONSOLE.glob("templates/*")]),
)
def test_nothing_asks_for_a_newer_browser(file: Path) -> None:
    text = re.sub(r"/\*.*?\*/|{#.*?#}|{%.*?%}|{{.*?}}", "", file.read_text(encoding="utf-8"), flags=re.S)
    assert {what: since for what, since in LATER.items() if re.search(what, text)} == {}
