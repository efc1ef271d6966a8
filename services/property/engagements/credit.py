"""The current grade of a company, as the credit service tells it; whatever goes wrong there is not known here."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel, Field, ValidationError

from kit.district.clock import LocalTime
from kit.web.shapes import Answer
from services.property.companies import Company
from services.property.settings import PropertySettings

if TYPE_CHECKING:
    import httpx2

#: Seconds that an answer is waited for: people wait for the step that asks.
PATIENCE = 2.0
UNKNOWN = "信用等级暂时无法取得"
UNRATED = "未评定"


class GradeOut(Answer, title="企业信用等级"):
    """The grade of a company as it was seen (信用等级)."""

    grade: str = Field(
        description=f"信用等级；没有评定时为“{UNRATED}”，信用服务没有答复时为“{UNKNOWN}”", examples=["AA"]
    )
    poor: bool | None = Field(description="是否属于信用较差；不知道时为空")
    as_of: date | None = Field(description="等级的评定日期；没有评定或不知道时为空")
    seen_at: LocalTime = Field(description="查询时间")


class _Told(BaseModel):
    grade: str = Field(min_length=1, max_length=50)
    poor: bool
    as_of: date


@dataclass(frozen=True)
class Credit:
    """Where grades are asked for."""

    http: "httpx2.AsyncClient"
    settings: PropertySettings

    async def grade(self, company: Company, now: datetime) -> GradeOut:
        """The grade of a company, by its code, or where nobody has entered one by its id; never an exception."""
        unknown = GradeOut(grade=UNKNOWN, poor=None, as_of=None, seen_at=now)
        if self.settings.credit_url is None:
            return unknown
        key = company.uscc or company.id
        import httpx2  # when first needed, since it takes time and memory

        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self.http.get(
                    f"{self.settings.credit_url}/credit/v1/companies/{key}/grade", headers=self._headers
                )
            if answer.status_code == 404:
                return GradeOut(grade=UNRATED, poor=None, as_of=None, seen_at=now)
            answer.raise_for_status()
            told = _Told.model_validate_json(answer.content)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValidationError):
            return unknown
        return GradeOut(grade=told.grade, poor=told.poor, as_of=told.as_of, seen_at=now)

    @property
    def _headers(self) -> dict[str, Any]:
        token = self.settings.credit_token
        return {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}


async def _credit(request: Request) -> Credit:
    return Credit(request.app.state.database.http, request.app.state.settings)


#: The credit service, for an endpoint that shows a grade.
CreditService = Annotated[Credit, Depends(_credit)]
