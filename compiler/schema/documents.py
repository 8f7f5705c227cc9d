"""The JSON Schema of each kind of file that authors write.

Decides which kinds there are and what their schemas are called.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from compiler.document import PlaybookForm
from compiler.house import HouseForm
from compiler.ops_document import CommandsForm, QueriesForm
from compiler.roster_document import RosterForm
from compiler.schema.forms import Definitions
from compiler.sources import SourcesForm

DIALECT = "http://json-schema.org/draft-07/schema#"
"""Draft 7: every editor's language server reads it whole; 2020-12 is read in part by most."""

DOCUMENTS: Mapping[str, type[BaseModel]] = {
    "playbook": PlaybookForm,
    "roster": RosterForm,
    "ops-commands": CommandsForm,
    "ops-queries": QueriesForm,
    "house": HouseForm,
    "sources": SourcesForm,
}
"""The form of each kind of file, by the name that `watchbill schema` takes."""

TITLES: Mapping[str, str] = {
    "playbook": "Watchbill playbook",
    "roster": "Watchbill roster",
    "ops-commands": "Watchbill ops/commands.yaml",
    "ops-queries": "Watchbill ops/queries.yaml",
    "house": "Watchbill house.yaml",
    "sources": "Watchbill sources.yaml",
}


def schema_of(document: str) -> dict[str, Any]:
    """The whole schema of this kind of file."""
    definitions = Definitions()
    body = definitions.form(DOCUMENTS[document])
    head = {"$schema": DIALECT, "title": TITLES[document]}
    return head | body | {"definitions": definitions.schemas}


def file_name(document: str) -> str:
    """What the schema's file is called in a folder of them."""
    return f"{document}.schema.json"


def document_of(path: str) -> str | None:
    """Which kind of file stands at this path inside a playbooks folder; None if none does."""
    special = {
        "house.yaml": "house",
        "sources.yaml": "sources",
        "ops/commands.yaml": "ops-commands",
        "ops/queries.yaml": "ops-queries",
    }
    if path in special:
        return special[path]
    if path.startswith("roster/"):
        return "roster"
    return "playbook" if "/" not in path else None
