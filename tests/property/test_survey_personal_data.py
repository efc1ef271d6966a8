"""What a street types into its survey of persons is masked everywhere, and kept, sealed, for who may see it."""

import io
import zipfile

from tests.property.conftest import hand_in, row, workbook

TYPED = {"楼长": "张三 13912345678", "备注": "业主李四 11010519491231002X，座机 0477-8123456"}
NOWHERE = ("13912345678", "11010519491231002X", "8123456", "王五", "赵六六", "6222020200112233445")
COMPANY = "甲物业（王五13912345678）"


def survey():
    rows = (row("甲小区", added=TYPED), row("乙小区13912345678", company=COMPANY))
    unit = (
        "天骄街道 填表人：赵六六 银行账号：6222020200112233445"  # entries of the head that are not the form's
    )
    return workbook(*rows, unit=unit, contact="王五", phone="13912345678", added=tuple(TYPED))


def test_cells_show_no_person_in_tables_answers_events_and_workbooks(centre, running):
    taken = hand_in(centre, survey())
    assert taken.status_code == 201, taken.text
    shown = [taken.text]
    for (table,) in running.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        shown.append(str(running.sql(f'SELECT t::text FROM "{table}" AS t')))
    for path in ("/surveys", "/compounds", "/companies", "/changes", "/coverage"):
        shown.append(centre.get(path).text)
    with zipfile.ZipFile(io.BytesIO(centre.get("/surveys/export").content)) as exported:
        shown += [exported.read(name).decode(errors="replace") for name in exported.namelist()]
    for text in shown:
        assert not [each for each in NOWHERE if each in text], text[:2000]
    assert "139****5678" in shown[-1] + "".join(shown)


def test_who_may_see_it_reads_the_survey_s_texts_as_they_were_typed(centre, running):
    survey_id = hand_in(centre, survey()).json()["survey"]
    inspector = running.client("property:read", "personal:read")
    texts = [each["text"] for each in inspector.get("/originals", params={"subject": survey_id}).json()]
    assert {*TYPED.values(), "乙小区13912345678", COMPANY} <= set(texts)


def test_a_trial_run_keeps_nothing_and_shows_no_number(centre, running):
    answer = hand_in(centre, survey(), dry_run=True)
    assert "13912345678" not in answer.text
    assert running.sql("SELECT count(*) FROM originals") == [(0,)]
