import re

import pytest

from kit.district.citations import documents
from kit.district.units import BrokenCanon, Kind, UnknownUnit, read_canon, resolve, street, unit, units

CANON = """
units:
- {id: justice-bureau, kind: department, name: 区司法局, at: N 一(一)1, aliases: {司法局（法治办）: usage}}
- {id: court, kind: judicial, name: 区法院, at: P 二(二)3}
"""


@pytest.mark.parametrize(
    ("written", "id"),
    [
        ("区应急管理局", "emergency-bureau"),
        ("应急管理局", "emergency-bureau"),
        ("区应急局", "emergency-bureau"),
        ("应急局", "emergency-bureau"),
        ("东胜区应急管理局", "emergency-bureau"),
        ("鄂尔多斯市东胜区应急管理局", "emergency-bureau"),
        ("区应急管理局（区矿山安全监管局）", "emergency-bureau"),
        ("区应急管理局(区矿山安全监管局)", "emergency-bureau"),
        ("区应急管理局【区矿山安全监管局】", "emergency-bureau"),
        (" 区 应急管理局\n", "emergency-bureau"),
        ("区应急　管理局", "emergency-bureau"),
        ("区行政审批和政务服务局", "government-service-bureau"),
        ("区行政审批政务服务与数据管理局", "government-service-bureau"),
        ("政务服务局", "government-service-bureau"),
        ('区"两新"工委', "social-work-department"),
        ("区“两新”工委", "social-work-department"),
        ("133工程指挥部", "project-133-headquarters"),
        ("１３３工程指挥部", "project-133-headquarters"),
        ("天骄街道", "tianjiao-street"),
        ("东胜区天骄街道办事处", "tianjiao-street"),
        ("罕台镇政府", "hantai-town"),
        ("鄂尔多斯市文化旅游投资集团有限公司", "culture-tourism-group"),
        ("市文化旅游投资集团有限公司", "culture-tourism-group"),
        ("区委", "district-party-committee"),
        ("东胜区委", "district-party-committee"),
        ("区委组织部", "organisation-department"),
    ],
)
def test_a_unit_is_found_however_it_is_written(written, id):
    assert resolve(written).id == id


@pytest.mark.parametrize(
    "written",
    ["", "区", "委", "东胜区", "天骄", "建设", "康巴什区应急管理局", "区应急管理局（水利）", "财政"],
)
def test_what_names_no_unit_finds_none(written):
    assert resolve(written) is None


@pytest.mark.parametrize(
    ("district", "city"),
    [
        ("区应急管理局", "市应急管理局"),
        ("区委宣传部", "市委宣传部"),
        ("区人民政府", "市人民政府"),
        ("区指挥部", "市指挥部"),
    ],
)
def test_a_unit_of_the_city_is_not_the_districts(district, city):
    assert resolve(city).kind is Kind.SUPERIOR
    assert resolve(district).kind is not Kind.SUPERIOR
    assert resolve("鄂尔多斯" + city) is resolve(city)
    assert resolve("东胜" + district) is resolve(district)


def test_code_asks_by_id_or_name_and_is_told_of_a_mistake():
    assert unit("housing-centre") is unit("区住房保障综合服务中心")
    with pytest.raises(UnknownUnit, match="'housing-center' is no unit"):
        unit("housing-center")
    with pytest.raises(KeyError):
        unit("区教育局")


