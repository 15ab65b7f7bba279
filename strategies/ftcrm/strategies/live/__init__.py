"""What drives a live server: connections that may do what no client library does, and what a run has to show."""

from ftcrm.strategies.live.addresses import Addresses
from ftcrm.strategies.live.amqp import AmqpConnection
from ftcrm.strategies.live.connection import Connection, Delivery, delivered, said_to
from ftcrm.strategies.live.inquiry import Inquiry
from ftcrm.strategies.live.kafka import KafkaConnection, Producer
from ftcrm.strategies.live.recorded import Recorded
from ftcrm.strategies.live.rest import RestConnection

__all__ = [
    "Addresses",
    "AmqpConnection",
    "Connection",
    "Delivery",
    "Inquiry",
    "KafkaConnection",
    "Producer",
    "Recorded",
    "RestConnection",
    "delivered",
    "said_to",
]
