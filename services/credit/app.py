"""The credit service: property service companies under evaluation."""

from pathlib import Path

from kit.dispatch.matters import load_matters
from kit.service import Service
from services.credit.awards import api as awards
from services.credit.awards import assessments, importing
from services.credit.base import Base
from services.credit.companies import api as companies
from services.credit.companies.work import take_in, take_out
from services.credit.dossier import api as dossier
from services.credit.evaluations import api as evaluations
from services.credit.exchange import api as exchange
from services.credit.intake import facts, registers
from services.credit.leads import api as leads
from services.credit.leads.work import notice_pattern, take_request
from services.credit.lists import access
from services.credit.lists import api as lists
from services.credit.objections import api as objections
from services.credit.overdue import OVERDUE
from services.credit.projects import api as projects
from services.credit.public import api as public
from services.credit.recording import api as records
from services.credit.repairs import api as repairs
from services.credit.schemes import api as schemes
from services.credit.schemes.work import load_default
from services.credit.scoring import api as scoring
from services.credit.settings import CreditSettings
from services.credit.statements import api as statements

HERE = Path(__file__).parent

service = Service(
    name="credit",
    letter="C",
    title="物业信用服务",
    description="纳入信用评价的物业服务企业，供公众和各部门查询。",
    settings=CreditSettings,
    metadata=Base.metadata,
    migrations=HERE / "migrations",
    routers=(
        companies.router,
        projects.router,
        schemes.router,
        records.router,
        scoring.router,
        evaluations.router,
        objections.router,
        leads.router,
        lists.router,
        access.router,
        repairs.router,
        importing.router,  # before the register's own paths, which take any word for an id
        assessments.router,
        awards.router,
        statements.router,
        public.router,
        dossier.router,
        exchange.router,
    ),
    loaders=(load_default,),
    matters=load_matters(HERE / "plan" / "data" / "matters.yaml", {"credit-objection": take_request}),
    handlers={
        "property.company.registered": take_in,
        "property.company.changed": take_in,
        "property.company.withdrawn": take_out,
        "property.project.held": registers.hold_project,
        "property.project.dropped": registers.drop_project,
        "property.company.performed": registers.take_performance,
        "property.duty.overdue": facts.take_overdue,
        "property.request.overdue": facts.take_overdue_request,
        "property.complaint.confirmed": facts.take_complaint,
        "property.complaint.withdrawn": facts.withdraw_complaint,
        "property.finding.made": facts.take_finding,
        "property.finding.withdrawn": facts.withdraw_finding,
        "dispatch.pattern.noticed": notice_pattern,
        "emergency.responsibility.established": facts.take_responsibility,
    },
    overdue=OVERDUE,
)
