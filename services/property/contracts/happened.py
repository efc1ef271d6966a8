"""Contracts of a compound that were signed and filed (P-2.2.5)."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from services.property.companies import Company
from services.property.compounds.happened import Happened, What, at
from services.property.contracts.models import Contract


def _of(id: UUID, day: Any, done: str) -> Select[Any]:
    term: ColumnElement[str] = func.concat(Contract.starts_on, "至", Contract.ends_on)
    sentence = func.concat("与", Company.name, "的物业服务合同", done, "，服务期限", term)
    what = What(Contract.id, day, sentence, at("contracts", Contract.id), "P-2.2.5")
    joined = select(*what.columns).join_from(Contract, Company, Company.id == Contract.company_id)
    return joined.where(Contract.compound_id == id)


def _signed(id: UUID) -> Select[Any]:
    return _of(id, Contract.signed_on, "签订")


def _filed(id: UUID) -> Select[Any]:
    return _of(id, Contract.filed_on, "备案")


HAPPENED = (
    Happened("contract_signed", "合同签订", _signed),
    Happened("contract_filed", "合同备案", _filed),
)
