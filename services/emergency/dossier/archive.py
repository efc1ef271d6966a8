"""The whole file of an accident as one ZIP: what every endpoint answers, and pages and drawings to read."""

import json
import zipfile
from collections.abc import Awaitable, Mapping
from tempfile import TemporaryFile
from typing import IO, Any

from anyio.to_thread import run_sync
from fastapi.encoders import jsonable_encoder

from kit.web.problems import NotFound
from services.emergency.aftermath import api as aftermath
from services.emergency.assignments import api as assignments
from services.emergency.case import timeline
from services.emergency.case.case import Case
from services.emergency.clocks import api as clocks
from services.emergency.command import api as command
from services.emergency.command import field, forces, handling, withdrawals
from services.emergency.dossier import flow, pages
from services.emergency.incidents import api as incidents
from services.emergency.incidents import attachments, briefings, corrections_api, record, record_api
from services.emergency.releases import api as releases
from services.emergency.resources import api as resources
from services.emergency.response import api as response
from services.emergency.warnings import api as warnings

#: The plan that the file was made under.
PLAN = "东政办发〔2024〕31号"


async def _contents(case: Case) -> dict[str, Any]:
    """Everything that is known of an accident, by what it is; None for what there is not yet.

    Personal data stay masked, whoever asks.
    """
    key, context = case.incident.number, case.context
    asked: Mapping[str, Awaitable[Any]] = {
        "incident": incidents.read_incident(key, context),
        "reports": incidents.list_reports(key, context),
        "breaches": clocks.list_breaches(key, context),
        "route": record_api.read_route(key, context),
        "briefings": briefings.list_briefings(key, context),
        "findings": record_api.list_findings(key, context),
        "attachments": attachments.list_attachments(key, context),
        "corrections": corrections_api.list_corrections(key, context),
        "response": response.read_response(key, context),
        "tasks": assignments.list_incident_tasks(key, context),
        "command": command.read_command(key, context),
        "field_headquarters": field.read_field(key, context),
        "forces": forces.list_forces(key, context),
        "withdrawals": withdrawals.list_withdrawals(key, context),
        "plans": handling.list_plans(key, context),
        "evidence": handling.list_evidence(key, context),
        "releases": releases.list_releases(key, context),
        "rumours": releases.list_rumours(key, context),
        "resources": resources.list_uses(key, context),
        "costs": resources.list_costs(key, context),
        "aftermath": aftermath.list_items(key, context),
        "investigation": aftermath.read_investigation(key, context),
        "evaluation": aftermath.read_evaluation(key, context),
        "warnings": warnings.of_incident(context, key),
        "accountabilities": aftermath.list_accountabilities(key, context),
    }
    return {name: await _known(answer) for name, answer in asked.items()}


async def _known(answer: Awaitable[Any]) -> Any:
    try:
        return await answer
    except NotFound:
        return None


async def archive(case: Case) -> IO[bytes]:
    """The file as a ZIP: case.json, timeline.html, route.svg, flow.svg, reports/, attachments/.

    It stands in a temporary file, at its beginning: attachments may be many and large.
    """
    incident, found = case.incident, await _contents(case)
    entries = await timeline.entries(case.session, incident)
    broken_at = (await timeline.chain_of(case.session, incident)).broken_at
    whole = {
        "made_at": case.now,
        "plan": PLAN,
        "exercise": incident.exercise,
        **found,
        "timeline": [timeline.as_json(entry) for entry in entries],
        "timeline_holds": broken_at is None,
    }
    texts = {
        "case.json": json.dumps(jsonable_encoder(whole), ensure_ascii=False, indent=1),
        "timeline.html": pages.timeline_page(incident, entries, broken_at),
        "route.svg": record.draw_route(incident, found["route"].hops),
        "flow.svg": flow.draw(incident, await flow.steps_of(case)),
    }
    for order, report in enumerate(found["reports"], 1):
        texts[f"reports/{order:02d}-{report.kind}.html"] = pages.report_page(incident, report)
    return await _zipped(case, texts)


async def _zipped(case: Case, texts: Mapping[str, str]) -> IO[bytes]:
    made = TemporaryFile()  # noqa: SIM115 - whoever reads it closes it
    attached = 0
    with zipfile.ZipFile(made, "w") as file:
        for name, text in texts.items():
            await run_sync(file.writestr, _entry(case, name, zipfile.ZIP_DEFLATED), text)
        async for name, data in attachments.files_of(case):
            await run_sync(file.writestr, _entry(case, name, zipfile.ZIP_STORED), data)
            attached += 1
    if attached:  # whatever a photo or a letter shows, it shows unmasked
        case.context.audit("emergency.personal.seen", case.incident.number, attachments=attached)
    made.seek(0)
    return made


def _entry(case: Case, name: str, method: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(f"{case.incident.number}/{name}", case.now.timetuple()[:6])
    entry.compress_type = method
    return entry
