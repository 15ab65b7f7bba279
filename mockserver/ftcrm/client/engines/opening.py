"""The name of an engine -> the engine."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from ftcrm.client.engines.command import CommandEngine
from ftcrm.client.engines.http import HttpEngine, HttpRoutes
from ftcrm.contracts.engines import CallableEngine, FieldMapping, RoundEngine
from ftcrm.contracts.errors import ConfigurationError

__all__ = ["engine_from"]

TIMEOUT_SECONDS = 10.0
_EXAMPLES = "python:MODULE:CALLABLE, http://HOST:PORT or command:COMMAND"


@contextmanager
def engine_from(
    target: str,
    *,
    mapping: FieldMapping | None = None,
    routes: HttpRoutes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT_SECONDS,
    wait: float | None = None,
) -> Iterator[RoundEngine]:
    """The engine that the text names, closed at the end of the block.

    - `python:package.module:callable`: a `CallableEngine`; the module is looked for where Python looks for modules.
    - `http(s)://host:port[/path]`: an `HttpEngine`; `routes`, `headers` and `wait` are for it alone.
    - `command:./engine --flag`: a `CommandEngine`, split as a shell does, and run without one.

    `timeout` bounds each request or each run of the command, in seconds.

    Raises:
        ConfigurationError: the text names no engine that there is.
    """
    scheme, _, rest = target.partition(":")
    match scheme:
        case "python":
            yield CallableEngine(_callable(rest, target), mapping=mapping)
        case "http" | "https":
            with HttpEngine(
                target, routes=routes, mapping=mapping, headers=headers, timeout=timeout, wait=wait
            ) as engine:
                yield engine
        case "command":
            yield CommandEngine(_words(rest, target), mapping=mapping, timeout=timeout)
        case _:
            raise ConfigurationError(f"engine: expected {_EXAMPLES}, got {target!r}")


def _callable(text: str, target: str) -> Callable[..., Any]:
    module_name, _, path = text.partition(":")
    if not module_name or not path:
        raise ConfigurationError(f"engine: expected python:MODULE:CALLABLE, got {target!r}")
    try:
        found: Any = import_module(module_name)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise ConfigurationError(f"engine: expected a module to import in {target!r}, got {reason}") from error
    for name in path.split("."):
        found = getattr(found, name, None)
    if not callable(found):
        raise ConfigurationError(f"engine: expected a callable {path!r} in the module {module_name}, got {found!r}")
    function: Callable[..., Any] = found
    return function


def _words(text: str, target: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ConfigurationError(f"engine: expected a command, got {target!r} ({error})") from None
