"""FT190 to FT192: where the vendor's published schema refuses what the contract allows; off until selected."""

from collections.abc import Iterator

from ftcrm.contracts.events.fields import VENDOR_EXTRAS
from ftcrm.contracts.events.payload import describe
from ftcrm.contracts.rules.faults import NO_SUCH_EVENT
from ftcrm.contracts.rules.reading import Reading
from ftcrm.contracts.rules.registry import Hit, Scope, rule


@rule("FT190", "vendor-no-loss", Scope.CASINO, clause="vendor.types", default=False)
def vendor_no_loss(reading: Reading) -> Iterator[Hit]:
    """A Loss, which the vendor's schema does not know.

    What it checks:
        `type` is Loss. The contract allows it, so that the rule is off until selected: it is for those whose events go
        through the vendor's validator as well.
    Why it matters:
        A receiver that validates by the vendor's published schema refuses the event, and the round stays open.
    Example:
        {"type": "Loss", "amount": 0}
    Use instead:
        {"type": "Bet"}
        {"type": "Win", "amount": 0}
    What it cannot see:
        Which of the two your receiver follows: the contract names Loss, the vendor's schema does not.
    """
    if reading.document.get("type") == "Loss":
        yield Hit("type: expected 'Bet' or 'Win' (the vendor's schema), got 'Loss'", "/type")


@rule("FT191", "vendor-round-end-missing", Scope.CASINO, clause="vendor.round-end", default=False)
def vendor_round_end_missing(reading: Reading) -> Iterator[Hit]:
    """An event without is_round_end, which the vendor's schema requires.

    What it checks:
        `is_round_end` is a member of the payload's object. In the contract it is optional, so that the rule is off
        until selected.
    Why it matters:
        A receiver that validates by the vendor's published schema refuses the event.
    Example:
        {"type": "Bet", "amount": 20}
    Use instead:
        {"type": "Bet", "amount": 20, "is_round_end": false}
    What it cannot see:
        Whether the value is right: a round with several wins ends with its last one.
    """
    if "is_round_end" not in reading.document:
        message = "is_round_end: expected true or false (the vendor's schema), got nothing"
        yield Hit(message, "/is_round_end", implied_by=NO_SUCH_EVENT)


@rule("FT192", "vendor-extra-datatype", Scope.CASINO, clause="vendor.extras", default=False)
def vendor_extra_datatype(reading: Reading) -> Iterator[Hit]:
    """A `skip_publishing` or `is_free_money` that is no boolean.

    What it checks:
        The two properties that the vendor's schema knows beyond the contract's table are true or false where they are
        there. The contract does not know them, so that the rule is off until selected.
    Why it matters:
        A receiver that validates by the vendor's published schema refuses the event; another one may take "false" for
        true.
    Example:
        {"skip_publishing": "false"}
    Use instead:
        {"skip_publishing": false}
    What it cannot see:
        What the two do: they are named in the vendor's schema, and described nowhere.
    """
    for name in VENDOR_EXTRAS:
        if name in reading.document and not isinstance(value := reading.document[name], bool):
            yield Hit(f"{name}: expected true or false (the vendor's schema), got {describe(value)}", f"/{name}")
