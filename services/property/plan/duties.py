"""The duties of the three-year plan: who has to have done what, how often or by when; pure.

Who owes each on a day is said where its facts are kept, as `OWED`; services/property/duties.py puts them together.
"""

from datetime import date
from typing import Final

from kit.district.cycles import Cycle
from kit.duties.duty import Duty, Subject

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
    )
}
