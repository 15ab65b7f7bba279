"""Hostile bytes through hostile transport: each kind is drawn, and whatever comes gets a verdict and an explanation."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ftcrm.contracts import History, Judgement, Message, Ruleset, Settings, Verdict, construct, judge
from ftcrm.contracts.clauses import CLAUSES
from ftcrm.contracts.events import content_digest, read_payload
from ftcrm.contracts.events.fields import BONUS_FIELDS, CASINO_FIELDS
from ftcrm.strategies import casino_events, hostile_messages, hostile_payloads, payload_of

EVERYTHING = Ruleset(
    Settings(
        select=("ALL",),
        extra_currencies=frozenset({"BTC"}),
        base_currency="EUR",
        crypto_fields=("tx_hash",),
        round_deadline=1.0,
    )
)
RULESETS = [pytest.param(Ruleset(), id="standard"), pytest.param(EVERYTHING, id="everything")]
NAMES = {field.name for field in (*CASINO_FIELDS, *BONUS_FIELDS)}
GENERATED = settings(phases=[Phase.generate], database=None, derandomize=True)
POINTER = re.compile(r"(/([^~/]|~[01])*)*", re.DOTALL)
LONGEST = 1500
"""No message is much longer than what it names, whatever came."""
_Drawn = TypeVar("_Drawn")


def through(raw: bytes) -> list[Message]:
    """The bytes as each connector brings them, and as a bonus event."""
    return [
        Message("rest", raw, "CASINO"),
        Message("rest", raw, "BONUS"),
        Message("rabbitmq", raw, "CASINO"),
        Message("kafka", raw, None, (("type", b"CASINO"),)),
    ]


def messages() -> st.SearchStrategy[Message]:
    return st.one_of(hostile_payloads().flatmap(lambda raw: st.sampled_from(through(raw))), hostile_messages())


# -- the laws --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ruleset", RULESETS)
def test_whatever_comes_is_judged_and_explained(ruleset: Ruleset) -> None:
    @given(messages())
    @settings(max_examples=400)
    def check(message: Message) -> None:
        judgement = judge(message, ruleset, received_at=0)
        assert (judgement.verdict is Verdict.VIOLATION) == any(
            finding.confidence == "documented" for finding in judgement.findings
        ) or judgement.verdict is Verdict.UNREADABLE
        document = read_payload(message.raw).document
        if judgement.verdict is Verdict.UNREADABLE:
            assert document is None
            assert judgement.findings
        for finding in judgement.findings:
            assert finding.clause in CLAUSES
            assert POINTER.fullmatch(finding.pointer)
            assert leads_somewhere(finding.pointer, document)
            assert finding.message.encode()
            assert len(finding.message) < LONGEST
        if judgement.event is not None:
            assert len(content_digest(judgement.event)) == 32

    check()


def leads_somewhere(pointer: str, document: dict[str, Any] | None) -> bool:
    """Into the document, or where a property of a table was expected."""
    if not pointer:
        return True
    name = pointer.split("/")[1].replace("~1", "/").replace("~0", "~")
    return document is not None and (name in document or name in NAMES)


@given(st.lists(messages(), max_size=6), st.booleans())
def test_a_history_takes_whatever_comes_and_so_does_the_engine(fed: list[Message], lenient: bool) -> None:
    history = History(accept_invalid=lenient, ruleset=EVERYTHING)
    for seq, message in enumerate(fed, 1):
        history.add(seq, judge(message, EVERYTHING, received_at=seq), at=seq)
        history.refresh()
    history.pass_deadlines(10**7)
    history.close()
    assert history.refresh() is False
    assert sum(history.verdicts.values()) == len(fed)
    construction = construct(fed, settings=EVERYTHING.settings, accept_invalid=lenient)
    folds = (history.rounds.value(key) for _, key in history.rounds.keys(after=0))
    followed = [fold.round for fold in folds if fold is not None and fold.events]
    assert sorted(followed, key=str) == sorted(construction.rounds, key=str)


@given(hostile_payloads())
def test_hostile_bytes_get_one_judgement_whichever_connector_brings_them(raw: bytes) -> None:
    rest, _, *others = [judge(message) for message in through(raw)]
    assert others == [rest, rest]


# -- what is drawn ---------------------------------------------------------------------------------------------------


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


@lru_cache(maxsize=1)
def problem_of(raw: bytes) -> str | None:
    found = read_payload(raw).problem
    return found and found[0]


@lru_cache(maxsize=1)
def judged(message: Message) -> Judgement:
    return judge(message)


def problem(name: str) -> Callable[[bytes], bool]:
    return lambda raw: problem_of(raw) == name


def draws(*rules: str) -> Callable[[bytes], bool]:
    """Whether any of these rules speaks."""
    return lambda raw: not spoken(Message("rest", raw, "CASINO")).isdisjoint(rules)


def draws_by_transport(rule: str) -> Callable[[Message], bool]:
    return lambda message: rule in spoken(message)


def clean_over(connector: str) -> Callable[[Message], bool]:
    return lambda message: message.connector == connector and judged(message).verdict is Verdict.OK


def spoken(message: Message) -> set[str]:
    return {finding.rule for finding in judged(message).findings}


def reads(encoding: str) -> Callable[[bytes], bool]:
    def shows(raw: bytes) -> bool:
        try:
            return isinstance(json.loads(raw.decode(encoding)), dict)
        except ValueError:
            return False

    return shows


PAYLOADS: dict[str, Callable[[bytes], bool]] = {
    **{
        f"problem {name}": problem(name)
        for name in ("not-utf8", "not-unicode", "not-json", "not-an-object", "too-deep")
    },
    **{f"draws {rule}": draws(rule) for rule in ("FT105", "FT106", "FT110", "FT111", "FT112", "FT117")},
    "a number that is none of money": draws("FT119", "FT121"),
    "wrapped": lambda raw: raw.startswith(
        (b'[{"', b'{"payload":', b'{"type":"CASINO","data"', b'{"message":', b'"{', b"ey")
    ),
    "deeper than Python recurses": lambda raw: max(raw.count(b"["), raw.count(b'{"a":')) >= 20_000,
    "deep, to the last bracket": lambda raw: re.search(rb"\]{60}|\}{60}|(\}\]){60}", raw) is not None,
    "a huge exponent": lambda raw: re.search(rb"[eE][+-]?\d{3}", raw) is not None,
    "NaN or Infinity": lambda raw: re.search(rb":(NaN|-?Infinity)", raw) is not None,
    "half of a surrogate pair": lambda raw: re.search(rb'"\\u(d83d|udc00)"', raw) is not None,
    "overlong, or half of a surrogate pair in UTF-8": lambda raw: (
        re.search(rb"\xc0[\x80\xaf]|[\xe0\xf0]\x80|\xed\xa0", raw) is not None
    ),
    "null": lambda raw: b":null" in raw,
    "thousands of members": lambda raw: raw.count(b",") > 900,
    "a number of hundreds of digits": lambda raw: re.search(rb"\d{400}", raw) is not None,
    "long": lambda raw: len(raw) > 190_000,
    "cut off": lambda raw: raw.startswith(b'{"') and b"}" not in raw and problem("not-json")(raw),
    "two documents": lambda raw: re.search(rb"\}\s*\{", raw) is not None,
    "UTF-16": reads("utf-16"),
    "UTF-32": reads("utf-32"),
    "empty": lambda raw: raw == b"",
    "at random": lambda raw: len(raw) > 10 and not any(letter in raw for letter in b'"{}[]<='),
    "a valid event": lambda raw: judged(Message("rest", raw, "CASINO")).verdict is Verdict.OK,
}
MESSAGES: dict[str, Callable[[Message], bool]] = {
    **{
        f"draws {rule}": draws_by_transport(rule)
        for rule in ("FT001", "FT002", "FT003", "FT004", "FT005", "FT006", "FT007", "FT008", "FT010")
    },
    **{f"a clean event over {name}": clean_over(name) for name in ("rest", "rabbitmq", "kafka")},
    "a header without a text": lambda message: any(value in (None, b"") for _, value in message.headers),
    "a header that is not UTF-8": lambda message: any(
        isinstance(value, bytes) and b"\xff" in value for _, value in message.headers
    ),
    "a header with an empty name": lambda message: "" in dict(message.headers),
    "a header twice": lambda message: len(message.headers_named("type")) == 2,
    "a hundred headers": lambda message: len(message.headers) == 100,
    "hostile bytes of an unknown type": lambda message: (
        "FT007" in spoken(message) and problem_of(message.raw) is not None
    ),
}


def test_every_kind_of_hostile_bytes_is_drawn() -> None:
    assert missing(hostile_payloads(), PAYLOADS, 1500) == []


def test_every_kind_of_hostile_transport_is_drawn() -> None:
    assert missing(hostile_messages(), MESSAGES, 800) == []


@given(hostile_messages())
def test_an_example_is_never_too_long_to_be_printed(message: Message) -> None:
    """Hypothesis draws the line at 30,000 characters."""
    assert len(repr(message)) < 30_000


@given(casino_events())
def test_the_laws_would_notice_a_message_without_end(document: dict[str, Any]) -> None:
    """That messages are short is no accident of what is drawn: the raw payload is longer than any of them may be."""
    long = payload_of(document | {"currency": "X" * LONGEST})
    (finding,) = judge(Message("rest", long, "CASINO")).findings
    assert (finding.rule, len(finding.message) < LONGEST < len(long)) == ("FT115", True)
