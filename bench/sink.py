"""A service that takes a body of any length, keeps none of it, and says how long it was."""

from starlette.types import Receive, Scope, Send


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The service as an ASGI application."""
    assert scope["type"] == "http"
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-taken", b"%d" % size)]})
    await send({"type": "http.response.body"})
