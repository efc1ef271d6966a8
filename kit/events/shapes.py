"""What is said of subscriptions, and to them."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import AnyHttpUrl, Field

from kit.district.clock import LocalTime
from kit.settings import WebhookSecret
from kit.web.shapes import Answer, Body

SubscriptionId = Annotated[UUID, Path(description="订阅编号")]
EventId = Annotated[UUID, Path(description="事件编号")]
EventPattern = Annotated[str, Field(pattern=r"^(\*|[a-z0-9_-]+(\.[a-z0-9_-]+)*(\.\*)?)$", max_length=100)]
Types = Annotated[
    list[EventPattern],
    Field(
        min_length=1, max_length=50, description="事件类型，可用 dispatch.* 或 *；演练事件须写明 exercise.*"
    ),
]
Url = Annotated[
    AnyHttpUrl, Field(max_length=2000, description="接收地址：公网地址，或管理员允许的网络；不带用户名和密码")
]
Since = Annotated[
    str,
    Field(
        pattern=r"^(beginning|now|[0-9]{1,19}-[0-9]{1,18})$",
        description="从哪里起投递：beginning 最早的事件，now 现在，或变更接口给出的 next",
        examples=["now", "75321-18"],
    ),
]
Mine = Annotated[bool, Field(description="只投递与本客户端交办的诉求有关的事件；交办时的客户端以令牌为准")]
Secret = Annotated[WebhookSecret, Field(description="签名密钥（Standard Webhooks），不再显示")]
#: States of a subscription, in Chinese.
STATES = "active 投递中，paused 已暂停，gone 接收方应答 410、已停止，off 接收方长期没有收下、已停用"


class SubscriptionIn(
    Body,
    title="订阅",
    example={
        "name": "smart-platform",
        "url": "https://platform.example/hooks",
        "types": ["dispatch.*"],
        "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    },
):
    """A receiver of events (订阅)."""

    name: str = Field(min_length=1, max_length=100, description="订阅名称，本客户端内不能重复")
    url: Url
    types: Types = Field(default=["*"])
    secret: Secret
    since: Since = Field(default="beginning")
    mine: Mine = False


class SubscriptionChange(Body, title="修改订阅", example={"url": "https://platform.example/new-hooks"}):
    """What is to be different; what is left out stays (修改订阅)."""

    url: Url | None = Field(default=None, description="新的接收地址")
    types: Types | None = Field(default=None, description="新的事件类型")
    secret: Secret | None = Field(default=None, description="新的签名密钥，原密钥即刻失效，不再显示")
    since: Since | None = Field(
        default=None, description="从哪里起重新投递，写法同订阅时；暂缓和放弃的事件不再保留"
    )
    mine: bool | None = Field(default=None, description="是否只投递与本客户端交办的诉求有关的事件")


class SubscriptionOut(Answer, title="订阅情况"):
    """A subscription and how it fares (订阅情况)."""

    id: UUID = Field(description="订阅编号")
    name: str = Field(description="订阅名称")
    url: str = Field(description="接收地址")
    types: list[str] = Field(description="事件类型")
    mine: bool = Field(description="是否只投递与本客户端交办的诉求有关的事件")
    state: str = Field(description=STATES)
    stopped_at: LocalTime | None = Field(description="停止或停用的时间")
    failures: int = Field(description="投递新事件连续失败的次数")
    held: int = Field(description="接收方没有收下、等待重试的事件数，含排在其后的同一对象的事件")
    dead: int = Field(description="重试三天仍没有收下、已放弃的事件数")
    next_attempt_at: LocalTime | None = Field(description="失败后下次重试时间")
    last_error: str | None = Field(description="最近一次失败的原因", examples=["HTTP 503"])
    old_secret_until: LocalTime | None = Field(description="更换密钥后，原密钥的签名保留到何时")
    created_at: LocalTime = Field(description="订阅时间")


class EventDeliveryOut(Answer, title="投递情况"):
    """How a subscription of anybody's fares (投递情况)."""

    id: UUID = Field(description="订阅编号")
    name: str = Field(description="订阅名称", examples=["智慧平台"])
    client: str | None = Field(
        description="订阅的客户端，操作人订阅的另有其单位；部署配置声明的为空", examples=["smart-platform"]
    )
    receiver: str = Field(description="接收方的主机", examples=["https://platform.example"])
    types: list[str] = Field(description="事件类型", examples=[["dispatch.request.taken"]])
    state: str = Field(description=STATES)
    stopped_at: LocalTime | None = Field(description="停止或停用的时间")
    behind: int = Field(description="尚未投递的事件数，数到 10000 为止")
    seconds: float = Field(description="最早一件未投递的事件距今秒数")
    held: int = Field(description="接收方没有收下、等待重试的事件数，含排在其后的同一对象的事件")
    dead: int = Field(description="重试三天仍没有收下、已放弃的事件数")
    failures: int = Field(description="投递新事件连续失败的次数")
    last_error: str | None = Field(description="最近一次失败的原因", examples=["HTTP 503"])
    next_attempt_at: LocalTime | None = Field(description="失败后下次重试时间")


class DeadEventOut(Answer, title="放弃投递的事件"):
    """An event that a receiver did not take for three days (放弃投递的事件); its content is in the change feed."""

    id: UUID = Field(description="事件编号")
    type: str = Field(description="事件类型", examples=["dispatch.request.moved"])
    subject: str = Field(description="事件所说的对象", examples=["DS-PQ-20240624-0001"])
    time: LocalTime = Field(description="事件发生时间")
    since: LocalTime | None = Field(description="首次投递失败的时间")
    dead_at: LocalTime | None = Field(description="放弃的时间")
    attempts: int = Field(description="投递次数")
    last_error: str | None = Field(description="最近一次失败的原因", examples=["HTTP 503"])


class NewSecretOut(Answer, title="新的签名密钥"):
    """A subscription's new secret, shown this once (新的签名密钥)."""

    secret: str = Field(
        description="新的签名密钥（Standard Webhooks），只显示这一次",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    old_secret_until: LocalTime | None = Field(description="在此之前，投递同时带新旧两个密钥的签名")
