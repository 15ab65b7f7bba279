"""An engine with a fault: it sums in floats, and 0.1 and 0.2 make 0.30000000000000004."""

from ledger import rounds as right_rounds


def rounds(deliveries):
    """Pairs of message type and payload in, the rounds out."""
    return right_rounds(deliveries, sums=nearly)


def nearly(amounts):
    """The fault: the sum of these Decimals, as far as floats have it."""
    return sum(map(float, amounts))
