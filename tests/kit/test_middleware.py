"""What surrounds a request, piece by piece: raw ASGI messages in the order in which they leave."""

import asyncio

from kit.web.middleware import Bounds, Metrics, Surroundings


def test_a_request_is_counted_once_and_before_the_last_part_of_its_answer_leaves():
    metrics, counted = Metrics(), []

    def count():
        return metrics.registry.get_sample_value(
            "http_requests_total", {"method": "GET", "path": "(none)", "status": "200"}
        )

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})

    async def send(message):
        counted.append(count())

    async def receive():
        return {"type": "http.request", "body": b""}

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asyncio.run(Surroundings(app, metrics, Bounds(1000, 1000, 1000))(scope, receive, send))
    assert counted == [None, None, 1.0]
    assert count() == 1.0
