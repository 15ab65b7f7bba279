"""The histories reach what they are there for: without it, agreement would say little."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from hypothesis import Phase, given, settings

from .adversarial import Drawn, histories
from .comparison import expected
from .naive.content import read_event
from .naive.rounds import counted_events, key_of, reversals

WANTED = {
    *("settled won", "settled lost", "open None", "orphan None", "voided None", "several currencies", "excluded"),
    *(
        "redelivered",
        "conflict",
        "tie",
        "reversed in phase 1",
        "reversed in phase 2",
        "reversed in phase 3",
        "tombstone",
    ),
    *(
        "partial rollback",
        "two sessions",
        "session of several rounds",
        "round in two sessions",
        "gap to the microsecond",
    ),
    *("bonus without status", "bonus without casino events", "several statuses", "wagered", "not yet wagered"),
    *("active", "idle", "inactive", "churned", "wallets", "recency 1", "recency 5", "frequency 5", "monetary 5"),
    *("up to 0.01", "up to 0.20", "up to 25", "above 50", "all in the past", "some in the future", "as of the last"),
    *("several players", "another reading", "invalid accepted"),
}


def test_everything_is_met() -> None:
    met: Counter[str] = Counter()

    @given(histories())
    @settings(max_examples=600, phases=[Phase.generate], database=None, derandomize=True)
    def look(drawn: Drawn) -> None:
        met.update(set(phenomena(drawn)))

    look()
    assert WANTED - met.keys() == set()


def phenomena(drawn: Drawn) -> Iterator[str]:
    told = expected(drawn)
    yield from of_events(drawn)
    for round_ in told["rounds"]:
        yield f"{round_['state']} {round_['outcome']}"
        yield from ["several currencies"] * (len(round_["totals"]) > 1) + ["excluded"] * bool(round_["excluded"])
    for session in told["sessions"]:
        yield from ["session of several rounds"] * (session["rounds"] > 1)
    for bonus in told["bonuses"]:
        yield (
            "several statuses"
            if bonus["statuses"][1:]
            else "one status"
            if bonus["statuses"]
            else "bonus without status"
        )
        yield from ["bonus without casino events"] * (not bonus["casino_seqs"])
        if bonus["wagering"] is not None:
            yield "not yet wagered" if bonus["wagering"]["remaining"] else "wagered"
    for player in told["players"]:
        yield from [str(player["activity"]), str(player["stake_bracket"])]
        yield from ["churned"] * bool(player["churned"]) + ["wallets"] * (player["wallets"] is not None)
        yield from [f"{name} {score}" for name, score in (player["rfm"] or {}).items()]
        yield from ["two sessions"] * (player["sessions"] > 1)
    yield from ["several players"] * (len(told["players"]) > 1) + ["another reading"] * bool(drawn.readings)
    yield from ["invalid accepted"] * (drawn.accept_invalid and not all(valid for _, valid in drawn.deliveries))


def of_events(drawn: Drawn) -> Iterator[str]:
    events = [read_event(seq, document) for seq, (document, valid) in enumerate(drawn.deliveries, 1) if valid]
    instants = sorted(event.at for event in events)
    gaps = [later - earlier for earlier, later in pairwise(instants)]
    yield from ["gap to the microsecond"] * (drawn.gap in gaps)
    if drawn.as_of is None:
        yield "as of the last"
    elif events:
        yield "some in the future" if instants[-1] > drawn.as_of else "all in the past"
    casino = [event for event in events if event.casino]
    for key in {key_of(event) for event in casino}:
        own = [event for event in casino if key_of(event) == key]
        counted = counted_events(own, {})
        identities = [(event["activity_id"], event["type"], event["status"]) for event in counted]
        contents = {event.content for event in own}
        found = reversals(counted, {})
        yield from ["redelivered"] * (len(contents) < len(own)) + ["conflict"] * (len(identities) < len(contents))
        yield from ["tie"] * (len({event.at for event in counted}) < len(counted))
        yield from [f"reversed in phase {phase}" for _, _, phase in found]
        yield from ["tombstone"] * (len(found) < sum(event["status"] == "Rollback" for event in counted))
        yield from ["partial rollback"] * any(
            phase == 1 and 0 <= rollback.number("amount") < event.number("amount") for rollback, event, phase in found
        )
        yield from ["round in two sessions"] * (counted[-1].at - counted[0].at > drawn.gap)
