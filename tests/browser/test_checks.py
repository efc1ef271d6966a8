"""Each check finds the fault that is put into a page without one, and nothing in the page without."""

from collections.abc import Iterator

import pytest

from tests.browser import checks, chromium
from tests.browser.example import Served, serving
from tests.browser.visits import policy_faults

LONG = "p" * 90
BAR = '<rect x="90" y="48" width="162" height="24" fill="#1e4e8c"/>'
FORM = '<form action="/search">'
FAULTS = [
    # The check, what the page has, what it has then, and a part of what is found.
    (checks.fits, '<p class="lead">', f'<p>{LONG}</p><p class="lead">', "beyond the right edge"),
    (checks.fits, "svg { max-width: 100%; }", "svg { width: 600px; }", "the page is 6"),
    (checks.fits, ".wide { overflow-x: auto; }", "td { min-width: 30rem; }", "the page is"),
    (checks.fits, "overflow-x: auto; }", "overflow: hidden; } td { min-width: 30rem; }", "cut off: <div.wide>"),
    (checks.nothing_is_cut, "64%</text>", "64% 和很长很长很长很长很长很长的说明</text>", "outside of its figure"),
    (checks.nothing_is_cut, 'x="98" y="66"', 'x="98" y="32"', "one over the other: 64% / 81%"),
    (checks.nothing_is_cut, "M270 2V80", "M110 2V80", "<path> is drawn over: 64%"),
    (checks.nothing_is_cut, "figure {", "h1 { height: 1rem; overflow: hidden; } figure {", "cut off: <h1>"),
    (checks.nothing_is_cut, "figure {", "h2 { margin: -2rem 0; } figure {", "one over the other"),
    (checks.nothing_is_cut, "figure {", "footer { position: fixed; inset: 0; } figure {", "<footer> 住房保障中心 is drawn over"),
    (checks.can_be_read, 'viewBox="0 0 300 90"', 'viewBox="0 0 600 180"', "7.5 px: 天骄街道"),
    (checks.text_grows, "font: 1rem/1.6", "font: 16px/1.6", "not twice as large"),
    (checks.text_grows, "figure {", "footer p { height: 40px; overflow: hidden; } figure {", "cut off: <p>"),
    (checks.text_grows, "figure {", ".lead { white-space: nowrap; letter-spacing: 1em; } figure {", "beyond the right edge"),
    (checks.contrast, "color: #1f2937; background", "color: #8a8f98; background", "where 4.5 is needed: 按街道看目标"[:21]),
    (checks.contrast, "figure {", "h1 { opacity: 0.3; } figure {", "where 3 is needed: 按街道看目标"),
    (checks.contrast, BAR, BAR.replace("#1e4e8c", "#ffffff"), "1.00 where 4.5 is needed: 81%"),
    (checks.contrast, "1px solid #6b7280", "1px solid #d1d5db", "no edge to be seen: <input#name> name"),
    (checks.contrast, "figure {", "main { background: url(/icon.svg); } figure {", "no colour to be told"),
    (checks.forced_colours, "svg { background: #ffffff; forced-color-adjust: none; }", "", "where 4.5 is needed: 天骄街道"),
    (checks.forced_colours, "1px solid #6b7280", "0; background: #6b7280", "no border: <input#name> name"),
    (checks.nothing_moves, "* { transition: none !important; }", "", "moves: <button> 查找"),
    (checks.nothing_moves, "figure {", "html { scroll-behavior: smooth; } figure {", "moves: <html>"),
    (checks.targets, ".row a { display: inline-block; padding: 0.5rem; }", ".row { flex-direction: column; gap: 0; font-size: 0.8rem; line-height: 1; }", "px, and another beside it"),
    (checks.structure, 'lang="zh-CN"', 'lang="en"', "lang is “en”"),
    (checks.structure, "目标 · 东胜区", "", "no title"),
    (checks.structure, "<h1>按街道看目标</h1>", "<h1>按街道看目标</h1><h1>又一个</h1>", "2 × h1"),
    (checks.structure, "<h2>覆盖率</h2>", "<h4>覆盖率</h4>", "h4 after h1"),
    (checks.structure, '<main id="main" tabindex="-1">', '<div id="main">', "0 × main"),
    (checks.structure, 'href="#main"', 'href="#content"', "no way past the navigation"),
    (checks.structure, "initial-scale=1", "initial-scale=1, maximum-scale=1", "lets people enlarge"),
    (checks.structure, '<link rel="icon" href="/icon.svg">', "", "no icon"),
    (checks.structure, "<footer>", '<footer id="main">', "the id is there twice: main"),
    (checks.structure, 'aria-labelledby="t d"', 'aria-labelledby="t d e"', "aria-labelledby names nothing: e"),
    (checks.structure, "<footer>", '<footer><nav><a href="/a">一</a></nav>', "several nav"),
    (checks.labels, '<label for="name">名称</label>', "名称", "no label: <input#name>"),
    (checks.focus, ".row {", ".row li:first-child { order: 2; } .row {", "comes after <a> 今日, and stands before it"),
    (checks.focus, FORM, FORM + '<button tabindex="3">抢先</button>', "tabindex above 0"),
    (checks.focus, "3px solid #b45309", "0", "no outline when reached: <a> 今日"),
    (checks.focus, "3px solid #b45309", "3px solid #f3f4f6", "an outline hardly to be seen: <a> 今日"),
    (checks.focus, ".skip:focus { left: 1rem; top: 0; background: #ffffff; }", "", "not to be seen when reached: <a.skip>"),
    (checks.focus, "figure {", "footer { position: fixed; inset: 8rem 0 0; } figure {", "hidden under <footer>"),
    (checks.focus, "minutes = 31;", "minutes = 31; addEventListener('focusin', e => e.target.name == 'name' && e.target.blur());", "never reached"),
    (checks.tables_equal_figures, "<td>64</td>", "<td>46</td>", "46 stands in the table, not in the figure"),
    (checks.tables_equal_figures, "<td>64</td>", "<td>64<small>46</small></td>", "46 stands in the table, not in the figure"),
    (checks.tables_equal_figures, "目标 90%。", "目标 95%。", "95 is said of the figure, and is not in the table"),
    (checks.tables_equal_figures, '<desc id="d">天骄街道 64%，诃额伦街道 81%，2024 年底的目标 90%。</desc>', "", "without title or desc"),
    (checks.same_without_script, "minutes = 31;", "minutes = 31; document.querySelector('h1').textContent = '由脚本写的';", "-由脚本写的"),
    (checks.axe, '<input type="checkbox" name="all">', '<input type="checkbox" name="all" aria-label="">'.replace(' aria-label=""', ' role="slider"'), "aria"),
    (checks.axe, "<footer><p>住房保障中心</p></footer>", "<p>住房保障中心</p>", "region: "),
]  # fmt: skip


