"""The steps of a playbook as one incident walks them: order, kinds, people, words."""
