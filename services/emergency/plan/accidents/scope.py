"""Whether the district's plan deals with an accident (E-1.3)."""

from dataclasses import dataclass

from services.emergency.plan.accidents.grading import Facts, Grade


@dataclass(frozen=True, slots=True)
class Scope:
    """Whether this plan deals with an accident, and why, in Chinese."""

    covered: bool
    reason: str
    clause: str = "E-1.3"


def scope_of(grade: Grade, facts: Facts, special_plan: str | None) -> Scope:
    """Another special plan of the district comes first; then every accident is this plan's (E-1.3).

    Graver ones than 一般 are the district's for the first response, until the higher headquarters comes.
    """
    if special_plan:
        return Scope(False, f"另有专项预案《{special_plan}》，按该预案处置")
    if grade is not Grade.GENERAL:
        return Scope(True, f"{grade.zh}事故，由区级先期处置")
    if facts.beyond_company_capacity:
        return Scope(True, "超出企业处置能力，由区级处置")
    return Scope(True, "一般事故，由区级处置")
