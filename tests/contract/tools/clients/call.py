"""One call of each service by what openapi-python-client made: `python call.py ADDRESS`, with the token in TOKEN."""

import json
import os
import sys
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from client import AuthenticatedClient


def operation(id: str) -> Any:
    """The module of an operation; its folder is called after its tag."""
    [file] = Path("client", "api").rglob(f"{id}.py")
    return import_module(".".join(file.with_suffix("").parts))


with AuthenticatedClient(sys.argv[1], token=os.environ["TOKEN"]) as client:
    answers = {
        "property": operation("property_read_coverage").sync(client=client, on=date(2024, 12, 31)),
        "credit": operation("credit_list_companies").sync(client=client, limit=5),
        "emergency": operation("emergency_list_headquarters_posts_register").sync(client=client, limit=5),
        "lawstudy": operation("lawstudy_list_members_register").sync(client=client, limit=5),
        "office": operation("office_list_units").sync(client=client, limit=5),
        "gateway": operation("gateway_list_all_matters").sync(client=client),
    }
    absent = operation("emergency_read_incident").sync(client=client, key="DS-E-20000101-0001")
told = {name: answer.to_dict() for name, answer in answers.items()} | {"problem": absent.type_}
sys.stdout.write(json.dumps(told))
