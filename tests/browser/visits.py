"""A page as it is visited: what it asks for, what it says to the console, what it weighs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Response

#: Bytes of everything that one page needs, before any compression.
WEIGHT = 60_000
#: What a policy of ours says of each kind; a kind that is not here is not spoken of.
ALLOWED = {"'none'", "'self'", ""}
NEEDED = (
    "default-src",
    "style-src",
    "script-src",
    "img-src",
    "connect-src",
    "base-uri",
    "form-action",
    "frame-ancestors",
)


@dataclass
class Visit:
    """A page with all that happens from its first request on."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    weight: int = 0

    def to(self, address: str) -> Page:
        """Go there; what was of another page before is forgotten."""
        self.said.clear()
        self.asked.clear()
        self.answers.clear()
        self.weight = 0
        self.page.goto(address, wait_until="load")
        return self.page

    def faults(self, weight: int = WEIGHT) -> list[str]:
        """What it asked another host, said to the console, is too heavy by, or is not held to."""
        here = urlsplit(self.page.url).netloc
        found = [f"the console has: {line}" for line in self.said]
        found += [f"asks another host: {url}" for url in self.asked if urlsplit(url).netloc not in ("", here)]
        found += [f"{answer.status} of {answer.url}" for answer in self.answers if answer.status >= 400]
        found += [
            fault
            for answer in self.answers
            if answer.request.resource_type == "document" and not 300 <= answer.status < 400
            for fault in policy_faults(answer.headers.get("content-security-policy", ""))
        ]
        return found + ([f"{self.weight} bytes where {weight} are enough"] if self.weight > weight else [])

    def _has_come(self, part: dict[str, Any]) -> None:
        self.weight += part["dataLength"]  # as it is after decompression


@contextmanager
def visit(context: BrowserContext) -> Iterator[Visit]:
    """A new page, watched from the start."""
    made = Visit(context.new_page())
    network = context.new_cdp_session(made.page)
    network.send("Network.enable")
    network.on("Network.dataReceived", made._has_come)
    made.page.on("console", lambda message: made.said.append(f"{message.type}: {message.text}"))
    made.page.on("pageerror", lambda error: made.said.append(f"error: {error}"))
    made.page.on("request", lambda request: made.asked.append(request.url))
    made.page.on("response", lambda answer: made.answers.append(answer))
    yield made
    made.page.close()


def policy_faults(policy: str) -> list[str]:
    """What a Content-Security-Policy leaves open: everything comes from here, nothing stands in the page."""
    rules = {words[0]: set(words[1:]) for part in policy.split(";") if (words := part.split())}
    found = [f"the policy does not speak of {name}" for name in NEEDED if name not in rules]
    found += [
        f"the policy allows {' '.join(sorted(values))} as {name}"
        for name, values in rules.items()
        if values - ALLOWED and name != "frame-ancestors"
    ]
    if rules.get("default-src", {"'none'"}) != {"'none'"}:
        found.append("the policy's default-src is not 'none'")
    return found
