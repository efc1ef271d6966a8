"""Credit statements for tenders: signed, printed, verified, and revoked with their ground (P-2.3.2c)."""

import json
import re
from datetime import timedelta

import pytest
from joserfc import jws
from joserfc.jwk import KeySet
from pydantic import SecretStr, ValidationError

from deploy.kept import random_statement_key
from services.credit.app import service
from services.credit.signing import read_keys, sign
from tests.credit.conftest import CODES, STATEMENT_KEY, listed

pytestmark = pytest.mark.clause("P-2.3.2c")


@pytest.fixture
def issued(credit, centre, company, enter) -> dict:
    """A statement of a company of one good and one bad record."""
    enter("B01", company)
    bad = enter("N03", company)["id"]
    answer = centre.post(f"/companies/{CODES[0]}/statements")
    assert answer.status_code == 201, answer.text
    return answer.json() | {"bad": bad}


@pytest.fixture
def verify(credit):
    """Whoever was given a statement asks whether it stands."""
    return lambda text: credit.stranger().post("/statements/verify", json={"statement": text}).json()


def test_says_score_day_and_scheme_under_a_signature_that_the_published_key_checks(credit, issued, score):
    keys = KeySet.import_key_set(credit.stranger().get("/statements/keys").json())
    assert not any("d" in key.as_dict() for key in keys.keys)
    told = json.loads(jws.deserialize_compact(issued["jws"], keys, algorithms=["ES256"]).payload)
    assert (told["uscc"], told["as_of"], told["scheme"]) == (CODES[0], "2024-06-24", "default-2026-1")
    assert told["score"] == score()["score"] == issued["score"]
    assert told["jti"] == issued["id"]


def test_is_valid_for_whoever_asks_and_says_as_of_when_and_under_which_scheme(verify, issued):
    told = verify(issued["jws"])
    assert (told["state"], told["as_of"], told["scheme"]) == ("valid", "2024-06-24", "default-2026-1")
    assert told["statement"]["score"] == issued["score"]


def test_what_is_entered_later_does_not_revoke_it(verify, issued, enter, company):
    enter("N05", company)
    assert verify(issued["jws"])["state"] == "valid"


def test_a_record_withdrawn_since_revokes_it_with_the_cause(credit, clock, centre, verify, issued):
    """The certificate that kept an earlier grade: of a record withdrawn on the fifth day it is revoked, not valid still."""
    withdrawn = centre.post(f"/records/{issued['bad']}/withdraw", json={"reason": "登记有误"})
    assert withdrawn.status_code == 200
    clock.advance(days=4)
    told = verify(issued["jws"])
    assert told["state"] == "revoked"
    assert told["causes"] == [
        {"record": issued["bad"], "action": "withdrawn", "at": "2024-06-24T09:30:00+08:00"}
    ]
    assert told["statement"]["score"] == issued["score"]  # what it said is said as it was
    assert credit.stranger().get(f"/statements/{issued['id']}").json()["state"] == "revoked"


@pytest.mark.parametrize("action", ["corrected", "repaired"])
def test_a_record_corrected_or_repaired_since_revokes_it(
    credit, clock, centre, company, verify, issued, action
):
    if action == "corrected":
        record = {"item": "N05", "company_id": str(company), "acted_at": "2024-06-20T10:00:00+08:00"}
        body = {"reason": "项目有误", "record": record | {"evidence": [{"title": "检查记录"}]}}
        answer = centre.post(f"/records/{issued['bad']}/correct", json=body)
    else:
        clock.now += timedelta(days=100)
        own = credit.client("credit:read", "credit:company", company=CODES[0], name="company")
        body = {"commitment": "已整改", "evidence": [{"title": "复查意见"}]}
        filed = own.post(f"/records/{issued['bad']}/repairs", json=body).json()["id"]
        desk = credit.client("credit:read", "credit:evaluate")
        answer = desk.post(f"/repairs/{filed}/approve", json={"decision": "属实"})
    assert answer.is_success, answer.text
    assert [each["action"] for each in verify(issued["jws"])["causes"]] == [action]


