"""What the tests of the contract share: one clean event to vary, and small strategies over events and histories.

Tests cannot import each other (--import-mode=importlib), so that all of it comes as the fixture `feed`.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st

from ftcrm.contracts import (
    STANDARD,
    BonusEvent,
    CasinoEvent,
    Judgement,
    Message,
    RoundKey,
    Ruleset,
    fold_bonus,
    fold_round,
    judge,
)
from ftcrm.contracts.events.currencies import ACTIVE
from ftcrm.contracts.events.fields import LEAST_RATE, MOST_RATE
from ftcrm.contracts.events.meant import GAME_TYPES, meant_game_type
from ftcrm.contracts.rounds import BonusFold, BonusKey, Counted, Member, RoundFold, counted_of

CLEAN: dict[str, Any] = {
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
    "timestamp": "2026-03-02T08:27:58.721607Z",
    "type": "Bet",
    "user_id": "52530",
    "vendor_id": "1",
    "vendor_name": "Netent",
    "user_bonus_id": "",
}
OPTIONAL: dict[str, Any] = {
    "balance_after": Decimal("174.03"),
    "balance_before": Decimal("194.03"),
    "bonus_wager_amount": 0,
    "is_round_end": False,
    "locked_wager_amount": 0,
    "wager_amount": 20,
    "meta": {"key1": 10, "key2": "some string", "key3": False},
}
BONUS: dict[str, Any] = {
    "amount": Decimal("10.3"),
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
ENCODER = msgspec.json.Encoder(decimal_format="number")
WIDE = Context(prec=500, Emax=10_000, Emin=-10_000)
EPOCH = datetime(2026, 3, 2, tzinfo=UTC)

numbers = st.one_of(
    st.integers(-(10**12), 10**12),
    st.decimals(min_value=-(10**9), max_value=10**9, places=2),
    st.builds(lambda digits, exponent: Decimal(digits).scaleb(exponent), st.integers(0, 10**9), st.integers(-20, 20)),
)
sendable = numbers.filter(lambda number: -10 <= Decimal(number).as_tuple().exponent <= 20)  # so that sums are, too
rates = st.one_of(
    st.just(1),
    st.decimals(LEAST_RATE, MOST_RATE, places=12),
    st.builds(lambda digits, exponent: Decimal(digits).scaleb(exponent), st.integers(1, 99), st.integers(-12, 10)),
)
game_types = st.sampled_from(sorted(GAME_TYPES)) | st.text(min_size=1, max_size=8).filter(
    lambda text: meant_game_type(text) is None
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
instants = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))


@st.composite
def clean_documents(draw: st.DrawFn) -> dict[str, Any]:
    """Casino events that no rule has anything to say about, with any of the optional properties."""
    wallets = draw(st.dictionaries(st.sampled_from(WALLETS), sendable.map(abs)))
    others = [Decimal(wallet) for name, wallet in wallets.items() if name != "wager_amount"]
    if others and draw(st.booleans()):
        # The one wallet that the vendor's schema lets be negative, as long as the amount is not.
        wallets["wager_amount"] = WIDE.minus(draw(st.sampled_from([exact_sum(others), min(others)])))
    texts = draw(st.fixed_dictionaries(dict.fromkeys(TEXTS, st.text(min_size=1, max_size=8))))
    document = {
        **CLEAN,
        **texts,
        **wallets,
        "user_bonus_id": draw(st.text(max_size=8)),
        "game_type": draw(game_types),
        "amount": exact_sum(wallets.values()) if wallets else abs(draw(numbers)),
        "exchange_rate": draw(rates),
        "currency": draw(st.sampled_from(sorted(ACTIVE))),
        "status": draw(st.sampled_from(["Approved", "Rollback"])),
        "type": draw(st.sampled_from(["Bet", "Win", "Loss"])),
        "timestamp": draw(instants).isoformat(),
        **draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "balance_after": numbers,
                    "balance_before": numbers,
                    "is_round_end": st.booleans(),
                    "meta": st.dictionaries(st.text(max_size=6), json_values, max_size=3),
                },
            )
        ),
    }
    return dict(draw(st.permutations(list(document.items()))))


WALLETS = ("wager_amount", "bonus_wager_amount", "locked_wager_amount")
TEXTS = """
    activity_id game_id game_name origin round_id user_id vendor_id vendor_name
