"""The office service: units, posts and the registers of the government office."""

from pathlib import Path

from kit.dispatch.matters import load_matters
from kit.dispatch.questions import take_question
from kit.service import Service
from services.office import figures, units
from services.office.assessments import api as assessments
from services.office.assessments import corrections
from services.office.base import Base
from services.office.in_charge import api as in_charge
from services.office.leaders import absences
from services.office.leaders import api as leaders
from services.office.leaders.work import load_divisions
from services.office.leading_groups import api as leading_groups
from services.office.programmes import api as programmes
from services.office.programmes import dates, reports
from services.office.programmes.loading import load_programmes
from services.office.settings import OfficeSettings
from services.office.supervision import api as supervision
from services.office.supervision import overview

HERE = Path(__file__).parent

service = Service(
    name="office",
    letter="O",
    title="政府办公室服务",
    description="单位规范名称与别名，领导工作分工、外出和由谁负责，领导小组，专项工作的阶段、措施、进展和督查，以及归口区政府办公室的事项。",
    settings=OfficeSettings,
    metadata=Base.metadata,
    migrations=HERE / "migrations",
    routers=(
        units.router,
        leaders.router,
        absences.router,
        in_charge.router,
        leading_groups.router,
        programmes.router,
        figures.router,
        reports.router,
        dates.router,
        assessments.router,
        corrections.router,
        supervision.router,
        overview.router,
    ),
    loaders=(units.load_units, load_divisions, leading_groups.load_groups, load_programmes),
    matters=load_matters(HERE / "plan" / "data" / "matters.yaml", {"government-affairs": take_question}),
)
