"""What is answered about who is in charge and who acts."""

from datetime import date
from uuid import UUID

from pydantic import Field

from kit.district.clock import LocalTime
from kit.district.named_units import NamedUnit
from kit.web.shapes import Answer, Grounded, choices
from services.office.plan.in_charge import How, Standing, Why
from services.office.plan.posts import AskedPost


class PersonInPost(Answer, title="在任领导"):
    """A leader with the post as the document has it (在任领导)."""

    leader: str = Field(description="领导代号", examples=["gao-ming"])
    name: str = Field(description="姓名", examples=["高明"])
    post: str = Field(description="职务，按文件写法", examples=["区委常委、副区长"])


class LinkOut(Answer, title="代行环节"):
    """A link of the chain that led to whoever acts (代行环节)."""

    leader: PersonInPost = Field(description="这一环节的领导")
    why: Why = Field(description=choices(Why))
    instead_of: str | None = Field(description="代替谁，姓名；第一个环节为空", examples=["高明"])
    away: bool = Field(description="当时是否外出")
    away_until: LocalTime | None = Field(description="外出到何时；没有外出或没有定的为空")
    clause: str = Field(description="依据条款编号", examples=["D-2"])
    document: str = Field(description="依据文件的文号", examples=["东政办发〔2024〕29号"])


class ActingOut(Answer, title="代行情况"):
    """Who acts, and how that came about (代行情况)."""

    acting: PersonInPost | None = Field(description="当时由谁负责；文件没有写明时为空")
    how: How = Field(description=choices(How))
    sentence: str = Field(
        description="怎么得出的",
        examples=["高明外出，由AB角杜娟代行。"],
    )
    chain: list[LinkOut] = Field(description="依次查找的环节，第一个是分工文件写明的领导")
    others: list[PersonInPost] = Field(description="另外在岗、文件中排在后面的AB角")


class ChargeOut(ActingOut, title="分管和代行"):
    """A leader's relation to the unit, and who acts in it (分管和代行)."""

    leader: PersonInPost = Field(description="分工文件写明的领导")
    written: str = Field(
        description="文件中单位的写法；没有写明的为空字符串", examples=["区应急管理局（区矿山安全监管局）"]
    )
    scope: str | None = Field(description="文件限定的范围；没有限定时为空", examples=["医药"])


class DocumentInForce(Answer, title="施行中的分工文件"):
    """The division document that an answer goes by (依据文件)."""

    id: UUID = Field(description="编号")
    number: str = Field(description="发文字号", examples=["东政办发〔2024〕29号"])
    title: str = Field(description="文件名称", examples=["关于区政府领导工作分工的通知"])
    effective_on: date = Field(description="施行日期")


class InChargeOut(Grounded, title="单位由谁负责", clauses=("D-1", "D-2", "D-3")):
    """Who is in charge of a unit at a moment, and who acts (单位由谁负责)."""

    unit: NamedUnit = Field(description="单位")
    at: LocalTime = Field(description="问的是什么时候")
    document: DocumentInForce = Field(description="当时施行的分工文件")
    standing: Standing = Field(description=choices(Standing))
    sentence: str = Field(
        description="一句话的回答",
        examples=["区应急管理局由区委常委、副区长高明分管；高明外出，由AB角杜娟代行。"],
    )
    charges: list[ChargeOut] = Field(description="分管的领导，按文件次序；只有领导联系的为空")
    helpers: list[ChargeOut] = Field(description="协助分管的领导")
    contacts: list[ChargeOut] = Field(description="联系的领导")
    presiding: list[ChargeOut] = Field(description="主持本单位工作的领导")


class PostOut(Answer, title="领导职务由谁担任"):
    """Who holds a post of the leadership, and who acts (领导职务)."""

    post: AskedPost = Field(description=choices(AskedPost))
    name: str = Field(description="职务名称", examples=["分管应急的区政府领导"])
    holder: PersonInPost | None = Field(description="由谁担任；没有登记的为空")
    acting: PersonInPost | None = Field(description="当时由谁负责；没有登记或文件没有写明的为空")
    sentence: str = Field(description="怎么得出的", examples=["高明外出，由AB角杜娟代行。"])
    chain: list[LinkOut] = Field(description="依次查找的环节")


class PostsOut(Grounded, title="领导职务现由谁负责", clauses=("D-1", "D-2", "D-3")):
    """Who holds the posts of the leadership at a moment (领导职务)."""

    at: LocalTime = Field(description="问的是什么时候")
    document: DocumentInForce = Field(description="当时施行的分工文件")
    posts: list[PostOut] = Field(description="领导职务")
