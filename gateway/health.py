"""Whether the gateway lives, and which services answer."""

import asyncio
from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from gateway.services import Services
from gateway.upstream import Request
from kit.web.problems import Problem

_PATIENCE = 2.0


class Readiness(BaseModel):
    """`ok` when every service is ready, `degraded` when some are, `down` when none is."""

    status: Literal["ok", "degraded", "down"]
    services: dict[str, Literal["ok", "down"]]


def router(services: Callable[[], Services]) -> APIRouter:
    """`/health/live` and `/health/ready`."""
    routes = APIRouter(prefix="/health", include_in_schema=False)

    @routes.get("/live")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/ready")
    async def ready(response: Response) -> Readiness:
        """503 only when no service is ready: one that is down is no reason to close the door to the others."""
        known = services()
        states = await asyncio.gather(*(_is_ready(known, name) for name in known.pools))
        found = {name: "ok" if state else "down" for name, state in zip(known.pools, states, strict=True)}
        status = "ok" if all(states) else "degraded" if any(states) else "down"
        response.status_code = 503 if status == "down" else 200
        return Readiness.model_validate({"status": status, "services": found})

    return routes


async def _is_ready(services: Services, name: str) -> bool:
    try:
        return (await services.ask(name, Request("GET", "/health/ready", []), _PATIENCE)).status == 200
    except Problem:
        return False
