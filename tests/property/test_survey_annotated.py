"""A workbook with wrong cells comes back with the reason in each, or its good rows are taken and the rest is named."""

import io
import re
import zipfile
from functools import partial

import pytest

from kit.workbooks import reading
from kit.workbooks.reading import read
from services.property.surveys.form import Status
from tests.kit.test_workbooks import bomb, locked_xlsx, with_macros
from tests.property.conftest import hand_in, row, workbook

DAY = {"as_of": "2024-06-20"}


def annotate(client, data, **params):
    return client.post("/surveys/annotated", files={"file": ("摸底表.xlsx", data)}, params=DAY | params)


@pytest.mark.clause("P-A1a", "P-A1b")
def test_wrong_cells_come_back_coloured_with_the_reason_in_each_and_all_others_as_they_were(centre, running):
    data = broken(row("甲小区"), row("乙小区", Status.QUASI))
    answer = annotate(centre, data)
    assert answer.status_code == 200, answer.text
    [sheet], [given] = read(answer.content), read(data)
    assert (sheet.name, sheet.rows, set(sheet.merged)) == (given.name, given.rows, set(given.merged))
    told = {cell: text for cell, text in comments(answer.content).items() if "三项之一" in text}
    [cell] = told
    assert given.rows[int(re.sub(r"\D", "", cell)) - 1][ord(cell[0]) - ord("A")] == "有物业"
    assert b"FFFFC7CE" in parts(answer.content)["xl/styles.xml"]
    assert running.sql("SELECT count(*) FROM surveys") == [(0,)]


@pytest.mark.clause("P-A1c")
def test_a_missing_column_is_named_in_the_workbook(centre):
    answer = annotate(centre, without_heading(workbook(row("甲小区")), "户数"))
    assert any("缺少“户数”一列" in text for text in comments(answer.content).values())


def test_a_workbook_without_the_form_comes_back_and_says_so(centre):
    answer = annotate(centre, without_heading(workbook(row("甲小区")), ""))
    assert any("没有找到表头" in text for text in comments(answer.content).values())


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "空"),
        (b"\xd0\xcf\x11\xe0", "不是 Excel"),
        ("街道,小区".encode(), "不是 Excel"),
        (b"PK\x03\x04", "损坏"),
        (locked_xlsx(), "密码"),
        (with_macros(), "宏"),
    ],
    ids=["nothing", "cut-off", "csv", "no-archive", "with-a-password", "with-macros"],
)
def test_what_is_no_workbook_or_none_to_be_opened_is_refused_with_what_to_do(centre, running, data, word):
    for answer in (annotate(centre, data), hand_in(centre, data), hand_in(centre, data, partial=True)):
        assert (answer.status_code, answer.headers["content-type"]) == (415, "application/problem+json")
        assert answer.json()["type"] == "urn:dongsheng:problem:not-a-workbook"
        assert word in answer.json()["detail"]
    assert running.sql("SELECT count(*) FROM surveys") == [(0,)]


def test_a_bomb_and_a_body_over_the_limit_are_refused_before_they_are_taken_in(serve, running, monkeypatch):
    small = serve(running.service, max_form_bytes=50_000)
    centre = small.client("property:read", "property:write")
    monkeypatch.setattr(reading, "read", partial(reading.read, bounds=reading.Bounds(memory_megabytes=128)))
    slugs = {"workbook-too-large": bomb(40), "body-too-large": bytes(60_000)}
    for slug, data in slugs.items():
        for answer in (annotate(centre, data), hand_in(centre, data)):
            assert (answer.status_code, answer.json()["type"]) == (413, f"urn:dongsheng:problem:{slug}")
    assert small.sql("SELECT count(*) FROM surveys") == [(0,)]


def test_the_good_rows_are_taken_where_that_is_asked_and_the_others_named(centre):
    data = broken(row("甲小区"), row("乙小区", Status.QUASI), row("丙小区", Status.QUASI))
    assert hand_in(centre, data).status_code == 422
    taken = hand_in(centre, data, partial=True)
    assert taken.status_code == 201, taken.text
    report = taken.json()
    assert (report["compounds"], len(report["left_out"])) == (2, 1)
    assert [(each["row"], each["value"]) for each in report["errors"]] == [(report["left_out"][0], "有物业")]
    assert {each["name"] for each in centre.get("/compounds").json()["items"]} == {"乙小区", "丙小区"}


