"""The emergency service: the production-safety emergency plan from the first call to the closed file."""

from pathlib import Path

from kit.app import Service
from kit.dispatch import load_matters
from services.emergency.base import Base
from services.emergency.incidents import api as incidents
from services.emergency.incidents.hotline import MATTER, take_hotline_call
from services.emergency.registers import experts, supplies
from services.emergency.settings import EmergencySettings

HERE = Path(__file__).parent

service = Service(
    name="emergency",
    letter="E",
    title="应急管理服务",
    description="东胜区生产安全事故应急预案：事故接报、分级、响应、预警、登记与演练。",
    settings=EmergencySettings,
    metadata=Base.metadata,
    migrations=HERE / "migrations",
    rooms=(incidents.router, experts.router, supplies.router),
    matters=load_matters(HERE / "data" / "matters.yaml", {MATTER: take_hotline_call}),
)
