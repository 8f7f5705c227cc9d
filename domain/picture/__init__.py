"""Playbooks as pictures: what is shown, where it stands, and how it is written down.

Decides nothing for a running incident. `outline` says what of a plan is shown, `layout`
where, `svg`, `printed` and `mermaid` write it.
"""
