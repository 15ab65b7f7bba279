"""The environment variables of a command: FTCRM_ and the flag in capitals."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from ftcrm.contracts.errors import ConfigurationError

__all__ = ["FLAGS_ALONE", "refuse_misspelt", "variable_of"]

_PREFIX = "FTCRM_"
FLAGS_ALONE = ("--all", "--closed", "--events-only", "--format", "--selected", "--write")
"""The flags, of all commands that read variables, that are no settings and have no variable.

What a list is narrowed by (--run, --origin, --as-of) has none either, and is not among them: a script may well call a
variable of its own FTCRM_RUN.
"""
_CLOSE = 0.8
"""High enough that what other tools call FTCRM_ADMIN_URL is not taken for a misspelt FTCRM_ADMIN_TOKEN."""


def variable_of(flag: str) -> str:
    """FTCRM_MAX_EVENTS of --max-events."""
    return _PREFIX + flag.removeprefix("--").replace("-", "_").upper()


def refuse_misspelt(environment: Mapping[str, str], known: Collection[str]) -> None:
    """ConfigurationError when a variable is none of the `known`, and looks like one of them or is called as a flag is.

    An empty variable counts as none.
    """
    meant = {name.removeprefix(_PREFIX): name for name in known}
    flags = {variable_of(flag): flag for flag in FLAGS_ALONE}
    for name, value in environment.items():
        if not name.startswith(_PREFIX) or name in known or not value:
            continue
        if flag := flags.get(name):
            raise ConfigurationError(
                f"{name}: expected a variable that there is; {flag} is no setting and has none: "
                "give the flag, and unset the variable"
            )
        if close := get_close_matches(name.removeprefix(_PREFIX), meant, n=1, cutoff=_CLOSE):
            raise ConfigurationError(
                f"{name}: expected a variable that there is; did you mean {meant[close[0]]!r}? "
                "Otherwise unset it, or give it another name"
            )