def test_withdrawn_records_of_others_or_such_as_did_not_count_leave_it_valid(
    credit, centre, company, enter, verify, issued
):
    other = listed(credit, "乙物业（虚构）", CODES[1])
    for record in (enter("N03", other), enter("N05", company)):
        centre.post(f"/records/{record['id']}/withdraw", json={"reason": "登记有误"})
    assert verify(issued["jws"])["state"] == "valid"


def _changed(text: str) -> str:
    head, payload, signature = text.split(".")
    return f"{head}.{payload[:-2]}{'AA' if payload[-2:] != 'AA' else 'BB'}.{signature}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(_changed, id="another content"),
        pytest.param(lambda text: text.rpartition(".")[0] + ".", id="no signature"),
        pytest.param(lambda _: "不是信用证明", id="no JWS"),
        pytest.param(lambda _: sign(read_keys(random_statement_key()), {"jti": "1"}), id="another's key"),
        pytest.param(lambda _: sign(read_keys(STATEMENT_KEY), {"jti": "1"}), id="no such statement"),
        pytest.param(lambda _: "eyJhbGciOiJub25lIn0.e30.", id="unsigned"),
    ],
)
def test_what_we_did_not_sign_is_unknown(verify, issued, text):
    told = verify(text(issued["jws"]))
    assert (told["state"], told["statement"], told["as_of"]) == ("unknown", None, None)


def test_prints_without_an_outside_asset_with_a_code_of_its_address(credit, centre, issued):
    address = issued["address"]
    assert address.endswith(f"/credit/v1/statements/{issued['id']}/page")
    page = credit.stranger().get(f"/statements/{issued['id']}/page")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<svg" in page.text
    assert not re.search(r"(src|href)=", page.text)
    assert "@page{size:A4" in page.text
    assert "现在有效" in page.text
    assert "甲物业（虚构）" in page.text
    centre.post(f"/records/{issued['bad']}/withdraw", json={"reason": "登记有误"})
    assert "已失效" in credit.stranger().get(f"/statements/{issued['id']}/page").text


def test_is_verified_so_many_times_a_minute_from_one_address(verify):
    states = [verify("不是信用证明").get("state") for _ in range(61)]
    assert states == ["unknown"] * 60 + [None]


def test_the_company_gets_its_own_and_nobody_else_s(credit, issued):
    own = credit.client("credit:company", company=CODES[0], name="company")
    assert own.post(f"/companies/{CODES[0]}/statements").status_code == 201
    other = credit.client("credit:company", company=CODES[1], name="other")
    assert other.post(f"/companies/{CODES[0]}/statements").status_code == 404
    assert credit.client("credit:read").post(f"/companies/{CODES[0]}/statements").status_code == 403


@pytest.mark.clause("P-2.3.4c")
def test_a_street_that_leads_a_tender_issues_reads_and_verifies(street, verify, issued):
    answer = street.post(f"/companies/{CODES[0]}/statements")
    assert answer.status_code == 201, answer.text
    assert street.get(f"/statements/{answer.json()['id']}").json()["state"] == "valid"
    assert verify(answer.json()["jws"])["state"] == "valid"


def test_none_is_issued_without_a_key(serve, clock):
    running = serve(service, statement_key=None, host="127.0.0.1")
    listed(running, "甲物业（虚构）", CODES[0])
    answer = running.client("credit:write").post(f"/companies/{CODES[0]}/statements")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:dongsheng:problem:no-statement-key")
    assert running.stranger().get("/statements/keys").json() == {"keys": []}


def test_statements_of_an_earlier_key_are_believed_while_it_is_kept_behind_the_new_one(
    serve, credit, centre, issued
):
    both = {"keys": [json.loads(random_statement_key()), json.loads(STATEMENT_KEY)]}
    credit.app.state.settings = credit.app.state.settings.model_copy(
        update={"statement_key": SecretStr(json.dumps(both))}
    )
    told = credit.stranger().post("/statements/verify", json={"statement": issued["jws"]}).json()
    assert told["state"] == "valid"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"kty": "oct", "k": "AAAA"}', '{"keys": []}'])
def test_a_key_that_cannot_sign_is_refused_at_the_start(text):
    with pytest.raises(ValidationError, match="should be"):
        service.settings(
            statement_key=text, database_url="postgresql+psycopg:///", personal_key="k", token_jwks="x"
        )
