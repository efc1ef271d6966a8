"""python -m services.lawstudy serve | worker | migrate | load | verify | openapi"""

from kit.starting import uncollected

with uncollected():
    from kit.cli import main
    from services.lawstudy.app import service

main(service)
