"""The law study service: what the district government's executive meeting studies, from the plan to the ledger."""

from pathlib import Path

from kit.dispatch.matters import load_matters
from kit.dispatch.questions import take_question
from kit.service import Service
from services.lawstudy import issuing, members, self_study, study_systems
from services.lawstudy.attendance import api as attendance
from services.lawstudy.base import Base
from services.lawstudy.calendar import addresses
from services.lawstudy.calendar import api as calendar
from services.lawstudy.compliance import api as compliance
from services.lawstudy.ledger import api as ledger
from services.lawstudy.overdue import OVERDUE
from services.lawstudy.plans import api as plans
from services.lawstudy.plans import versions
from services.lawstudy.plans.loading import load_plans
from services.lawstudy.sessions import api as sessions
from services.lawstudy.sessions import meetings, notices_api
from services.lawstudy.sessions.following import load_sessions
from services.lawstudy.settings import LawstudySettings
from services.lawstudy.texts import api as texts
from services.lawstudy.texts.models import StudyText

HERE = Path(__file__).parent

service = Service(
    name="lawstudy",
    letter="L",
    title="政府常务会议学法服务",
    description="政府常务会议学法：年度计划及其各版、学法安排和材料审核、出席与补学、执行情况和台账、日历订阅。",
    settings=LawstudySettings,
    metadata=Base.metadata,
    migrations=HERE / "migrations",
    routers=(
        plans.router,
        versions.router,
        issuing.router,
        meetings.router,
        sessions.router,
        texts.router,
        members.router,
        attendance.router,
        self_study.router,
        study_systems.router,
        study_systems.duties_router,
        compliance.router,
        ledger.router,
        notices_api.router,
        calendar.router,
        addresses.router,
    ),
    loaders=(load_plans, meetings.load_meetings, load_sessions, members.load_members),
    matters=load_matters(HERE / "plan" / "data" / "matters.yaml", {"law-consultation": take_question}),
    files=(StudyText.sha256, study_systems.StudySystem.file_sha256),
    overdue=OVERDUE,
)
