"""The fuzzer: searches for a history over which a live target differs from the reference, and makes it small."""

from ftcrm.strategies.fuzzing.failures import FailureFiles, read_history, write_failure
from ftcrm.strategies.fuzzing.outcomes import Failure, Progress, Report, Target
from ftcrm.strategies.fuzzing.replaying import replay
from ftcrm.strategies.fuzzing.search import fuzz
from ftcrm.strategies.fuzzing.targets import RemoteTarget

__all__ = [
    "Failure",
    "FailureFiles",
    "Progress",
    "RemoteTarget",
    "Report",
    "Target",
    "fuzz",
    "read_history",
    "replay",
    "write_failure",
]
