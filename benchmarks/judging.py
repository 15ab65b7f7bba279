"""The cost of judging and folding an event, as a multiple of decoding it with msgspec, both measured in this run.

python benchmarks/judging.py [--short]
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable

import msgspec

from ftcrm.contracts import History, Message, judge
from ftcrm.contracts.events import CasinoEvent

BET = {
    "activity_id": "2019020103308257480",
    "amount": 20,
    "balance_after": 174.03,
    "balance_before": 194.03,
    "bonus_wager_amount": 0.0,
    "currency": "EUR",
    "exchange_rate": 1,
    "game_id": "10911",
    "game_name": "Dead or Alive",
    "game_type": "Slots",
    "is_round_end": False,
    "locked_wager_amount": 0,
    "origin": "sub.example.com",
    "round_id": "2019020103308257480",
    "status": "Approved",
    "timestamp": "2015-03-02T08:27:58.721607Z",
    "type": "Bet",
    "user_id": "52530",
    "vendor_id": "1",
    "vendor_name": "Netent",
    "wager_amount": 20,
    "user_bonus_id": "",
}
BET_OR_WIN = (
    {"type": "Bet", "balance_after": 174.03},
    {"type": "Win", "balance_after": 194.03, "timestamp": "2015-03-02T08:28:01.217402Z", "is_round_end": True},
)


def messages(count: int) -> list[Message]:
    """Bets and Wins, two to a round."""
    found = []
    for index in range(count):
        event = BET | {"activity_id": f"a{index}", "round_id": f"r{index // 2}"} | BET_OR_WIN[index % 2]
        found.append(Message("rest", json.dumps(event).encode(), "CASINO"))
    return found


def seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    count = 5_000 if parser.parse_args().short else 50_000
    events = messages(count)
    decoder = msgspec.json.Decoder(CasinoEvent)

    def decode() -> None:
        for message in events:
            decoder.decode(message.raw)

    def decide() -> None:
        for message in events:
            judge(message)

    def construct() -> None:
        history = History()
        for seq, message in enumerate(events, 1):
            history.add(seq, judge(message))
        history.refresh()

    rounds: dict[str, list[float]] = {"decode": [], "judge": [], "construct": []}
    for _ in range(5):
        base = seconds(decode)
        rounds["decode"].append(base / count * 1e6)
        rounds["judge"].append(seconds(decide) / base)
        rounds["construct"].append(seconds(construct) / base)
    middle = {name: statistics.median(values) for name, values in rounds.items()}
    print(f"decode alone (msgspec, Decimal):   {middle['decode']:.2f} us an event")
    print(f"decode + judge:                    {middle['judge']:.2f} times that")
    print(f"decode + judge + construct rounds: {middle['construct']:.2f} times that")


if __name__ == "__main__":
    main()
