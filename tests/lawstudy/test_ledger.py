"""The yearly ledger as a workbook: what was planned, what became of it, and every text (L-3a, L-6, N-2.1)."""

from datetime import datetime

from kit.district.clock import SHANGHAI
from kit.workbooks.reading import read
from tests.lawstudy.conftest import done, refused
from tests.lawstudy.documents import letter


def rows_of(answer, sheet: str, first: str) -> list[dict]:
    """The rows of a sheet below its header, which begins with a heading."""
    [found] = [each for each in read(answer.content) if each.name == sheet]
    header = next(at for at, row in enumerate(found.rows) if row[0] == first)
    names = found.rows[header]
    return [
        dict(zip(names, row, strict=False)) for row in found.rows[header + 1 :] if row[0] not in (None, "")
    ]


def test_the_ledger_shows_each_topic_and_what_became_of_it(lawstudy, office, justice, department, scheduled):
    id = scheduled("2024-P2", "2024-06-24")
    files = {"file": ("讲稿.docx", letter())}
    bureau = department("emergency-bureau")
    text = done(bureau.post(f"/sessions/{id}/texts", files=files, data={"local": "已开展"}), 201)
    done(justice.post(f"/sessions/{id}/review"))
    done(justice.post(f"/sessions/{id}/pass", json={"sha256": text["sha256"], "opinion": "同意"}))
    done(office.post(f"/sessions/{id}/ready"))
    done(office.post(f"/sessions/{id}/hold", json={"chair": "区长", "name": "韩涛"}))

    answer = lawstudy.client().get("/ledger", params={"year": 2024})
    assert answer.status_code == 200
    planned = rows_of(answer, "计划与落实", "序号")
    assert len(planned) == 14
    june = planned[1]
    assert (june["学习内容"], june["计划时间"], june["主讲人"], june["主持人"], june["进展"]) == (
        "《煤矿安全生产条例》",
        "2024年6月",
        "区应急管理局主要负责人",
        "区长韩涛",
        "学法已经举行",
    )
    assert planned[8]["进展"] == "尚未安排"
    [handed_in] = rows_of(answer, "学法材料", "学习内容")
    assert (handed_in["审核结论"], handed_in["审核意见"], handed_in["SHA-256"]) == (
        "通过",
        "同意",
        text["sha256"],
    )
    assert handed_in["报送情况"] == "迟报"  # it was due three working days before


def test_the_same_year_at_the_same_moment_gives_the_same_bytes(lawstudy, clock):
    clock.now = datetime(2024, 6, 24, 9, 30, tzinfo=SHANGHAI)
    first, second = (lawstudy.client().get("/ledger", params={"year": 2024}).content for _ in range(2))
    assert first == second


def test_a_year_without_a_plan_has_no_ledger(lawstudy):
    refused(lawstudy.client().get("/ledger", params={"year": 2030}), 404, "no-such-plan")
