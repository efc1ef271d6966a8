"""Lists and penalties in the published field sets, without personal paper numbers (P-2.3.4b, P-2.3.2b)."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from tests.credit.conftest import CODES, listed
from tests.credit.test_lists_and_awards import FULL, Desk

BLACK = [
    "HMDMC",
    "ENTID",
    "JGMC",
    "TYSHXYDM",
    "RDBM",
    "RDBMTYSHXYDM",
    "RDYJ",
    "RDRQ",
    "YXQS",
    "YXQZ",
    "LRMDSY",
]
EXIT = [*BLACK[:-1], "TCMDYY"]
RED = ["ztlb", "mdlxid", "ztmc", "tyshxydm", "rdbm", "rdyj", "rdrq", "yxqz", "lrmdsy"]
PENALTY = [
    "cf_xdr_mc",
    "cf_xdr_lb",
    "cf_xdr_shxym",
    "cf_xdr_gszc",
    "cf_xdr_zzjg",
    "cf_xdr_swdj",
    "cf_xdr_sydw",
    "cf_xdr_shzz",
    "cf_cfws",
    "cf_wsh",
    "cf_wfxw",
    "cf_sy",
    "cf_yj",
    "cf_cflb",
    "cf_nr",
    "cf_nr_fk",
    "cf_nr_wfff",
    "cf_nr_zkdx",
    "cf_jdrq",
    "cf_yxq",
    "cf_gsjzq",
    "cf_cfjg",
    "cf_cfjgdm",
    "cf_sjly",
    "cf_sjlydm",
    "bz",
]


@pytest.fixture
def desk(credit, clock) -> Desk:
    return Desk(credit, clock)


def rows_of(answer) -> list[list]:
    """The rows of a workbook's one sheet, from its header."""
    return CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()


@pytest.mark.clause("P-2.3.4b")
class TestLists:
    @pytest.fixture(autouse=True)
    def lists(self, credit, desk, company):
        """A company on the black list and one on the red."""
        good = listed(credit, "乙物业（虚构）", CODES[1])
        desk.enter("2024-03-01", good, *FULL, "G01", "G02", "G03", "G05", "G06", "G07", "G09", "G08")
        credit.sql(
            "INSERT INTO records (id, company_id, item, acted_at, entered_at, share_part, share_whole, origin, origin_key,"
            " recorder, client, evidence) SELECT gen_random_uuid(), %s, item, '2024-03-01', '2024-03-01', 1, 1, 'test',"
            " item, 'system', 'test', '[]' FROM unnest(ARRAY['B08', 'B09', 'B10']) AS item",
            good,
        )
        desk.enter("2024-06-03", company, "X05")
        self.evaluation = desk.evaluate(2024)

    def test_black_in_its_fields(self, desk, company):
        [told] = desk.on("2025-02-21").get("/exchange/black-list").json()["items"]
        assert list(told) == BLACK
        assert (told["JGMC"], told["TYSHXYDM"], told["YXQS"], told["YXQZ"]) == (
            "甲物业（虚构）",
            CODES[0],
            "2025-02-20",
            None,
        )
        assert "严重不良信息" in told["LRMDSY"]
        assert "失信主体" not in told["HMDMC"]

    def test_red_in_its_fields(self, desk):
        [told] = desk.on("2025-02-21").get("/exchange/red-list").json()["items"]
        assert list(told) == RED
        assert (told["ztmc"], told["rdrq"]) == ("乙物业（虚构）", "2025-02-20")

    def test_valid_until_the_next_lists_are_published(self, desk):
        desk.evaluate(2025)
        params = {"evaluation": self.evaluation}
        [told] = desk.on("2026-02-21").get("/exchange/black-list", params=params).json()["items"]
        assert told["YXQZ"] == "2026-02-20"

    def test_who_left_the_list_is_not_on_it(self, credit, desk, company):
        credit.sql(
            "INSERT INTO list_exits VALUES (%s, %s, '2025-03-03', '信用修复', now())",
            self.evaluation, company,
        )  # fmt: skip
        assert desk.on("2025-03-04").get("/exchange/black-list").json()["items"] == []

    def test_who_left_is_told_with_the_reason_to_whoever_had_the_list(self, credit, desk, company):
        assert desk.on("2025-03-02").get("/exchange/black-list/exits").json()["items"] == []
        credit.sql(
            "INSERT INTO list_exits VALUES (%s, %s, '2025-03-03', '信用修复', now())",
            self.evaluation,
            company,
        )
        at = desk.on("2025-03-04")
        [told] = at.get("/exchange/black-list/exits").json()["items"]
        assert list(told) == EXIT
        assert (told["TYSHXYDM"], told["YXQS"], told["YXQZ"], told["TCMDYY"]) == (
            CODES[0],
            "2025-02-20",
            "2025-03-03",
            "信用修复",
        )
        header, row = rows_of(at.get("/exchange/black-list/exits", params={"format": "xlsx"}))
        assert (header, row[-1]) == (EXIT, "信用修复")

    @pytest.mark.parametrize(("which", "fields"), [("black", BLACK), ("red", RED)])
    def test_as_a_workbook_with_the_same_fields(self, desk, which, fields):
        answer = desk.on("2025-02-21").get(f"/exchange/{which}-list", params={"format": "xlsx"})
        header, row = rows_of(answer)
        assert header == fields
        assert CODES[which == "red"] in row


