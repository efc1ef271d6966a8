"""Calls writes of a service as its OpenAPI document describes them, and looks for what each left in the audit."""

import re
from typing import Any

from httpx2 import Response

from kit.testing import Client, Running

#: Whichever version stands there.
STANDING = {"If-Match": "*"}
WRITES = {"post", "put", "patch", "delete"}


class Writes:
    """The writes of a running service: `post(path)` sends the document's example, changed by keywords."""

    def __init__(self, running: Running, caller: Client) -> None:
        self.running, self.caller = running, caller
        self.document: dict[str, Any] = caller.get("/openapi.json").json()
        self.left = {
            (method, path.removeprefix(running.service.prefix))
            for path, item in self.document["paths"].items()
            for method in item.keys() & WRITES
        }

    def post(self, path: str, caller: Client | None = None, **changes: Any) -> Any:
        """POST the example; returns the answer's body."""
        return self.send("post", path, caller, json=self.example("post", path, changes))

    def put(self, path: str, **changes: Any) -> Any:
        """PUT the example over the version that stands there."""
        return self.send("put", path, json=self.example("put", path, changes), headers=STANDING)

    def delete(self, path: str) -> None:
        """DELETE the version that stands there."""
        self.send("delete", path, headers=STANDING)

    def register(self, path: str, **changes: Any) -> str:
        """Enter the example, change it and remove it, and enter it again; returns what it is entered as."""
        made = self.post(path, **changes)["id"]
        self.put(f"{path}/{made}", **changes)
        self.delete(f"{path}/{made}")
        again: str = self.post(path, **changes)["id"]
        return again

    def send(self, method: str, path: str, caller: Client | None = None, **request: Any) -> Any:
        """Send a write that succeeds and leaves an audit entry under its request id."""
        answer: Response = (caller or self.caller).request(method.upper(), path, **request)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        entries = "SELECT count(*) FROM audit WHERE request_id = %s"
        found = self.running.sql(entries, answer.headers["x-request-id"])[0][0]
        assert found, f"{method} {path} left no audit entry"
        self.left.discard((method, self.template(method, path)))
        return answer.json() if answer.content else None

    def template(self, method: str, path: str) -> str:
        """The document's path that a path is an instance of: the one with the fewest parameters."""
        fitting = [
            each
            for each in (known.removeprefix(self.running.service.prefix) for known in self.document["paths"])
            if method in self.document["paths"][self.running.service.prefix + each]
            and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), path)
        ]
        return min(fitting, key=lambda each: each.count("{"))

    def example(self, method: str, path: str, changes: dict[str, Any]) -> dict[str, Any] | None:
        """The documented example of an operation's body, with changes."""
        operation = self.document["paths"][self.running.service.prefix + self.template(method, path)][method]
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            return changes or None
        name = content["schema"]["$ref"].split("/")[-1]
        examples = self.document["components"]["schemas"][name].get("examples", [{}])
        return dict(examples[0]) | changes
