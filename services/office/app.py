"""The office service: units, posts and the registers of the government office."""

from pathlib import Path

from kit.dispatch.requests import load_matters
from kit.service import Service
from services.office import units
from services.office.base import Base
from services.office.settings import OfficeSettings

HERE = Path(__file__).parent

service = Service(
    name="office",
    letter="O",
    title="政府办公室服务",
    description="单位规范名称与别名，以及归口区政府办公室的事项。",
    settings=OfficeSettings,
    metadata=Base.metadata,
    migrations=HERE / "migrations",
    routers=(units.router,),
    loaders=(units.load_units,),
    matters=load_matters(HERE / "plan" / "data" / "matters.yaml"),
)
