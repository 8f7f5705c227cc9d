"""The playbooks and the roster in service: read, watched, last good plan kept."""

from catalog.snapshot import BrokenFile, Snapshot, gone_users
from catalog.watching import Catalog, OnChange

__all__ = ["BrokenFile", "Catalog", "OnChange", "Snapshot", "gone_users"]
