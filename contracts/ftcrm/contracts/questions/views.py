"""Questions as JSON-able values: the shapes of the admin API and of `ftcrm questions --format json`."""

from collections.abc import Mapping
from typing import Any

from ftcrm.contracts.numbers import plain
from ftcrm.contracts.questions.ledger import Outcome, RoundQuestion, Share, Sums
from ftcrm.contracts.questions.tally import Question
from ftcrm.contracts.rounds import Amounts, Money

__all__ = ["question_view", "round_question_view"]


def round_question_view(value: RoundQuestion) -> dict[str, Any]:
    """What one round depends on; `outcome` is null under a reading that leaves no round."""
    assumption = value.assumption
    meanings = dict(assumption.readings)
    return {
        "origin": value.key.origin,
        "user_id": value.key.user_id,
        "round_id": value.key.round_id,
        "assumption": assumption.name,
        "question": assumption.question,
        "source": assumption.source,
        "given": dict(value.given),
        "readings": [
            {
                "reading": reading.name,
                "meaning": meanings[reading.name],
                "outcome": reading.outcome and _outcome(reading.outcome),
            }
            for reading in value.readings
        ],
        "at_stake": _sums(value.at_stake()),
    }


def question_view(value: Question) -> dict[str, Any]:
    """What is asked about a history by one assumption, summed up."""
    return {
        "assumption": value.assumption.name,
        "about": value.assumption.about,
        "question": value.assumption.question,
        "source": value.assumption.source,
        "rounds": value.rounds,
        "together": value.together,
        "at_stake": _sums(value.at_stake),
        "readings": [
            {
                "reading": reading.name,
                "meaning": reading.meaning,
                "states": dict(reading.states),
                "totals": _sums(reading.totals),
            }
            for reading in value.readings
        ],
    }


def _outcome(value: Outcome) -> dict[str, Any]:
    return {
        "state": value.state,
        "outcome": value.outcome,
        "played": value.played,
        "base": _money(value.base),
        "totals": _totals(value.totals),
        "bonuses": [
            {"user_bonus_id": user_bonus_id} | _share(value.bonuses[user_bonus_id])
            for user_bonus_id in sorted(value.bonuses)
        ],
        "games": [
            {"vendor_id": vendor_id, "game_id": game_id} | _share(value.games[vendor_id, game_id])
            for vendor_id, game_id in sorted(value.games)
        ],
    }


def _share(value: Share) -> dict[str, Any]:
    return {"base": _money(value.base), "totals": _totals(value.totals)}


def _totals(totals: Mapping[str, Money]) -> dict[str, dict[str, dict[str, str]]]:
    return {currency: _money(money) for currency, money in totals.items()}


def _sums(sums: Mapping[str, Sums]) -> dict[str, dict[str, str]]:
    return {
        currency: {name: plain(getattr(each, name)) for name in Sums.__struct_fields__}
        for currency, each in sums.items()
    }


def _money(money: Money) -> dict[str, dict[str, str]]:
    return {
        name: {wallet: plain(getattr(getattr(money, name), wallet)) for wallet in Amounts.__struct_fields__}
        for name in Money.__struct_fields__
    }
