"""Who calls, and whether they may: bearer keys with scopes, and the development key.

Decides the acting person of a request: always the credential's, never the body's. Only
the development key may name a person, in `X-Watchbill-Actor`. Refusals are audited.
"""

import hmac
import re
import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict

from api.people import stranger
from api.problems import Problem
from api.services import Services, services
from domain.roster import Roster
from ledger import ApiKey, AuditEntry

ACTOR_HEADER = "X-Watchbill-Actor"
DEVELOPMENT_KEY_FILE = "dev-api-key"
DEVELOPER = "developer"

REMEMBER_S = 2.0
"""How long a key that was found is not looked up again; a revoked one dies within it."""

_REMEMBERED = 1_000
_ACTOR = re.compile(r"(?:user:)?([a-z][a-z0-9_]*)")
_bearer = HTTPBearer(auto_error=False, description="An API key, or the development key.")


class Scope(StrEnum):
    """What a key may do; `respond` includes `acknowledge`, `admin` includes all."""

    INGEST = "ingest"
    ACKNOWLEDGE = "acknowledge"
    RESPOND = "respond"
    AUTHOR = "author"
    ADMIN = "admin"


class Caller(BaseModel):
    """Whose request it is. `actor` is `user:<id>` or `source:<key>`."""

    model_config = ConfigDict(frozen=True)

    actor: str
    name: str
    scopes: frozenset[str]
    key: str

    def may(self, *scopes: Scope) -> bool:
        """Whether any of these scopes is the caller's."""
        if Scope.ADMIN in self.scopes:
            return True
        held = set(self.scopes) | ({Scope.ACKNOWLEDGE} if Scope.RESPOND in self.scopes else set())
        return any(scope in held for scope in scopes)


def require(*scopes: Scope) -> Callable[..., Awaitable[Caller]]:
    """A dependency: the caller, who has one of these scopes; 401 or 403 otherwise."""

    async def allowed(
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    ) -> Caller:
        plaintext = credentials.credentials if credentials else None
        return await authorise(request, plaintext, *scopes)

    return allowed


Responder = Annotated[Caller, Depends(require(Scope.RESPOND))]
Acknowledger = Annotated[Caller, Depends(require(Scope.ACKNOWLEDGE))]
Reader = Annotated[Caller, Depends(require(Scope.RESPOND, Scope.AUTHOR))]


async def authorise(request: Request, plaintext: str | None, *scopes: Scope) -> Caller:
    """The caller this key belongs to, who has one of the scopes; for keys in a body too."""
    parts = services(request)
    caller = await _identify(request, parts, plaintext) if plaintext else None
    action = f"{request.method} {request.url.path}"
    if caller is None:
        detail = "The key is unknown or revoked." if plaintext else "No key was given."
        await _audit(parts, action, "unauthenticated", actor="unknown", detail=detail)
        raise Problem(
            401,
            f"{detail} Send it as 'Authorization: Bearer <key>'; `watchbill keys add` makes one.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if not caller.may(*scopes):
        wanted = " or ".join(f"'{scope.value}'" for scope in scopes)
        held = ", ".join(sorted(caller.scopes)) or "none"
        detail = f"The key {caller.key!r} needs the scope {wanted}; it has: {held}."
        await _audit(parts, action, "forbidden", actor=caller.actor, detail=detail)
        raise Problem(403, detail)
    return caller


def shown_name(roster: Roster | None, actor: str) -> str:
    """How people call the actor: by the roster's name where it knows them."""
    kind, _, name = actor.partition(":")
    user = roster.users.get(name) if roster and kind == "user" else None
    return user.name if user else name or actor


async def _identify(request: Request, parts: Services, plaintext: str) -> Caller | None:
    development = _development_key(request, parts.settings.data_dir)
    if development and hmac.compare_digest(plaintext.encode(), development.encode()):
        return _developer(request, parts)
    key = await _find(request, parts, plaintext)
    if key is None:
        return None
    return Caller(
        actor=key.actor,
        name=shown_name(parts.snapshot.roster, key.actor),
        scopes=key.scopes,
        key=key.name,
    )


def _development_key(request: Request, data_dir: Path) -> str | None:
    """The key in the file, which is not read again for every alert of a storm."""
    remembered: tuple[float, str] | None = getattr(request.app.state, "development_key", None)
    now = time.monotonic()
    if remembered and now - remembered[0] < REMEMBER_S:
        return remembered[1]
    try:
        key = (data_dir / DEVELOPMENT_KEY_FILE).read_text(encoding="utf-8").strip()
    except OSError:
        key = ""
    request.app.state.development_key = (now, key) if key else None
    return key or None


def _developer(request: Request, parts: Services) -> Caller:
    given = request.headers.get(ACTOR_HEADER, DEVELOPER)
    named = _ACTOR.fullmatch(given.strip())
    if named is None:
        message = "a person's id: lower-case letters, digits and '_', such as 'ann'"
        raise Problem(422, f"{ACTOR_HEADER}: {message}", errors=[(ACTOR_HEADER, message)])
    users = sorted(parts.snapshot.roster.users)
    acts = request.method not in ("GET", "HEAD")
    if acts and named[1] != DEVELOPER and users and named[1] not in users:
        message = stranger("user", named[1], users)
        raise Problem(422, f"{ACTOR_HEADER}: {message}", errors=[(ACTOR_HEADER, message)])
    actor = f"user:{named[1]}"
    return Caller(
        actor=actor,
        name=shown_name(parts.snapshot.roster, actor),
        scopes=frozenset(Scope),
        key="development",
    )


async def _find(request: Request, parts: Services, plaintext: str) -> ApiKey | None:
    known: dict[str, tuple[float, ApiKey]] = request.app.state.known_keys
    remembered = known.get(plaintext)
    now = time.monotonic()
    if remembered and now - remembered[0] < REMEMBER_S:
        return remembered[1]
    known.pop(plaintext, None)
    key = await parts.writer.read(lambda ledger: ledger.find_key(plaintext))
    if key is not None:
        if len(known) >= _REMEMBERED:
            known.clear()
        known[plaintext] = (now, key)
    return key


async def _audit(parts: Services, action: str, outcome: str, *, actor: str, detail: str) -> None:
    entry = AuditEntry(actor=actor, action=action, outcome=outcome, detail=detail)
    await parts.writer.write(lambda ledger: ledger.audit(entry))
