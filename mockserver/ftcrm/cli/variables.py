"""The environment variables of a command: FTCRM_ and the flag in capitals."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from ftcrm.contracts.errors import ConfigurationError

__all__ = ["refuse_misspelt", "variable_of"]

_PREFIX = "FTCRM_"
_CLOSE = 0.8
"""High enough that what other tools call FTCRM_ADMIN_URL is not taken for a misspelt FTCRM_ADMIN_TOKEN."""


def variable_of(flag: str) -> str:
    """FTCRM_MAX_EVENTS of --max-events."""
    return _PREFIX + flag.removeprefix("--").replace("-", "_").upper()


def refuse_misspelt(environment: Iterable[str], known: Collection[str]) -> None:
    """ConfigurationError when a variable is none of the `known` and looks like one of them."""
    meant = {name.removeprefix(_PREFIX): name for name in known}
    for name in environment:
        if not name.startswith(_PREFIX) or name in known:
            continue
        if close := get_close_matches(name.removeprefix(_PREFIX), meant, n=1, cutoff=_CLOSE):
            raise ConfigurationError(
                f"{name}: expected a variable that there is; did you mean {meant[close[0]]!r}? "
                "Otherwise unset it, or give it another name"
            )