# The lists of the documents, as they write them: each name is one unit, and no two names the same one.
LISTS = {
    "E headquarters": """
        区委宣传部、区人武部、发展和改革委员会、工信和科技局、公安分局、应急管理局、消防救援大队、司法局、民政局、财政局、
        生态环境分局、住房和城乡建设局、交通运输局、水利局、卫生健康委员会、市场监督管理局、人力资源和社会保障局、
        教育体育局、文化和旅游局、能源局、农牧局、商务局、气象局、自然资源分局、总工会、林业和草原分局、
        网络安全应急指挥中心、融媒体中心""",
    "E duties": """
        区纪委监委、区委宣传部、区发展和改革委员会、区工信和科技局、区财政局、区住房和城乡建设局、区城市管理综合行政执法局、
        区交通运输局、区自然资源分局、区能源局、区农牧局、区水利局、区公安分局、区人力资源和社会保障局、区民政局、
        区教育体育局、区卫生健康委员会、区商务局、区生态环境分局、区应急管理局、区市场监督管理局、区文化和旅游局、区气象局、
        区总工会、东胜供电公司、东胜铁西供电公司、区融媒体中心、区消防救援大队、区人武部、武警鄂尔多斯支队东胜中队""",
    "E text": """
        区网络安全应急指挥中心、区指挥部、区指挥部办公室、区委、区人民政府、共青团、妇联、红十字会、市应急管理局、
        鄂尔多斯市应急指挥部、市委宣传部、各基础通信运营企业""",
    "P responsible": """
        各街道、相关镇、各社区、区住建局、住房保障综合服务中心、区行政审批和政务服务局、区法院、市场监管局、城管执法局、
        公安分局、消防救援大队、东胜供电公司、区卫健委、区发改委、区财政局、区编委办、国资委、各相关部门、区司法局、区工科局、
        水务集团、铁西供电公司、区文明办、环卫服务中心、园林发展中心、市政服务中心""",
    "P leading group": """
        区政府、区住房保障综合服务中心、区委组织部、区委宣传部、区政府办公室、区财政局、区住房和城乡建设局、
        区行政审批和政务服务局、区卫健委、区市场监督管理局、区工科局、区国资委、区公安分局、天骄街道党工委、交通街道党工委、
        公园街道党工委、富兴街道党工委、巴音门克街道党工委、诃额伦街道党工委、兴胜街道党工委、纺织街道党工委、
        林荫街道党工委、建设街道党工委、民族街道党工委、幸福街道党工委、区城市管理综合行政执法局、区水务集团、区融媒体中心、
        区环境卫生服务中心、区园林绿化事业发展中心、区市政事业服务中心、区房屋征收服务中心、区消防救援大队、区政府督查室、
        东胜供电分公司、铁西供电分公司""",
    "N": """
        区司法局、区应急管理局、区发改委、区行政审批和政务服务局、区工信和科技局、区财政局、区农牧局、区自然资源分局、
        区人民政府办公室""",
    "D": """
        区审计局、区农牧局（区乡村振兴局）、区水利局、区人力资源和社会保障局、区市场监督管理局（区知识产权局）、区林草分局、
        区委编办（区事业单位登记管理局）、区气象局、鄂尔多斯市东胜区烟草专卖局（营销部）、区人民政府办公室、
        区发展和改革委员会（区粮食和物资储备局、区人民防空办公室、区国防动员办公室）、区统计局、区财政局、
        区应急管理局（区矿山安全监管局）、区国有资产监督管理委员会、区自然资源分局、区行政审批政务服务与数据管理局、
        区机关事务服务中心、区非法集资资产处置综合保障中心、鄂尔多斯市东胜城市建设开发投资集团有限责任公司、
        鄂尔多斯市东胜国有资产投资控股集团有限公司、内蒙古东粮贸易投资集团有限责任公司、区人大常委会、
        政协鄂尔多斯市东胜区委员会、区人武部、区监委、区委社会工作部（“两新”工委）、共青团鄂尔多斯市东胜区委员会、区妇联、
        区委党校、区档案史志馆、区税务局、鄂尔多斯市税务局第二税务分局、鄂尔多斯高新技术产业开发区税务局、区消防救援大队、
        各民主党派、各金融机构、各保险公司、133工程指挥部、民族事务委员会（区蒙古语文工作委员会）、区民政局、
        区退役军人事务局、区残联、区红十字会、区总工会、区工商联（区贸易促进委员会）、区教育体育局、区商务局、
        区文化和旅游局（区文物局）、区卫生健康委员会（区中医药管理局、区疾病预防控制局）、区医疗保障局、区供销合作社联合社、
        鄂尔多斯市文化旅游投资集团有限公司、鄂尔多斯市易达教育集团有限公司、
        鄂尔多斯高新技术产业开发区（绒纺产业、商贸物流、自贸区建设）、区文联、区融媒体中心、
        鄂尔多斯市文化市场综合行政执法局东胜大队、区公安分局、区司法局、区信访局、区法院、区检察院、
        武警鄂尔多斯支队执勤一大队执勤一中队、武警鄂尔多斯支队执勤一大队东胜中队、中国人民解放军 31401部队 86 分队、
        中国人民解放军 93502 部队 81分队、区工信和科技局、能源局、区生态环境分局、区科技事业发展促进中心、
        鄂尔多斯市绿动商业管理有限责任公司、区科协、东胜供电公司、东胜铁西供电公司、各通讯公司、区住房和城乡建设局、
        区交通运输局、区房屋征收服务中心、区城市管理综合行政执法局、区住房保障综合服务中心、区政府投资项目代建中心、
        鄂尔多斯市弘基炜业控股集团有限公司、鄂尔多斯市万维科技集团有限公司、鄂尔多斯市东胜区房屋运营管理有限公司、
        市住房公积金中心东胜服务部、鄂尔多斯市公共资源交易中心东胜区分中心、鄂尔多斯市交通运输服务中心东胜区分中心、
        鄂尔多斯市交通运输综合行政执法支队东胜区第一大队、鄂尔多斯市交通运输综合行政执法支队东胜区第二大队、
        鄂尔多斯市交通运输综合行政执法支队东胜区第三大队、区环境卫生事业服务中心、
        区园林绿化事业发展中心（区国家生态公园管护中心）、区市政事业服务中心、鄂尔多斯市东胜区水务投资建设集团有限公司""",
}


