"""The back end of a casino, in small: accounts, plays and bonuses, and the feed to FT CRM. Standard library only."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

ORIGIN = "casino.example"
GAMES = {"10911": ("Dead or Alive", "Slots"), "bj-1": ("Blackjack", "Table")}


class RefusedError(Exception):
    """The casino does not do that."""


@dataclass
class Account:
    """What a player has, in one currency."""

    currency: str
    balance: Decimal


@dataclass
class Bonus:
    """Bonus money, and how much of it is left."""

    player: str
    amount: Decimal
    left: Decimal
    closed: bool = False


@dataclass
class Play:
    """One stake of a player on a game; `win` is None while the play is open."""

    player: str
    stake: Decimal
    game_id: str
    bonus_id: str | None
    win: Decimal | None = None
    cancelled: bool = False


class Casino:
    """Accounts, plays and bonuses by id; what happens to them is posted to `feed` before the call returns.

    With `forgets_wins`, a play that is cancelled after its win takes only the stake back: the planted bug.
    """

    def __init__(self, feed: str, *, forgets_wins: bool = False) -> None:
        self.feed = feed.rstrip("/")
        self.forgets_wins = forgets_wins
        self.accounts: dict[str, Account] = {}
        self.bonuses: dict[str, Bonus] = {}
        self.plays: dict[str, Play] = {}

    def open_account(self, player: str, currency: str, balance: Decimal) -> None:
        """A player comes with that much money."""
        self.accounts[player] = Account(currency, balance)

    def bet(self, player: str, stake: Decimal, game_id: str, bonus_id: str | None = None) -> str:
        """Begin a play, with the player's money or that of a bonus; its id."""
        if bonus_id is None:
            self._take(stake <= self.accounts[player].balance, "too little money")
            self.accounts[player].balance -= stake
        else:
            bonus = self.bonuses[bonus_id]
            self._take(not bonus.closed and stake <= bonus.left, "too little bonus money")
            bonus.left -= stake
        play_id = uuid4().hex[:12]
        self.plays[play_id] = Play(player, stake, game_id, bonus_id)
        self._publish_play(play_id, "Bet", "Approved", stake)
        return play_id

    def settle(self, play_id: str, win: Decimal) -> None:
        """End the play, and pay what it won."""
        play = self._changeable(play_id)
        self._take(play.win is None, "settled already")
        play.win = win
        self.accounts[play.player].balance += win
        self._publish_play(play_id, "Win", "Approved", win)

    def cancel(self, play_id: str) -> None:
        """Take the play back, open or settled: the stake is returned, the win taken."""
        play = self._changeable(play_id)
        play.cancelled = True
        if play.win is not None:
            self.accounts[play.player].balance -= play.win
            if not self.forgets_wins:
                self._publish_play(play_id, "Win", "Rollback", play.win)
        if play.bonus_id is None:
            self.accounts[play.player].balance += play.stake
        else:
            self.bonuses[play.bonus_id].left += play.stake
        self._publish_play(play_id, "Bet", "Rollback", play.stake)

    def credit_bonus(self, player: str, amount: Decimal) -> str:
        """Give the player bonus money; the bonus's id."""
        bonus_id = uuid4().hex[:12]
        self.bonuses[bonus_id] = Bonus(player, amount, left=amount)
        self._publish_bonus(bonus_id, "Created")
        return bonus_id

    def close_bonus(self, bonus_id: str) -> None:
        """End the bonus, when nothing is played with it any more."""
        running = [play for play in self.plays.values() if play.bonus_id == bonus_id and not _is_over(play)]
        self._take(not self.bonuses[bonus_id].closed and not running, "closed already, or still played with")
        self.bonuses[bonus_id].closed = True
        self._publish_bonus(bonus_id, "Completed")

    def _changeable(self, play_id: str) -> Play:
        play = self.plays[play_id]
        self._take(not play.cancelled, "cancelled already")
        self._take(play.bonus_id is None or not self.bonuses[play.bonus_id].closed, "its bonus is closed")
        return play

    def _take(self, allowed: bool, otherwise: str) -> None:
        if not allowed:
            raise RefusedError(otherwise)

    def _publish_play(self, play_id: str, kind: str, status: str, amount: Decimal) -> None:
        play = self.plays[play_id]
        game_name, game_type = GAMES[play.game_id]
        event = {
            "activity_id": f"{play_id}-{kind}",  # a Rollback has that of the event it reverses
            "round_id": play_id,
            "type": kind,
            "status": status,
            "amount": amount,
            "wager_amount" if play.bonus_id is None else "bonus_wager_amount": amount,
            "user_bonus_id": play.bonus_id or "",
            "game_id": play.game_id,
            "game_name": game_name,
            "game_type": game_type,
            "vendor_id": "1",
            "vendor_name": "Netent",
        }
        self._publish("casino", play.player, event)

    def _publish_bonus(self, bonus_id: str, status: str) -> None:
        bonus = self.bonuses[bonus_id]
        event = {
            "bonus_id": "WELCOME-100",
            "user_bonus_id": bonus_id,
            "status": status,
            "type": "WelcomeBonus",
            "product": "Casino",
            "amount": bonus.amount,
        }
        self._publish("bonus", bonus.player, event)

    def _publish(self, path: str, player: str, event: dict[str, Any]) -> None:
        event |= {
            "user_id": player,
            "origin": ORIGIN,
            "currency": self.accounts[player].currency,
            "exchange_rate": 1,
            "timestamp": datetime.now(UTC).isoformat(),
        }
        body = json.dumps(event, default=float).encode()  # so few digits a float has, too; it is sums that lose some
        request = urllib.request.Request(f"{self.feed}/v1/integration/{path}", body)  # noqa: S310 - our own URL
        request.add_header("Content-Type", "application/json")
        try:
            urllib.request.urlopen(request, timeout=5).close()  # noqa: S310
        except urllib.error.HTTPError as error:  # the casino plays on, whatever FT CRM says of the event
            error.close()


def _is_over(play: Play) -> bool:
    return play.cancelled or play.win is not None
