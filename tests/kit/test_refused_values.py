"""A value that the database refuses is the caller's answer, and is not written into a log."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.office.app import service


@pytest.mark.parametrize("summary", ["楼道\x00灯不亮", "\x00"])
def test_a_nul_in_a_text_is_refused_at_its_place(serve, summary):
    hotline = serve(service).client("dispatch:write")
    refused = hotline.post("/dispatch/requests", json={"matter": "government-affairs", "summary": summary})
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:dongsheng:problem:invalid-request"
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/summary"]


def test_a_failed_statement_does_not_show_its_parameters(serve):
    async def fail(context):
        await context.session.execute(text("SELECT (:phone)::text"), {"phone": "13800000000\x00"})

    with pytest.raises(DBAPIError) as failed:
        serve(service).run(fail)
    assert "13800000000" not in str(failed.value)
