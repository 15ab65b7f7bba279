"""What the machine draws from: events of few ids, hostile messages, noise for each port, filters of lists."""

from struct import pack

from hypothesis import strategies as st

from ftcrm.contracts import Message
from ftcrm.contracts.messages import Connector
from ftcrm.strategies.tangles import tangles
from ftcrm.strategies.transports import hostile_messages

__all__ = [
    "BATCHES",
    "BONUSES",
    "EVENTS",
    "HOSTILE",
    "LIMITS",
    "NOISE",
    "ORIGINS",
    "ROUNDS",
    "USERS",
    "WRONG_WAYS",
    "filters_of",
]

_LONGEST_HOSTILE = 8_000
"""In bytes: the events of a run are read again and again."""

_BATCHES = tangles(max_size=8, broken=True)
_EVENTS = tangles(max_size=1, broken=True)
_HOSTILE = hostile_messages().filter(lambda message: len(message.raw) <= _LONGEST_HOSTILE)


# Functions, since Hypothesis writes out the strategies of all rules, and those of tangles fill pages.
@st.composite
def _batches(draw: st.DrawFn) -> list[Message]:
    return draw(_BATCHES)


@st.composite
def _events(draw: st.DrawFn) -> Message:
    return draw(_EVENTS)[0]


@st.composite
def _hostile(draw: st.DrawFn) -> Message:
    return draw(_HOSTILE)


BATCHES, EVENTS, HOSTILE = _batches(), _events(), _hostile()

_NOISE: dict[Connector, tuple[bytes, ...]] = {
    "rest": (
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
        b"AMQP\0\0\x09\x01",
        b"GET / HTT\r\n\r\n",
        b"POST /v1/integrat",
    ),
    "rabbitmq": (
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"AMQP\0\x01\0\0",
        b"AMQP\0\0\x09\x01" + pack(">BHI", 1, 0, 100_000_000) + b"oversized",
        b"AMQP\0\0\x09\x01" + b"\xff" * 100,
    ),
    "kafka": (
        b"POST /v1/integration/casino HTTP/1.1\r\n\r\n",
        pack(">i", 100_000_000) + b"oversized",
        pack(">i", -1),
        pack(">ihhi", 8, 32_000, 0, 1),
    ),
}
NOISE = st.sampled_from([(connector, data) for connector, each in _NOISE.items() for data in each])
"""A connector, and bytes that its port does not speak: other protocols, sizes beyond all limits."""

WRONG_WAYS = st.sampled_from(
    (
        ("POST", "/v1/integration/poker", 404),
        ("POST", "/v1/integration/casino/", 404),
        ("GET", "/v1/integration/casino", 405),
        ("PUT", "/v1/integration/bonus", 405),
    )
)
"""Method and path of requests that carry no event, and the status of their answers."""

LIMITS = st.sampled_from((1000, 1, 2, 3, 7))
_PLAYERS = {"origin": ("o1", "o2"), "user_id": ("u1", "u2")}
_ROUND = {"round_id": ("r1", "r2", "r3")}
_BONUS = {"user_bonus_id": ("b1", "b2")}
_GAME = {"vendor_id": ("v1", "v2"), "game_id": ("g1", "g2")}
_FILTERS: dict[str, dict[str, tuple[str, ...]]] = {
    "events": {
        "connector": ("rest", "rabbitmq", "kafka"),
        "message_type": ("CASINO", "BONUS"),
        "type": ("Bet", "Win", "Loss", "FreeSpins"),
        "status": ("Approved", "Rollback", "Created"),
        "verdict": ("ok", "undocumented", "violation", "unchecked", "unreadable"),
        "disposition": ("accepted", "refused"),
        "activity_id": ("a", "b"),
        **_PLAYERS,
        **_ROUND,
        **_BONUS,
    },
    "rounds": {
        "state": ("open", "settled", "orphan", "voided"),
        "outcome": ("won", "lost"),
        **_PLAYERS,
        **_ROUND,
        **_GAME,
    },
    "sessions": {**_PLAYERS, **_GAME},
    "players": {"activity": ("active", "idle", "inactive"), "churned": ("true", "false"), **_PLAYERS},
    "bonuses": {"status": ("Created", "Completed", "Pending"), **_PLAYERS, **_BONUS},
    "questions": {"assumption": ("rollback-target", "missing-wallets", "repeats"), **_PLAYERS, **_ROUND},
    "findings": {
        "rule": ("FT113", "FT301", "FT302", "FT115", "FT504"),
        "confidence": ("documented", "inferred"),
        **_PLAYERS,
        **_ROUND,
        **_BONUS,
    },
}
ORIGINS, USERS = (st.sampled_from(values) for values in _PLAYERS.values())
ROUNDS, BONUSES = st.sampled_from(_ROUND["round_id"]), st.sampled_from(_BONUS["user_bonus_id"])


def filters_of(name: str) -> st.SearchStrategy[dict[str, str]]:
    """Filters of that list: most often none or one."""
    values = _FILTERS[name]
    one = [{known: value} for known, each in values.items() for value in each]
    several = st.fixed_dictionaries({}, optional={known: st.sampled_from(each) for known, each in values.items()})
    return st.one_of(st.just({}), st.sampled_from(one), several)
