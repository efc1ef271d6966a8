"""A release that goes back to the schema before it, and forward again, with the data in place."""

from deploy.plan import SERVICES
from deploy.prepare import service_named
from kit.storage.schema import branches
from tests.containers.engine import together
from tests.containers.load import Load, holds


def test_the_schema_goes_back_and_forward_again_with_the_data_in_place(containers):
    with Load(containers, patient=True) as load:
        load.wait(20)
    parts = [part for name in SERVICES for part in (name, f"{name}-worker")]
    together(lambda part: containers.running[part].stop(timeout=30), parts)
    former = {name: [names[-2] for names in branches(service_named(name))] for name in SERVICES}
    together(lambda name: go_back(containers, name, former[name]), SERVICES)
    containers.run("prepare")  # forward again, with the reference data whose tables were not there
    together(lambda part: containers.running[part].start(), parts)
    containers.wait()
    holds(containers, load)


def go_back(containers, name, former):
    """To the revisions before the newest, of the service's own and of the house's."""
    service = f"services.{name}"
    containers.run("prepare", "python3", "-m", service, "migrate", "--to", *former, "--losing-data")
