"""Turns the documents of calls into the plan's: http, commands, plugins, other playbooks.

Decides what a call means where its author says nothing.
"""

import json
from collections.abc import Mapping
from typing import Any

from compiler.document_calls import (
    AuthForm,
    HttpForm,
    NamedRetry,
    PlaybookCallForm,
    RetryForm,
    run_kind,
)
from compiler.document_steps import Step as StepForm
from domain.plan_steps import (
    AuthPlan,
    CommandStep,
    HttpStep,
    OutPlan,
    PlaybookStep,
    PluginStep,
    RetryPlan,
    Step,
)
from domain.values import Value

Retries = Mapping[str, RetryForm]


def lower_auth(form: AuthForm | None) -> AuthPlan | None:
    """Who is calling; the secret stays a name."""
    if form is None:
        return None
    if form.basic:
        secret = _secret(form.basic.password)
        return AuthPlan(scheme="basic", secret=secret, user=form.basic.user)
    if form.header:
        return AuthPlan(scheme="header", secret=_secret(form.value), header=form.header)
    return AuthPlan(scheme="bearer", secret=_secret(form.bearer))


def _secret(ref: str | None) -> str:
    return (ref or "").removeprefix("secret:")


def lower_retry(form: RetryForm | None, retries: Retries) -> RetryPlan:
    """How often the call is tried; a policy that nobody wrote is one try."""
    if isinstance(form, NamedRetry):
        form = retries.get(form.policy)
    if form is None:
        return RetryPlan()
    said = {name: value for name, value in form if value is not None}
    return RetryPlan(**said)


def _outs(form: StepForm) -> dict[str, OutPlan]:
    return {name: OutPlan(path=each.path, type=each.type) for name, each in form.out.items()}


def lower_http(form: StepForm, http: HttpForm, carried: dict[str, Any], retries: Retries) -> Step:
    """An HTTP request."""
    return HttpStep(
        **carried,
        method=http.method,
        url=http.url,
        headers=http.headers,
        auth=lower_auth(http.auth),
        json_body=http.json_,
        body=http.body,
        expect=http.expect,
        idempotency_key=http.idempotency_key,
        out=_outs(form),
        retry=lower_retry(form.retry, retries),
    )


def lower_run(form: StepForm, run: str, carried: dict[str, Any], retries: Retries) -> Step:
    """A command, or a plugin."""
    kind, name = run_kind(run)
    said = {**carried, "out": _outs(form), "retry": lower_retry(form.retry, retries)}
    given = form.with_ or {}
    if kind == "plugin":
        return PluginStep(**said, plugin=name, params=given)
    params = {param: as_param(value) for param, value in given.items()}
    return CommandStep(**said, command=name, params=params)


def lower_playbook_call(form: PlaybookCallForm, carried: dict[str, Any]) -> Step:
    """Another playbook."""
    params = {param: as_param(value) for param, value in form.with_.items()}
    return PlaybookStep(
        **carried, name=form.name, version=form.version, params=params, wait=form.wait
    )


def as_param(written: object) -> Value:
    """A parameter as the plan carries it; what no parameter can be becomes its JSON."""
    match written:
        case str() | bool() | int() | float():
            return written
        case list() if all(isinstance(one, str) for one in written):
            return tuple(written)
        case _:
            return json.dumps(written)
