"""Who holds the leadership's posts now, as the office service tells it (D-2); what goes wrong there is said, and stops nobody.

It is asked while somebody waits, by a client of the asking service's own (`kit.asking`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Request
from pydantic import BaseModel, Field

from kit.asking import Asking
from kit.settings import AsksOffice
from kit.web.shapes import Answer

SILENT: Final = "政府办公室服务暂时没有答复，只按职务办理。"


class PersonInOffice(Answer, title="任职领导"):
    """A leader with the post as the division document has it (任职领导)."""

    name: str = Field(min_length=1, max_length=50, description="姓名", examples=["高明"])
    post: str = Field(
        min_length=1, max_length=100, description="职务，按分工文件写法", examples=["区委常委、副区长"]
    )


class LeadershipPost(Answer, title="领导职务现任情况"):
    """A post of the leadership: who holds it, and who acts (领导职务现任)."""

    post: str = Field(min_length=1, max_length=50, description="职务编码", examples=["emergency_leader"])
    name: str = Field(min_length=1, max_length=100, description="职务名称", examples=["分管应急的区政府领导"])
    holder: PersonInOffice | None = Field(description="由谁担任；没有登记的为空")
    acting: PersonInOffice | None = Field(description="当时由谁负责；没有登记或文件没有写明的为空")
    sentence: str = Field(max_length=2000, description="怎么得出的", examples=["高明外出，由AB角杜娟代行。"])


class _Told(BaseModel):
    posts: list[LeadershipPost]


@dataclass(frozen=True)
class OfficeService:
    """The office service as another asks it."""

    asking: Asking

    async def posts(self, at: datetime) -> dict[str, LeadershipPost] | None:
        """The posts of the leadership by their codes, as of a moment; None where the service did not answer; no exception."""
        told = await self.asking.get("/office/v1/in-charge/posts", _Told, at=at.isoformat())
        return None if told is None else {each.post: each for each in told.posts}


async def _office(request: Request) -> OfficeService:
    settings: AsksOffice = request.app.state.settings
    return OfficeService(Asking.of(request, settings.office))


#: The office service, for an endpoint that shows who acts.
AskedOffice = Annotated[OfficeService, Depends(_office)]
