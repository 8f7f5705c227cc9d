"""People, and the playbooks and rosters that stories write themselves."""

HOUSE = """
language: 1
defaults: { escalation: { use: policy:standard }, timezone: UTC }
severity_from: { critical: SEV2, sev1: SEV1, warning: SEV3 }
policies:
  standard:
    ack_within: { SEV1: 5m, SEV2: 15m, SEV3: 30m, SEV4: 60m, SEV5: never }
    repeat: 2
    exhausted: { page: [user:manager] }
"""

LOUD = "high: [push, { after: 1m, via: sms }, { after: 2m, via: phone }]"


def a_user(name: str, tz: str = "UTC") -> str:
    """A user of a roster: push at once, SMS after a minute, phone after two."""
    number = "+15550100"
    ways = f'push: "ntfy://push/{name}", sms: "{number}", phone: "{number}"'
    return f"""
  {name}:
    name: {name.replace("_", " ").title()}
    tz: {tz}
    contact: {{ {ways}, email: {name}@example.org }}
    notify: {{ {LOUD}, low: [email] }}"""


def alone(schedule: str, name: str) -> str:
    """A schedule in which one person always serves."""
    return f"""
  {schedule}:
    tz: UTC
    rotate: {{ users: [{name}], every: week, hands_over: "monday 09:00", from: 2024-01-01 }}"""


def a_roster(users: str, schedules: str, members: str) -> str:
    """A roster file of these users and schedules, with one team."""
    return f"""
language: 1
users:{users}
teams:
  shop: {{ members: [{members}], manager: manager }}
schedules:{schedules}
"""
