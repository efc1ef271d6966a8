"""Whether the gateway lives, and which services answer."""

import asyncio
from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from gateway.circuit import State
from gateway.services import Services
from gateway.upstream import Request, UpstreamError

_PATIENCE = 2.0


class Readiness(BaseModel):
    """`ok` when every service is ready, `degraded` when some are, `down` when none is.

    circuits: of those that are not asked just now, `open`, or `half-open` while one request finds out.
    """

    status: Literal["ok", "degraded", "down"]
    services: dict[str, Literal["ok", "down"]]
    circuits: dict[str, State]


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
        circuits = {name: circuit.state for name, circuit in known.circuits.items()}
        shown = {name: state for name, state in circuits.items() if state != "closed"}
        return Readiness.model_validate({"status": status, "services": found, "circuits": shown})

    return routes


async def _is_ready(services: Services, name: str) -> bool:
    question = Request("GET", "/health/ready", [])
    try:
        return (await services.ask_anyway(name, question, _PATIENCE)).status == 200
    except UpstreamError:
        return False
