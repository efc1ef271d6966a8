"""Counts of citizens' requests of all services as one: each service counts its own, the gateway adds up."""

from collections.abc import Iterable
from typing import Any

from pydantic import Field

from gateway.services import Fields, Reply, Services
from kit.dispatch.counts import CountsOfOut, CountsOut, ScreenOut
from kit.web.shapes import Answer

Counts = dict[str, Any]
_PARTS = ("by_unit", "by_matter", "by_division")


class AllCountsOut(Answer, title="各服务的诉求概况"):
    """Requests of all services at a moment (各服务的诉求概况)."""

    total: CountsOut = Field(description="全区合计")
    by_unit: list[CountsOfOut] = Field(description="按主办单位")
    by_matter: list[CountsOfOut] = Field(description="按事项")
    by_division: list[CountsOfOut] = Field(description="按街道（镇）")
    services: dict[str, ScreenOut] = Field(description="各服务的诉求概况")
    unavailable: list[str] = Field(description="没有应答的服务，不计在内", examples=[["lawstudy"]])


async def counted(services: Services, headers: Fields, patience: float) -> Counts | Reply:
    """The counts of all services; or a service's answer to a request that is the caller's fault."""
    replies = await services.ask_all("/dispatch/counts", headers, patience)
    there = {name: reply for name, reply in replies.items() if reply is not None}
    for reply in there.values():
        if reply.status != 200:
            return reply
    screens: dict[str, Counts] = {name: reply.json() for name, reply in there.items()}
    whole: Counts = {"total": _sum([screen["total"] for screen in screens.values()])}
    for part in _PARTS:
        whole[part] = _joined(row for screen in screens.values() for row in screen[part])
    return whole | {"services": screens, "unavailable": [name for name in replies if name not in screens]}


def _sum(rows: list[Counts]) -> Counts:
    return {field: sum(row[field] for row in rows) for field in CountsOut.model_fields}


def _joined(rows: Iterable[Counts]) -> list[Counts]:
    """Rows of the same key added up: a unit may have requests of several services."""
    by_key: dict[tuple[str | None, str], list[Counts]] = {}
    for row in rows:
        by_key.setdefault((row["key"], row["name"]), []).append(row)
    return [
        _sum(same) | {"key": key, "name": name}
        for (key, name), same in sorted(by_key.items(), key=lambda each: each[0][0] or "")
    ]