@pytest.mark.clause("P-2.3.2b")
class TestPenalties:
    def penalty(self, enter, company, item="N01"):
        paper = {"title": "行政处罚决定书", "number": "东住建罚〔2024〕3 号（虚构）", "day": "2024-06-19"}
        return enter(item, company, evidence=[{"title": "照片"}, paper], note="擅自占用公共场地")["id"]

    def test_in_the_fields_of_public_penalties_with_the_end_of_publicity_by_the_act(
        self, centre, company, enter
    ):
        record = self.penalty(enter, company)
        enter("N03", company)  # no penalty
        [told] = centre.get("/exchange/penalties").json()["items"]
        assert list(told) == PENALTY
        assert (told["cf_wsh"], told["cf_jdrq"], told["cf_gsjzq"], told["bz"]) == (
            "东住建罚〔2024〕3 号（虚构）",
            "2024-06-19",
            "2025-06-20",
            record,
        )
        assert not {"cf_frdb", "cf_fr_sfzh", "cf_xdr_zjhm", "cf_fr_zjlx", "cf_xdr_zjlx"} & told.keys()
        header, row = rows_of(centre.get("/exchange/penalties", params={"format": "xlsx"}))
        assert header == PENALTY
        assert row[0] == "甲物业（虚构）"

    @pytest.mark.parametrize(
        ("enters", "issuer", "authority"),
        [
            pytest.param("centre", "区城管执法局", "区城市管理综合行政执法局", id="as the decision says"),
            pytest.param("department", "市生态环境局（虚构）", "市生态环境局（虚构）", id="of another level"),
            pytest.param("department", None, "区应急管理局", id="its own decision"),
            pytest.param("centre", None, None, id="not said to the centre"),
        ],
    )
    def test_authority_is_who_decided_and_not_who_entered(
        self, credit, centre, company, enter, enters, issuer, authority
    ):
        department = credit.client("credit:read", "credit:write", name="emergency", unit="emergency-bureau")
        paper = {"title": "行政处罚决定书", "issuer": issuer}
        by = centre if enters == "centre" else department
        enter("N01", company, by=by, evidence=[{"title": "照片"}, paper])
        [told] = centre.get("/exchange/penalties").json()["items"]
        assert told["cf_cfjg"] == authority
        assert told["cf_cfws"] == (issuer and "行政处罚决定书")

    def test_a_later_remark_moves_no_date(self, centre, clock, company, enter):
        record = self.penalty(enter, company, "X09")
        before = centre.get("/exchange/penalties").json()["items"]
        clock.advance(minutes=10)
        said = centre.post(f"/records/{record}/put-right", json={"on": "2024-06-22", "reason": "已整改"})
        assert said.status_code == 200
        assert centre.get("/exchange/penalties").json()["items"] == before

    @pytest.mark.parametrize(("day", "count"), [("2025-06-19", 1), ("2025-06-20", 0)])
    def test_public_no_more_from_the_end_of_publicity_on(self, desk, company, enter, day, count):
        self.penalty(enter, company)
        assert len(desk.on(day).get("/exchange/penalties").json()["items"]) == count

    def test_withdrawn_is_not_exchanged(self, centre, company, enter):
        centre.post(f"/records/{self.penalty(enter, company)}/withdraw", json={"reason": "登记有误"})
        assert centre.get("/exchange/penalties").json()["items"] == []

    def test_a_company_sees_its_own_alone(self, credit, company, enter):
        self.penalty(enter, company)
        other = credit.client("credit:read", company=CODES[1])
        assert other.get("/exchange/penalties").json()["items"] == []
        own = credit.client("credit:read", company=CODES[0])
        assert len(own.get("/exchange/penalties").json()["items"]) == 1
