"""The journal: every delivery and every mark in one order, committed before it is acknowledged."""

from ftcrm.mockserver.journal.entries import Disposition, Entry, EntryKind
from ftcrm.mockserver.journal.protocol import FILTERS, Journal
from ftcrm.mockserver.journal.sqlite import SQLiteJournal

__all__ = ["FILTERS", "Disposition", "Entry", "EntryKind", "Journal", "SQLiteJournal"]
