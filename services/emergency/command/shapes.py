"""What answers show of who commands."""

from pydantic import Field

from kit.district.clock import LocalTime
from kit.web.shapes import Answer, choices
from services.emergency.plan.command import COMMAND, Commander


class TenureOut(Answer, title="指挥任期"):
    """Who commanded from when to when (指挥任期)."""

    commander: Commander = Field(description=choices(Commander))
    commander_zh: str = Field(description="由谁指挥", examples=["区现场指挥部"])
    name: str | None = Field(description="事发单位名称，或指挥长姓名", examples=["李明"])
    since: LocalTime = Field(description="从何时起")
    until: LocalTime | None = Field(description="到何时止；现在的指挥者为空")


class CommandNow(Answer, title="现在的指挥"):
    """Who commands now, and whether command is being handed over (现在的指挥, E-4.5b)."""

    state: str = Field(description="，".join(f"{state} {zh}" for state, zh in COMMAND.states.items()))
    state_zh: str = Field(description="状态", examples=["由区现场指挥部指挥"])
    commander: TenureOut = Field(description="现在由谁指挥，任何时刻只有一个")
