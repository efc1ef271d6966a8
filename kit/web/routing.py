"""Which operation a request is for: looked up, not searched for; a fixed path goes before a template."""

import re
from collections import defaultdict

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

#: The operations of one path by method.
Operations = dict[str, APIRoute]

_PARAMETER = re.compile(r"\{\w+\}")


class Paths:
    """The operations of an app by path; what is none of their paths is left to `others`.

    HEAD is answered as GET, whose body the server leaves out. A path that exists answers any other method with 405,
    and names all of its own in Allow.
    """

    def __init__(self, routes: list[APIRoute], others: ASGIApp) -> None:
        self._others = others
        shapes: dict[str, Operations] = defaultdict(dict)
        for route in routes:
            for method in route.methods or ():
                shapes[_PARAMETER.sub("{}", route.path_format)].setdefault(method, route)
        self._fixed = {shape: found for shape, found in shapes.items() if "{}" not in shape}
        self._templates: dict[int, list[tuple[re.Pattern[str], Operations]]] = defaultdict(list)
        for shape in sorted(shapes.keys() - self._fixed.keys(), key=_fixed_first):
            pattern = re.compile("[^/]+".join(re.escape(part) for part in shape.split("{}")))
            self._templates[shape.count("/")].append((pattern, shapes[shape]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._operations(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._others(scope, receive, send)
            return
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        route = found.get(method)
        if route is None:
            scope["route"] = next(iter(found.values()))
            raise HTTPException(405, headers={"Allow": allowed(found)})
        _, matched = route.matches(scope)
        scope.update(matched)
        await route.handle({**scope, "method": method} if method != scope["method"] else scope, receive, send)

    def _operations(self, path: str) -> Operations | None:
        found = self._fixed.get(path)
        if found is None:
            for pattern, operations in self._templates.get(path.count("/"), ()):
                if pattern.fullmatch(path):
                    return operations
        return found


def allowed(found: Operations) -> str:
    """The methods of a path, as the header Allow names them."""
    return ", ".join(sorted({*found, *(["HEAD"] if "GET" in found else [])}))


def _fixed_first(shape: str) -> list[bool]:
    return [part == "{}" for part in shape.split("/")]
