"""Hostile transport: messages whose type came in an odd way, or not at all, with a valid event or hostile bytes."""

from hypothesis import strategies as st

from ftcrm.contracts import Message
from ftcrm.contracts.messages import Connector, Header
from ftcrm.strategies.documents import payload_of
from ftcrm.strategies.payloads import hostile_payloads
from ftcrm.strategies.valid import bonus_events, casino_events

__all__ = ["hostile_messages"]

_CONNECTORS: tuple[Connector, ...] = ("rabbitmq", "kafka", "rest")
_PATHS = ("CASINO", "BONUS")
"""REST has a path for each type, and answers any other with 404."""
_TYPES = (
    *("CASINO", "BONUS", "casino", "Bonus", "PAYMENT", "payment", "LOGIN_V2", "POKER_HAND", "poker_hand", "BET", "Bet"),
    *(
        "CASINO_EVENT",
        " CASINO",
        "CASINO\n",
        "CASINO\x00",
        '"CASINO"',
        "CASINO,BONUS",
        "CA\u017fINO",
        "\u041a\u0410\u0417",
    ),
    *("None", "null", " ", "C" * 100),
)
_PROPERTIES = (None, "", *_TYPES, "CASINO\udcff")
"""Of RabbitMQ; the last is what a name that is not UTF-8 is read as."""
_VALUES = (*(name.encode() for name in _TYPES), None, b"", b"\xff\xfe", b"CASINO\xff", "CASINO".encode("utf-16"))
_NAMES = ("type", "Type", "TYPE", "type ", "message_type", "", "t\u0443pe", "typ\udcff", "x-attempt")
_MANY = 100


def hostile_messages() -> st.SearchStrategy[Message]:
    """Messages of all three connectors whose type is missing, misplaced, unknown, unreadable or there several times.

    Half of them carry a valid event, the others hostile bytes. Over REST the type is the path, and only headers are
    odd. Of RabbitMQ a header is text, bytes or null, of Kafka bytes or null.
    """
    return _messages()


_RAW = st.one_of(
    st.one_of(casino_events(), bonus_events()).map(payload_of),
    st.tuples(casino_events(), st.sampled_from(_TYPES)).map(lambda drawn: payload_of(drawn[0] | {"type": drawn[1]})),
    hostile_payloads(),
    hostile_payloads(),
)


@st.composite
def _messages(draw: st.DrawFn) -> Message:
    connector = draw(st.sampled_from(_CONNECTORS))
    raw = draw(_RAW)
    match connector:
        case "rest":
            return Message("rest", raw, draw(st.sampled_from(_PATHS)), draw(_headers(_VALUES)))
        case "rabbitmq":
            return Message("rabbitmq", raw, draw(st.sampled_from(_PROPERTIES)), draw(_headers((*_TYPES, *_VALUES))))
        case "kafka":
            return Message("kafka", raw, None, draw(_headers(_VALUES)))


def _headers(values: tuple[str | bytes | None, ...]) -> st.SearchStrategy[tuple[Header, ...]]:
    """A few headers, most of which name a type, or a hundred of them."""
    headers = st.tuples(st.just("type") | st.just("type") | st.sampled_from(_NAMES), st.sampled_from(values))
    many = headers.map(lambda header: (header,) * _MANY)
    return st.one_of(st.lists(headers, max_size=3).map(tuple), headers.map(lambda header: (header,)), many)
