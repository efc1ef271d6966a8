"""python -m tests.kit.notebook serve | worker | migrate | load"""

from kit.cli import main
from tests.kit.notebook.app import service

main(service)
