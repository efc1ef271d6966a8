"""Compounds and companies are found by what people remember of them, by the database's own index."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from kit.district.pinyin import READINGS
from kit.district.search_words import LONGEST, found_by, sought
from services.property.search.work import found, load_words
from services.property.surveys.form import Status
from tests.property.conftest import row


def starts(name: str, typed: str) -> bool:
    return any(word.startswith(sought(typed)) for word in found_by(name))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("和谐家园（一期）", "家园一期"),
        ("和谐家园（一期）", "家园(一期"),
        ("和谐家园", "和 谐"),
        ("和谐家园", "hexie"),
        ("和谐家园", "hé xiè"),
        ("和谐家园", "HeXie"),
        ("和谐家园", "jiay"),
        ("和谐家园", "hxjy"),
        ("和谐家园", "xjy"),
        ("绿地花园", "lü di"),
        ("绿地花园", "lvdi"),
        ("长胜小区", "changsheng"),
        ("长胜小区", "zhangsheng"),
        ("团结小区2期A区", "2期a"),
        ("团结小区2期A区", "tjxq2qa"),
        ("鄂尔多斯市天骄物业服务有限公司", "tianjiaowuye"),
        ("！！", "！"),
    ],
)
def test_a_name_is_found_by_any_part_in_letters_pinyin_or_initials(name, typed):
    assert starts(name, typed) or sought(typed) == ""


@pytest.mark.parametrize(
    ("name", "typed"), [("和谐家园", "谐和"), ("和谐家园", "exie"), ("和谐家园", "hjy"), ("东方苑", "hexie")]
)
def test_a_name_is_not_found_by_what_is_no_part_of_it_nor_in_the_middle_of_a_syllable(name, typed):
    assert not starts(name, typed)


@given(st.text(st.sampled_from([*"和谐家园一二期AB12", *READINGS]), min_size=1, max_size=40), st.data())
def test_every_part_of_every_name_finds_it(name, data):
    first = data.draw(st.integers(0, len(name) - 1))
    assert starts(name, name[first : data.draw(st.integers(first + 1, len(name)))])
    assert len(found_by(name)) <= 20 * len(name) and max(map(len, found_by(name))) <= LONGEST


def test_what_is_sought_is_found_the_same_name_first_then_what_begins_so_then_the_rest(centre, submit):
    submit(row("新和谐苑"), row("和谐苑二期"), row("和谐苑"), row("东方苑", company="和谐苑物业（虚构）"))
    items = _search(centre, q="和谐苑")
    names = [each["name"] for each in items]
    assert (names[0], names[3]) == ("和谐苑", "新和谐苑")
    assert set(names[1:3]) == {"和谐苑二期", "和谐苑物业（虚构）"}
    assert (items[0]["street"], items[0]["community"], items[0]["by"]) == ("天骄街道", "团结社区", "name")
    assert [each["name"] for each in _search(centre, q="hexiey", kind="company")] == ["和谐苑物业（虚构）"]
    assert [each["name"] for each in _search(centre, q="dfy")] == ["东方苑"]


def test_pages_of_what_is_found_follow_one_another(centre, submit):
    submit(*(row(f"和谐苑{number}期") for number in range(5)))
    first = centre.get("/search", params={"q": "hxy", "limit": 3}).json()
    rest = centre.get("/search", params={"q": "hxy", "limit": 3, "cursor": first["next"]}).json()
    names = [each["name"] for each in first["items"] + rest["items"]]
    assert (sorted(names), rest["next"]) == ([f"和谐苑{number}期" for number in range(5)], None)


def test_aliases_and_addresses_are_found_until_they_are_removed(centre, submit):
    submit(row("和谐苑"))
    [compound] = _search(centre, q="和谐苑")
    made = [
        centre.post("/aliases", json={"kind": kind, "compound_id": compound["id"], "name": name})
        for kind, name in (("alias", "老粮库家属院"), ("address", "天骄北路18号"))
    ]
    assert [answer.status_code for answer in made] == [201, 201]
    assert [(each["id"], each["by"]) for each in _search(centre, q="laoliangku")] == [
        (compound["id"], "alias")
    ]
    assert [each["matched"] for each in _search(centre, q="北路18")] == ["天骄北路18号"]
    again = centre.post(
        "/aliases", json={"kind": "alias", "compound_id": compound["id"], "name": "老粮库 家属院"}
    )
    assert again.status_code == 409
    alias = f"/aliases/{made[0].json()['id']}"
    assert centre.delete(alias, headers={"If-Match": "*"}).status_code == 204
    assert _search(centre, q="老粮库") == []


def test_a_former_name_finds_what_the_thing_is_called_now(centre, submit):
    submit(row("旧名苑"), row("并入苑"))
    old, other = (_search(centre, q=name)[0]["id"] for name in ("旧名苑", "并入苑"))
    centre.post(f"/compounds/{old}/rename", json={"name": "新名苑", "reason": "更名"})
    assert [(each["name"], each["by"]) for each in _search(centre, q="jmy")] == [("新名苑", "former")]
    centre.post(f"/compounds/{other}/withdraw", json={"into": old, "reason": "同一小区"})
    assert [(each["id"], each["name"]) for each in _search(centre, q="并入")] == [(old, "新名苑")]


def test_every_way_in_which_a_name_enters_is_found(centre, submit):
    submit(row("摸底苑", company="摸底物业（虚构）"))
    centre.post("/companies", json={"name": "登记物业（虚构）"})
    registered = _search(centre, q="dengjiwuye")[0]["id"]
    changed = {"name": "改名物业（虚构）", "reason": "更名"}
    centre.put(f"/companies/{registered}", json=changed, headers={"If-Match": "*"})
    for typed, name in (("mdy", "摸底苑"), ("mdwy", "摸底物业（虚构）"), ("gmwy", "改名物业（虚构）")):
        assert [each["name"] for each in _search(centre, q=typed)] == [name]


def test_a_street_finds_its_own_compounds_only_and_every_company(running, centre, submit):
    submit(row("和谐苑"), row("和谐里", street="交通街道"), row("丙", Status.NONE))
    street = running.client("property:read", division="交通街道")
    assert [each["name"] for each in _search(street, q="hexie")] == ["和谐里"]
    assert [each["name"] for each in _search(street, q="甲物业")] == ["甲物业（虚构）"]
    assert [each["name"] for each in _search(centre, q="hexie", street="天骄街道")] == ["和谐苑"]
    company = running.client("property:read", company="91150602MA0DEMF00Q")
    assert _search(company, q="hexie") == []


def test_a_street_enters_aliases_of_its_own_compounds_only(running, centre, submit):
    submit(row("和谐苑"))
    alias = {"kind": "alias", "compound_id": _search(centre, q="和谐苑")[0]["id"], "name": "老院"}
    for division, status in (("交通街道", 403), ("天骄街道", 201)):
        street = running.client("property:read", "property:write", division=division)
        assert street.post("/aliases", json=alias).status_code == status


@pytest.mark.parametrize("typed", ["'", "' | 'a", "\\", "%", "__", ":*", "（）", "\u200b", "!!&"])
def test_signs_are_nothing_to_look_for(centre, typed):
    answer = centre.get("/search", params={"q": typed})
    assert answer.status_code in (200, 422), answer.text
    assert answer.json().get("items", []) == []


def test_the_database_keeps_names_and_what_they_are_found_by_together(running, submit):
    submit(row("和谐苑"))
    with pytest.raises(Exception, match="ck_compounds_found_by"):
        running.sql("UPDATE compounds SET name = '别的', name_key = '别的'")


def test_names_from_before_are_given_their_words_when_the_service_is_loaded(running, centre, submit):
    submit(row("和谐苑"))
    running.sql("UPDATE compounds SET found_by = '{}'")
    assert _search(centre, q="hxy") == []
    running.run(load_words)
    assert [each["name"] for each in _search(centre, q="hxy")] == ["和谐苑"]


def test_finding_among_many_compounds_reads_the_index_and_scans_nothing(running):
    running.sql(
        "INSERT INTO compounds (id, community_id, name, name_key, name_like, found_by, version)"
        " SELECT gen_random_uuid(), (SELECT id FROM divisions LIMIT 1), n, n, n, ARRAY[n], 1"
        " FROM (SELECT md5(i::text) AS n FROM generate_series(1, 5000) i) names"
    )
    running.sql("ANALYZE compounds")
    plan = running.run(_plan)
    assert "Bitmap Index Scan on ix_compounds_found_by" in plan and "Seq Scan on compounds" not in plan


async def _plan(context):
    """The plan of a search as the endpoint sends it."""
    rows = found(context, None, None).first.params(word="hexie", page_limit=51)
    dialect = context.session.bind.dialect
    explained = f"EXPLAIN {rows.compile(dialect=dialect, compile_kwargs={'literal_binds': True})}"
    return "\n".join(await context.session.scalars(text(explained.replace(":*", r"\:*"))))


def _search(client, **params):
    answer = client.get("/search", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]
