"""For tests: requests to an application that runs in another thread's event loop."""

import asyncio

import httpx2
from fastapi.testclient import TestClient
from httpx2 import ASGITransport, Response


class InLoop(httpx2.BaseTransport):
    """Sends a request to an application that runs in another thread's event loop, in one change of threads.

    `TestClient` changes sixteen times for each, which takes longer than most answers; here an answer is read whole.
    """

    def __init__(self, runs: TestClient) -> None:
        """runs: the application, entered."""
        assert runs.portal is not None
        self.loop = runs.portal.call(asyncio.get_running_loop)
        self._asgi = ASGITransport(runs.app, raise_app_exceptions=False, client=("testclient", 50000))

    def handle_request(self, request: httpx2.Request) -> Response:
        request.read()
        return asyncio.run_coroutine_threadsafe(self._answer(request), self.loop).result()

    async def _answer(self, request: httpx2.Request) -> Response:
        answer = await self._asgi.handle_async_request(request)
        return Response(answer.status_code, headers=answer.headers, content=await answer.aread())
