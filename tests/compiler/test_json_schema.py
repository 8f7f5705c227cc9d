"""What editors are told of our files is what the compiler says of them."""

import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator
from pydantic import BaseModel, BeforeValidator, ValidationError

from cli.folders import read_folder
from compiler.document_errors import Written
from compiler.error_pages import codes, page_of
from compiler.schema.documents import DOCUMENTS, document_of, schema_of
from compiler.schema.rules import FIELDS, TOGETHER
from compiler.schema.values import AROUND, READ, name_of
from compiler.schema.words import words_of
from compiler.source import load
from compiler.written_values import BySeverity, ReferenceReader

ROOT = Path(__file__).parents[2]
FOLDERS = ("playbooks", "tests/compiler/full_example", "tests/compiler/context")
FILES = {
    f"{folder}/{path}": (document_of(path), text)
    for folder in FOLDERS
    for path, text in read_folder(ROOT / folder).items()
    if path.endswith(".yaml")
}
BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
NAMED = re.compile(r"# (\S+\.yaml)\n")
SHAPE = ("E101", "E102", "E103", "E104", "E105", "E106", "E107", "E109", "E112", "E113")


@cache
def validator(document: str) -> Draft7Validator:
    return Draft7Validator(schema_of(document))


def values_of(text: str) -> Any:
    """The values that the compiler reads from a text; nothing where it is no YAML."""
    root = load("file.yaml", text).root
    return root.plain() if root else None


def forms() -> list[type[BaseModel]]:
    """Every form that a document can hold, those of per-severity maps aside."""
    found: list[type[BaseModel]] = []
    waiting = list(Written.__subclasses__())
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if not issubclass(form, BySeverity) and form.__module__.startswith("compiler."):
            found.append(form)
    return sorted(set(found), key=lambda form: (form.__module__, form.__name__))


def readers(annotation: Any) -> set[str]:
    """The readers inside a type, by name."""
    found = set()
    metadata = (*getattr(annotation, "__metadata__", ()), *getattr(annotation, "metadata", ()))
    for each in metadata:
        if isinstance(each, BeforeValidator) and not isinstance(each.func, ReferenceReader):
            found.add(name_of(each.func))
    inside = (*getattr(annotation, "__args__", ()), getattr(annotation, "annotation", None))
    return found.union(*(readers(each) for each in inside if each is not None))


def samples(page: str) -> list[tuple[str | None, Any]]:
    """The kind of file and the values of each YAML sample of a page."""
    found = []
    for block in BLOCK.findall(page):
        named = NAMED.match(block)
        found.append((document_of(named[1]) if named else "playbook", values_of(block)))
    return [(document, values) for document, values in found if document and values is not None]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_schema_is_one_in_both_dialects(document: str) -> None:
    """Draft 7 is what editors read; the keywords mean the same in 2020-12."""
    Draft7Validator.check_schema(schema_of(document))
    Draft202012Validator.check_schema(schema_of(document))


@pytest.mark.parametrize("path", FILES)
def test_every_file_of_ours_is_valid_in_both_dialects(path: str) -> None:
    document, text = FILES[path]
    values = values_of(text)
    modern = Draft202012Validator(schema_of(document or ""))

    assert [each.message for each in validator(document or "").iter_errors(values)] == []
    assert [each.message for each in modern.iter_errors(values)] == []


@pytest.mark.parametrize("form", forms(), ids=lambda form: f"{form.__module__}.{form.__name__}")
def test_every_field_of_every_form_has_words(form: type[BaseModel]) -> None:
    """A new field is described in `compiler/schema/of_*.py`, where its form's words stand."""
    names = [each.alias or name for name, each in form.model_fields.items()]

    assert (
        form.__name__ == "NamedRetry" or [name for name in names if not words_of(form, name)] == []
    )


@pytest.mark.parametrize("form", forms(), ids=lambda form: f"{form.__module__}.{form.__name__}")
def test_every_reader_of_every_form_has_a_schema(form: type[BaseModel]) -> None:
    """A new reader of small values stands in `compiler/schema/values.py`."""
    named = set().union(*(readers(each) for each in form.model_fields.values()))

    assert named - set(READ) - set(AROUND) == set()


