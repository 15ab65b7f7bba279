"""The contract of FT CRM's real-time feed: events, rules, findings, and the reference engine. No I/O, no clock."""

from ftcrm.contracts.construct import Construction, construct
from ftcrm.contracts.errors import FtcrmError
from ftcrm.contracts.events import BonusEvent, CasinoEvent
from ftcrm.contracts.findings import Confidence, Finding, Verdict
from ftcrm.contracts.history import History
from ftcrm.contracts.judge import Judgement, judge
from ftcrm.contracts.messages import Message
from ftcrm.contracts.rounds import BonusKey, Round, RoundKey, fold_bonus, fold_round
from ftcrm.contracts.rules import RULES, STANDARD, Ruleset
from ftcrm.contracts.settings import Settings

__all__ = [
    "RULES",
    "STANDARD",
    "BonusEvent",
    "BonusKey",
    "CasinoEvent",
    "Confidence",
    "Construction",
    "Finding",
    "FtcrmError",
    "History",
    "Judgement",
    "Message",
    "Round",
    "RoundKey",
    "Ruleset",
    "Settings",
    "Verdict",
    "construct",
    "fold_bonus",
    "fold_round",
    "judge",
]
