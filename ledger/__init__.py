"""The ledger: a SQL record of incidents, and the index of which incident owns which alert.

It never decides what an incident does: a running incident lives in the engine alone.
"""

from ledger.records import AlertRecord, ApiKey, AuditEntry, KeptAnswer, Owner, Ownership, Page
from ledger.store import Ledger
from ledger.writer import Writer

__all__ = [
    "AlertRecord",
    "ApiKey",
    "AuditEntry",
    "KeptAnswer",
    "Ledger",
    "Owner",
    "Ownership",
    "Page",
    "Writer",
]
