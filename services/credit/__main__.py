"""python -m services.credit serve | worker | migrate | load | verify | openapi"""

from kit.starting import uncollected

with uncollected():
    from kit.cli import main
    from services.credit.app import service

main(service)
