"""Calls writes of a service as its OpenAPI document describes them, and looks for what each left in the audit."""

import re
from typing import Any

from httpx2 import Response

from kit.testing import Client, Running
from tests.contract.documents import bodies, document, operations
from tests.contract.others import Others
from tests.contract.sentences import reads_as_chinese

#: Whichever version stands there.
STANDING = {"If-Match": "*"}


class Writes:
    """The writes of a running service: `post(path)` sends the document's example, changed by keywords.

    others: callers to whom nothing of this belongs; each write is tried as each of them first, and refused.
    """

    def __init__(self, running: Running, caller: Client, others: Others | None = None) -> None:
        self.running, self.caller, self.others = running, caller, others
        name, prefix = running.service.name, running.service.prefix
        self.known = {
            (method, path.removeprefix(prefix)) for method, path, _ in operations(name) if method != "get"
        }
        self.examples = {
            (method, path.removeprefix(prefix)): example for method, path, example in bodies(name)
        }
        self.left = set(self.known)
        #: Where each thing is found that a write was addressed to: its path by the path's template.
        self.places: dict[str, str] = {}
        #: What was sent, in its order.
        self.sent: list[tuple[str, str, Client, dict[str, Any]]] = []

    def post(self, path: str, caller: Client | None = None, **changes: Any) -> Any:
        """POST the example; returns the answer's body."""
        return self.send("post", path, caller, json=self.body("post", path, changes))

    def put(self, path: str, **changes: Any) -> Any:
        """PUT the example over the version that stands there."""
        return self.send("put", path, json=self.body("put", path, changes), headers=STANDING)

    def delete(self, path: str) -> None:
        """DELETE the version that stands there."""
        self.send("delete", path, headers=STANDING)

    def register(self, path: str, **changes: Any) -> str:
        """Enter the example, change it and remove it, and enter it again; returns what it is entered as."""
        made = self.post(path, **changes)["id"]
        self.put(f"{path}/{made}", **changes)
        self.delete(f"{path}/{made}")
        again: str = self.post(path, **changes)["id"]
        self.places[f"{path}/{{id}}"] = f"{path}/{again}"
        return again

    def send(self, method: str, path: str, caller: Client | None = None, **request: Any) -> Any:
        """Send a write that succeeds and leaves an audit entry under its request id."""
        if self.others is not None:
            self.others.are_refused(method, self.operation(method, path)[1], path, **request)
        answer = self.ask(method, path, caller or self.caller, **request)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        entries = "SELECT count(*) FROM audit WHERE request_id = %s"
        found = self.running.sql(entries, answer.headers["x-request-id"])[0][0]
        assert found, f"{method} {path} left no audit entry"
        self._headers_are_described(self.operation(method, path), answer)
        reads_as_chinese(f"{method} {path}", answer)
        self.sent.append((method, path, caller or self.caller, request))
        self.left.discard(self.operation(method, path))
        self._remember(self.operation(method, path)[1], path)
        is_json = answer.headers.get("content-type", "").endswith("json")
        return answer.json() if answer.content and is_json else None

    def _headers_are_described(self, operation: tuple[str, str], answer: Response) -> None:
        method, template = operation
        found = document(self.running.service.name)["paths"][self.running.service.prefix + template][method]
        described = found["responses"][str(answer.status_code)].get("headers", {})
        sent = {name for name in ("ETag", "Location", "Link") if name in answer.headers}
        assert sent <= described.keys(), f"{method} {template}: {sent - described.keys()} not in the document"

    def ask(self, method: str, path: str, caller: Client, **request: Any) -> Response:
        """Send it."""
        return caller.request(method.upper(), path, **request)

    def _remember(self, template: str, path: str) -> None:
        names, parts = template.split("/"), path.split("/")
        for end, name in enumerate(names, 1):
            if name.startswith("{"):
                self.places.setdefault("/".join(names[:end]), "/".join(parts[:end]))

    def found(self, template: str) -> str | None:
        """The path of a reading operation, of the things that were written to, or of the first of a list.

        None where nothing fits.
        """
        written = self._written(template)
        stem, dot, ending = template.rpartition("}.")
        if written is None and dot:  # a file of the thing
            of = self.found(stem + "}")
            return of and f"{of}.{ending}"
        return written or self._listed(template)

    def _listed(self, template: str) -> str | None:
        """The path with what the list that stands before its one parameter begins with."""
        before, _, after = template.partition("/{")
        name, _, after = after.partition("}")
        answer = None if "{" in after else self.caller.get(before)
        if answer is None or answer.status_code != 200:
            return None
        told = answer.json()
        for item in told if isinstance(told, list) else told.get("items", ()):
            return f"{before}/{item.get(name) or item['id']}{after}"
        return None

    def _written(self, template: str) -> str | None:
        names = template.split("/")
        for end in range(len(names), 0, -1):
            place = self.places.get("/".join(names[:end]))
            if place is not None:
                rest = names[end:]
                return None if any(name.startswith("{") for name in rest) else "/".join([place, *rest])
        return None if "{" in template else template

    def operation(self, method: str, path: str) -> tuple[str, str]:
        """The documented operation that a path is of: of those that fit, the one with the fewest parameters."""
        fitting = [
            (known, template)
            for known, template in self.known
            if known == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
        ]
        return min(fitting, key=lambda each: each[1].count("{"))

    def body(self, method: str, path: str, changes: dict[str, Any]) -> dict[str, Any] | None:
        """The documented example of an operation's body, with changes."""
        operation = self.operation(method, path)
        return {**self.examples[operation], **changes} if operation in self.examples else None
