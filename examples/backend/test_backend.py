"""The back end against FT CRM's stand-in: `ftcrm serve` runs, then `pytest examples/backend`."""

import os
from decimal import Decimal

from casino import GAMES, Casino, RefusedError
from hypothesis import Phase, settings

from ftcrm.strategies import CasinoMachine, LedgerLine


class BackEnd(CasinoMachine):
    """How each step is done here."""

    ft_crm = os.environ.get("FT_CRM", "http://127.0.0.1:8080")
    wait = 0  # the back end has an answer from FT CRM before it returns
    refusals = (RefusedError,)
    games = tuple(GAMES)

    def __init__(self):
        super().__init__()
        self.casino = Casino(self.ft_crm, forgets_wins="FORGETS_WINS" in os.environ)

    def new_player(self, name, currency):
        self.casino.open_account(name, currency, balance=Decimal(1000))
        return name

    def bet(self, player, stake, currency, game, bonus):
        return self.casino.bet(player, stake, game, bonus)

    def settle(self, play, win):
        self.casino.settle(play, win)

    def cancel(self, play):
        self.casino.cancel(play)

    def credit_bonus(self, player, amount, currency):
        return self.casino.credit_bonus(player, amount)

    def close_bonus(self, bonus):
        self.casino.close_bonus(bonus)

    def ledger(self, player):
        for round_id, play in self.casino.plays.items():
            if play.player == player:
                yield line_of(round_id, play)


def line_of(round_id, play):
    if play.cancelled:
        return LedgerLine(round_id, bet=0, win=0, state="voided")
    return LedgerLine(round_id, play.stake, play.win or 0, state="open" if play.win is None else "settled")


TestBackEnd = BackEnd.TestCase
TestBackEnd.settings = settings(stateful_step_count=20, deadline=None, phases=set(Phase) - {Phase.explain})
