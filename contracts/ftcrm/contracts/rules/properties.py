"""FT130 and FT131: the properties of a casino event that the contract's table does not have."""

from collections.abc import Iterator

from ftcrm.contracts.events.fields import VENDOR_EXTRAS
from ftcrm.contracts.events.meant import CASINO_NAMES
from ftcrm.contracts.events.payload import shortened
from ftcrm.contracts.rules.faults import NO_SUCH_EVENT, misspelt, pointer_to
from ftcrm.contracts.rules.reading import Reading
from ftcrm.contracts.rules.registry import Hit, Scope, rule

_MOST = 20
"""How many unknown properties are told one by one: a body can hold a hundred thousand of them."""


@rule("FT130", "unknown-property", Scope.CASINO, clause="properties.unknown", default=False)
def unknown_property(reading: Reading) -> Iterator[Hit]:
    """A property that the contract's table does not have.

    What it checks:
        Each property of the payload's object is one of the table's, or one of skip_publishing and is_free_money, which
        the vendor's schema knows. What is nearly a property of the table is FT131. Off until selected, since the vendor
        lets extra properties pass. The first 20 are told one by one.
    Why it matters:
        What the table does not have is likely to be ignored: what is brand specific belongs into `meta`.
    Example:
        {"device": "mobile"}
    Use instead:
        {"meta": {"device": "mobile"}}
    What it cannot see:
        What is inside `meta`, and whether FT CRM reads the property all the same.
    """
    near = set(CASINO_NAMES.misspelt(reading.document).values())
    names = [name for name in CASINO_NAMES.unknown(reading.document) if name not in near and name not in VENDOR_EXTRAS]
    for name in names[:_MOST]:
        message = f"{shortened(name)}: expected a property of the table, or one within meta, got an unknown one"
        yield Hit(message, pointer_to(name), implied_by=NO_SUCH_EVENT)
    if (more := len(names) - _MOST) > 0:
        yield Hit(f"expected the properties of the table, got {more} more unknown ones", implied_by=NO_SUCH_EVENT)


@rule("FT131", "misspelt-property", Scope.CASINO, clause="properties.unknown")
def misspelt_property(reading: Reading) -> Iterator[Hit]:
    """A property that is nearly one of the table's, which is not there itself.

    What it checks:
        A property is not in the table, and its name is that of one which is not there, but for letter case, blanks,
        hyphens and underscores (roundId, wagerAmount), or but for one letter that is missing, extra, another, or
        swapped with the next (currrency; names of six letters and more). One is told for each property that is not
        there; for a required one it follows from FT110, whose message says it.
    Why it matters:
        A misspelt optional property is silently ignored: the money of `wagerAmount` belongs to no wallet, and
        `isRoundEnd` ends nothing.
    Example:
        {"wagerAmount": 20}
    Use instead:
        {"wager_amount": 20}
    What it cannot see:
        Names that are farther off (bet_amount, game), and a misspelt one beside the right one. A property of your own
        whose name is that near may be meant as it is.
    """
    for _, required, hit in misspelt(reading, CASINO_NAMES):
        yield hit._replace(implied_by=(*NO_SUCH_EVENT, "FT110")) if required else hit
