"""Everything derived as JSON-able values, the shapes of the admin API and of `ftcrm check --format json`."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import asdict

from ftcrm.contracts.clauses import CLAUSES
from ftcrm.contracts.findings import Finding
from ftcrm.contracts.instants import isoformat
from ftcrm.contracts.numbers import EXACT, plain
from ftcrm.contracts.rounds import Amounts, Bonus, Favourite, Money, Player, Round, Session

__all__ = ["bonus_view", "finding_view", "findings_view", "player_view", "round_view", "session_view"]

_MICROSECOND = timedelta(microseconds=1)


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
        "amount": None if value.amount is None else plain(value.amount),
        "currency": value.currency,
        "status": value.status,
        "statuses": [{"status": entry.status, "at": isoformat(entry.at), "seq": entry.seq} for entry in value.statuses],
        "bets": value.bets,
        "rounds": list(value.rounds),
        "base": _money(value.base),
        "totals": {currency: _money(money) for currency, money in value.totals.items()},
        "wagering": value.wagering
        and {
            "required": plain(value.wagering.required),
            "wagered": plain(value.wagering.wagered),
            "remaining": plain(value.wagering.remaining),
        },
        "casino_seqs": list(value.casino_seqs),
        "seqs": list(value.seqs),
        "excluded": list(value.excluded),
        "findings": findings_view(findings),
    }


def session_view(value: Session) -> dict[str, Any]:
    """A session with its games; `duration_seconds` is exact, to the microsecond."""
    return {
        "origin": value.origin,
        "user_id": value.user_id,
        "started_at": isoformat(value.started_at),
        "ended_at": isoformat(value.ended_at),
        "duration_seconds": plain(EXACT.scaleb(Decimal(value.duration // _MICROSECOND), -6)),
        "events": value.events,
        "rounds": value.rounds,
        "bets": value.bets,
        "wins": value.wins,
        "base": _money(value.base),
        "totals": {currency: _money(money) for currency, money in value.totals.items()},
        "games": [
            {
                "vendor_id": game.vendor_id,
                "game_id": game.game_id,
                "name": game.name,
                "type": game.type,
                "bets": game.bets,
                "wins": game.wins,
                "base": _money(game.base),
            }
            for game in value.games
        ],
        "seqs": list(value.seqs),
    }


def player_view(value: Player) -> dict[str, Any]:
    """A player; what nothing is known of is null. Shares and weights are numbers, all finite."""
    return {
        "origin": value.origin,
        "user_id": value.user_id,
        "as_of": isoformat(value.as_of),
        "first_at": value.first_at and isoformat(value.first_at),
        "last_at": value.last_at and isoformat(value.last_at),
        "rounds": asdict(value.rounds),
        "sessions": value.sessions,
        "bets": value.bets,
        "wins": value.wins,
        "base": _money(value.base),
        "totals": {currency: _money(money) for currency, money in value.totals.items()},
        "wallets": value.wallets and asdict(value.wallets),
        "favourite_game": value.favourite_game
        and {"vendor_id": value.favourite_game.vendor_id, **_favourite(value.favourite_game)},
        "favourite_vendor": value.favourite_vendor and _favourite(value.favourite_vendor),
        "favourite_type": value.favourite_type and _favourite(value.favourite_type),
        "stake_bracket": value.stake_bracket,
        "last_real_bet_at": value.last_real_bet_at and isoformat(value.last_real_bet_at),
        "idle_days": value.idle_days,
        "activity": value.activity,
        "churned": value.churned,
        "rfm": value.rfm and asdict(value.rfm),
        "bonuses": dict(value.bonuses),
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


def _favourite(value: Favourite) -> dict[str, Any]:
    return {"id": value.id, "name": value.name, "weight": value.weight}


def _money(money: Money) -> dict[str, dict[str, str]]:
    return {"bet": _amounts(money.bet), "win": _amounts(money.win), "ggr": _amounts(money.ggr)}


def _amounts(amounts: Amounts) -> dict[str, str]:
    return {name: plain(getattr(amounts, name)) for name in asdict(amounts)}
