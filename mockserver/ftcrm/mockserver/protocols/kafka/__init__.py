"""A Kafka broker's produce side as a machine: bytes in, events out, bytes out; no sockets, no clock.

A ``Broker`` is what the connections of a server share, a ``Connection`` is one client's conversation:

    broker = Broker()
    connection = Connection(broker, advertised=("localhost", 9092))
    for event in connection.receive(data, now_ms):
        match event:
            case Produced(token=token, batches=batches):
                ...  # commit the batches, then
                connection.settle(token)
    write(connection.data_to_send())

Nothing here imports aiokafka before the first Produce; ``load()`` does it in advance.
"""

from ftcrm.mockserver.protocols.kafka.broker import Broker
from ftcrm.mockserver.protocols.kafka.connection import Connection
from ftcrm.mockserver.protocols.kafka.errors import ErrorCode, SettleError
from ftcrm.mockserver.protocols.kafka.events import (
    Authenticated,
    Batch,
    Closed,
    Event,
    Produced,
    ProtocolError,
    Record,
    Rejected,
    TransactionEnded,
)
from ftcrm.mockserver.protocols.kafka.limits import Limits

__all__ = [
    "Authenticated",
    "Batch",
    "Broker",
    "Closed",
    "Connection",
    "ErrorCode",
    "Event",
    "Limits",
    "Produced",
    "ProtocolError",
    "Record",
    "Rejected",
    "SettleError",
    "TransactionEnded",
    "load",
]


def load() -> None:
    """Import what reads record batches (aiokafka, about 110 ms), so that the first Produce does not wait for it."""
    from ftcrm.mockserver.protocols.kafka import records  # noqa: F401, PLC0415  # the import is the purpose