def test_no_schema_is_left_of_a_reader_or_form_that_is_gone() -> None:
    named = set().union(*(readers(each) for form in forms() for each in form.model_fields.values()))
    maps = BySeverity.__subclasses__()
    in_maps = {
        name for form in maps for each in form.model_fields.values() for name in readers(each)
    }

    assert set(READ) | set(AROUND) == named | in_maps
    assert set(TOGETHER) | {form for form, _ in FIELDS} <= set(forms())


@pytest.mark.parametrize("code", SHAPE)
def test_failing_sample_of_a_shape_error_is_refused_and_fixed_one_is_valid(code: str) -> None:
    failing, _, fixed = (page_of(code) or "").partition("Fixed:")

    refused = [
        document
        for document, values in samples(failing)
        if not validator(document or "").is_valid(values)
    ]

    assert refused
    for document, values in samples(fixed):
        assert [each.message for each in validator(document or "").iter_errors(values)] == []


@pytest.mark.parametrize("code", codes())
def test_fixed_sample_of_every_code_is_valid(code: str) -> None:
    for document, values in samples((page_of(code) or "").partition("Fixed:")[2]):
        assert [each.message for each in validator(document or "").iter_errors(values)] == []


def test_two_kinds_in_one_step_are_refused() -> None:
    values = values_of("[{ id: x, wait: 5m, runbook: 'runbooks/a.md#b' }, { id: y }]")

    whole = {"language": 1, "name": "a", "owner": "team:b", "steps": values}

    assert len(list(validator("playbook").iter_errors(whole))) == 2


def test_defaults_that_the_compiler_fills_in_are_shown() -> None:
    """An author who hovers sees what holds without the field."""
    schema = schema_of("playbook")

    policy = schema["definitions"]["Escalation"]["properties"]["ack_within"]
    resolve = schema["definitions"]["Resolve"]["properties"]["when"]

    assert policy["default"]["SEV1"] == "5m"
    assert "SEV1 5m, SEV2 15m" in policy["description"]
    assert resolve["default"] == "alerts.firing == 0"


ODD: list[Any] = [
    "", " ", "x", "never", "5m", "1h30m", "PT5M", 5, -1, 0, 1.5, True, False, [], ["x"], {}, "SEV1",
    {"SEV1": "5m"}, {"else": "never"}, "role:x", "team:x", "schedule:x", "user:x", "secret:x",
    "command:x", "destination:x", "nobody", "2027-03-31", 20270331, "09:30", "Europe/Berlin",
    ["schedule:x", "user:y"], {"id": "x", "wait": "5m"}, "https://a.example/x", "bool", "high",
    ["09:00", "17:00"], "+4930123456", "#inc", "a@b.example", "week", "2 weeks", "monday 09:30",
]  # fmt: skip
KEYS = ["id", "when", "at", "wait", "http", "deadline", "SEV1", "else", "page", "x", "from", "on"]


def places(values: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where something stands, however deep."""
    inner = values.items() if isinstance(values, dict) else ()
    inner = enumerate(values) if isinstance(values, list) else inner
    return [at, *(place for key, each in inner for place in places(each, (*at, key)))]


@st.composite
def changed(draw: st.DrawFn) -> tuple[str, Any]:
    """The values of a file of ours with one to three of them changed, taken or added."""
    path = draw(st.sampled_from(sorted(FILES)))
    document, text = FILES[path]
    values = deepcopy(values_of(text))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(places(values)[1:] or [()]))
        parent = values
        for step in place[:-1]:
            parent = parent[step]
        if not place:
            continue
        match draw(st.sampled_from(["set", "take", "add"])):
            case "take":
                del parent[place[-1]]
            case "add" if isinstance(parent, dict):
                parent[draw(st.sampled_from(KEYS))] = deepcopy(draw(st.sampled_from(ODD)))
            case _:
                parent[place[-1]] = deepcopy(draw(st.sampled_from(ODD)))
    return document or "", values


@settings(max_examples=200)
@given(changed())
def test_what_the_schema_refuses_the_compiler_refuses_as_well(case: tuple[str, Any]) -> None:
    """An editor never underlines what would pass `watchbill check`."""
    document, values = case
    if values.get("language") != 1:  # E106, said before a form is looked at
        return
    mistakes = [(each.json_path, each.message) for each in validator(document).iter_errors(values)]

    assert not mistakes or is_refused(document, values), f"only the schema refuses: {mistakes[0]}"


def is_refused(document: str, values: Any) -> bool:
    """Whether the compiler's own form refuses the values."""
    try:
        DOCUMENTS[document].model_validate(values)
    except ValidationError:
        return True
    return False
