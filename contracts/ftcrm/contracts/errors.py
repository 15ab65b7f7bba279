"""The exceptions of ftcrm: our faults or the caller's, never the senders' (what a sender gets wrong is a finding).

FtcrmError
├── ConfigurationError      an option, a file or a variable that cannot be used
│   └── PortTakenError      a listener's port is in use
├── EngineError             an engine under test that failed, or whose answer cannot be read
├── HistoryError            a history file that cannot be read
├── JournalError            the journal cannot be opened, read or written
└── SendError               a target that cannot be reached, or that refused what was sent
"""

__all__ = [
    "ConfigurationError",
    "EngineError",
    "FtcrmError",
    "HistoryError",
    "JournalError",
    "PortTakenError",
    "SendError",
]


class FtcrmError(Exception):
    """The base of every exception that ftcrm raises on purpose."""


class ConfigurationError(FtcrmError):
    """An option, a configuration file or an environment variable cannot be used."""


class PortTakenError(ConfigurationError):
    """A listener's address cannot be bound."""


class EngineError(FtcrmError):
    """An engine under test failed, or answered what cannot be read; where it only says otherwise, that is no error."""


class HistoryError(FtcrmError):
    """A history file cannot be read: not there, not JSONL, or a line that is no entry."""


class JournalError(FtcrmError):
    """The journal cannot be opened, read or written."""


class SendError(FtcrmError):
    """A target cannot be reached, or it refused what was sent."""
