"""The whole file of an accident as one ZIP: what every endpoint answers, and pages and drawings to read."""

import io
import json
import zipfile
from collections.abc import Awaitable, Mapping
from datetime import datetime
from typing import Any

from fastapi.encoders import jsonable_encoder
from sqlalchemy.ext.asyncio import AsyncSession

from kit.personal.phones import masked_in
from kit.web.problems import NotFound
from kit.web.tokens import Caller
from services.emergency.aftermath import api as aftermath
from services.emergency.case import timeline
from services.emergency.case.incident import Incident
from services.emergency.command import api as command
from services.emergency.command import forces_api as forces
from services.emergency.dossier import flow, pages
from services.emergency.incidents import api as incidents
from services.emergency.incidents import record_api, route
from services.emergency.releases import api as releases
from services.emergency.releases import rumours
from services.emergency.resources import api as resources
from services.emergency.response import api as response

#: The plan that the file was made under.
PLAN = "东政办发〔2024〕31号"


async def contents(
    session: AsyncSession, incident: Incident, caller: Caller, now: datetime
) -> dict[str, Any]:
    """Everything that is known of an accident, by what it is; None for what there is not yet.

    Personal data stay masked, whoever asks.
    """
    key = incident.number
    asked: Mapping[str, Awaitable[Any]] = {
        "incident": incidents.read_incident(key, session, caller, now),
        "reports": incidents.list_reports(key, session, caller, now),
        "breaches": record_api.list_breaches(key, session, caller),
        "route": record_api.read_route(key, session, caller, now),
        "findings": record_api.list_findings(key, session, caller),
        "response": response.read_response(key, session, caller),
        "tasks": response.list_incident_tasks(key, session, caller),
        "command": command.read_command(key, session, caller),
        "field_headquarters": command.read_field(key, session, caller),
        "forces": forces.list_forces(key, session, caller),
        "withdrawals": forces.list_withdrawals(key, session, caller),
        "plans": command.list_plans(key, session, caller),
        "evidence": command.list_evidence(key, session, caller),
        "releases": releases.list_releases(key, session, caller),
        "rumours": rumours.rumours_of(session, incident),
        "resources": resources.list_uses(key, session, caller),
        "costs": resources.list_costs(key, session, caller),
        "aftermath": aftermath.list_items(key, session, caller),
        "investigation": aftermath.read_investigation(key, session, caller),
        "evaluation": aftermath.read_evaluation(key, session, caller, now),
        "merits": aftermath.list_merits(key, session, caller),
    }
    return {name: await _known(answer) for name, answer in asked.items()}


async def _known(answer: Awaitable[Any]) -> Any:
    try:
        return await answer
    except NotFound:
        return None


async def archive(session: AsyncSession, incident: Incident, caller: Caller, now: datetime) -> bytes:
    """The file as a ZIP: case.json, timeline.html, route.svg, flow.svg, reports/."""
    found = await contents(session, incident, caller, now)
    entries = await timeline.entries(session, incident)
    broken_at = (await timeline.chain_of(session, incident)).broken_at
    case = {
        "made_at": now,
        "plan": PLAN,
        "exercise": incident.exercise,
        **found,
        "timeline": [timeline.as_json(entry) for entry in entries],
        "timeline_holds": broken_at is None,
    }
    texts = {
        "case.json": json.dumps(jsonable_encoder(case), ensure_ascii=False, indent=1),
        "timeline.html": pages.timeline_page(incident, entries, broken_at),
        "route.svg": route.draw(incident, await route.route_of(session, incident, now)),
        "flow.svg": flow.draw(incident, await flow.steps_of(session, incident)),
    }
    for report in found["reports"]:
        texts[f"reports/{report.seq:02d}-{report.kind}.html"] = pages.report_page(incident, report)
    return _zipped(incident.number, texts, now)


def _zipped(number: str, texts: Mapping[str, str], now: datetime) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in texts.items():
            entry = zipfile.ZipInfo(f"{number}/{name}", now.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, masked_in(text))
    return made.getvalue()
