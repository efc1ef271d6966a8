"""The credit service: property service companies under evaluation."""

from pathlib import Path

from kit.dispatch.requests import load_matters
from kit.service import Service
from services.credit.base import Base
from services.credit.companies import api as companies
from services.credit.companies.work import take_in, take_out
from services.credit.settings import CreditSettings

HERE = Path(__file__).parent

service = Service(
    name="credit",
    letter="C",
    title="物业信用服务",
    description="纳入信用评价的物业服务企业，供公众和各部门查询。",
    settings=CreditSettings,
    metadata=Base.metadata,
    migrations=HERE / "migrations",
    routers=(companies.router,),
    matters=load_matters(HERE / "plan" / "data" / "matters.yaml"),
    handlers={
        "property.company.registered": take_in,
        "property.company.changed": take_in,
        "property.company.withdrawn": take_out,
    },
)
