"""Errors as RFC 9457 problem documents, whatever went wrong and wherever.

Decides the status and wording of every refusal that is not an incident's own. The tree:

    Problem (an HTTP answer in waiting)

Raise it anywhere below the API; the handlers here turn it, the framework's own errors
and the gateway's into `application/problem+json`.
"""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.gateway_errors import EngineUnavailable, GatewayError, NotFound, Refused

MEDIA_TYPE = "application/problem+json"

BODY_LIMIT = 4 * 1024 * 1024
"""Bytes of a request's body; more is refused with 413 before it is read whole."""

log = structlog.get_logger(__name__)


class FieldProblem(BaseModel):
    """What is wrong with one field of the request."""

    field: str
    message: str


class ProblemDocument(BaseModel):
    """An RFC 9457 problem. `detail` says what to do; `errors` names each field."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    errors: list[FieldProblem] = []


class Problem(Exception):  # noqa: N818  # an answer, named as the RFC names it
    """An answer with this status and detail; `errors` are `(field, message)`."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        title: str | None = None,
        errors: list[tuple[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.headers = headers or {}
        self.document = ProblemDocument(
            title=title or HTTPStatus(status).phrase,
            status=status,
            detail=detail,
            errors=[FieldProblem(field=name, message=text) for name, text in errors or []],
        )

    def response(self) -> Response:
        """The HTTP answer."""
        return problem_response(self.document, self.headers)


def problem_response(document: ProblemDocument, headers: dict[str, str] | None = None) -> Response:
    """The document as an HTTP answer."""
    return JSONResponse(
        document.model_dump(exclude={"errors"} if not document.errors else None),
        status_code=document.status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def answer_in_problems(app: FastAPI) -> None:
    """Every error of this app is a problem document from now on."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(GatewayError, _gateway)
    app.add_exception_handler(Exception, _unexpected)


def unavailable(error: EngineUnavailable) -> Problem:
    """503 with Retry-After: nothing was made durable, the sender should try again."""
    return Problem(
        503,
        f"{error} Nothing was lost on our side and nothing was done; "
        f"try again in {error.retry_after_s} s.",
        headers={"Retry-After": str(error.retry_after_s)},
    )


async def _problem(request: Request, error: Exception) -> Response:  # noqa: ARG001
    assert isinstance(error, Problem)  # noqa: S101  # registered for this type only
    return error.response()


async def _gateway(request: Request, error: Exception) -> Response:  # noqa: ARG001
    match error:
        case EngineUnavailable():
            return unavailable(error).response()
        case NotFound():
            return Problem(404, str(error) or "No such running incident.").response()
        case Refused():
            return Problem(422 if error.is_input else 409, str(error)).response()
        case _:
            raise error


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # registered for this type only
    detail = str(error.detail)
    if error.status_code == HTTPStatus.NOT_FOUND and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = f"There is nothing at {request.url.path}; /docs lists what there is."
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "another method")
        detail = f"{request.method} is not for {request.url.path}; use {allowed}."
    return Problem(error.status_code, detail, headers=dict(error.headers or {})).response()


async def _invalid(request: Request, error: Exception) -> Response:  # noqa: ARG001
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for this type only
    found = error.errors()
    if any(part["type"] == "json_invalid" for part in found):
        where = found[0]["loc"][-1]
        reason = found[0].get("ctx", {}).get("error", "not JSON")
        return Problem(
            400,
            f"The body is not JSON: {reason} at character {where}.",
            errors=[("body", f"not JSON at character {where}")],
        ).response()
    errors = [(_field(part["loc"]), _message(part)) for part in found]
    detail = "; ".join(f"{name}: {text}" for name, text in errors)
    return Problem(422, detail, title="Invalid request", errors=errors).response()


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("request_failed", path=request.url.path, exc_info=error)
    return Problem(500, "An error of ours; it is in the log.").response()


def _field(location: tuple[int | str, ...]) -> str:
    """`body.summary.state_now` for a place in the body, `limit` for a parameter."""
    parts = location if location[0] == "body" else location[1:] or location
    return ".".join(str(part) for part in parts)


def _message(part: dict[str, Any]) -> str:
    given = part.get("input")
    quoted = f" (given: {given!r})" if isinstance(given, str | int | float | bool) else ""
    return f"{part['msg']}{quoted}"


class BodyLimit:
    """Answers 413 to a body over the limit, without reading it whole."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while its body stays within the limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        stated = dict(scope["headers"]).get(b"content-length", b"0")
        if stated.isdigit() and int(stated) > self.limit:
            await self._too_large().response()(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > self.limit:
                    # The framework passes its own exception through body parsing.
                    raise HTTPException(413, self._too_large().document.detail)
            return message

        await self.app(scope, counted, send)

    def _too_large(self) -> Problem:
        return Problem(413, f"The body is over {self.limit // (1024 * 1024)} MiB; send less.")
