"""What must hold of every page, as functions over a page that is open: each answers its faults in words, none where all is well.

Most measure in the page (measures.js): playwright's evaluation is not held by the page's policy. WCAG 2.2 numbers stand beside each.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import unified_diff
from functools import cache
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

MEASURES = Path(__file__).with_name("measures.js").read_text(encoding="utf-8")
NARROW, PHONE, DESKTOP = (320, 800), (360, 780), (1280, 900)
#: A4 in CSS pixels less margins of 12 mm, and in PostScript points.
PAPER, A4 = (703, 1000), (595, 842)
#: CSS pixels that a text in a figure has at least as it is drawn.
SMALLEST = 10.5
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_AXE = Axe()
_MEASURED = (
    "([name, argument]) => { if (!globalThis.measures) { "
    + MEASURES
    + " globalThis.measures = measures; } return globalThis.measures[name](argument); }"
)


def measured(page: Page, name: str, argument: object = None) -> Any:
    """What a function of measures.js answers."""
    return page.evaluate(_MEASURED, [name, argument])


@contextmanager
def as_wide_as(page: Page, size: tuple[int, int]) -> Iterator[None]:
    """The page in a window of that many CSS pixels."""
    before = page.viewport_size
    page.set_viewport_size({"width": size[0], "height": size[1]})
    yield
    if before is not None:
        page.set_viewport_size(before)


# -------------------------------------------------------------------------------------------------- how it is laid out
def fits(page: Page) -> list[str]:
    """1.4.10: at 320 px nothing is wider than the window, but what scrolls in a place of its own."""
    with as_wide_as(page, NARROW):
        return [*measured(page, "wide"), *measured(page, "cut"), *measured(page, "overlap")]


def nothing_is_cut(page: Page) -> list[str]:
    """At this width all words are there in full, none over another."""
    return [fault for name in ("wide", "cut", "overlap", "covered") for fault in measured(page, name)]


def can_be_read(page: Page) -> list[str]:
    """No text is drawn smaller than 10.5 px, those in figures neither."""
    found: list[str] = measured(page, "small", SMALLEST)
    return found


def text_grows(page: Page) -> list[str]:
    """1.4.4: with text at 200 % nothing is lost."""
    was, now = measured(page, "enlarge", "200%")
    still = [] if now > 1.9 * was else [f"text of {was:g} px becomes one of {now:g}, not twice as large"]
    found = [fault for name in ("wide", "cut", "overlap") for fault in measured(page, name)]
    measured(page, "enlarge", "")
    return still + found


def contrast(page: Page) -> list[str]:
    """1.4.3, 1.4.11: text against what is behind it 4.5, large 3; the edges of controls 3."""
    return [*measured(page, "contrast"), *measured(page, "edges")]


def forced_colours(page: Page) -> list[str]:
    """With colours of the system, light on dark, text can be read, and controls have borders."""
    page.emulate_media(forced_colors="active", color_scheme="dark")
    found = [*measured(page, "contrast"), *measured(page, "bordered")]
    page.emulate_media(forced_colors="null", color_scheme="null")
    return found


def nothing_moves(page: Page) -> list[str]:
    """2.3.3: who asks for less motion gets none."""
    page.emulate_media(reduced_motion="reduce")
    found: list[str] = measured(page, "moving")
    page.emulate_media(reduced_motion="null")
    return found


def targets(page: Page) -> list[str]:
    """2.5.8: what is pressed has 24 px, or room around it."""
    found: list[str] = measured(page, "targets")
    return found


# -------------------------------------------------------------------------------------------------- how it is used
def structure(page: Page) -> list[str]:
    """1.3.1, 2.4.1, 2.4.2, 3.1.1: language, title, headings, landmarks, a way past the navigation, ids."""
    found: list[str] = measured(page, "structure")
    return found


def labels(page: Page) -> list[str]:
    """3.3.2: every field has a label."""
    found: list[str] = measured(page, "labels")
    return found


def focus(page: Page) -> list[str]:
    """2.4.3, 2.4.7, 2.4.11: the Tab key reaches everything in the order in which it is seen, and shows where it is."""
    found: list[str] = []
    for _ in range(measured(page, "begin") * 6 + 10):  # a field of a date has several stops
        page.keyboard.press("Tab")
        faults = measured(page, "step")
        if faults is None:
            break
        found += faults
    return [*found, *measured(page, "missed")]


def tables_equal_figures(page: Page) -> list[str]:
    """1.1.1: a figure has title, description and a table with the same numbers."""
    found: list[str] = measured(page, "unlike")
    return found


def axe(page: Page) -> list[str]:
    """What axe-core finds by its rules of WCAG 2.2 AA and of good practice."""
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    violations = _AXE.run(page, options=options).response["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in violations for node in each["nodes"]]


@cache
def _without_script(browser: Browser) -> Page:
    """A page where scripts do not run, for one look after the other: to open one takes longer than the look."""
    return browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()


def same_without_script(page: Page, but: str = "[data-left], .live, .asof") -> list[str]:
    """The page says the same where scripts do not run, apart from what `but` selects: the time now, and what is of the script's own making."""
    browser, size = page.context.browser, page.viewport_size
    assert browser is not None
    assert size is not None
    plain = _without_script(browser)
    plain.set_viewport_size(size)
    plain.context.clear_cookies()
    plain.context.add_cookies([{**each} for each in page.context.cookies()])
    for _ in range(2):  # a minute may have ended in between
        page.reload()
        plain.goto(page.url)
        without, with_it = measured(plain, "words", but), measured(page, "words", but)
        if without == with_it:
            break
    return [
        line
        for line in unified_diff(with_it, without, n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]


# -------------------------------------------------------------------------------------------------- on paper
def printed(page: Page, pages: int) -> list[str]:
    """On paper: A4, `pages` of them at most, nothing beyond the edge, no navigation."""
    made = page.pdf(prefer_css_page_size=True, format="A4", print_background=True)
    sheets = re.findall(rb"/Type\s*/Page\b(?!s)", made)
    boxes = {
        (round(float(width)), round(float(height)))
        for width, height in re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", made)
    }
    found = [f"paper of {width} × {height} pt" for width, height in boxes if not _is_a4(width, height)]
    if not 0 < len(sheets) <= pages:
        found.append(f"{len(sheets)} pages where {pages} are enough")
    page.emulate_media(media="print")
    with as_wide_as(page, PAPER):
        found += [*measured(page, "wide"), *measured(page, "cut"), *measured(page, "overlap")]
        shown = page.locator("nav:visible, button:visible, input:visible").count()
    page.emulate_media(media="null")
    return found + ([f"{shown} things to press on paper"] if shown else [])


def _is_a4(width: int, height: int) -> bool:
    return all(abs(is_ - ought) <= 1 for is_, ought in zip(sorted((width, height)), A4, strict=True))


#: What is looked at in one window, in the order of a quick look first; those that change the window put it back.
OF_ONE_WINDOW: tuple[Callable[[Page], list[str]], ...] = (
    nothing_is_cut,
    can_be_read,
    contrast,
    targets,
    focus,
    axe,
)
#: What a page is looked at for once, whatever the window.
ONCE: tuple[Callable[[Page], list[str]], ...] = (
    structure,
    labels,
    tables_equal_figures,
    fits,
    text_grows,
    forced_colours,
    nothing_moves,
    same_without_script,
)


def faults(page: Page, checks: tuple[Callable[[Page], list[str]], ...]) -> list[str]:
    """All of them, each with the name of the check that found it."""
    return [f"{check.__name__}: {fault}" for check in checks for fault in check(page)]
