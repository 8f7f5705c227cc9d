"""Somebody's first playbook: `watchbill new` asks, drafts, and writes what passes."""
