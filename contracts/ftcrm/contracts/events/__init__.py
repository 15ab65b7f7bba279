"""The event models: the casino and the bonus event, their field tables, and the decoding of a payload."""

from ftcrm.contracts.events.bonus import BonusEvent
from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.events.content import content_digest
from ftcrm.contracts.events.fields import BONUS_FIELDS, CASINO_FIELDS, Field, FieldType
from ftcrm.contracts.events.payload import Payload, read_payload

__all__ = [
    "BONUS_FIELDS",
    "CASINO_FIELDS",
    "BonusEvent",
    "CasinoEvent",
    "Field",
    "FieldType",
    "Payload",
    "content_digest",
    "read_payload",
]
