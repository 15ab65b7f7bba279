"""What the strategies draw: each legitimate way of playing, sending and writing that there is, within few examples."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ftcrm.contracts import Message
from ftcrm.contracts.instants import parse_instant
from ftcrm.strategies import CRYPTO, bonus_rounds, histories, rounds

WALLETS = ("wager_amount", "bonus_wager_amount", "locked_wager_amount")
GENERATED = settings(phases=[Phase.generate], database=None, derandomize=True)
Document = dict[str, Any]
_Drawn = TypeVar("_Drawn")


def missing(
    strategy: st.SearchStrategy[_Drawn], features: dict[str, Callable[[_Drawn], bool]], examples: int
) -> list[str]:
    """The features that none of so many examples has."""
    left = dict(features)

    @given(strategy)
    @settings(GENERATED, max_examples=examples)
    def draw(drawn: _Drawn) -> None:
        for name in [name for name, shows in left.items() if shows(drawn)]:
            del left[name]

    draw()
    return list(left)


def has(**properties: Any) -> Callable[[list[Document]], bool]:
    """Whether a document has all these properties."""
    return lambda documents: any(properties.items() <= document.items() for document in documents)


def types(documents: Sequence[Document]) -> str:
    """A round as the letters of its events: B bet, b free bet, W win, w win of 0, L loss; R before a reversed type."""
    return " ".join(
        ("R" if document["status"] == "Rollback" else "")
        + (document["type"][0] if document["amount"] or document["type"] == "Loss" else document["type"][0].lower())
        for document in documents
    )


def gaps(documents: Sequence[Document]) -> list[timedelta]:
    at: list[datetime] = [parse_instant(document["timestamp"]) or datetime.min for document in documents]
    return [later - earlier for earlier, later in pairwise(at)]


def renamed(documents: Sequence[Document]) -> bool:
    """A Rollback with an activity_id of its own."""
    approved = {document["activity_id"] for document in documents if document["status"] == "Approved"}
    return any(document["activity_id"] not in approved for document in documents)


def reversed_by(documents: Sequence[Document], rollback: int) -> int | None:
    """Which event has the id of that Rollback."""
    ids = [document["activity_id"] for document in documents]
    found = ids.index(ids[rollback])
    return found if found < rollback else None


ROUND_FEATURES: dict[str, Callable[[list[Document]], bool]] = {
    "one Bet and its Win": lambda documents: types(documents) == "B W",
    "one Bet and its Loss": lambda documents: types(documents) == "B L",
    "a Win of 0 for a Loss": lambda documents: types(documents) == "B w",
    "a double down": lambda documents: types(documents) in ("B B W", "B B B W"),
    "a Win for one Bet and a Loss for the other": lambda documents: {"W", "L"} <= set(types(documents).split()),
    "a feature with several Wins": lambda documents: "W W W" in types(documents),
    "free spins within a feature": lambda documents: "W b" in types(documents),
    "a free spin": lambda documents: types(documents) == "b W",
    "a Bet after a Win": lambda documents: "W B" in types(documents),
    "a voided round": lambda documents: types(documents) == "B RB",
    "a voided round with a Win": lambda documents: types(documents) == "B W RW RB",
    "voided after its end": lambda documents: (
        types(documents) == "B W RW RB" and documents[1].get("is_round_end") is True
    ),
    "Bets that are lost each on its own": lambda documents: types(documents).count("L") > 1,
    "a Bet rolled back at once": lambda documents: (
        types(documents).startswith("B B RB") and reversed_by(documents, 2) == 1
    ),
    "a Win rolled back": lambda documents: "W RW" in types(documents) and types(documents)[-1] == "W",
    "the first Bet rolled back": lambda documents: (
        types(documents).startswith("B B RB") and reversed_by(documents, 2) == 0
    ),
    "a Rollback with its event's id": lambda documents: "R" in types(documents) and not renamed(documents),
    "a Rollback with an id of its own": renamed,
    "settled days later": lambda documents: max(gaps(documents)) > timedelta(days=2),
    "a millisecond apart": lambda documents: min(gaps(documents)) == timedelta(milliseconds=1),
    "the end flagged on the last alone": lambda documents: (
        [document.get("is_round_end") for document in documents] == [None] * (len(documents) - 1) + [True]
    ),
    "the end flagged, and not before": lambda documents: (
        [document.get("is_round_end") for document in documents] == [False] * (len(documents) - 1) + [True]
    ),
    "the end never flagged": lambda documents: not any("is_round_end" in document for document in documents),
    "no wallet": lambda documents: not any(name in document for document in documents for name in WALLETS),
    "three wallets": lambda documents: any(all(document.get(name) for name in WALLETS) for document in documents),
    "the bonus wallet alone": lambda documents: any(
        [name for name in WALLETS if name in document] == ["bonus_wager_amount"] and document["amount"]
        for document in documents
    ),
    "staked in one wallet, won in another": lambda documents: any(
        document["type"] == "Win" and document.get("wager_amount") and documents[0].get("bonus_wager_amount")
        for document in documents
    ),
    "balances": lambda documents: "balance_before" in documents[0],
    "a negative balance": lambda documents: any(document.get("balance_after", 0) < 0 for document in documents),
    "meta": lambda documents: "key1" in documents[0].get("meta", {}),
    "no meta": lambda documents: "meta" not in documents[0],
    "the vendor's extras": has(skip_publishing=False),
    "a rate that moves": lambda documents: len({document["exchange_rate"] for document in documents}) > 1,
    "an amount without decimals": has(currency="JPY"),
    "three decimals": lambda documents: Decimal(documents[0]["amount"]).as_tuple().exponent == -3,
    "an amount as a whole number": lambda documents: isinstance(documents[0]["amount"], int),
    "an offset": lambda documents: documents[0]["timestamp"].endswith("-03:30"),
    "six digits of a second": lambda documents: (
        "." in documents[0]["timestamp"] and documents[0]["timestamp"].endswith("000000+00:00")
    ),
    "no fraction": lambda documents: len(documents[0]["timestamp"]) == len("2026-03-02T08:00:00Z"),
    "another order of properties": lambda documents: next(iter(documents[0])) != "activity_id",
    "a round_id that is the Bet's activity_id": lambda documents: (
        documents[0]["round_id"] == documents[0]["activity_id"]
    ),
    "Slots": has(game_type="Slots"),
    "Table": has(game_type="Table"),
    "Live Casino": has(game_type="Live Casino"),
    "another game type": has(game_type="Crash"),
    "letters beyond Latin": has(game_name="Рулетка Live"),
}


def test_rounds_are_of_every_kind() -> None:
    assert missing(rounds(), ROUND_FEATURES, 3000) == []


def statuses(documents: Sequence[Document]) -> str:
    """A bonus and what is played on it: the bonus statuses, and R for a run of casino events."""
    words = [document["status"] if "round_id" not in document else "R" for document in documents]
    return " ".join(word for index, word in enumerate(words) if word != "R" or words[index - 1 : index] != ["R"])


BONUS_FEATURES: dict[str, Callable[[list[Document]], bool]] = {
    "Scenario B": lambda documents: statuses(documents) == "Created R Completed",
    "Pending first": lambda documents: statuses(documents).startswith("Pending Created R"),
    "Ongoing between the rounds": lambda documents: statuses(documents) == "Created R Ongoing R Completed",
    "closed by Ongoing": lambda documents: statuses(documents) == "Created R Ongoing",
    **{
        f"closed by {status}": lambda documents, status=status: documents[-1]["status"] == status
        for status in ("AutoCompleted", "Forfeited", "Expired", "Lost", "Reversed")
    },
    "reversed after its end": lambda documents: statuses(documents).endswith("Completed Reversed"),
    "two rounds at once": lambda documents: (
        [document.get("round_id") for document in documents][1:4:2] == [documents[1]["round_id"]] * 2
        and "round_id" in documents[2]
        and documents[2]["round_id"] != documents[1]["round_id"]
        if len(documents) > 4 and "round_id" in documents[1]
        else False
    ),
    "free spins, the bonus afterwards": lambda documents: statuses(documents) == "R Created",
    "free spins with a closure": lambda documents: statuses(documents) == "R Created Completed",
    "free spins of 0 that pay what the bonus says": lambda documents: (
        documents[0]["amount"] == 0
        and statuses(documents).startswith("R Created")
        and any(document["status"] == "Created" and document["amount"] for document in documents)
    ),
    "free spins in the order of Scenario B": lambda documents: (
        statuses(documents).startswith("Created R") and documents[0]["type"] == "FreeSpins"
    ),
    "optional amounts": lambda documents: "required_wagering_amount" in documents[-1],
}


def test_bonuses_are_of_every_kind() -> None:
    assert missing(bonus_rounds(), BONUS_FEATURES, 1500) == []


def read(message: Message) -> Document:
    document = json.loads(message.raw, parse_float=Decimal)
    assert isinstance(document, dict)
    return document


def of_rounds(messages: Sequence[Message]) -> list[Document]:
    return [document for message in messages if "round_id" in (document := read(message))]


def shares_a_round(messages: Sequence[Message]) -> bool:
    """A live table: several players, one round_id."""
    players: dict[str, set[str]] = {}
    for document in of_rounds(messages):
        players.setdefault(document["round_id"], set()).add(document["origin"] + document["user_id"])
    return any(len(seated) > 1 for seated in players.values())


def interleaves(messages: Sequence[Message]) -> bool:
    """A round that begins before one of another player has ended, in arrival."""
    ids = [document["user_id"] + document["round_id"] for document in of_rounds(messages)]
    return any(
        ids[index] in ids[index + 2 :] and ids[index + 1] != ids[index] and ids[index + 1] not in ids[:index]
        for index in range(len(ids) - 2)
    )


def repeats(message_type: str) -> Callable[[list[Message]], bool]:
    """Some message of that type comes again."""

    def again(messages: list[Message]) -> bool:
        raws = [message.raw for message in messages if (b'"round_id"' in message.raw) is (message_type == "CASINO")]
        return len(set(raws)) < len(raws)

    return again


def unused(messages: Sequence[Message]) -> bool:
    """A bonus of which nothing but its Created came."""
    documents = list(map(read, messages))
    named = Counter(document["user_bonus_id"] for document in documents)
    return any(document["status"] == "Created" and named[document["user_bonus_id"]] == 1 for document in documents)


FEED_FEATURES: dict[str, Callable[[list[Message]], bool]] = {
    "a live table": shares_a_round,
    "rounds that overlap": interleaves,
    "several players": lambda messages: len({document["user_id"] for document in of_rounds(messages)}) > 2,
    "one user_id in two origins": lambda messages: (
        {("sub.example.com", "52530"), ("sub.example.org", "52530")}
        <= {(document["origin"], document["user_id"]) for document in of_rounds(messages)}
    ),
    "several currencies": lambda messages: len({document["currency"] for document in map(read, messages)}) > 2,
    "a casino event again": repeats("CASINO"),
    "a bonus event again": repeats("BONUS"),
    "a Bet again after its Win": lambda messages: (
        messages[0] in messages[2:] and [read(message)["type"] for message in messages[:2]] == ["Bet", "Win"]
    ),
    "every connector": lambda messages: len({message.connector for message in messages}) == 3,
    "RabbitMQ alone": lambda messages: {message.connector for message in messages} == {"rabbitmq"},
    "Kafka alone": lambda messages: {message.connector for message in messages} == {"kafka"},
    "JSON over many lines": lambda messages: b"\n" in messages[0].raw,
    "JSON with blanks": lambda messages: b'": ' in messages[0].raw and b"\n" not in messages[0].raw,
    "a bonus that nobody uses": unused,
    "rounds with a bonus and without": lambda messages: (
        {bool(document["user_bonus_id"]) for document in of_rounds(messages)} == {True, False}
    ),
    "ids of digits": lambda messages: read(messages[0]).get("activity_id", "").isdecimal(),
    "ids beyond ASCII": lambda messages: not read(messages[0]).get("activity_id", "").isascii(),
    "UUIDs": lambda messages: read(messages[0]).get("activity_id", "").count("-") == 4,
}


def test_histories_are_of_every_kind() -> None:
    assert missing(histories(), FEED_FEATURES, 600) == []


def test_crypto_amounts_have_all_eighteen_decimals() -> None:
    def exact(documents: list[Document]) -> bool:
        number = documents[0]["amount"]
        return isinstance(number, Decimal) and number.normalize().as_tuple().exponent == -18

    assert missing(rounds(currencies=CRYPTO), {"eighteen decimals": exact}, 100) == []
