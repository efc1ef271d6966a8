"""How a page says what came of a form."""

import re
from collections.abc import Mapping

from playwright.sync_api import Page, expect


def saved(page: Page, words: str) -> None:
    """It is done."""
    expect(page.locator("p.done")).to_have_text(re.compile(words))


def refused(page: Page, words: str, kept: Mapping[str, str] | None = None) -> None:
    """It is not; whoever sends it is taken to why, and what was entered is still there. kept: by the fields' ids, without `f-`."""
    expect(page.locator("#errors")).to_be_focused()
    expect(page.locator("#errors")).to_contain_text(words)
    for field, value in (kept or {}).items():
        expect(page.locator(f"#f-{field}")).to_have_value(value)
