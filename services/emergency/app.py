"""The emergency service: the production-safety emergency plan from the first call to the closed file."""

from pathlib import Path

from kit.dispatch.matters import load_matters
from kit.service import Service
from kit.worker import Job
from services.emergency.aftermath import api as aftermath
from services.emergency.alarms import api as alarms
from services.emergency.alarms import hotline_api
from services.emergency.alarms.work import hear, hear_own, ring_again, settling
from services.emergency.assignments import api as assignments
from services.emergency.assignments.work import remind
from services.emergency.base import Base
from services.emergency.clocks import api as clocks
from services.emergency.clocks.work import scan
from services.emergency.command import api as command
from services.emergency.command import field, forces, handling, withdrawals
from services.emergency.companies import companies, hazards
from services.emergency.company_warnings import api as company_warnings
from services.emergency.dossier import api as dossier
from services.emergency.drills import api as drills
from services.emergency.headquarters import acting, duty, headquarters
from services.emergency.incidents import api as incidents
from services.emergency.incidents import attachments, briefings, corrections_api, record_api
from services.emergency.incidents.hotline import MATTER, UNSURE, take_hotline_call, take_unsure_call
from services.emergency.overdue import OVERDUE
from services.emergency.plans import api as plans_api
from services.emergency.plans import plans
from services.emergency.releases import api as releases
from services.emergency.releases import opinion
from services.emergency.resources import api as resources
from services.emergency.response import api as response
from services.emergency.settings import EmergencySettings
from services.emergency.supplies import experts, supplies
from services.emergency.warnings import api as warnings

HERE = Path(__file__).parent
INCIDENTS = (
    *(incidents, record_api, briefings, attachments, corrections_api),
    *(alarms, hotline_api),
    *(clocks, response, assignments),
    *(command, field, handling, forces, withdrawals, releases, resources, aftermath, dossier),
)
WARNINGS = (warnings, company_warnings)
# What acts now comes before the register of posts, which takes any word for an id.
REGISTERS = (acting, headquarters, duty, experts, companies, hazards, supplies, plans_api, opinion, drills)

service = Service(
    name="emergency",
    letter="E",
    title="应急管理服务",
    description="东胜区生产安全事故应急预案：事故接报、分级、响应、预警、登记与演练。",
    settings=EmergencySettings,
    metadata=Base.metadata,
    migrations=HERE / "migrations",
    routers=tuple(each.router for each in (*INCIDENTS, *WARNINGS, *REGISTERS)),
    loaders=(headquarters.load_headquarters, plans.load_district_plan),
    matters=load_matters(
        HERE / "plan" / "data" / "matters.yaml",
        {
            MATTER: settling(take_hotline_call),
            UNSURE: settling(take_unsure_call),
            "safety-hazard": hear_own,
        },
    ),
    handlers={"dispatch.request.alarming": hear},
    jobs={
        "scan-deadlines": Job(scan, cron="* * * * *"),
        "remind-of-tasks": Job(remind, cron="* * * * *"),
        "ring-again": Job(ring_again, cron="* * * * *"),
    },
    overdue=OVERDUE,
)
