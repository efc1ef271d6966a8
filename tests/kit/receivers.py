"""Another system that receives events: an HTTP server of the test's own."""

import json
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from kit.testing import SECRET, Client, Running
from tests.kit.notebook.app import NoteWritten


class Receiver:
    """Another system: an HTTP server that keeps what it gets and answers as the test wants."""

    def __init__(self) -> None:
        self.got: list[dict] = []
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answer: Callable[[dict], int] = lambda _event: 204
        self.headers: dict[str, str] = {}
        #: What it does in place of answering as it should.
        self.instead: Callable[[BaseHTTPRequestHandler], None] | None = None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.requests.append((dict(self.headers), body))
                event = json.loads(body)
                status = receiver.answer(event)
                if status < 300:
                    receiver.got.append(event)
                if receiver.instead is not None:
                    self.close_connection = True
                    with suppress(OSError):  # the sender has had enough
                        receiver.instead(self)
                    return
                self.send_response(status)
                self.send_header("content-length", "0")
                if status == 302:
                    self.send_header("location", "/elsewhere")
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks"
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def texts(self) -> list[str]:
        return [event["data"]["text"] for event in self.got if "text" in event["data"]]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    started = Receiver()
    yield started
    started.close()


@pytest.fixture
def admin(notebook) -> Client:
    return notebook.client("notebook:subscribe")


def subscribe(admin, url, name="platform", **more):
    return admin.post("/subscriptions", json={"name": name, "url": url, "secret": SECRET} | more)


def tell(notebook: Running, *words: str):
    """One transaction that tells of so many notes."""

    async def telling(context):
        for text in words:
            context.record(NoteWritten(text=text), "x")

    notebook.run(telling)


def tell_of(notebook: Running, *told: str, concerns: str | None = None):
    """One transaction for each note; the note `b2` is the second one about the subject `b`."""

    async def telling(context, text):
        context.record(NoteWritten(text=text), text[0], concerns=concerns)

    for text in told:
        notebook.run(telling, text)


def pass_days(notebook: Running, days=3.4):
    """Let days pass, while a worker looks again and again."""
    for _ in range(round(days * 24)):
        notebook.clock.advance(hours=1)
        notebook.work()


def state(admin):
    [subscription] = admin.get("/subscriptions").json()
    return subscription
