"""Where the console's people, sessions and audit live."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import MetaData

from console.people.tables import Table


@dataclass(frozen=True)
class Home:
    """The console's database, as migrations see it: on no floor of the house, as it holds nothing of a service's."""

    name: str = "console"
    module: str = "console"
    revisions: tuple[Path, ...] = (Path(__file__).with_name("migrations"),)
    tables: tuple[MetaData, ...] = (Table.metadata,)


HOME = Home()
