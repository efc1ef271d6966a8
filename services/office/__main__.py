"""python -m services.office serve | worker | migrate | load | verify | openapi"""

from kit.starting import uncollected

with uncollected():
    from kit.cli import main
    from services.office.app import service

main(service)
