"""Drafts of plans for tests: the plan of 2025 as the bureau would draft it."""

from typing import Any

from kit.testing import Client, Running
from services.lawstudy.plan.roles import GOVERNMENT, JUSTICE, OFFICE

#: A law for each month of 2025; February goes without.
LAWS = (
    "中华人民共和国宪法",
    None,
    "中华人民共和国统计法",
    "中华人民共和国行政处罚法",
    "中华人民共和国民法典",
    "中华人民共和国安全生产法",
    "中华人民共和国土地管理法",
    "中华人民共和国审计法",
    "中华人民共和国档案法",
    "中华人民共和国突发事件应对法",
    "中华人民共和国监察法",
    "中华人民共和国会计法",
)
APPROVED = {"approved_by": "区人民政府2024年第8次常务会议", "approved_on": "2024-06-24"}
ISSUED = {"number": "东政办发〔2024〕40号", "issued_on": "2024-06-24"}


def pre_meeting(title: str, month: str | None, **more: Any) -> dict[str, Any]:
    return {
        "form": "pre_meeting",
        "title": title,
        "month": month,
        "department": "区司法局",
        "category": 3,
        "category_reason": "政府工作常用",
        **more,
    }


def lecture(title: str, **more: Any) -> dict[str, Any]:
    return {"form": "lecture", "title": title, "category": 2, "category_reason": "法治政府建设", **more}


def draft() -> dict[str, Any]:
    """A draft of 2025 that may be approved."""
    topics = [pre_meeting(law, f"2025-{month:02}") for month, law in enumerate(LAWS, 1) if law]
    return {
        "title": "东胜区人民政府常务会议2025年度学法计划",
        "topics": [*topics, lecture("法治政府建设实施纲要"), lecture("重大行政决策程序暂行条例")],
        "exceptions": [{"month": "2025-02", "reason": "春节假期"}],
    }


class Desk:
    """Those who make plans, each with a client of its own."""

    def __init__(self, running: Running) -> None:
        self.justice = running.client("lawstudy:read", JUSTICE, unit="区司法局", name="justice")
        self.government = running.client("lawstudy:read", GOVERNMENT, unit="区政府", name="government")
        self.office = running.client("lawstudy:read", OFFICE, unit="区政府办", name="office")

    def drafted(self, **changes: Any) -> str:
        """Where the draft of 2025 is."""
        made = self.justice.post("/plans", json={"year": 2025, **draft(), **changes})
        assert made.status_code == 201, made.text
        return made.headers["Location"].removeprefix("/lawstudy/v1")

    def adjusted(self, year: int, reason: str = "新法出台") -> tuple[str, dict[str, Any]]:
        """Where an adjustment of a year's plan is, and what it says until it is changed."""
        made = self.justice.post(f"/plans/{year}/versions", json={"reason": reason})
        assert made.status_code == 201, made.text
        return made.headers["Location"].removeprefix("/lawstudy/v1"), made.json()

    def rewritten(self, place: str, body: dict[str, Any]) -> dict[str, Any]:
        """The draft at a place, written anew."""
        answer = self.justice.put(place, json=body, headers={"If-Match": "*"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def issued(self, place: str, number: str = ISSUED["number"]) -> dict[str, Any]:
        """A draft, submitted, approved and issued."""
        for caller, action, body in (
            (self.justice, "submit", None),
            (self.government, "approve", APPROVED),
            (self.office, "issue", ISSUED | {"number": number}),
        ):
            answer = step(caller, place, action, body)
            assert answer.status_code == 200, answer.text
        return answer.json()


def step(caller: Client, place: str, action: str, body: dict[str, Any] | None = None):
    """Take a version a step further."""
    return caller.post(f"{place}/{action}", json=body) if body else caller.post(f"{place}/{action}")


def as_draft(version: dict[str, Any]) -> dict[str, Any]:
    """A version as it is answered, as the body that would change nothing of it."""
    topics = [
        {
            "id": topic["id"],
            "form": topic["form"],
            "title": topic["title"],
            "month": topic["month"],
            "department": topic["department"] and topic["department"]["id"],
            "category": topic["category"] and topic["category"]["number"],
            "category_reason": topic["category_reason"],
        }
        for topic in version["topics"]
    ]
    return {"title": version["title"], "topics": topics, "exceptions": version["exceptions"]}
