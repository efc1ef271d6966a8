"""The duties of the three-year plan: who has to have done what, how often or by when; pure.

Who owes each on a day is said where its facts are kept, as `OWED`; services/property/duties.py puts them together.
"""

from datetime import date
from typing import Final

from kit.district.cycles import Cycle
from kit.duties.duty import Duty, Subject
from services.property.plan.disclosure import YEARS
from services.property.plan.patrols import ADDED_STAFF, STREETS

#: The day on which the plan was issued.
ISSUED: Final = date(2024, 4, 19)

DUTIES: Final = {
    each.key: each
    for each in (
        Duty(
            "survey",
            "P-3.1",
            "报送物业管理基本情况摸底",
            Subject.STREET,
            ISSUED,
            by=date(2024, 4, 30),
            ours="文件写“2024 年 4 月”，按该月最后一天计",
        ),
        Duty(
            "contract-filing",
            "P-2.2.5",
            "物业服务合同报区住房保障综合服务中心备案",
            Subject.COMPOUND,
            ISSUED,
            by=date(2024, 12, 31),
        ),
        Duty(
            "joint-inspection",
            "P-2.2.3a",
            "已覆盖小区季度联合执法检查",
            Subject.COMPOUND,
            ISSUED,
            cycle=Cycle.QUARTER,
        ),
        Duty(
            "party-branch",
            "P-2.1.1",
            "有 3 名以上正式党员的物业企业成立党支部",
            Subject.COMPANY,
            ISSUED,
        ),
        Duty(
            "party-instructor",
            "P-2.1.1",
            "不具备成立党支部条件的物业企业选派党建指导员",
            Subject.COMPANY,
            ISSUED,
            ours="人数没有登记的企业按不足 3 名计",
        ),
        Duty("committee-term", "P-2.1.2b", "业委会（物管会）任期届满后换届", Subject.COMMITTEE, ISSUED),
        Duty("committee-party", "P-2.1.2b", "业委会（物管会）同步建立党组织", Subject.COMMITTEE, ISSUED),
        Duty("street-office", "P-2.2.2a", "街道（镇）成立专门的物业管理机构", Subject.STREET, ISSUED),
        Duty("street-staff", "P-2.2.2a", "街道（镇）落实物业管理专职人员", Subject.STREET, ISSUED),
        Duty("street-hotline", "P-2.2.2a", "街道（镇）设立并公布物业管理热线", Subject.STREET, ISSUED),
        *(
            Duty(
                key,
                "P-2.2.4b",
                title,
                Subject.PROJECT,
                ISSUED,
                cycle,
                ours=f"文件只写“定期”，本系统按{cycle.zh}计",
            )
            for key, title, cycle in (
                ("fire-patrol", "开展防火巡查", Cycle.QUARTER),
                ("fire-inspection", "开展防火检查", Cycle.QUARTER),
                ("fire-education", "开展消防宣传教育", Cycle.YEAR),
                ("fire-drill", "组织消防安全演练", Cycle.YEAR),
            )
        ),
        Duty(
            "emergency-readiness",
            "P-2.2.7a",
            "应急设施、物资、队伍、预案和持证人员齐备",
            Subject.PROJECT,
            ISSUED,
        ),
        Duty("emergency-drill", "P-2.2.7b", "每年开展应急演练", Subject.PROJECT, ISSUED, Cycle.YEAR),
        Duty("staff-training", "P-2.2.7b", "每年开展员工应急培训", Subject.PROJECT, ISSUED, Cycle.YEAR),
        Duty(
            "training-plan", "P-2.2.8", "制定年度物业从业人员培训计划", Subject.DISTRICT, ISSUED, Cycle.YEAR
        ),
        Duty(
            "disclosure-board",
            "P-2.3.1",
            "信息公示栏如实公布并及时更新各项信息",
            Subject.PROJECT,
            ISSUED,
            ours=f"文件只写“及时更新”，本系统以 {YEARS} 年未更新为过期",
        ),
        Duty("patrol-area", "P-2.3.6", f"以 {STREETS} 个街道为一个片区开展巡查", Subject.STREET, ISSUED),
        Duty("patrol-staff", "P-2.3.6", f"每个片区增派工作人员 {ADDED_STAFF} 名", Subject.AREA, ISSUED),
        Duty("patrol-finding", "P-2.3.6", "巡查发现的问题及时处置", Subject.COMPOUND, ISSUED),
        Duty("pilot", "P-2.4.6", "选取有代表性的小区开展试点", Subject.STREET, ISSUED),
        Duty(
            "management-renewal",
            "P-2.6.3",
            "改造后的小区协商确定管理模式、管理规约和维修资金",
            Subject.COMPOUND,
            ISSUED,
        ),
        Duty(
            "association",
            "P-2.7.1",
            "邀请加入物业服务行业协会",
            Subject.COMPANY,
            ISSUED,
            ours="倡导而不是义务，只列出受邀请的企业，从不逾期",
            invites=True,
        ),
        Duty(
            "street-conference",
            "P-2.5.2",
            "街道（镇）季度联席会议",
            Subject.STREET,
            ISSUED,
            cycle=Cycle.QUARTER,
        ),
        Duty(
            "community-conference",
            "P-2.5.2",
            "社区季度联席会议",
            Subject.COMMUNITY,
            ISSUED,
            cycle=Cycle.QUARTER,
        ),
        Duty("guide-price", "P-2.3.3", "物业费不高于政府指导价", Subject.COMPOUND, ISSUED),
    )
}
