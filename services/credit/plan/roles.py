"""Who may do what in the evaluation of companies: scopes of a token, as roles."""

from kit.web.caller import Caller, Role
from services.credit.plan.scheme import Recorder

#: Whoever enters what companies did: streets, departments (P-2.3.2a, P-4.3).
WRITER = Role("credit:write", "登记单位")
#: 区住房保障综合服务中心: loads schemes, runs evaluations, decides objections and repairs (P-2.3.2a, P-2.3.4b).
CENTRE = Role("credit:evaluate", "区住房保障综合服务中心")
#: 区人民法院: says who is a judgment defaulter, and who no more (P-2.2.3c).
COURT = Role("credit:court", "区人民法院")


def recorder(caller: Caller) -> Recorder:
    """As what a caller enters credit information."""
    if caller.may(CENTRE):
        return Recorder.CENTRE
    if caller.may(COURT):
        return Recorder.COURT
    return Recorder.DEPARTMENT if caller.division is None else Recorder.STREET
