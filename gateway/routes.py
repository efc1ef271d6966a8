"""The gateway's own operations: checked as those of the services are, and named after the gateway."""

from fastapi import APIRouter

from kit.web.checks import Checked


def router(prefix: str, tag: str) -> APIRouter:
    """A router of operations below the prefix, under the Chinese tag."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        route_class=Checked,
        generate_unique_id_function=lambda route: f"gateway_{route.name}",
    )
