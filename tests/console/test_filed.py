"""Pages as files: what stands on a page stands in its workbook and in its document, and nothing that is pressed."""

import io

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from console.pages import PAGES
from console.web.filed import Grid, read
from services.emergency.app import service as emergency
from tests.console.conftest import Desk
from tests.console.crowd import MANY

PAGE = """<html><body><nav>菜单</nav><main><h1>某页 <small>2024-06-24</small></h1>
<section><h2>时限 <b class="count">2</b></h2><p>两件事。</p>
<ul class="sentences"><li><span><a href="/x">报告</a><small>某单位</small></span>
<span class="clock"><time>06-24 10:30</time> <b>还剩 1 小时</b></span></li><li>没有期限的</li></ul></section>
<table><caption>表</caption><thead><tr><th>甲</th><th>乙</th></tr></thead><tbody>
<tr><th>一</th><td>1<small>注</small></td></tr></tbody></table>
<form><p>填写</p><button>提交</button></form><figure><svg><text>图</text><desc>表里有的</desc></svg></figure>
<dl><div><dt>等级</dt><dd>一般</dd></div></dl>
<details class="basis"><summary>依据（4 条）</summary><p>某号 一；某号 二</p></details>
<p class="asof">截至 2024-06-24 09:30</p></main><footer>页脚</footer></body></html>"""


def test_a_page_is_read_as_sections_with_sentences_tables_and_facts() -> None:
    whole, deadlines = read(PAGE)
    assert (whole.level, whole.heading, whole.lines) == (0, "某页", ["2024-06-24", "截至 2024-06-24 09:30"])
    assert (deadlines.level, deadlines.heading) == (1, "时限 2")
    assert deadlines.parts == [
        "两件事。",
        Grid("", ["事项", "时限"], [["报告\n某单位", "06-24 10:30 还剩 1 小时"], ["没有期限的", ""]]),
        Grid("表", ["甲", "乙"], [["一", "1\n注"]]),
        Grid("", ["项目", "内容"], [["等级", "一般"]]),
        "依据：某号 一；某号 二",
    ]


def test_a_figure_that_no_table_tells_of_is_told_in_its_own_words() -> None:
    figure = "<figure><svg><title>流程</title><desc>信息报告，09:30；研判定级，尚未开始</desc></svg></figure>"
    [whole] = read(f"<html><body><main><h1>某页</h1>{figure}</main></body></html>")
    assert whole.lines == ["信息报告，09:30；研判定级，尚未开始"]


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.kinds and "{" not in page.address], ids=lambda page: page.name
)
def test_a_page_is_had_as_a_workbook_and_as_a_document(desk: Desk, page) -> None:
    role = "security" if page.duties and page.name != "audit" else "auditor" if page.duties else "leader"
    person = desk.sit(role, "somebody", unit=None if page.duties else "district-government")
    shown = person.see(page.address)
    for kind in ("xlsx", "docx"):
        assert f'href="{page.stem}.{kind}"' in shown.text
        if kind not in page.files:  # those that a service makes need the service
            answer = person.http.get(f"{page.stem}.{kind}")
            assert (answer.status_code, answer.content[:2]) == (200, b"PK")


def test_the_board_of_accidents_is_a_worksheet_with_the_words_that_people_gave(desk: Desk, behind) -> None:
    caller = behind(emergency).client("emergency:read", "emergency:write", "emergency:office")
    told = {"unit": "<b>某厂</b>", "place": "=1+1", "deaths": 1, "occurred_at": "2024-06-24T09:00:00+08:00"}
    assert caller.post("/incidents", json=told).status_code == 201
    answer = desk.officer().http.get("/accidents.xlsx")
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    headings = next(at for at, row in enumerate(rows) if row[0] == "事故")
    assert rows[headings][:5] == ["事故", "等级", "响应", "由谁指挥", "下一个时限"]
    assert rows[headings + 1][0].startswith("<b>某厂</b>\n=1+1 · DS-E-")
    assert "接报" not in str(rows), "a form is no part of it"


def test_a_document_says_what_is_due_and_what_that_rests_on(desk: Desk, behind) -> None:
    caller = behind(emergency).client("emergency:read", "emergency:write", "emergency:office")
    assert caller.post("/incidents", json={"unit": "某厂", "occurred_at": "now"}).status_code == 201
    document = Document(io.BytesIO(desk.officer().http.get("/today.docx").content))
    assert any("依据：东政办发〔2024〕31号" in paragraph.text for paragraph in document.paragraphs)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert any("还剩" in cell for cell in cells)


def test_an_accident_as_a_document_has_its_tasks_and_all_that_happened_however_much_that_is(
    desk: Desk, behind
) -> None:
    caller = behind(emergency).client("emergency:read", "emergency:write", "emergency:office")
    told = {"unit": "某厂", "division": "铜川镇", "occurred_at": "2024-06-24T09:00:00+08:00"}
    number = caller.post("/incidents", json=told).json()["number"]
    desk.crowd()
    sheets = CalamineWorkbook.from_filelike(
        io.BytesIO(desk.officer().http.get(f"/accidents/{number}.xlsx").content)
    )
    assert any("某厂 还有" in name for name in sheets.sheet_names), "its tasks, though they stand by buttons"
    assert "启动响应，" in str(sheets.get_sheet_by_name("流程和报送路线").to_python())
    happened = sheets.get_sheet_by_name("经过").to_python()
    assert sum("初报" in str(row) for row in happened) == MANY


def test_a_file_is_for_whom_the_page_is(desk: Desk) -> None:
    assert desk.sit("auditor", "a").http.get("/accidents.xlsx").status_code == 403
