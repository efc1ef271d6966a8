"""Preliminary contracts and their tenders: what a contract of each kind must have (P-2.2.1a, P-2.2.1b)."""

from dataclasses import dataclass
from datetime import date

from kit.web.shapes import Choice


class ContractKind(Choice):
    """What a contract is (合同类别)."""

    PRELIMINARY = "preliminary", "前期物业服务合同"
    ORDINARY = "ordinary", "物业服务合同"
    FALLBACK = "fallback", "公益性兜底服务合同"


class TenderMethod(Choice):
    """How a company was chosen (招标方式)."""

    OPEN = "open", "公开招标"
    INVITED = "invited", "邀请招标"


@dataclass(frozen=True, slots=True)
class Signed:
    """What the rules look at of a contract that was signed.

    tendered_on: None where there was no tender; won: whether the company is the winner; of_developer: whether the
    company is owned by the compound's developer.
    """

    kind: ContractKind
    signed_on: date
    tendered_on: date | None = None
    won: bool = True
    of_developer: bool = False


def refused(contract: Signed) -> tuple[str, str] | None:
    """Why a contract is not to be entered: the field and a Chinese sentence; None where nothing speaks against it."""
    if contract.tendered_on is None:
        if contract.of_developer:
            return "/tender", "这家企业在本小区开发建设单位名下，未经招投标不能进入小区，请填写招标记录"
        if contract.kind is ContractKind.PRELIMINARY:
            return "/tender", "前期物业服务合同须经招投标，请填写招标记录"
        return None
    if not contract.won:
        return "/tender/winner_id", "中标单位不是合同的物业服务企业"
    if contract.tendered_on > contract.signed_on:
        return "/tender/decided_on", "中标日期晚于合同签订日期"
    return None


def needs_interim_rules(kind: ContractKind) -> bool:
    """Whether a contract is handed in only together with the compound's interim rules (P-2.2.1b)."""
    return kind is ContractKind.PRELIMINARY
