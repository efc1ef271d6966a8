"""python -m services.lawstudy serve | worker | migrate | load | verify | openapi"""

from kit.cli import main
from services.lawstudy.app import service

main(service)
