"""What is said to an action on a request."""

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from kit.dispatch.shapes import CoordinatesIn, Figure, SupervisionLevel
from kit.district.clock import LocalTime
from kit.district.named_units import Street, UnitId
from kit.web.shapes import Body, Text, choices


class ActionIn(Body, title="办理意见", example={"note": "已安排维修人员上门更换。"}):
    """A note to an action (办理意见)."""

    note: str | None = Field(default=None, max_length=2000, description="说明；答复和退回时必填")
    unit: UnitId | None = Field(
        default=None, description="哪个承办单位的部分；不填为本单位的，12345 不填为主办单位的"
    )


class RequestReturnIn(
    ActionIn,
    title="诉求退单申请",
    example={
        "note": "该小区属住建部门管理",
        "to_unit": "housing-centre",
        "duty": "电梯以外的共用设施由住建部门负责",
    },
):
    """Why a request is another unit's (退单申请)."""

    to_unit: UnitId = Field(description="建议改派的单位")
    duty: Text = Field(description="依据哪一项职责不属本单位")


class RequestExtensionIn(
    ActionIn, title="诉求延期申请", example={"note": "配件需订购", "until": "2024-07-31T18:00:00+08:00"}
):
    """Until when more time is needed, and why (延期申请)."""

    until: LocalTime = Field(description="延期到")


class RequestUrgeIn(
    ActionIn, title="诉求督办意见", example={"note": "来电人多次反映，请尽快办理", "level": "urge"}
):
    """How far a request is raised, and why (督办意见)."""

    level: SupervisionLevel = Field(
        default=SupervisionLevel.URGE, description=f"督办等级：{choices(SupervisionLevel)}"
    )


class RequestDecisionIn(Body, title="诉求决定理由", example={"note": "来电人已再次来电说明情况"}):
    """The reason of a decision (决定理由)."""

    note: Text = Field(description="理由")


class RequestCloseIn(Body, title="诉求办结说明", example={"note": "来电人已确认"}):
    """A word on closing (办结说明)."""

    note: Text | None = Field(default=None, description="说明")


class RequestCallBackIn(
    Body,
    title="诉求回访结果",
    example={"reached": True, "solved": True, "satisfied": True, "note": "来电人表示感谢"},
):
    """What the citizen said when called back (回访结果)."""

    reached: bool = Field(description="是否联系上")
    solved: bool | None = Field(default=None, description="是否解决；没有联系上的不填")
    satisfied: bool | None = Field(default=None, description="是否满意；没有联系上的不填")
    note: Text | None = Field(default=None, description="说明")

    @model_validator(mode="after")
    def _who_was_not_reached_said_nothing(self) -> Self:
        if not self.reached and (self.solved is not None or self.satisfied is not None):
            raise ValueError("没有联系上来电人的，不填是否解决和是否满意。")
        return self


class RequestJoinIn(
    RequestDecisionIn, title="诉求加派协办", example={"unit": "housing-centre", "note": "需房管部门配合"}
):
    """Which further unit helps (加派协办)."""

    unit: UnitId = Field(description="协办单位")


class RequestTransferIn(
    RequestDecisionIn, title="诉求转办", example={"matter": "safety-hazard", "note": "属于安全生产隐患"}
):
    """To which matter a request is sent on (转办)."""

    matter: str = Field(max_length=60, description="应属的事项编码；可以是其他服务的")


class RequestMergeIn(
    RequestDecisionIn, title="诉求并案", example={"into": "DS-EQ-20240624-0001", "note": "反映同一件事"}
):
    """Into which request another is merged (并案)."""

    into: str = Field(max_length=40, description="并入的诉求编号")


class RequestPlaceIn(
    RequestDecisionIn,
    title="诉求补充地点",
    example={"address": "天骄路 1 号 3 号楼", "division": "天骄街道", "note": "来电人来电补充"},
):
    """Where it is, as far as that was not told or not right; what is left out stays (补充地点)."""

    division: Street | None = Field(default=None, description="所在街道（镇）")
    address: Text | None = Field(default=None, max_length=200, description="地址")
    compound: UUID | None = Field(default=None, description="所涉小区的编号，见 /property/v1/compounds")
    coordinates: CoordinatesIn | None = Field(default=None, description="坐标")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any((self.division, self.address, self.compound, self.coordinates)):
            raise ValueError("请至少填写街道（镇）、地址、小区编号、坐标中的一项。")
        return self


class RequestConfirmIn(
    RequestDecisionIn, title="诉求复核意见", example={"agreed": True, "note": "诉求没有政策依据，已当面说明"}
):
    """Whether a second person agrees (复核意见)."""

    agreed: bool = Field(description="是否同意认定")


class RequestAppealIn(
    RequestDecisionIn, title="诉求考核申诉", example={"figure": "answer", "note": "当日停电，系统无法登录"}
):
    """Against which figure a unit appeals, and why (考核申诉)."""

    figure: Figure = Field(description=f"指标：{choices(Figure)}")


class RequestAppealDecisionIn(
    RequestCloseIn, title="诉求申诉决定", example={"figure": "answer", "note": "停电属实"}
):
    """Which appeal is decided (申诉决定)."""

    figure: Figure = Field(description=f"指标：{choices(Figure)}")
