"""One browser for all tests, one window for those of a module, and a page for each."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser import chromium, plausible
from tests.browser.checks import DESKTOP
from tests.browser.running import Shown
from tests.browser.visits import Visit, visit


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
