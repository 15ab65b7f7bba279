"""The normalised content: one digest for one content."""

import random
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts.events import content_digest, read_payload
from ftcrm.contracts.events.content import canonical_json

offsets = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))


def respelled(value: Any, rng: random.Random) -> bytes:
    """The same JSON value in other words: keys shuffled, numbers padded, characters escaped, blanks between."""
    blank = rng.choice(["", " ", "\n\t"]).encode()
    match value:
        case dict():
            members = [respelled(key, rng) + b":" + blank + respelled(item, rng) for key, item in value.items()]
            rng.shuffle(members)
            return b"{" + blank + b",".join(members) + b"}"
        case list():
            return b"[" + b",".join(respelled(item, rng) for item in value) + blank + b"]"
        case bool() | None:
            return msgspec.json.encode(value)
        case int() | Decimal():
            number = Decimal(value)
            whole = f"{number:f}"
            return rng.choice([whole, f"{number:E}", whole + ("00" if "." in whole else ".00")]).encode()
        case _:
            return b'"' + b"".join(_character(char, rng) for char in value) + b'"'


def _character(char: str, rng: random.Random) -> bytes:
    units = char.encode("utf-16-be")
    if rng.random() < 0.3 or char in '"\\' or ord(char) < 32:
        return b"".join(b"\\u%04x" % int.from_bytes(units[at : at + 2]) for at in range(0, len(units), 2))
    return char.encode()


@given(data=st.data(), seed=st.integers(0, 2**32))
def test_one_value_in_other_words_is_one_canonical_text(feed: Any, data: st.DataObject, seed: int) -> None:
    value = {"x": data.draw(feed.json_values)}
    read = read_payload(respelled(value, random.Random(seed))).document  # noqa: S311 - a test's choice
    assert read is not None
    text = canonical_json(read)
    assert text == canonical_json(read_payload(feed.raw(value)).document)
    assert canonical_json(read_payload(text.encode()).document) == text


@given(data=st.data())
def test_different_values_have_different_texts(feed: Any, data: st.DataObject) -> None:
    one, other = (read_payload(feed.raw({"x": data.draw(feed.json_values)})).document for _ in range(2))
    assert (canonical_json(one) == canonical_json(other)) is same(one, other)


def same(one: Any, other: Any) -> bool:
    """JSON equality: Python's own takes 1 for true."""
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
        case list(), list():
            return len(one) == len(other) and all(map(same, one, other))
        case _:
            return type(one) is type(other) and one == other


@given(instant=st.datetimes(timezones=st.just(UTC)).filter(lambda at: 2 < at.year < 9998), offset=offsets)
def test_the_timestamp_counts_as_an_instant(feed: Any, instant: Any, offset: Any) -> None:
    one, other = instant.isoformat(), instant.astimezone(offset).isoformat(" ")
    assert content_digest(feed.casino_event(timestamp=one)) == content_digest(feed.casino_event(timestamp=other))


def test_every_field_counts(feed: Any) -> None:
    base = feed.casino_event()
    changes = {
        **{name: "other" for name, value in feed.clean.items() if isinstance(value, str)},
        "timestamp": datetime(2026, 3, 2, 8, 27, 59, tzinfo=UTC),
        "amount": Decimal(21),
        "exchange_rate": Decimal(2),
        "balance_after": Decimal(0),
        "balance_before": Decimal(0),
        "wager_amount": Decimal(0),
        "bonus_wager_amount": Decimal(0),
        "locked_wager_amount": Decimal(0),
        "is_round_end": False,
        "meta": msgspec.Raw(b"{}"),
    }
    digests = {content_digest(msgspec.structs.replace(base, **{name: value})) for name, value in changes.items()}
    assert set(changes) == {*feed.clean, *feed.optional}
    assert len(digests | {content_digest(base)}) == len(changes) + 1


def test_a_bonus_event_has_a_content_too(feed: Any) -> None:
    one = feed.bonus_event(amount=Decimal("10.30"))
    assert content_digest(one) == content_digest(feed.bonus_event(amount=Decimal("10.3")))
    assert content_digest(one) != content_digest(feed.bonus_event(status="Completed"))
