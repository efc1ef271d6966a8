"""The browser of the tests: Debian's Chromium, driven by playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

#: Nothing is fetched for the browser itself, and there is no screen.
QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
NONE = "tests of pages need a Chromium: apt-get install chromium fonts-noto-cjk, or say where one is, CHROMIUM=/…"


class NoBrowser(Exception):
    """There is none on this machine."""


def find() -> str:
    """The program: the one that CHROMIUM names, or one on the path. Raises NoBrowser."""
    named = os.environ.get("CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise NoBrowser(NONE)
    return found


@contextmanager
def started() -> Iterator[Browser]:
    """One browser that is quiet: it talks to nobody but the set."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find(),
            args=list(QUIET),
            chromium_sandbox=os.geteuid() != 0,  # root has none
        )
        yield browser
        browser.close()
