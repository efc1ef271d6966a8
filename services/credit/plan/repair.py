"""When credit information may be repaired (信用修复): by its class, counted from the act; pure.

信用修复管理办法（国家发展改革委令第 36 号，自 2026 年 4 月 1 日起施行）; the months are the scheme's.
"""

from datetime import date

from kit.district.periods import months_after
from services.credit.plan.scheme import Item, RepairRule, Scheme


def rule_of(scheme: Scheme, item: Item) -> RepairRule | None:
    """The rule that information of an item is repaired by; None of what is not bad."""
    if item.severity is None:
        return None
    rule: RepairRule = getattr(scheme.repair, item.severity)
    return rule


def repairable_from(rule: RepairRule, acted_on: date) -> date:
    """The first day on which repair may be asked for; months count from the act, 31 August and six months being 28 February."""
    return months_after(acted_on, rule.after)


def public_until(rule: RepairRule, acted_on: date) -> date:
    """The day from which on it is public no more, repaired or not."""
    return months_after(acted_on, rule.public)
