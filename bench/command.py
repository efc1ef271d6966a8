"""One benchmark from the command line."""

import argparse
import sys
from collections.abc import Callable
from typing import Protocol


class Figures(Protocol):
    """What was measured."""

    def broken(self) -> list[str]:
        """What is not as promised, in words."""


def run(about: str, measure: Callable[..., Figures | None], **numbers: int) -> None:
    """Measure, and print; with `--check` end with an error where a figure is not what is promised.

    numbers: how much is measured, by the names that `measure` has for it; each is an option with this default.
    """
    parser = argparse.ArgumentParser(description=about)
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--check", action="store_true", help="fail where a figure is not what is promised")
    arguments = vars(parser.parse_args())
    check = arguments.pop("check")
    figures = measure(**arguments)
    if check and figures is not None and (broken := figures.broken()):
        sys.exit("; ".join(broken))
