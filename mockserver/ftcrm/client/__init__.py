"""Clients of the feed and of the stand-in: three senders with one interface, and the admin API.

The libraries that they stand on (httpx, aiormq, aiokafka) are imported by the sender that uses them, when it is opened.
"""

from ftcrm.client.admin import AdminClient
from ftcrm.client.opening import open_sender
from ftcrm.client.sender import Outgoing, Sender, Sent
from ftcrm.client.targets import Target

__all__ = ["AdminClient", "Outgoing", "Sender", "Sent", "Target", "open_sender"]
