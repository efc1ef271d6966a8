"""The whole set with its console, on a morning of 2024 when everything was in force; who works with it, and how they come in."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext
from pydantic import SecretStr
from sqlalchemy import select

from console.cli import transaction
from console.people import accounts, passwords, sessions
from console.people.audit import SYSTEM, Acting
from console.people.tables import Person as Account
from console.settings import ConsoleSettings
from kit.district.clock import SHANGHAI
from kit.testing import START
from tests import identity_provider
from tests.scenarios.district import District, free_ports

SHIFTED = Path(__file__).with_name("shifted")
PASSWORD = "在东胜看得见的页面-1"
COOKIE = "session"


@dataclass(frozen=True)
class Person:
    """Somebody with an account. limit: the unit, street or company that the role asks for."""

    login: str
    name: str
    role: str
    limit: str = ""


#: One person of each role. All names are made up.
PEOPLE = (
    Person("zhaomin", "赵敏", "leader"),
    Person("liuyang", "刘洋", "duty-officer"),
    Person("sunhao", "孙浩", "headquarters"),
    Person("tangtao", "唐涛", "field"),
    Person("chenjing", "陈静", "housing-centre"),
    Person("nashun", "那顺巴雅尔", "street-clerk", "天骄街道"),
    Person("wangfang", "王芳", "hotline"),
    Person("hexin", "何欣", "handler", "区城市管理综合行政执法局"),
    Person("gaoyun", "高云", "government-office"),
    Person("qinlan", "秦岚", "justice"),
    Person("jiayuan", "佳苑物业", "company", "91150602MA0DEMF00Q"),
    Person("wall", "指挥中心大屏", "wall"),
    Person("admin", "林管理", "administrator"),
    Person("guard", "安全员", "security"),
    Person("auditor2", "审计", "auditor"),
)


class Shown(District):
    """The set; `start` it, then `settle` people in it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._ahead = folder / "ahead"
        self.ids: dict[str, str] = {}  # of people by their accounts, and of what `plausible` handed in
        self.environment |= {"PYTHONPATH": f"{SHIFTED}:{folder}", "TEST_CLOCK": str(self._ahead)}
        self.provider_port = 0
        self.set_clock(START)

    def name_provider(self) -> None:
        """Let it know a provider, which need not run."""
        [self.provider_port] = free_ports(1)
        named = identity_provider.issuer(self.provider_port)
        known = {"ISSUER": named, "CLIENT_ID": "console", "CLIENT_SECRET": "a secret"}
        self.environment |= {f"CONSOLE_OIDC_{name}": value for name, value in known.items()}

    @property
    def pages(self) -> str:
        """Where the console is."""
        return f"http://127.0.0.1:{self.settings['CONSOLE_PORT']}"

    # ------------------------------------------------------------------------------ time
    def set_clock(self, moment: datetime) -> None:
        """Let it be this moment in the set."""
        self._ahead.write_text(str((moment - datetime.now(SHANGHAI)).total_seconds()))

    @property
    def now(self) -> datetime:
        """What its clock shows."""
        return datetime.now(SHANGHAI) + timedelta(seconds=float(self._ahead.read_text()))

    # ------------------------------------------------------------------------------ people
    def settle(self) -> None:
        """Make an account for everybody."""
        self.take_on(*PEOPLE)

    def take_on(self, *people: Person) -> None:
        """Make accounts with `PASSWORD`, which nobody has to change."""
        _done(self._take_on(people))

    async def _take_on(self, people: tuple[Person, ...]) -> None:
        kept = passwords.hashed(PASSWORD)
        async with transaction(self._database) as session:
            acting = Acting(session, self.now, SYSTEM)
            for each in people:
                person, _ = await accounts.make(acting, each.login, each.name)
                await accounts.grant(acting, person, each.role, each.limit)
                person.password, person.to_change = kept, False
                self.ids[each.login] = str(person.id)

    @property
    def _database(self) -> SecretStr:
        return SecretStr(self.database("console").replace("postgresql://", "postgresql+psycopg://"))

    def seat(self, window: BrowserContext, login: str) -> None:
        """Sign somebody in, without the form."""
        cookie = _done(self._seat(login))
        window.clear_cookies()
        window.add_cookies([{"name": COOKIE, "value": cookie, "url": self.pages}])

    async def _seat(self, login: str) -> str:
        settings = ConsoleSettings(
            database_url=self._database, gateway=self.base, assertion_key=self.var / "unused"
        )
        async with transaction(self._database) as session:
            person = await session.scalar(select(Account).where(Account.login == login))
            assert person is not None
            return await sessions.open_for(
                session, person, settings, self.now, sessions.Browser("127.0.0.1", "Mozilla/5.0 Chrome/90.0")
            )


def _done(work: Coroutine[Any, Any, Any]) -> Any:
    """What it comes to; in a thread of its own, since playwright has a loop of events in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, work).result()
