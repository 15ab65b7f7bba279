"""Producer ids and transactions: InitProducerId, AddPartitionsToTxn, EndTxn."""

from __future__ import annotations

from typing import Final

from ftcrm.mockserver.protocols.kafka.codec import Message
from ftcrm.mockserver.protocols.kafka.errors import ErrorCode
from ftcrm.mockserver.protocols.kafka.events import TransactionEnded
from ftcrm.mockserver.protocols.kafka.schemas import ApiKey
from ftcrm.mockserver.protocols.kafka.session import Exchange, Session
from ftcrm.mockserver.protocols.kafka.transactions import State, Transaction


def init_producer_id(session: Session, exchange: Exchange, request: Message) -> None:
    """Answer InitProducerId; a transaction that is open under the transactional id is aborted first."""
    transactional_id = request["transactional_id"]
    transactions = session.broker.transactions
    if transactional_id is None:
        exchange.answer_error(ErrorCode.NONE, producer_id=transactions.new_producer_id(), producer_epoch=0)
        return
    if not transactional_id:
        exchange.answer_error(ErrorCode.INVALID_REQUEST, producer_id=-1, producer_epoch=-1)
        return
    known = transactions.find(transactional_id)
    claimed = (request.get("producer_id", -1), request.get("producer_epoch", -1))
    if known is not None and claimed[0] != -1 and claimed != (known.producer_id, known.epoch):
        exchange.answer_error(_fenced(exchange), producer_id=-1, producer_epoch=-1)
        return

    def renew(error: int) -> None:
        if error:
            exchange.answer_error(error, producer_id=-1, producer_epoch=-1)
            return
        renewed = transactions.renew(transactional_id)
        exchange.answer_error(ErrorCode.NONE, producer_id=renewed.producer_id, producer_epoch=renewed.epoch)

    if known is not None and known.state is State.ENDING:
        renew(ErrorCode.CONCURRENT_TRANSACTIONS)
    elif known is not None and known.state is State.OPEN:
        known.when_ended(renew)
        _end(session, known, committed=False)
    else:
        renew(ErrorCode.NONE)


def add_partitions(session: Session, exchange: Exchange, request: Message) -> None:
    """Answer AddPartitionsToTxn: all partitions are registered, or none and those that could be say so."""
    asked = [(topic["name"], index) for topic in request["topics"] for index in topic["partitions"]]
    found = _identify(session, exchange, request)
    errors: dict[tuple[str, int], ErrorCode] = {}
    if isinstance(found, ErrorCode):
        errors = dict.fromkeys(asked, found)
    elif found.state is State.ENDING:
        errors = dict.fromkeys(asked, ErrorCode.CONCURRENT_TRANSACTIONS)
    else:
        errors = {partition: session.broker.find_partition(*partition, create=True) for partition in asked}
        if any(errors.values()):
            errors = {partition: error or ErrorCode.OPERATION_NOT_ATTEMPTED for partition, error in errors.items()}
        else:
            for partition in asked:
                found.add(partition)
    exchange.answer(
        {
            "topics": [
                {
                    "name": topic["name"],
                    "partitions": [
                        {"index": index, "error_code": errors[topic["name"], index]} for index in topic["partitions"]
                    ],
                }
                for topic in request["topics"]
            ]
        }
    )


def end_transaction(session: Session, exchange: Exchange, request: Message) -> None:
    """Answer EndTxn once the end is settled; a retry waits for the first, or repeats its result."""
    committed = request["committed"]
    found = _identify(session, exchange, request)
    if isinstance(found, ErrorCode):
        exchange.answer_error(found)
    elif found.state is State.OPEN:
        found.when_ended(exchange.answer_error)
        _end(session, found, committed=committed)
    elif found.state is State.ENDING and found.committed == committed:
        found.when_ended(exchange.answer_error)
    elif found.state is State.ENDING:
        exchange.answer_error(ErrorCode.CONCURRENT_TRANSACTIONS)
    elif found.state is State.ENDED and found.committed == committed:
        exchange.answer_error(ErrorCode.NONE)
    else:
        exchange.answer_error(ErrorCode.INVALID_TXN_STATE)


def _end(session: Session, transaction: Transaction, *, committed: bool) -> None:
    transaction.begin_end(committed)
    token = session.hold(transaction.end)
    session.events.append(
        TransactionEnded(token, transaction.transactional_id, transaction.producer_id, transaction.epoch, committed)
    )


def _identify(session: Session, exchange: Exchange, request: Message) -> Transaction | ErrorCode:
    return session.broker.transactions.identify(
        request["transactional_id"], request["producer_id"], request["producer_epoch"], fenced=_fenced(exchange)
    )


def _fenced(exchange: Exchange) -> ErrorCode:
    known_since = _FENCED_SINCE[exchange.key]
    return ErrorCode.PRODUCER_FENCED if exchange.version >= known_since else ErrorCode.INVALID_PRODUCER_EPOCH


_FENCED_SINCE: Final = {ApiKey.INIT_PRODUCER_ID: 4, ApiKey.ADD_PARTITIONS_TO_TXN: 2, ApiKey.END_TXN: 2}
"""The versions whose clients know PRODUCER_FENCED (KIP-588)."""
