"""The sans-IO AMQP 0-9-1 server machine: bytes in, events out, bytes out.

A shell around it reads a socket and does no more than this:

    connection = Connection(server_version="1.0")
    for event in connection.receive(data, now):
        ...                                     # commit what was Published
    connection.settle(tokens)                   # now it is acknowledged, never earlier
    write(connection.data_to_send())            # and close the socket when connection.closed
"""

from .connection import Connection
from .events import Closed, Event, Opened, ProtocolError, Published
from .properties import Properties, json_properties
from .session import Limits
from .topology import Topology

__all__ = [
    "Closed",
    "Connection",
    "Event",
    "Limits",
    "Opened",
    "Properties",
    "ProtocolError",
    "Published",
    "Topology",
    "json_properties",
]