""".split()


@st.composite
def adversarial_events(draw: st.DrawFn) -> CasinoEvent:
    """Events of one round over few ids, amounts and instants, so that they meet in every way."""
    amount = draw(st.sampled_from(["0", "5", "20", "20.00", "1e40", f"{10**39 + 1}", "1.5e-40", "-5"]))
    split = draw(st.sampled_from([(), (1, 0, 0), (0, 1, 0), (1, 0, 1)]))
    shares = {name: Decimal(amount) for name, share in zip(WALLETS, split, strict=False) if share}
    whole = exact_sum(shares.values()) if shares else Decimal(amount)
    return casino_event(
        activity_id=draw(st.sampled_from("abcd")),
        type=draw(st.sampled_from(["Bet", "Bet", "Win", "Loss"])),
        status=draw(st.sampled_from(["Approved", "Approved", "Rollback"])),
        amount=whole,
        timestamp=draw(st.sampled_from(["2026-03-02T08:00:00Z", "2026-03-02T14:00:00+06:00", "2026-03-02T08:00:01Z"])),
        currency=draw(st.sampled_from(["EUR", "EUR", "EUR", "USD"])),
        exchange_rate=Decimal(draw(st.sampled_from(["1", "1.0", "0.9", "1.23456789e-35", "9e40"]))),
        game_id=draw(st.sampled_from(["g1", "g1", "g2"])),
        is_round_end=draw(st.sampled_from([msgspec.UNSET, True, False])),
        **shares,
    )


@st.composite
def mixed_events(draw: st.DrawFn) -> CasinoEvent | BonusEvent:
    """Casino and bonus events of two players, over few ids and instants, so that they meet in every way."""
    user_id, user_bonus_id = draw(st.sampled_from(["u1", "u2"])), draw(st.sampled_from(["", "", "ub", "vb"]))
    at = (EPOCH + timedelta(minutes=draw(st.sampled_from(MINUTES)))).isoformat()
    if user_bonus_id and draw(st.integers(0, 2)) == 0:
        return bonus_event(
            user_id=user_id,
            user_bonus_id=user_bonus_id,
            status=draw(st.sampled_from(["Pending", "Created", "Ongoing", "Completed", "Forfeited"])),
            timestamp=at,
            amount=Decimal(10),
            required_wagering_amount=draw(st.sampled_from([msgspec.UNSET, Decimal(100), Decimal("0.3")])),
        )
    event = draw(adversarial_events())
    return msgspec.structs.replace(
        event,
        user_id=user_id,
        round_id=draw(st.sampled_from(["r1", "r1", "r2"])),
        user_bonus_id=user_bonus_id,
        timestamp=draw(st.sampled_from([event.timestamp, datetime.fromisoformat(at)])),
    )


MINUTES = (0, 0, 10, 30, 40, 60, 61, 200, 60 * 24 * 3, 60 * 24 * 31)


def exact_sum(numbers: Iterable[Any]) -> Decimal:
    total = Decimal(0)
    for number in numbers:
        total = WIDE.add(total, Decimal(number))
    return total


def casino_event(**changes: Any) -> CasinoEvent:
    values = {**CLEAN, "amount": Decimal(20), "exchange_rate": Decimal(1), **changes}
    return CasinoEvent(**{**values, "timestamp": datetime.fromisoformat(values["timestamp"])})


def bonus_event(**changes: Any) -> BonusEvent:
    values = {**BONUS, "exchange_rate": Decimal(1), **changes}
    return BonusEvent(**{**values, "timestamp": datetime.fromisoformat(values["timestamp"])})


class Feed:
    """Builders and strategies; `raw` spells numbers as JSON numbers, and `msgspec.Raw` values letter by letter."""

    clean = CLEAN
    optional = OPTIONAL
    bonus = BONUS
    wallets = WALLETS
    key = RoundKey("sub.example.com", "52530", "r1")
    bonus_key = BonusKey("sub.example.com", "52530", "863512")
    documents = clean_documents()
    json_values = json_values
    events = adversarial_events()
    histories = st.lists(adversarial_events(), min_size=1, max_size=9)
    mixed_histories = st.lists(mixed_events(), min_size=1, max_size=12)
    casino_event = staticmethod(casino_event)
    bonus_event = staticmethod(bonus_event)

    @staticmethod
    def raw(document: Mapping[str, Any]) -> bytes:
        return ENCODER.encode(document)

    def without(self, *names: str, **changes: Any) -> dict[str, Any]:
        return {name: value for name, value in {**self.clean, **changes}.items() if name not in names}

    def judge(
        self, payload: bytes | Mapping[str, Any], message_type: str = "CASINO", ruleset: Ruleset = STANDARD
    ) -> Judgement:
        raw = payload if isinstance(payload, bytes) else self.raw(payload)
        return judge(Message("rest", raw, message_type), ruleset)

    def found(
        self, payload: bytes | Mapping[str, Any], message_type: str = "CASINO", ruleset: Ruleset = STANDARD
    ) -> list[Any]:
        """(rule, pointer) of every finding."""
        judged = self.judge(payload, message_type, ruleset)
        return [(finding.rule, finding.pointer) for finding in judged.findings]

    @staticmethod
    def members(events: Iterable[CasinoEvent], first: int = 1) -> list[Member[Any]]:
        return [Member(seq, event) for seq, event in enumerate(events, first)]

    def counted(self, members: Iterable[Member[Any]]) -> dict[RoundKey, Counted]:
        """What counts of the rounds of these casino events, where it is not each of them."""
        rounds: dict[RoundKey, list[Member[Any]]] = {}
        for member in members:
            key = RoundKey(self.bonus_key.origin, self.bonus_key.user_id, member.event.round_id)
            rounds.setdefault(key, []).append(member)
        counted = {key: counted_of(fold_round(key, parts)) for key, parts in rounds.items()}
        return {key: each for key, each in counted.items() if each is not None}

    def fold_bonus(
        self, own: Iterable[BonusEvent], casino: Iterable[CasinoEvent], *, others: Iterable[CasinoEvent] = ()
    ) -> BonusFold:
        """The bonus of these events; `others` are of the same rounds, and do not carry it."""
        own, casino = list(own), list(casino)
        members = self.members([*own, *casino, *others])
        first, end = len(own), len(own) + len(casino)
        counted = self.counted(members[first:])
        return fold_bonus(self.bonus_key, members[:first], members[first:end], counted=counted)

    def fold(self, *events: CasinoEvent) -> RoundFold:
        return fold_round(self.key, self.members(events))

    @staticmethod
    def at(seconds: float) -> str:
        return (EPOCH + timedelta(seconds=seconds)).isoformat()


@pytest.fixture(scope="session")
def feed() -> Feed:
    return Feed()


@pytest.fixture
def assert_linear() -> Iterator[Callable[[Callable[[int], float], int], None]]:
    """Asserts that eightfold the size takes nearer to eightfold the seconds (linear) than to 64-fold (quadratic).

    The collector rests, since what it looks through is the whole session; the constant keeps the clock's noise out of
    what is quick anyhow, and the best of three keeps other processes out.
    """

    def check(spent: Callable[[int], float], size: int) -> None:
        measured = [(spent(size), spent(8 * size)) for _ in range(3)]
        assert any(eightfold < 24 * single + 0.1 for single, eightfold in measured), measured

    gc.disable()
    yield check
    gc.enable()
