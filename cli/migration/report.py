"""Says what an import took over, what it left out, and what is to decide.

Decides the words only; places are lines of the files as they were written.
"""

import re
from collections.abc import Iterator, Mapping

from cli.migration.draft import Draft

_DECIDE = re.compile(r"\s*# decide: (.*)")
_GOES_ON = re.compile(r"\s*#   (.*)")


def decisions(files: Mapping[str, str]) -> Iterator[tuple[str, int, str]]:
    """Each place where a person must decide: path, line from 1, and the comment."""
    for path, text in sorted(files.items()):
        lines = text.splitlines()
        for number, line in enumerate(lines, 1):
            found = _DECIDE.match(line)
            if found:
                said = [found[1]]
                for following in lines[number:]:
                    more = _GOES_ON.match(following)
                    if not more:
                        break
                    said.append(more[1])
                yield path, number, " ".join(said)


def report(draft: Draft, files: Mapping[str, str], folder: str) -> str:
    """The summary at the end of an import."""
    taken = ", ".join(
        f"{count} {what if count > 1 else _ONE.get(what, what[:-1])}"
        for what, count in draft.counted()
    )
    lines = [f"Taken over: {taken or 'nothing'}"]
    asked = list(decisions(files))
    if asked:
        lines += ["", f"Needs your decision ({len(asked)}):"]
        lines += [f"  {folder}/{path}:{number}: {said}" for path, number, said in asked]
    if draft.left_out:
        lines += ["", f"Left out ({len(draft.left_out)}):"]
        lines += [f"  {line}" for line in draft.left_out]
    return "\n".join(lines)


_ONE = {"policies": "policy"}
