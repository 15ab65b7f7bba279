"""Everything that is said about the feed, statement by statement: the rules that check it, or why none can.

The published contract is gone through line by line, in its order; then what the vendor says elsewhere, what follows
from practice, and what nobody knows. docs/clauses.md is generated from this. The module is long because it is a table:
one that is read from its first row to its last, beside the contract, and loses its order when it is cut.
"""

from collections.abc import Iterator

import msgspec

from ftcrm.contracts.findings import Confidence

__all__ = ["STATEMENTS", "Statement", "statements_page"]


class Statement(msgspec.Struct, frozen=True):
    """Some lines of the contract, or a statement in our words; its rules, and why none (or no more) can check it."""

    confidence: Confidence
    lines: tuple[str, ...]
    rules: tuple[str, ...]
    why: str = ""


def _said(confidence: Confidence, text: str, rules: str, why: str = "") -> Statement:
    lines = tuple(line.strip() for line in text.strip().splitlines())
    return Statement(confidence, lines, tuple(rules.split()), why)


def _documented(text: str, rules: str = "", why: str = "") -> Statement:
    return _said(Confidence.DOCUMENTED, text, rules, why)


def _vendor(text: str, rules: str = "", why: str = "") -> Statement:
    return _said(Confidence.VENDOR, text, rules, why)


def _inferred(text: str, rules: str = "", why: str = "") -> Statement:
    return _said(Confidence.INFERRED, text, rules, why)


def _unknown(text: str, rules: str = "", why: str = "") -> Statement:
    return _said(Confidence.UNKNOWN, text, rules, why)


_HEADING = "A heading."
_RECEIVER = "It says what FT CRM does; the stand-in does it: the rounds and bonuses that it constructs."
_ANY_STRING = "What a name or an id may be is not said: any text passes."
_BALANCE = "Whether it is the balance around the event or around the round is not clear: balances are never judged."

