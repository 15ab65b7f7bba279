"""FT140 and FT141: what `meta` must have in crypto transactions, of which the contract names nothing."""

from collections.abc import Iterator

from ftcrm.contracts.events.currencies import ACTIVE, WITHDRAWN
from ftcrm.contracts.rules.reading import Reading
from ftcrm.contracts.rules.registry import Hit, Scope, rule


@rule("FT140", "crypto-fields-unnamed", Scope.CASINO, clause="crypto.unnamed")
def crypto_fields_unnamed(reading: Reading) -> Iterator[Hit]:
    """An event in a crypto currency, while nobody said which fields its meta must have.

    What it checks:
        `currency` is a crypto currency, and the setting `crypto.fields` is empty. Crypto currencies are the codes that
        the setting `crypto.currencies` names, or without it all those of `currencies.extra`; never one of ISO 4217. The
        contract says that "the following fields" must be sent within meta, and names none: ask FT CRM for the list, and
        set it.
    Why it matters:
        The event may lack what FT CRM needs of a crypto transaction, and nothing here can tell.
    Example:
        settings currencies.extra=BTC
        {"currency": "BTC"}
    Use instead:
        settings currencies.extra=BTC crypto.fields=tx_hash
        {"currency": "BTC", "meta": {"tx_hash": "0xabc"}}
    What it cannot see:
        Which codes are crypto, unless `crypto.currencies` says so: where `currencies.extra` has others, too (the coins
        of a sweepstakes), name those that are. With `crypto.currencies = []` in a file none is.
    """
    if _is_crypto(reading) and not reading.settings.crypto_fields:
        currency = reading.document["currency"]
        expected = "the fields of a crypto transaction as the setting crypto.fields names them"
        yield Hit(f"meta: expected {expected}, got {currency!r} and no such setting", "/meta")


@rule("FT141", "crypto-field-missing", Scope.CASINO, clause="crypto.fields")
def crypto_field_missing(reading: Reading) -> Iterator[Hit]:
    """An event in a crypto currency whose meta lacks a field that it must have.

    What it checks:
        `currency` is a crypto currency as in FT140: one that `crypto.currencies` names, or without that setting
        `currencies.extra`, and ISO 4217 does not. Then `meta` has each of the fields that the setting `crypto.fields`
        names, whatever their values. Without meta, or with null for it, all of them are missing; a meta of another type
        is FT111.
    Why it matters:
        The contract asks for these fields in every crypto transaction: what FT CRM derives from them is missing for the
        whole round.
    Example:
        settings currencies.extra=BTC crypto.fields=tx_hash
        {"currency": "BTC", "meta": {"key1": 10}}
    Use instead:
        settings currencies.extra=BTC crypto.fields=tx_hash
        {"currency": "BTC", "meta": {"tx_hash": "0xabc"}}
    What it cannot see:
        Whether the configured names are those that FT CRM wants: the published contract does not list them. Names are
        looked up at the top of meta alone. Without `crypto.currencies` every extra currency counts as crypto, the coins
        of a sweepstakes among them.
    """
    meta = reading.document.get("meta")
    if not _is_crypto(reading) or not isinstance(meta, dict | None):
        return
    for name in reading.settings.crypto_fields:
        if meta is None or name not in meta:
            message = f"meta: expected the field {name!r} in a crypto transaction, got none"
            yield Hit(message, "/meta")


def _is_crypto(reading: Reading) -> bool:
    currency = reading.document.get("currency")
    if not isinstance(currency, str) or currency in ACTIVE or currency in WITHDRAWN:
        return False
    settings = reading.settings
    crypto = settings.extra_currencies if settings.crypto_currencies is None else settings.crypto_currencies
    return currency in crypto