def test_what_a_partial_hand_in_leaves_out_keeps_what_was_said_of_it(centre, submit):
    submit(row("甲小区"), row("乙小区", Status.QUASI))
    taken = hand_in(centre, broken(row("甲小区"), row("乙小区", Status.QUASI, households=300)), partial=True)
    assert (taken.status_code, taken.json()["dropped"]) == (201, [])
    found = {each["name"]: each["households"] for each in centre.get("/compounds").json()["items"]}
    assert found == {"甲小区": 200, "乙小区": 300}


def test_a_wrong_header_or_nothing_sound_is_refused_also_in_part(centre, running):
    for data in (without_heading(workbook(row("甲小区")), "户数"), broken(row("甲小区"))):
        refused = hand_in(centre, data, partial=True)
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:dongsheng:problem:survey-errors")
    assert running.sql("SELECT count(*) FROM surveys") == [(0,)]


@pytest.mark.parametrize(
    ("wrong", "heading", "word"),
    [
        ({"households": -5}, "户数", "负数"),
        ({"area": -1}, "面积", "负数"),
        ({"collection_rate": 120}, "收费率", "0% 至 100%"),
    ],
)
def test_figures_that_cannot_be_are_refused_by_row_and_column(centre, running, wrong, heading, word):
    refused = hand_in(centre, workbook(row("甲小区"), row("乙小区", **wrong)))
    [cell] = refused.json()["cells"]
    assert (refused.status_code, cell["heading"], word in cell["reason"]) == (422, heading, True)
    assert cell["row"] == 7
    assert running.sql("SELECT count(*) FROM compounds") == [(0,)]


def test_two_rows_for_one_compound_are_refused_with_both_rows(centre, running):
    refused = hand_in(centre, workbook(row("甲小区"), row("甲 小区", households=300)))
    [cell] = refused.json()["cells"]
    assert refused.status_code == 422 and "同一小区" in cell["reason"]
    assert running.sql("SELECT count(*) FROM compounds") == [(0,)]


def test_a_credit_code_with_a_wrong_check_digit_is_refused_with_its_field(centre):
    refused = centre.post("/companies", json={"name": "甲物业有限公司", "uscc": "91150602MA0DEMF00A"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/uscc")


def test_a_street_gets_no_other_streets_workbook_annotated(running):
    street = running.client("property:read", "property:write", division="交通街道")
    assert annotate(street, workbook(row("甲小区"))).status_code == 403


def broken(*rows):
    """A survey in which the first professional status is none that there is."""
    return changed(workbook(*rows), "专业化物业管理", "有物业")


def without_heading(data, heading):
    """A survey in which a heading, or every one of a few, is another word."""
    for each in [heading] if heading else ["序号", "所在街道", "所在社区", "小区名称", "楼栋数", "户数", "面积", "物业管理现状", "物业服务企业名称", "收费率", "建成年限"]:  # fmt: skip
        data = changed(data, each, "别的")
    return data


def changed(data, old, new):
    """The workbook with another shared text; in a text of its own, since one may stand in many cells."""
    found = parts(data)
    text = found["xl/sharedStrings.xml"].decode()
    found["xl/sharedStrings.xml"] = re.sub(rf"(<t[^>]*>){old}(</t>)", rf"\g<1>{new}\g<2>", text).encode()
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in found.items():
            archive.writestr(name, content)
    return output.getvalue()


def parts(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def comments(data):
    """The comments of the first sheet by cell."""
    text = parts(data)["xl/comments1.xml"].decode()
    return {
        cell: "".join(re.findall(r"<t[^>]*>([^<]*)</t>", body))
        for cell, body in re.findall(r'<comment ref="(\w+)"[^>]*>(.*?)</comment>', text, re.DOTALL)
    }
