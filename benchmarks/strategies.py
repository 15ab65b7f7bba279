"""What drawing costs: examples a second of each strategy, and the median time of an example and of ten events of it.

python benchmarks/strategies.py [--short]

CPU time, Hypothesis's own work included: what lies between two calls of a test that does nothing. The aim is a valid
history of ten events within 5 ms at the median.
"""

import argparse
import statistics
import time
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ftcrm.strategies import (
    bonus_events,
    bonus_rounds,
    casino_events,
    histories,
    hostile_messages,
    hostile_payloads,
    mutated_histories,
    rounds,
    tangles,
)

STRATEGIES: dict[str, st.SearchStrategy[Any]] = {
    "casino_events": casino_events(),
    "bonus_events": bonus_events(),
    "rounds": rounds(),
    "bonus_rounds": bonus_rounds(),
    "histories": histories(),
    "tangles": tangles(),
    "mutated_histories": mutated_histories(),
    "hostile_payloads": hostile_payloads(),
    "hostile_messages": hostile_messages(),
}
AIM = "histories"
AIM_MS = 5.0
NEAR_TEN = range(8, 13)


def events_of(drawn: Any) -> int:
    messages = getattr(drawn, "messages", drawn)
    return len(messages) if isinstance(messages, list) else 1


def drawn(strategy: st.SearchStrategy[Any], count: int) -> list[tuple[float, int]]:
    """Milliseconds and events of each example; the first, which builds the strategy, is left out."""
    found: list[tuple[float, int]] = []
    left_at = time.process_time()

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],  # that is what is measured here
    )
    @given(strategy)
    def draw(example: Any) -> None:
        nonlocal left_at
        found.append(((time.process_time() - left_at) * 1000, events_of(example)))
        left_at = time.process_time()

    draw()
    return found[1:]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    count = 100 if parser.parse_args().short else 1_000
    for name, strategy in STRATEGIES.items():
        examples = drawn(strategy, count)
        spent = [milliseconds for milliseconds, _ in examples]
        events = sum(number for _, number in examples)
        print(
            f"{name:18} {1000 * len(examples) / sum(spent):7,.0f} examples/s of {events / len(examples):4.1f} events  "
            f"median {statistics.median(spent):5.2f} ms, "
            f"{statistics.median(10 * milliseconds / number for milliseconds, number in examples if number):5.2f} ms "
            "for ten events",
            flush=True,
        )
        if name == AIM:
            tens = [milliseconds for milliseconds, number in examples if number in NEAR_TEN]
            print(
                f"{'':18} {len(tens)} histories of {NEAR_TEN[0]} to {NEAR_TEN[-1]} events: "
                f"median {statistics.median(tens):.2f} ms (aim: {AIM_MS:g})"
            )


if __name__ == "__main__":
    main()
