"""API keys, the audit log, and first answers kept for repeated requests.

Decides how a key looks and that only its hash is kept. What a scope allows is
`api.security`.
"""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import RowMapping

from ledger.database import Database
from ledger.records import ApiKey, AuditEntry, KeptAnswer, moment
from ledger.tables import answers, api_keys, audit

_KEY_LENGTH = 32
"""The length of a PagerDuty routing key: some senders take no other."""

KEEP = timedelta(hours=24)
"""How long a repeated request gets its first answer."""


def new_secret() -> str:
    """A fresh key of 32 characters: `wb` and 150 random bits in lower-case base32."""
    return ("wb" + base64.b32encode(secrets.token_bytes(20)).decode().lower())[:_KEY_LENGTH]


class AccessBook:
    """Who may, and who did."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_key(self, name: str, scopes: Sequence[str], actor: str) -> str:
        """A new key in plain text: the only time anybody sees it."""
        plaintext = new_secret()
        row = {
            "id": secrets.token_hex(4),
            "name": name,
            "hash": _hash(plaintext),
            "scopes": ",".join(sorted(set(scopes))),
            "actor": actor,
            "created_at": moment(),
        }
        with self._database.write() as connection:
            connection.execute(insert(api_keys).values(row))
        return plaintext

    def find_key(self, plaintext: str) -> ApiKey | None:
        """The key in force that this text is, or None."""
        query = select(api_keys).where(
            api_keys.c.hash == _hash(plaintext), api_keys.c.revoked_at.is_(None)
        )
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        return _key(row) if row else None

    def keys(self) -> tuple[ApiKey, ...]:
        """All keys, revoked ones too, oldest first."""
        query = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)
        with self._database.read() as connection:
            return tuple(_key(row) for row in connection.execute(query).mappings())

    def revoke_key(self, id_or_name: str) -> int:
        """How many keys of this id or name were in force, and are so no longer."""
        with self._database.write() as connection:
            done = connection.execute(
                update(api_keys)
                .where((api_keys.c.id == id_or_name) | (api_keys.c.name == id_or_name))
                .where(api_keys.c.revoked_at.is_(None))
                .values(revoked_at=moment())
            )
        return int(done.rowcount)

    def audit(self, entry: AuditEntry) -> None:
        """The entry is in the audit log."""
        with self._database.write() as connection:
            connection.execute(insert(audit).values(entry.model_dump()))

    def audited(self, limit: int = 100) -> tuple[AuditEntry, ...]:
        """The newest entries of the audit log, newest first."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(AuditEntry.model_validate(dict(row)) for row in rows)

    def first_answer(self, scope: str, key: str) -> KeptAnswer | None:
        """What this request was answered the first time, or None."""
        query = select(answers.c.status, answers.c.body).where(
            answers.c.scope == scope, answers.c.key == key, answers.c.expires > moment()
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return KeptAnswer(status=row.status, body=row.body) if row else None

    def keep_answer(self, scope: str, key: str, answer: KeptAnswer) -> None:
        """The answer is given again for `KEEP`; the first one kept wins."""
        now = moment()
        row: dict[str, Any] = {
            "scope": scope,
            "key": key,
            "status": answer.status,
            "body": answer.body,
            "expires": now + KEEP,
        }
        with self._database.write() as connection:
            connection.execute(delete(answers).where(answers.c.expires <= now))
            for statement in self._database.inserts(answers, [row]):
                connection.execute(statement.on_conflict_do_nothing())


def _hash(plaintext: str) -> bytes:
    """The key's hash. Unsalted and fast is right for 150 random bits: nobody guesses them."""
    return hashlib.sha256(plaintext.encode(errors="replace")).digest()


def _key(row: RowMapping) -> ApiKey:
    return ApiKey(
        id=row["id"],
        name=row["name"],
        scopes=frozenset(filter(None, row["scopes"].split(","))),
        actor=row["actor"],
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
    )