STATEMENTS: tuple[Statement, ...] = (
    _documented("♣️ Real-Time Events You Can Send", why=_HEADING),
    _documented(
        "FT CRM will process the raw data feed of events and construct game rounds, game sessions and relevant "
        "segmentation data based on this.",
        why=_RECEIVER,
    ),
    _documented(
        """
        RabbitMQ Connector
        Kafka Connector
        REST API
        """,
        why="The ways in; every delivery comes by one of them.",
    ),
    _documented(
        """
        RabbitMQ Message Properties
        key
        value
        type
        CASINO
        The type is expected as a property (but not in the payload) of the RabbitMQ Message. Any header will be ignored.
        """,
        "FT001 FT002 FT003 FT010",
    ),
    _documented(
        """
        Kafka Message Headers
        type
        CASINO
        """,
        "FT004 FT005 FT010",
    ),
    _documented(
        "⬆️ POST /v1/integration/casino",
        "FT010",
        "Any other path is answered with 404 and counted, not journaled.",
    ),
    _documented("Business Rules:", why=_HEADING),
    _documented(
        """
        1. The Bet event is sent once a bet is placed.
        2. The Win event is sent upon a win occurring.
        """,
        why="When a bet is placed, or a win occurs, is known to the sender alone: an event that was not sent leaves no "
        "trace but a round that lacks a part (FT301, FT307).",
    ),
    _documented(
        "3. The Bet and Win events are to be sent as separate events.",
        "FT112",
        "A `type` such as BetWin is told what to send instead. A Win whose Bet was never sent is FT301.",
    ),
    _documented(
        "4. If a bet does not result in a win, you can send a loss event or a win with an amount of 0 to close the "
        "round.",
        "FT307",
    ),
    _documented(
        """
        Example Payload - Bet
        Example Payload - Win
        """,
        "FT100 FT101 FT102",
        "The examples themselves are not part of the published text: that they are JSON objects is known from the "
        "vendor's.",
    ),
    _documented("Example Payload - Loss (Greco)", why="The example is not part of the published text."),
    _documented("Data Type", why=_HEADING),
    _documented("amount = wager_amount + bonus_wager_amount + locked_wager_amount", "FT113"),
    _documented("Required properties are marked with *", "FT107 FT110"),
    _documented(
        """
        Key
        Type
        Description
        """,
        "FT111 FT119",
    ),
    _documented(
        """
        activity_id *
        string
        Unique ID for each event
        """,
        "FT110 FT111 FT303 FT321 FT322",
    ),
    _documented(
        """
        amount *
        float
        The total amount (bonus_wager_amount + wager_amount + locked_wager_amount)
        """,
        "FT110 FT111 FT113 FT119",
    ),
    _documented(
        """
        balance_after
        float
        Player balance after the round is finished
        """,
        "FT111 FT119",
        _BALANCE,
    ),
    _documented(
        """
        balance_before
        float
        Player balance before the round started
        """,
        "FT111 FT119",
        _BALANCE,
    ),
    _documented(
        """
        bonus_wager_amount
        float
        Amount (either bet or win) if the round was played using bonus money
        """,
        "FT111 FT113 FT119",
    ),
    _documented(
        """
        currency *
        string Format: ISO 4217
        Transactions currency
        """,
        "FT110 FT111 FT115",
    ),
    _documented(
        """
        exchange_rate *
        float
        Exchange rate
        """,
        "FT110 FT111 FT119",
    ),
    _documented(
        """
        game_id *
        string
        Game ID
        """,
        "FT110 FT111",
        _ANY_STRING,
    ),
    _documented(
        """
        game_name *
        string
        Game Name
        """,
        "FT110 FT111",
        _ANY_STRING,
    ),
    _documented(
        """
        game_type *
        string
        Accepted Values:
        1. Live Casino
        2. Table
        3. Slots
        If "Live Casino", "Table" or "Slots" are being used, ensure to send the values as specified. If any other game \
type is being used, any other string is accepted.
        """,
        "FT110 FT111",
        "Any other string is accepted, so that a near miss such as `Slot` breaks nothing: FT127 asks, *inferred*.",
    ),
    _documented(
        """
        is_round_end
        boolean
        Is the round ended?
        """,
        "FT111",
        "What FT CRM does with it is not said; it changes no round here. FT309, FT312 and FT313 ask, *inferred*.",
    ),
    _documented(
        """
        locked_wager_amount
        float
        Amount (either bet or win) if the round was played using money from a "locked" wallet (when bonus and real \
money is combined)
        """,
        "FT111 FT113 FT119",
    ),
    _documented(
        """
        origin *
        string
        The origin of the user
        """,
        "FT110 FT111",
        _ANY_STRING,
    ),
    _documented(
        """
        round_id *
        string
        Send same for Bet & Win
        """,
        "FT110 FT111 FT301",
        "A Win under another round_id than its Bet is a Win without a Bet; FT320 names the Bet, *inferred*.",
    ),
    _documented(
        """
        status *
        string Accepted Values:
        1. Approved
        2. Rollback
        Indicates whether the event should be reversed or not.
        """,
        "FT110 FT111 FT112",
        "Which event a Rollback reverses is not said: FT401 and those after it are *inferred*.",
    ),
    _documented(
        """
        timestamp *
        date Format: RFC3339
        Timestamp
        """,
        "FT110 FT111 FT117",
    ),
    _documented(
        """
        type *
        string Accepted Values:
        1. Bet
        2. Win
        3. Loss
        The type of bet placed
        """,
        "FT110 FT111 FT112",
    ),
    _documented(
        """
        user_id *
        string
        The user id
        """,
        "FT110 FT111",
        _ANY_STRING,
    ),
    _documented(
        """
        vendor_id *
        string
        Vendor Id
        """,
        "FT110 FT111",
        _ANY_STRING,
    ),
    _documented(
        """
        vendor_name *
        string
        Vendor Name
        """,
        "FT110 FT111",
        _ANY_STRING,
    ),
    _documented(
        """
        wager_amount
        float
        Amount (either bet or win) if the round was played using real money.
        """,
        "FT111 FT113 FT119",
    ),
    _documented(
        """
        user_bonus_id *
        string
        Unique identifier of the bonus credited to a player.
        """,
        "FT110 FT111",
        'It must be there; "" says that there is no bonus.',
    ),
    _documented(
        """
        meta
        object
        Used for misc/aux values that is brand specific.
        """,
        "FT111",
        "What is brand specific is not judged; null is FT120, *vendor*.",
    ),
    _documented("Crypto Implementation", why=_HEADING),
    _documented(
        "When implementing Casino Events for crypto casino transactions, the following fields must be sent within the "
        "meta tag:",
        "FT141",
        "No fields follow in the published text: they come from the setting `crypto.fields`; without it FT140 says "
        "that they are unknown.",
    ),
    _documented("Sequence of Events", why=_HEADING),
    _documented(
        "The events are sequence sensitive. Below you will find different scenarios on how the sequence of events "
        "should take place.",
        why="The scenarios say how; their statements have the rules.",
    ),
    _documented("Scenario A - Casino Events (entire round)", why=_HEADING),
    _documented(
        """
        Casino Event - Bet
        First we should receive a Casino Event with Type Bet with round_id set as 12345
        Casino Event - Win / Loss
        We should then receive a Casino Event with Type Win or Loss with round_id set as 12345
        """,
        "FT301 FT305 FT307",
    ),
    _documented("Scenario B - Casino Event with Bonus Crediting", why=_HEADING),
    _documented(
        """
        Bonus Event - Created
        First we should receive a bonus event with Status as Created and user_bonus_id set as ABCD . It is important \
that Timestamp of this event is the earliest.
        """,
        "FT201 FT501",
        "That a Pending comes earlier is the vendor's own custom; the order of arrival over two channels is no "
        "sender's to keep (FT502, *inferred*).",
    ),
    _documented(
        """
        Casino Event (entire round)
        We should then receive a casino event with user_bonus_id set as ABCD . It is important that Timestamp of this \
event after the timestamp of the Bonus Event Created. This would reflect Scenario A.
        """,
        "FT501",
        "At the very instant of Created is FT503, *inferred*.",
    ),
    _documented(
        """
        Bonus Event - Closure
        We should then receive a bonus event with user_bonus_id set as ABCD , Status set to anything apart from \
Created, and a timestamp after the timestamp of the last Casino Event.
        """,
        "FT201 FT505 FT506",
    ),
    # What the vendor says elsewhere: other pages of its documentation, its published JSON schemas.
    _vendor(
        "The other event types of the feed (LOGIN_V2, PAYMENT, SPORTSBOOK, ...) share the sender's connection.",
        "FT007",
        "They have no contract here: recorded, and marked unchecked.",
    ),
    _vendor("The message type is compared without regard to case.", "FT008"),
    _vendor(
        "The published samples write `T8:` for the hour, a blank for the T, no user_bonus_id, and `amount 0.2, "
        "wager_amount 0.0`.",
        why="They break the written contract, which wins: FT117, FT110 and FT113 say so. Of the blank FT118 speaks, "
        "*inferred*.",
    ),
    _vendor("The schema of the casino event: Loss is not a value of type.", "FT190", "The contract allows it: off."),
    _vendor("The schema of the casino event: is_round_end is required.", "FT191", "The contract does not: off."),
    _vendor(
        "The schema of the casino event: user_bonus_id is not there, game_type and vendor_name are optional, game_id "
        "and vendor_id may be numbers.",
        why="It is laxer than the contract, which wins: FT110, FT111.",
    ),
    _vendor(
        "The schema of the casino event: amount, bonus_wager_amount and locked_wager_amount are not negative.", "FT122"
    ),
    _vendor("The schema of the casino event: exchange_rate is not negative.", "FT123"),
    _vendor("The schema of the casino event: round_id, user_id, origin and game_name are not empty.", "FT128"),
    _vendor("The schema of the casino event: meta may be null.", "FT120"),
    _vendor(
        "The schema of the casino event: extra properties pass; skip_publishing and is_free_money are booleans.",
        "FT192",
    ),
    _vendor("origin identifies the brand or jurisdiction.", why=_ANY_STRING),
    _vendor("Balances are described per round; samples move them per event.", why=_BALANCE),
    _vendor("game_id and game_name must be consistent with each other and unique.", "FT601 FT605"),
    _vendor("The bonus event has these required properties, of these types.", "FT202 FT203 FT205 FT206"),
    _vendor(
        "The bonus event may have bonus_code, bonus_turned_real, locked_amount, required_wagering_amount, meta, "
        "skip_publishing, is_free_money, fasttrack_references.",
        "FT203",
        "They may be left out; those that are there have their type.",
    ),
    _vendor("The bonus event's product, status and type have these values.", "FT204"),
    _vendor("One bonus event for each change of status; repeats corrupt segmentation.", "FT508"),
    _vendor(
        "For FreeSpins the first bonus event comes after the rounds.",
        why="It exempts: the rules of Scenario B do not speak of FreeSpins.",
    ),
    _vendor(
        "Events are published within 1 second.",
        why="When something happened is known by its timestamp alone, and clocks differ; FT603 asks for those ahead.",
    ),
    _vendor(
        "REST answers 200 on success, and a sender retries until it gets 200.",
        why="It binds the receiver. That a delivery comes twice is normal (FT302, FT510).",
    ),
    _vendor(
        "The REST key travels in the header X-Api-Key.", why="Without the configured key: 401, counted, not journaled."
    ),
    _vendor(
        "exchange_rate is the rate at the event's timestamp.",
        why="So it may move within a round; FT317, *inferred*, asks about a jump.",
    ),
    _vendor(
        "Partners announce that they will send Rollback; no property refers to the event that is reversed.",
        why="Which event it is follows from its ids and amounts: FT401 and those after it, *inferred*.",
    ),
    _vendor(
        "Pending is given and not yet claimed, Created is claimed.", why="FT509, *inferred*, has the order of all."
    ),
    _vendor(
        "The round that comes out has real and bonus amounts of bet and win in the user's and in the base currency, "
        "game, vendor, currency, timestamp, origin.",
        why=_RECEIVER,
    ),
    _vendor("GGR is bets - wins; segments by activity, stake and deposits.", why=_RECEIVER),
    # What follows from practice: other aggregators' rules, partners' code, the standards that the contract names.
    _inferred("One header `type` is what Kafka's clients read: of several, the last.", "FT006"),
    _inferred("Bodies, nesting and numbers have limits.", "FT103 FT104 FT121"),
    _inferred("Names within a JSON object are unique (RFC 8259, section 4).", "FT105"),
    _inferred("JSON text begins with no byte order mark (RFC 8259, section 8.1).", "FT106"),
    _inferred("A sum of doubles differs from the exact sum in its last places.", "FT114"),
    _inferred("ISO 4217 withdraws codes.", "FT116"),
    _inferred("RFC 3339 lets applications put a space for the T.", "FT118"),
    _inferred("base amount = amount x exchange_rate.", "FT124 FT125 FT126"),
    _inferred("A game type that is nearly one of the three is meant to be it.", "FT127"),
    _inferred("An id that is empty identifies nothing.", "FT129 FT208"),
    _inferred("What the table does not have belongs into meta, or is misspelt.", "FT130 FT131 FT207"),
    _inferred("A repeated delivery is never processed twice.", "FT302 FT323 FT510"),
    _inferred("A round is of one currency, one game, one vendor, and nearly one rate.", "FT304 FT315 FT316 FT317"),
    _inferred("A settlement happens after its Bet.", "FT306 FT314"),
    _inferred("A round that nothing was delivered of for long is not settled any more.", "FT308"),
    _inferred("A round whose Win or Loss is rolled back is open again, and gets another one.", "FT319"),
    _inferred("A round ends once, with its last event.", "FT309 FT310 FT312 FT313"),
    _inferred("A Loss moves no money.", "FT311 FT409"),
    _inferred("Bet and Win under a round_id each never join.", "FT320"),
    _inferred("A Slots round is of one player.", "FT318"),
    _inferred(
        "A Rollback reverses one event that was sent, whole, once; it keeps the event's type.",
        "FT401 FT402 FT403 FT404 FT410",
    ),
    _inferred(
        "A Rollback follows the event that it reverses, and does not change a round that ended.",
        "FT405 FT406 FT407 FT408",
    ),
    _inferred(
        "The events of a bonus are in the order of Scenario B by arrival, too, and in no tie.", "FT502 FT503 FT507"
    ),
    _inferred("A casino event names a bonus that was created.", "FT504"),
    _inferred("A bonus goes through its statuses in one direction, and stays the bonus that it is.", "FT509 FT511"),
    _inferred("A player has one currency.", "FT602"),
    _inferred("A clock that runs ahead puts events into the future.", "FT603 FT604"),
    _inferred(
        "Other receivers: several results a round with one end; a Rollback of an unknown bet leaves a tombstone; "
        "feature rounds stay open for days; a round is open, settled or voided.",
        why=_RECEIVER + " FT308 speaks only with a deadline that is configured.",
    ),
    _inferred(
        "Real senders swap balance_before and balance_after.",
        why=_BALANCE,
    ),
    _inferred(
        "Real senders set wager_amount to the amount when nobody gives it, so that bets with bonus money count double.",
        why="The wallets are then more than the amount: FT113, *documented*. Where the bonus wallet is left out, "
        "nothing shows it.",
    ),
    _inferred(
        "Real senders write a free spin as amount 0 with its stake in wager_amount and bonus_wager_amount.",
        why="The wallets do not add up to the amount: FT113, *documented*.",
    ),
    _inferred(
        "Real senders never send Rollbacks, nor Losses.",
        why="No rule can see that an event was not sent; a round without a Loss stays open, FT307 at the close.",
    ),
    _inferred(
        "Real senders write `Refund`, `Slot`, ids as numbers, and Wins whose wallets do not add up; leave out the "
        "status; flag the end on every Win, or on the Bet; give a round_id to each transaction; send whole seconds as "
        "timestamps.",
        why="What of it breaks the contract: FT110, FT111, FT112, FT113, FT301. What only practice knows: FT127, "
        "FT312, FT313, FT314, FT320.",
    ),
    # What nobody knows: settings, never guesses.
    _unknown("Which fields meta must have in crypto transactions.", "FT140"),
    _unknown("Which value says that there is no bonus.", why='"" is taken; nothing else is said about user_bonus_id.'),
    _unknown("Which currency exchange rates lead to.", why="The setting `currencies.base`; FT126 speaks only with it."),
    _unknown(
        "Whether a Rollback keeps its event's activity_id, and whether it can be partial.",
        why="Both are read (FT402, FT403 say what is not clear); neither is a fault.",
    ),
    _unknown(
        "Who hosts the brokers; vhost, exchange, queue, routing key, topic, partitions.",
        why="All are taken as they come.",
    ),
    _unknown(
        "The bodies of answers, and the codes of errors.",
        why="They are the stand-in's own: docs/admin-api.md, the OpenAPI document.",
    ),
    _unknown("How long the gap between two sessions is.", why="Nothing is judged by it."),
)
"""Every statement, in the order of the page."""

_TITLES = {
    Confidence.DOCUMENTED: "The published contract, line by line",
    Confidence.VENDOR: "What the vendor says elsewhere",
    Confidence.INFERRED: "What follows from practice",
    Confidence.UNKNOWN: "What nobody knows",
}


def statements_page() -> str:
    """docs/clauses.md, in Markdown."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield "# The clauses"
    yield ""
    yield "Everything that is said about the feed, and the rules that check it; where there is none, why. Generated"
    yield "from the catalogue by `ftcrm rules --write docs`. What each rule says is in [the rules](rules/README.md);"
    yield "the contract's own words are in [casino-events.txt](casino-events.txt)."
    for confidence, title in _TITLES.items():
        yield from ("", f"## {title}", "", "| statement | rules | |", "|---|---|---|")
        for statement in STATEMENTS:
            if statement.confidence is confidence:
                codes = " ".join(f"[{code}](rules/{code}.md)" for code in statement.rules)
                yield f"| {'<br>'.join(_escaped(line) for line in statement.lines)} | {codes} | {statement.why} |"


def _escaped(line: str) -> str:
    return line.replace("*", "\\*").replace("_", "\\_").replace("|", "\\|")
