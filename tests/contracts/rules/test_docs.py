"""How an example in a rule's docstring is read: each word of the notation, step by step."""

from typing import Any

import msgspec
import pytest

from ftcrm.contracts.messages import Message
from ftcrm.contracts.rules.docs import Step, example_of

EIGHT = 1_772_438_400_000_000
"""2026-03-02T08:00:00Z, in microseconds."""
SECOND = 1_000_000
CASINO: dict[str, Any] = {
    "activity_id": "a1",
    "amount": 20,
    "currency": "EUR",
    "exchange_rate": 1,
    "game_id": "10911",
    "game_name": "Dead or Alive",
    "game_type": "Slots",
    "origin": "sub.example.com",
    "round_id": "r1",
    "status": "Approved",
    "timestamp": "2026-03-02T08:00:00Z",
    "type": "Bet",
    "user_bonus_id": "",
    "user_id": "52530",
    "vendor_id": "1",
    "vendor_name": "Netent",
}
BONUS: dict[str, Any] = {
    "amount": 10,
    "bonus_id": "9821",
    "currency": "EUR",
    "exchange_rate": 1,
    "origin": "sub.example.com",
    "product": "Casino",
    "status": "Created",
    "timestamp": "2026-03-02T08:00:00Z",
    "type": "WelcomeBonus",
    "user_bonus_id": "863512",
    "user_id": "52530",
}


def message_of(line: str) -> Message:
    (step,) = example_of(line).steps
    assert step.message is not None
    return step.message


def document_of(line: str) -> Any:
    return msgspec.json.decode(message_of(line).raw)


def test_what_a_line_does_not_name_is_that_of_a_clean_event() -> None:
    assert document_of("{}") == CASINO
    assert document_of("BONUS {}") == BONUS
    assert document_of('{"amount": 5, "round_id": "<absent>"}') == {
        name: 5 if name == "amount" else value for name, value in CASINO.items() if name != "round_id"
    }
    assert document_of('BONUS {"n": "", "event": "<event>"}') == {"n": "", "event": BONUS}


def test_each_message_is_a_second_later_than_the_one_before_and_has_an_id_of_its_own() -> None:
    example = example_of("{}\n\n  \nBONUS {}\nlater 3s\n{}\nlater 2m\nlater 1h\nlater 1d\nclose\n{}")
    minute, hour, day = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
    after = 5 * SECOND
    last = after + SECOND + 2 * minute + hour + day
    assert [step.at - EIGHT for step in example.steps] == [
        *(0, SECOND, after, after),
        *(after + SECOND + 2 * minute, after + SECOND + 2 * minute + hour, last, last, last),
    ]
    assert [step.closes for step in example.steps] == [index == 7 for index in range(9)]
    sent = [msgspec.json.decode(step.message.raw) for step in example.steps if step.message is not None]
    assert [(event["timestamp"], event.get("activity_id")) for event in sent] == [
        ("2026-03-02T08:00:00Z", "a1"),
        ("2026-03-02T08:00:01Z", None),
        ("2026-03-02T08:00:05Z", "a3"),
        ("2026-03-03T09:02:06Z", "a4"),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("raw 'x'", Message("rest", b"x", "CASINO")),
        (r"raw b'\xff'", Message("rest", b"\xff", "CASINO")),
        ("BONUS raw 'x'", Message("rest", b"x", "BONUS")),
        ("size=5 raw 'x'", Message("rest", b"x", "CASINO", size=5)),
        ("rabbitmq raw 'x'", Message("rabbitmq", b"x", "CASINO")),
        ("rabbitmq type=bet raw 'x'", Message("rabbitmq", b"x", "bet")),
        ("rabbitmq type= raw 'x'", Message("rabbitmq", b"x")),
        (r"rabbitmq header:a=\x41 raw 'x'", Message("rabbitmq", b"x", "CASINO", (("a", r"\x41"),))),
        ("kafka raw 'x'", Message("kafka", b"x", None, (("type", b"CASINO"),))),
        ("kafka BONUS raw 'x'", Message("kafka", b"x", None, (("type", b"BONUS"),))),
        ("kafka type= raw 'x'", Message("kafka", b"x")),
        (
            r"kafka type=CASINO header:type=\xff header:a=b=c raw 'x'",
            Message("kafka", b"x", None, (("type", b"CASINO"), ("type", b"\xff"), ("a", b"b=c"))),
        ),
    ],
    ids=str,
)
def test_the_words_before_a_payload_say_how_it_comes(line: str, message: Message) -> None:
    assert message_of(line) == message


def test_settings_are_of_the_whole_example_and_no_step() -> None:
    example = example_of("settings currencies.base=EUR currencies.extra=BTC,SC\nclose")
    assert (example.settings.base_currency, example.settings.extra_currencies) == ("EUR", {"BTC", "SC"})
    assert example.steps == (Step(EIGHT, closes=True),)


@pytest.mark.parametrize("line", ["{", "[]", "raw x y", "later soon", "later 3w", "nothing"])
def test_what_cannot_be_read_is_an_error(line: str) -> None:
    with pytest.raises((ValueError, SyntaxError, KeyError)):
        example_of(line)
