"""A company as an address names it: by its unified social credit code, or by its id."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from sqlalchemy import ColumnElement, select

from kit.context import Context
from kit.web.ownership import Belonging
from kit.web.problems import Forbidden, NotFound
from services.credit.companies.models import Company

NO_SUCH_COMPANY = "没有这家企业，请先按名称或统一社会信用代码查询。"
_NAMED = r"^([0-9A-Za-z]{18}|[0-9a-fA-F-]{36})$"
CompanyKey = Annotated[
    str,
    Path(
        alias="uscc",
        description="统一社会信用代码；尚未录入代码的，用企业编号",
        pattern=_NAMED,
        examples=["91110000600037341L"],
    ),
]
#: The company that a list is narrowed to.
CompanyQuery = Annotated[
    str | None,
    Query(
        alias="company",
        description="企业的统一社会信用代码或编号",
        pattern=_NAMED,
        examples=["91110000600037341L"],
    ),
]
#: Whose the companies' credit is: each its own.
BELONGING = Belonging(company=Company.uscc)


async def named_company(context: Context, key: str) -> Company:
    """The company under evaluation that an address names, whoever asks. Raises: NotFound."""
    found = await context.session.scalar(select(Company).where(_named(key)))
    if found is None:
        raise NotFound("not-found", NO_SUCH_COMPANY)
    return found


async def the_company(context: Context, key: str) -> Company:
    """The company under evaluation that an address names, for a caller who may read it. Raises: NotFound.

    To try a score or to issue a statement is to read what is known of the company, and changes nothing of it.
    """
    found = await named_company(context, key)
    await replace(context, writes=False).must_hold(BELONGING, Company.id == found.id, NO_SUCH_COMPANY)
    return found


async def own_company(context: Context) -> Company:
    """The company that the caller's token is limited to. Raises: Forbidden."""
    code = context.caller.company
    query = select(Company).where(Company.uscc == code, Company.left_at.is_(None))
    company = await context.session.scalar(query) if code is not None else None
    if company is None:
        raise Forbidden(
            "for-companies", "只有纳入评价的企业自己可以办理，请用限定本企业的令牌。", clauses=("P-2.3.2a",)
        )
    context.must_cover(context.caller.division, company.uscc)
    return company


def _named(key: str) -> ColumnElement[bool]:
    if len(key) == 18:
        return (Company.uscc == key.upper()) & Company.left_at.is_(None)
    try:
        return Company.id == UUID(key)
    except ValueError:
        raise NotFound("not-found", NO_SUCH_COMPANY) from None
