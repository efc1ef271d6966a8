"""One browser for all tests, one window for those of a module, and a page for each."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import chromium, plausible
from tests.browser.checks import DESKTOP, PHONE
from tests.browser.running import Shown
from tests.browser.visits import Visit, visit

#: What a browser notes of an answer that refuses a form, and of one that a test kept away.
EXPECTED = re.compile(r"status of 422|ERR_FAILED")


def pytest_configure() -> None:
    """Without a browser nothing is shown: that is a failure, not a reason to skip."""
    try:
        chromium.find()
    except chromium.NoBrowser as missing:
        raise pytest.UsageError(str(missing)) from None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium.started() as made:
        yield made


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """The set with its console, people and what a morning brings."""
    made = Shown(tmp_path_factory.mktemp("shown") / "set")
    made.name_provider()
    made.start()
    try:
        made.settle()
        plausible.fill(made)
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A window on a desktop: who signs in there stays signed in."""
    context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, locale="zh-CN")
    yield context
    context.close()


@pytest.fixture
def visited(window: BrowserContext) -> Iterator[Visit]:
    """A page of its own in the window."""
    with visit(window) as made:
        yield made


@pytest.fixture
def at_work(shown: Shown, window: BrowserContext) -> Iterator[Callable[[str], Page]]:
    """`at_work(login)`: a page on a phone, where somebody is signed in; called again, the same page is another's."""
    with visit(window) as visited:
        visited.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})

        def begin(login: str) -> Page:
            shown.seat(window, login)
            return visited.page

        yield begin
        assert [line for line in visited.said if not EXPECTED.search(line)] == []
    window.clear_cookies()
