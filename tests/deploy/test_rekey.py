"""The keys of a service's personal data change step by step, and none goes that is needed."""

import os

import pytest

from deploy import rekey
from deploy.datafolder import Refused
from deploy.kept import kept, random_key
from deploy.plan import personal_key
from kit.personal.keys import Keys
from kit.testing import PERSONAL_KEY
from services.office.app import service


@pytest.fixture
def file(tmp_path):
    made = personal_key(tmp_path, "office")
    kept(made, random_key)
    return made


@pytest.fixture
def step(tmp_path, file, monkeypatch):
    """`step("announce")` is the command; the keys in the file after it."""

    def take(name, *services):
        monkeypatch.setattr("sys.argv", ["rekey", name, *(services or ("office",))])
        monkeypatch.setenv("LOCAL_FOLDER", str(tmp_path))
        rekey.main()
        return rekey.read(file)

    return take


def test_each_step_taken_again_changes_nothing(step, file, monkeypatch):
    asked = []
    monkeypatch.setattr(rekey, "read_environment", lambda _: {"ANY": "thing"})
    monkeypatch.setattr(rekey, "must_open", lambda name, keys, _: asked.append((name, keys)))
    (old,) = rekey.read(file).sealing
    announced = step("announce")
    assert announced.sealing == (old,)
    assert announced.next not in (None, old)
    assert step("announce") == announced
    assert oct(file.stat().st_mode & 0o777) == "0o600"

    sealing = step("seal")
    assert sealing == Keys((announced.next, old))
    assert step("seal") == sealing

    assert not asked
    assert step("forget") == Keys((announced.next,))
    assert asked == [("office", Keys((announced.next,)))]
    assert step("forget") == Keys((announced.next,))
    assert len(asked) == 1


def test_a_set_that_stands_still_needs_no_announcement(step, file):
    (old,) = rekey.read(file).sealing
    new, *former = step("seal").sealing
    assert former == [old]
    assert new != old


def test_steps_out_of_turn_are_refused_and_leave_the_file(step, file):
    step("announce")
    before = file.read_text()
    with pytest.raises(SystemExit, match="does not seal yet"):
        step("forget")
    assert file.read_text() == before
    step("seal")
    with pytest.raises(SystemExit, match="the former key is there still"):
        step("announce")
    with pytest.raises(SystemExit, match="nothing runs in"):
        step("forget")


@pytest.mark.parametrize("content", [None, "hunter2"])
def test_a_file_without_keys_is_named_and_not_shown(step, file, content):
    file.unlink()
    if content:
        file.write_text(content)
    with pytest.raises(SystemExit, match=r"office\.personal-key holds no keys") as refused:
        step("seal")
    assert "hunter2" not in str(refused.value)


def test_a_key_that_something_is_sealed_with_is_not_forgotten(serve):
    running = serve(service)
    settings = running.app.state.settings
    environment = os.environ | {
        "OFFICE_DATABASE_URL": running.url,
        "OFFICE_TOKEN_JWKS": str(settings.token_jwks),
    }
    request = {"matter": "government-affairs", "summary": "咨询办事流程", "division": "天骄街道"}
    citizen = {"name": "张先生", "phone": "13800001234"}
    sent = running.client("dispatch:write").post("/dispatch/requests", json={**request, "citizen": citizen})
    assert sent.status_code == 201
    rekey.must_open("office", Keys.read(PERSONAL_KEY.get_secret_value()), environment)
    with pytest.raises(Refused, match=r'"dispatch_requests", "rows": 1, "left": 0, "lost": 1'):
        rekey.must_open("office", Keys((b"n" * 32,)), environment)
