"""The published field sets in which lists and penalties are exchanged, without fields of persons.

Black list: HMDMC to LRMDSY, and TCMDYY of who left it; red list: ztlb to lrmdsy; penalties: cf_xdr_mc to bz. Names and
numbers of the papers of persons, which the sets have too (fddbr, zjhm, cf_frdb, cf_fr_zjlx, cf_fr_sfzh, cf_xdr_zjlx,
cf_xdr_zjhm), are left out; what is not kept here is empty.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from pydantic import Field

from kit.web.shapes import Answer
from kit.workbooks.writing import Column, Layout, table

_EXAMPLE: Final = "91110000600037341L"
_BASIS: Final = "《东胜区物业服务全覆盖提品质三年行动实施方案》（东政发〔2024〕18号）二(三)4"
_NAME: Final = "某某物业服务有限公司（虚构）"


class _OnBlack(Answer, title="黑榜企业交换字段"):
    """What is exchanged of a company on the black list and of one that left it."""

    HMDMC: str = Field(description="名单名称", examples=["东胜区物业服务信用评价黑榜"])
    ENTID: UUID = Field(description="企业编号")
    JGMC: str = Field(description="机构名称", examples=[_NAME])
    TYSHXYDM: str | None = Field(description="统一社会信用代码；没有的为空", examples=[_EXAMPLE])
    RDBM: str = Field(description="认定部门", examples=["区住房保障综合服务中心"])
    RDBMTYSHXYDM: str | None = Field(description="认定部门统一社会信用代码；没有的为空", examples=[_EXAMPLE])
    RDYJ: str = Field(description="认定依据", examples=[_BASIS])
    RDRQ: date = Field(description="认定日期")
    YXQS: date = Field(description="有效期起")


class BlackOut(_OnBlack, title="黑榜交换字段"):
    """A company on the black list as it is exchanged (黑榜)."""

    YXQZ: date | None = Field(description="有效期止，即下一次公布红黑榜的日期；还没有的为空")
    LRMDSY: str = Field(description="列入名单事由", examples=["信用等级C（58.00 分）"])


class ExitOut(_OnBlack, title="移出黑榜交换字段"):
    """A company that left the black list before the next, as it is exchanged (移出黑榜)."""

    YXQZ: date = Field(description="有效期止，即移出名单的日期")
    TCMDYY: str = Field(description="退出名单原因", examples=["信用修复"])


class RedOut(Answer, title="红榜交换字段"):
    """A company on the red list as it is exchanged (红榜)."""

    ztlb: str = Field(description="主体类别", examples=["法人及非法人组织"])
    mdlxid: str = Field(description="名单类型", examples=["东胜区物业服务信用评价红榜"])
    ztmc: str = Field(description="主体名称", examples=[_NAME])
    tyshxydm: str | None = Field(description="统一社会信用代码；没有的为空", examples=[_EXAMPLE])
    rdbm: str = Field(description="认定部门", examples=["区住房保障综合服务中心"])
    rdyj: str = Field(description="认定依据", examples=[_BASIS])
    rdrq: date = Field(description="认定日期")
    yxqz: date | None = Field(description="有效期止，即下一次公布红黑榜的日期；还没有的为空")
    lrmdsy: str = Field(description="列入名单事由", examples=["信用等级AAA（92.00 分），没有严重不良信息"])


class PenaltyOut(Answer, title="行政处罚交换字段"):
    """A penalty as it is exchanged (行政处罚双公示)."""

    cf_xdr_mc: str = Field(description="行政相对人名称", examples=[_NAME])
    cf_xdr_lb: str = Field(description="行政相对人类别", examples=["法人及非法人组织"])
    cf_xdr_shxym: str | None = Field(description="统一社会信用代码；没有的为空", examples=[_EXAMPLE])
    cf_xdr_gszc: None = Field(default=None, description="工商注册号；本系统没有，总为空", examples=[None])
    cf_xdr_zzjg: None = Field(default=None, description="组织机构代码；本系统没有，总为空", examples=[None])
    cf_xdr_swdj: None = Field(default=None, description="税务登记号；本系统没有，总为空", examples=[None])
    cf_xdr_sydw: None = Field(default=None, description="事业单位证书号；本系统没有，总为空", examples=[None])
    cf_xdr_shzz: None = Field(
        default=None, description="社会组织登记证号；本系统没有，总为空", examples=[None]
    )
    cf_cfws: str | None = Field(description="行政处罚决定书名称；没有的为空", examples=["行政处罚决定书"])
    cf_wsh: str | None = Field(
        description="行政处罚决定书文号；没有的为空", examples=["东住建罚〔2024〕3 号（虚构）"]
    )
    cf_wfxw: None = Field(default=None, description="违法行为类型；本系统没有，总为空", examples=[None])
    cf_sy: str | None = Field(description="违法事实；没有的为空", examples=["擅自占用公共场地"])
    cf_yj: None = Field(default=None, description="处罚依据；本系统没有，总为空", examples=[None])
    cf_cflb: None = Field(default=None, description="处罚类别；本系统没有，总为空", examples=[None])
    cf_nr: None = Field(default=None, description="处罚内容；本系统没有，总为空", examples=[None])
    cf_nr_fk: None = Field(default=None, description="罚款金额，万元；本系统没有，总为空", examples=[None])
    cf_nr_wfff: None = Field(default=None, description="没收金额，万元；本系统没有，总为空", examples=[None])
    cf_nr_zkdx: None = Field(
        default=None, description="暂扣或吊销的证照；本系统没有，总为空", examples=[None]
    )
    cf_jdrq: date = Field(description="处罚决定日期")
    cf_yxq: date | None = Field(description="处罚有效期；没有的为空")
    cf_gsjzq: date = Field(description="公示截止期，到这一天不再公示")
    cf_cfjg: str | None = Field(
        description="处罚机关：佐证写明的单位；没有写明的，为登记处罚的部门；都没有的为空",
        examples=["东胜区城市管理综合执法局"],
    )
    cf_cfjgdm: None = Field(default=None, description="处罚机关代码；本系统没有，总为空", examples=[None])
    cf_sjly: str = Field(description="数据来源单位", examples=["区住房保障综合服务中心"])
    cf_sjlydm: None = Field(default=None, description="数据来源单位代码；本系统没有，总为空", examples=[None])
    bz: str = Field(description="备注：信用信息编号", examples=["01990000-0000-7000-8000-000000000001"])


def workbook(kind: type[Answer], rows: Iterable[Answer], title: str) -> bytes:
    """The rows as a workbook whose header has the names of the fields, and nothing above it."""
    names = list(kind.model_fields)
    told = [[_cell(getattr(row, name)) for name in names] for row in rows]
    return table([Column(name, width=20) for name in names], told, Layout(sheet=title))


def _cell(value: object) -> str | date | None:
    return value if value is None or isinstance(value, date) else str(value)
