"""What constructing rounds costs: a multiple of decoding alone, its growth with the number of events, and its memory.

python benchmarks/engine.py [--short] [--full]

Every line is measured in a process of its own, decoding beside it in the same process. With --full the feed grows to
10^7 events, which takes some minutes; only the way that goes player by player keeps its memory there.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice

import msgspec

from ftcrm.contracts import History, Message, construct, judge
from ftcrm.contracts.events import CasinoEvent

EVENT = (
    '{"activity_id": "a%d", "amount": 20, "balance_after": 174.03, "balance_before": 194.03, '
    '"bonus_wager_amount": 0.0, "currency": "EUR", "exchange_rate": 1, "game_id": "10911", '
    '"game_name": "Dead or Alive", "game_type": "Slots", "is_round_end": %s, "locked_wager_amount": 0, '
    '"origin": "sub.example.com", "round_id": "r%d", "status": "Approved", '
    '"timestamp": "2026-03-%02dT%02d:%02d:%02d.721607Z", "type": "%s", "user_id": "%d", "vendor_id": "1", '
    '"vendor_name": "Netent", "wager_amount": 20, "user_bonus_id": ""}'
)
OF_A_PLAYER = 1_000
"""How many events a player has: Bets and Wins in turn, a second apart."""
WAYS = ("at once", "event by event", "player by player")
DECODED = 20_000


def feed(count: int, *, one_round: bool = False) -> Iterator[Message]:
    """So many events: two to a round, or all of one round."""
    for index in range(count):
        player, second = divmod(index, OF_A_PLAYER)
        is_win = index % 2
        round_id = 0 if one_round else index // 2
        of_day = (second, 0) if not one_round else (index % 86_400, index // 86_400)
        minute, seconds = divmod(of_day[0], 60)
        hour, minute = divmod(minute, 60)
        text = EVENT % (
            index,
            "true" if is_win else "false",
            round_id,
            1 + of_day[1],
            hour,
            minute,
            seconds,
            "Win" if is_win else "Bet",
            0 if one_round else player,
        )
        yield Message("rest", text.encode(), "CASINO")


def at_once(messages: Iterator[Message]) -> int:
    """Everything in memory."""
    return len(construct(messages).rounds)


def event_by_event(messages: Iterator[Message]) -> int:
    """As the server does, with the rules: what changed is folded every thousand events, a large round at the end."""
    history = History()
    for seq, message in enumerate(messages, 1):
        history.add(seq, judge(message))
        if seq % 1_000 == 0:
            history.refresh(limit=1_000)
    history.refresh()
    return len(history.rounds)


def player_by_player(messages: Iterator[Message]) -> int:
    """One player in memory at a time."""
    rounds = 0
    while part := list(islice(messages, OF_A_PLAYER)):
        rounds += len(construct(part).rounds)
    return rounds


RUN: dict[str, Callable[[Iterator[Message]], int]] = dict(
    zip(WAYS, (at_once, event_by_event, player_by_player), strict=True)
)


def measure(way: str, count: int, *, one_round: bool) -> dict[str, float]:
    """Seconds an event of decoding, and of constructing without what making the feed takes; the peak memory in MB."""
    decoder = msgspec.json.Decoder(CasinoEvent)
    sample = list(feed(DECODED))
    decoding = min(
        seconds(lambda: [None for message in sample if decoder.decode(message.raw) is None]) for _ in range(5)
    )
    making = seconds(lambda: sum(1 for _ in feed(count, one_round=one_round)))
    spent = seconds(lambda: RUN[way](feed(count, one_round=one_round)))
    return {
        "decode": decoding / DECODED,
        "construct": max(spent - making, 0.0) / count,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def report(way: str, count: int, *, one_round: bool = False) -> None:
    command = [sys.executable, __file__, "--measure", way, str(count)]
    answer = subprocess.run(command + ["--one-round"] * one_round, check=True, capture_output=True, text=True).stdout
    found = json.loads(answer)
    rate = 1 / found["construct"]
    times = found["construct"] / found["decode"]
    print(
        f"{way:17} {count:>10,} events{' of one round' if one_round else '':13} {rate:>9,.0f} events/s  "
        f"{times:5.1f} times decoding ({1 / times:.2f} of its speed)  {found['megabytes']:7,.0f} MB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--measure", nargs=2)
    parser.add_argument("--one-round", action="store_true")
    given = parser.parse_args()
    if given.measure:
        way, count = given.measure
        print(json.dumps(measure(way, int(count), one_round=given.one_round)))
        return
    sizes = (10_000,) if given.short else (10_000, 100_000, 1_000_000)
    for way in WAYS:
        for count in sizes:
            report(way, count)
    if given.full:
        report("player by player", 10_000_000)
    for count in (10_000,) if given.short else (10_000, 100_000):
        report("at once", count, one_round=True)
        report("event by event", count, one_round=True)


if __name__ == "__main__":
    main()
