"""The faults that a field table shows, as hits: what casino and bonus events have in common."""

from collections.abc import Iterator

from ftcrm.contracts.events.examine import Fault, FaultKind
from ftcrm.contracts.events.meant import Names
from ftcrm.contracts.events.payload import shortened
from ftcrm.contracts.rules.reading import Reading
from ftcrm.contracts.rules.registry import Hit

__all__ = ["ENVELOPE", "NO_SUCH_EVENT", "hits_of", "missing", "misspelt", "pointer_to"]

NO_SUCH_EVENT = ("FT010", "FT107")
"""An event of the other kind, or one in an envelope, breaks the table everywhere: these follow from its one cause."""
ENVELOPE = ("FT107",)
"""What an envelope can have that an event of the other kind has not: a timestamp of its own, say."""


def hits_of(
    reading: Reading, *kinds: FaultKind, implied_by: tuple[str, ...] = (), cited: bool = False
) -> Iterator[Hit]:
    """A hit for each fault of these kinds, citing the clause of its property where that is wanted."""
    for fault in reading.faults:
        if fault.kind in kinds:
            clause = fault.field.clause if cited else ""
            yield Hit(fault.message, fault.pointer, clause=clause, implied_by=implied_by)


def missing(reading: Reading, names: Names) -> Iterator[tuple[str, Hit]]:
    """Each required property that is not there, and its hit, which names what is nearly the missing one."""
    misspelt = names.misspelt(reading.document)
    for fault in _missing(reading):
        name = fault.field.name
        hint = f", but {shortened(misspelt[name])!r} (did you mean {name!r}?)" if name in misspelt else ""
        yield name, Hit(fault.message + hint, fault.pointer, implied_by=NO_SUCH_EVENT)


def misspelt(reading: Reading, names: Names) -> Iterator[tuple[str, bool, Hit]]:
    """Each property that was meant by a nearly equal name, whether it is required, and its hit."""
    required = {fault.field.name for fault in _missing(reading)}
    for meant, name in sorted(names.misspelt(reading.document).items()):
        message = f"{shortened(name)}: expected the name {meant!r}, got {shortened(name)!r}"
        yield meant, meant in required, Hit(message, pointer_to(name), implied_by=NO_SUCH_EVENT)


def pointer_to(name: str) -> str:
    """The JSON pointer of a property of the event, whatever its name."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _missing(reading: Reading) -> Iterator[Fault]:
    return (fault for fault in reading.faults if fault.kind == "required-missing")
