"""The property service: compounds, their surveys, committees, contracts, and coverage against the plan."""

from pathlib import Path

from kit.service import Service
from kit.worker import Job
from services.property import (
    association,
    attention,
    charges,
    companies,
    complaints,
    corrections,
    developers,
    directory,
    disputes,
    divisions,
    duties,
    guide_prices,
    hazards,
    history,
    inspections,
    party,
    renaming,
    renewal,
    takeovers,
)
from services.property.base import Base
from services.property.closing import api as closing
from services.property.committees import api as committees
from services.property.committees import appointments, assembly, candidates
from services.property.contracts import api as contracts
from services.property.coverage import api as coverage
from services.property.coverage import contradictions, series, todo
from services.property.coverage.kept import forget_old_changes
from services.property.engagements import api as engagements
from services.property.matters import LETTER, becoming
from services.property.plan.complaints import MATTERS as COMPLAINTS
from services.property.plan.hazards import BY_HOTLINE
from services.property.projects import api as projects
from services.property.projects import disclosure, doings, means
from services.property.search import aliases, doubles
from services.property.search import api as search
from services.property.search.work import load_words
from services.property.settings import PropertySettings
from services.property.streets import conferences, fallback, offices, patrols, pilots, training
from services.property.surveys import annotating, versions, withdrawal
from services.property.surveys import api as surveys
from services.property.sync import api as sync
from services.property.telling.work import tell_what_changed

HERE = Path(__file__).parent

service = Service(
    name="property",
    letter=LETTER,
    title="物业服务覆盖服务",
    description="物业服务全覆盖提品质三年行动：摸底、小区、企业、业委会（物管会）、合同备案和覆盖统计。",
    settings=PropertySettings,
    metadata=Base.metadata,
    migrations=HERE / "migrations",
    company=complaints.COMPANY_OF_REQUEST,
    routers=(
        surveys.router,
        annotating.router,
        withdrawal.router,
        versions.router,
        coverage.router,
        series.router,
        todo.router,
        closing.router,
        contradictions.router,
        search.router,
        directory.router,
        history.router,
        companies.router,
        aliases.router,
        party.router,
        association.router,
        candidates.router,
        doubles.router,
        committees.router,
        assembly.router,
        developers.router,
        takeovers.router,
        projects.router,
        charges.router,
        contracts.router,
        engagements.router,
        hazards.router,
        complaints.router,
        attention.router,
        guide_prices.router,
        inspections.router,
        offices.router,
        doings.router,
        means.router,
        disclosure.router,
        appointments.router,
        renewal.router,
        patrols.router,
        pilots.router,
        fallback.router,
        training.router,
        conferences.router,
        disputes.router,
        divisions.router,
        renaming.router,
        corrections.router,
        duties.router,
        sync.taking,
        sync.router,
    ),
    loaders=(divisions.load_divisions, load_words),
    matters=becoming(
        dict.fromkeys(BY_HOTLINE, hazards.take_hazard) | dict.fromkeys(COMPLAINTS, complaints.take_complaint)
    ),
    noticed=attention.attend_own,
    handlers={"dispatch.pattern.noticed": attention.attend},
    jobs={
        "tell-what-changed": Job(tell_what_changed, cron="*/10 * * * *"),
        "forget-old-changes": Job(forget_old_changes, cron="23 * * * *"),
    },
)