def names_of(written: str) -> list[str]:
    """The names in a list; a 、 inside brackets belongs to the name."""
    return re.findall(r"(?:[^、（）\n]|（[^）]*）)+", re.sub(r"\n\s*", "", written.strip()))


@pytest.mark.parametrize("written", LISTS.values(), ids=LISTS.keys())
def test_every_unit_a_document_lists_is_one_unit_of_the_canon(written):
    names = names_of(written)
    found = {name: resolve(name) for name in names}
    assert [name for name in names if found[name] is None] == []
    assert len({unit.id for unit in found.values()}) == len(names)


def test_the_headquarters_has_twenty_eight_members():
    assert len(names_of(LISTS["E headquarters"])) == 28


def test_one_unit_that_two_documents_write_differently_is_one_unit():
    assert resolve("区环卫服务中心") is resolve("区环境卫生事业服务中心")
    assert resolve("区市场监督管理局（医药）") is resolve("区市场监督管理局（区知识产权局）")
    assert resolve("鄂尔多斯高新技术产业开发区（装备制造业、高新技术产业）") is unit("hi-tech-zone")
    assert resolve("东胜铁西供电公司") is resolve("铁西供电分公司") is not resolve("东胜供电分公司")


def test_the_district_has_twelve_streets_and_three_towns():
    assert [street.name.removesuffix("街道") for street in units(Kind.STREET)] == (
        ["天骄", "交通", "公园", "富兴", "巴音门克", "诃额伦", "兴胜", "纺织", "林荫", "建设", "民族", "幸福"]
    )
    assert [town.name for town in units(Kind.TOWN)] == ["泊尔江海子镇", "罕台镇", "铜川镇"]
    assert len(units(Kind.STREET, Kind.TOWN)) == 15


@pytest.mark.parametrize("one", units(), ids=lambda one: one.id)
def test_a_unit_of_the_canon_is_found_by_id_and_by_every_name_and_says_where_each_stands(one):
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", one.id)
    assert unit(one.id) is one
    assert {resolve(name) for name in one.names} == {one}
    letters = {document.letter for document in documents()}
    for at in (one.at, *(alias.at for alias in one.aliases)):
        assert at in ("C", "usage") or at.partition(" ")[0] in letters


def test_every_kind_has_a_name_in_chinese():
    assert len({kind.zh for kind in Kind}) == len(Kind)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (
            "{id: court-2, kind: judicial, name: 东胜区法院, at: usage}",
            "东胜区法院 means both court and court-2",
        ),
        (
            "{id: x, kind: department, name: 某局, at: usage, aliases: {区司法局(法治办): usage}}",
            r"区司法局\(法治办\) means both justice-bureau and x",
        ),
        ("{id: court, kind: judicial, name: 另一法院, at: usage}", "court stands twice"),
    ],
)
def test_a_name_or_an_id_for_two_units_breaks_the_canon(row, why):
    assert len(read_canon(CANON).by_id) == 2
    with pytest.raises(BrokenCanon, match=why):
        read_canon(CANON + f"- {row}\n")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("天骄", "天骄街道"),
        ("天骄街道", "天骄街道"),
        (" 罕台 ", "罕台镇"),
        ("区司法局", None),
        ("火星", None),
    ],
)
def test_a_street_is_found_with_or_without_its_suffix_and_nothing_else_is_a_street(text, name):
    found = street(text)
    assert (found.name if found else None) == name
