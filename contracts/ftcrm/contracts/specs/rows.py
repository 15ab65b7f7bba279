"""The words of the contract's table: what casino-events.txt says of each property, line by line, below its key.

A test holds them against docs/casino-events.txt, and their types and accepted values against the field table.
"""

__all__ = ["BONUS_QUOTES", "CASINO_ROWS", "listed"]

CASINO_ROWS: dict[str, tuple[str, ...]] = {
    "activity_id": ("string", "Unique ID for each event"),
    "amount": ("float", "The total amount (bonus_wager_amount + wager_amount + locked_wager_amount)"),
    "balance_after": ("float", "Player balance after the round is finished"),
    "balance_before": ("float", "Player balance before the round started"),
    "bonus_wager_amount": ("float", "Amount (either bet or win) if the round was played using bonus money"),
    "currency": ("string Format: ISO 4217", "Transactions currency"),
    "exchange_rate": ("float", "Exchange rate"),
    "game_id": ("string", "Game ID"),
    "game_name": ("string", "Game Name"),
    "game_type": (
        "string",
        "Accepted Values:",
        "1. Live Casino",
        "2. Table",
        "3. Slots",
        'If "Live Casino", "Table" or "Slots" are being used, ensure to send the values as specified. '
        "If any other game type is being used, any other string is accepted.",
    ),
    "is_round_end": ("boolean", "Is the round ended?"),
    "locked_wager_amount": (
        "float",
        'Amount (either bet or win) if the round was played using money from a "locked" wallet '
        "(when bonus and real money is combined)",
    ),
    "origin": ("string", "The origin of the user"),
    "round_id": ("string", "Send same for Bet & Win"),
    "status": (
        "string Accepted Values:",
        "1. Approved",
        "2. Rollback",
        "Indicates whether the event should be reversed or not.",
    ),
    "timestamp": ("date Format: RFC3339", "Timestamp"),
    "type": ("string Accepted Values:", "1. Bet", "2. Win", "3. Loss", "The type of bet placed"),
    "user_id": ("string", "The user id"),
    "vendor_id": ("string", "Vendor Id"),
    "vendor_name": ("string", "Vendor Name"),
    "wager_amount": ("float", "Amount (either bet or win) if the round was played using real money."),
    "user_bonus_id": ("string", "Unique identifier of the bonus credited to a player."),
    "meta": ("object", "Used for misc/aux values that is brand specific."),
}
"""The rows of the casino event; a property marked with * has it in the field table, as `required`."""

BONUS_QUOTES: dict[str, str] = {
    "user_bonus_id": "user_bonus_id set as ABCD",
    "status": "First we should receive a bonus event with Status as Created",
    "timestamp": "It is important that Timestamp of this event is the earliest.",
}
"""What the contract says of a bonus event's properties: Scenario B, and nothing else."""


def listed(row: tuple[str, ...]) -> tuple[str, ...]:
    """The numbered values of a row: ("1. Bet", "2. Win") -> ("Bet", "Win")."""
    return tuple(line.partition(". ")[2] for line in row if line[:1].isdecimal())
