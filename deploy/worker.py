"""python -m deploy.worker: the jobs of all services, in one process. On servers each has `python -m services.NAME worker`."""

import asyncio
import logging
import sys
from importlib import import_module

from deploy.plan import SERVICES
from kit import cli, spans
from kit.logs import configure
from kit.settings import read
from kit.storage.schema import NewerSchema


def main() -> None:
    services = [import_module(f"services.{name}.app").service for name in SERVICES]
    settings = [read(service.settings) for service in services]
    levels = logging.getLevelNamesMapping()
    configure(min((each.log_level for each in settings), key=levels.__getitem__), settings[0].log_format)

    spans.begin("worker")

    async def work() -> None:
        async with asyncio.TaskGroup() as group:
            for service, own in zip(services, settings, strict=True):
                group.create_task(cli.work(service, own))

    try:
        asyncio.run(cli.until_stopped(work()))
    except* NewerSchema as errors:
        sys.exit(
            "\n".join(
                sorted(
                    f"{error.home}: {error}" for error in errors.exceptions if isinstance(error, NewerSchema)
                )
            )
        )


if __name__ == "__main__":
    main()
