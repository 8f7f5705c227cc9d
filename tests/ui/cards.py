"""A playbook whose steps are worth looking at, and what its machines reach."""

import json
from pathlib import Path

from compiler.compile import compile_folder
from tests.receivers import Reply, WebhookReceiver

PLAYBOOK = """\
language: 1
name: cards_fail
title: "Cards fail in {{ labels.region }}"
owner: team:payments
service: payments_api
facts:
  error_ratio:
    type: double
    http: { url: "@HERE@/cards/ratio", path: body.ratio }
    every: 1s
    max_age: 30s
  cause: { type: string, one_of: [unknown, deploy, database, provider] }
triggers:
  - alert: { match: { alertname: CardsFail } }
dedup: { key: "cards/{{ labels.region }}" }
severity: { default: SEV2 }
urgency: high
escalation:
  levels: [[user:ann], [user:dev]]
  ack_within: 15m
roles:
  incident_commander: { page: [user:cleo] }
  operations_lead: { fill: first_acknowledger }
  responders: { many: true }
steps:
  - id: triage
    parallel:
      - - id: recent_deploys
          http: { method: GET, url: "@HERE@/cards/deploys" }
          out:
            count: { path: body.total, type: int }
            latest: { path: "body.items[0].sha", type: string }
      - - id: provider_status
          http: { method: GET, url: "@HERE@/cards/provider" }
          on_error: continue
      - - id: first_look
          checklist:
            items:
              - { id: graphs, text: Which regions and cards fail? }
              - { id: changes, text: What was changed in the last hour? }
          assign: role:operations_lead
          deadline: 10m
  - id: ways_out
    runbook: "runbooks/payment-5xx.md#stop-the-damage"
    assign: role:operations_lead
  - id: choose_way
    decide:
      by: role:incident_commander
      question: "{{ facts.error_ratio | percent }} of cards fail. How do we stop the damage?"
      options:
        rollback:
          label: Roll back the last deploy
          suggest_when: steps.recent_deploys.ok && steps.recent_deploys.count > 0
          tradeoff: { time: about 4 min, risk: loses what the deploy brought, reversible: true }
          do:
            - id: approve_rollback
              approve: { by: [role:incident_commander, user:nora_eng_director] }
              deadline: 10m
              on_timeout: escalate
            - id: rollback
              http: { method: POST, url: "@HERE@/cards/rollback" }
              out: { release: { path: body.release, type: string } }
        hold:
          label: Keep looking
          tradeoff: { risk: customers keep failing, reversible: true }
          do: []
    deadline: 20m
    on_timeout: escalate
  - id: recovered
    wait_for: { when: facts.error_ratio < 0.01 }
    deadline: 2h
    on_timeout: escalate
  - id: verify
    checklist: { items: [{ id: ledger, text: Ledger and gateway totals agree }] }
    assign: role:operations_lead
    deadline: 30m
  - id: refunds
    ask: { of: role:operations_lead, question: "How many refunds are open?", type: int }
    deadline: 2h
"""

HOME = "/cards"


def write_cards(folder: Path, hooks: WebhookReceiver) -> None:
    """Put the playbook beside the others; its machines reach the receiver."""
    (folder / "cards_fail.yaml").write_text(PLAYBOOK.replace("@HERE@", hooks.url))
    answer(hooks, "ratio", {"ratio": 0.124})
    answer(hooks, "deploys", {"total": 3, "items": [{"sha": "4f2a91c"}]})
    answer(hooks, "rollback", {"release": "r-281"})
    answer(hooks, "provider", {"error": "away"}, status=503)
    files = {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.suffix in (".yaml", ".md")
    }
    told = [one for one in compile_folder(files).diagnostics if "cards_fail" in str(one)]
    assert not told, [str(one) for one in told]


def answer(hooks: WebhookReceiver, what: str, body: object, status: int = 200) -> None:
    """What one of the machines says from now on."""
    hooks.replies[f"{HOME}/{what}"] = Reply(status=status, body=json.dumps(body).encode())
