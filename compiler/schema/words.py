"""What an editor says of a field when the cursor rests on it.

Decides where the words stand: in one module for each kind of file.
"""

from collections.abc import Mapping

from compiler.schema import of_folder, of_playbook, of_steps, of_tests
from compiler.written_values import BySeverity

_SEVERITIES = {
    "SEV1": "At SEV1, the worst.",
    "SEV2": "At SEV2.",
    "SEV3": "At SEV3.",
    "SEV4": "At SEV4.",
    "SEV5": "At SEV5, for information; nobody is paged.",
    "else": "At every severity that is not named.",
}

_WORDS: Mapping[type, Mapping[str, str]] = {
    BySeverity: _SEVERITIES,
    **of_playbook.WORDS,
    **of_steps.WORDS,
    **of_tests.WORDS,
    **of_folder.WORDS,
}


def words_of(form: type, name: str) -> str:
    """What is said of the form's field as authors write it; empty if nothing is."""
    for owner in form.__mro__:
        if name in _WORDS.get(owner, {}):
            return _WORDS[owner][name]
    return ""
