"""What a compound or company is called besides, and where it lies: entered by people who know, and found by all."""

from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.names import TypedName
from kit.storage.named import Findable, findable
from kit.web import routes
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, Register, must_exist
from kit.web.shapes import Body
from services.property.base import Base
from services.property.companies import Company
from services.property.compounds.models import Compound
from services.property.compounds.work import of_compound

AliasKind = Literal["alias", "address"]


class Alias(Base, Entry, Findable):
    """Another name (别名) of a compound or company, or an address (地址) of it."""

    __tablename__ = "aliases"
    __table_args__ = (
        CheckConstraint("kind in ('alias','address')", name="kind"),
        CheckConstraint("num_nonnulls(compound_id, company_id) = 1", name="of_one"),
        UniqueConstraint("compound_id", "kind", "name_key"),
        UniqueConstraint("company_id", "kind", "name_key"),
        *findable("aliases"),
    )

    kind: Mapped[str]
    compound_id: Mapped[UUID | None] = mapped_column(ForeignKey("compounds.id"))
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"))


class AliasIn(
    Body,
    title="别名或地址",
    example={
        "kind": "alias",
        "compound_id": None,
        "company_id": "0190163d-8694-739b-aea5-966c26f8ad91",
        "name": "天骄物业",
    },
):
    """Another name of a compound or company, or an address of it (别名、地址)."""

    kind: AliasKind = Field(description="alias 别名、俗称、简称，address 地址")
    compound_id: UUID | None = Field(default=None, description="小区编号；小区和企业填写一个")
    company_id: UUID | None = Field(default=None, description="物业服务企业编号；小区和企业填写一个")
    name: TypedName = Field(min_length=1, max_length=100, description="别名，或地址")

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if (self.compound_id is None) == (self.company_id is None):
            raise ValueError("小区编号和企业编号请填写一个，且只填写一个。")
        return self


async def _of_something(context: Context, body: AliasIn, _row: Any) -> None:
    """Refuse an alias of what is not there.

    Raises: Invalid.
    """
    await must_exist(context.session, Compound, body.compound_id, "/compound_id", "小区")
    await must_exist(context.session, Company, body.company_id, "/company_id", "企业")


ALIASES = Register(
    "aliases",
    "别名和地址",
    Alias,
    AliasIn,
    about="小区的别名、俗称和地址，企业的简称和地址；查找时与正式名称一样能找到。企业的由区级单位登记。",
    filters=("kind", "compound_id", "company_id"),
    check=_of_something,
    belongs=of_compound(Alias.compound_id),
)
router = routes.router("查找")
add_register(router, "property", ALIASES)