@pytest.fixture(scope="module")
def example() -> Iterator[tuple[str, Served]]:
    with serving() as made:
        yield made


@pytest.fixture
def page(visited, example):
    """What is served, without a fault, and how to open it."""
    address, served = example
    served.anew()
    return served, lambda: visited.to(address)


def paper(page):
    return checks.printed(page, pages=1)


def test_a_page_without_a_fault_has_none(page, visited):
    _, opened = page
    assert checks.faults(opened(), (*checks.OF_ONE_WINDOW, *checks.ONCE, paper)) + visited.faults() == []


@pytest.mark.parametrize(("check", "old", "new", "found"), FAULTS)
def test_a_fault_is_found(page, check, old, new, found):
    served, opened = page
    served.change(old, new)
    told = check(opened())
    assert any(found in fault for fault in told), told


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("size: A4;", "size: A5;", "paper of 4"),
        ("figure {", "footer { height: 400mm; } figure {", "pages where 1 are enough"),
        ("nav, form, .skip", ".skip", "things to press on paper"),
        ("figure {", ".lead { width: 80rem; } figure {", "the page is"),
    ],
)
def test_what_is_wrong_on_paper_is_found(page, old, new, found):
    served, opened = page
    served.change(old, new)
    told = paper(opened())
    assert any(found in fault for fault in told), told


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("minutes = 31;", "minutes = 31; console.log('x');", "the console has: log: x"),
        ("minutes = 31;", "minutes = y;", "the console has: error: y is not defined"),
        ('<p class="lead">', '<p style="color: red" class="lead">', "the console has: error: Applying inline style"),
        ('<p class="lead">', '<img alt="" src="http://localhost:9/x.png"><p class="lead">', "asks another host"),
        ('src="/live.js"', 'src="/gone.js"', "404 of "),
        ("minutes = 31;", "minutes = 31; // " + "x" * 60_000, "bytes where 60000 are enough"),
        ("script-src 'self'", "script-src 'self' 'unsafe-inline'", "allows 'self' 'unsafe-inline' as script-src"),
    ],
)  # fmt: skip
def test_what_a_page_says_and_asks_for_is_seen(page, visited, old, new, found):
    served, opened = page
    served.change(old, new)
    opened()
    assert any(found in fault for fault in visited.faults()), visited.faults()


@pytest.mark.parametrize(
    ("policy", "found"),
    [
        ("", "does not speak of default-src"),
        ("default-src *", "allows * as default-src"),
        ("default-src 'self'", "default-src is not 'none'"),
        ("img-src 'self' data:", "allows 'self' data: as img-src"),
        ("script-src 'self' https://cdn.example", "as script-src"),
    ],
)
def test_a_policy_that_leaves_something_open_is_found(policy, found):
    assert any(found in fault for fault in policy_faults(policy)), policy_faults(policy)


def test_without_a_browser_it_is_said_what_is_missing(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(chromium.NoBrowser, match="apt-get install chromium"):
        chromium.find()
