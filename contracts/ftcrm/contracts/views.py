"""Rounds, bonuses and findings as JSON-able values, the shapes of the admin API and of `ftcrm check --format json`."""

from collections.abc import Iterable
from typing import Any

import msgspec

from ftcrm.contracts.clauses import CLAUSES
from ftcrm.contracts.findings import Finding
from ftcrm.contracts.instants import isoformat
from ftcrm.contracts.numbers import plain
from ftcrm.contracts.rounds import Amounts, Bonus, Money, Round

__all__ = ["bonus_view", "finding_view", "findings_view", "round_view"]


def round_view(value: Round, findings: Iterable[Finding] = ()) -> dict[str, Any]:
    """A round; bet, win and ggr are null when its currencies are mixed, and `totals` has them per currency."""
    single = value.totals[value.currency] if value.currency is not None else None
    return {
        "origin": value.origin,
        "user_id": value.user_id,
        "round_id": value.round_id,
        "state": value.state,
        "outcome": value.outcome,
        "played": value.played,
        "end_flagged": value.end_flagged,
        "currency": value.currency,
        "bet": single and _amounts(single.bet),
        "win": single and _amounts(single.win),
        "ggr": single and _amounts(single.ggr),
        "base": _money(value.base),
        "totals": {currency: _money(money) for currency, money in value.totals.items()},
        "game": {"id": value.game_id, "name": value.game_name, "type": value.game_type},
        "vendor": {"id": value.vendor_id, "name": value.vendor_name},
        "first_at": isoformat(value.first_at),
        "last_at": isoformat(value.last_at),
        "seqs": list(value.seqs),
        "excluded": list(value.excluded),
        "findings": findings_view(findings),
    }


def bonus_view(value: Bonus, findings: Iterable[Finding] = ()) -> dict[str, Any]:
    """A bonus with its status history in canonical order."""
    return {
        "origin": value.origin,
        "user_id": value.user_id,
        "user_bonus_id": value.user_bonus_id,
        "bonus_id": value.bonus_id,
        "type": value.type,
        "product": value.product,
        "status": value.status,
        "statuses": [{"status": entry.status, "at": isoformat(entry.at), "seq": entry.seq} for entry in value.statuses],
        "casino_seqs": list(value.casino_seqs),
        "seqs": list(value.seqs),
        "excluded": list(value.excluded),
        "findings": findings_view(findings),
    }


def findings_view(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings as objects with every field, and the words of the clause that each rests on."""
    return [finding_view(finding) for finding in findings]


def finding_view(finding: Finding) -> dict[str, Any]:
    """One finding as an object."""
    return {
        "rule": finding.rule,
        "name": finding.name,
        "kind": finding.kind,
        "confidence": str(finding.confidence),
        "clause": finding.clause,
        "quote": "\n".join(CLAUSES[finding.clause].quote),
        "message": finding.message,
        "pointer": finding.pointer,
        "witness": list(finding.witness),
        "implied": finding.implied,
    }


def _money(money: Money) -> dict[str, dict[str, str]]:
    return {"bet": _amounts(money.bet), "win": _amounts(money.win), "ggr": _amounts(money.ggr)}


def _amounts(amounts: Amounts) -> dict[str, str]:
    return {name: plain(getattr(amounts, name)) for name in msgspec.structs.asdict(amounts)}
