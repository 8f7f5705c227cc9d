"""Reads YAML text safely into a tree of nodes with their places.

Decides what of YAML is allowed: no aliases, tags, merge keys or duplicate keys, only
plain true, false, null and decimal numbers, bounded size and depth. What the values mean
is the document's. One pass over the C parser's events: nothing is built recursively, so
no input can overflow a stack or multiply itself.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

import yaml

from compiler.diagnostics import Diagnostic, in_order, source_lines
from compiler.nodes import Listing, Mapping, Mark, Node, Plain, Scalar
from compiler.surprises import STARTS_ODDLY, surprise_in, surprise_in_key
from compiler.tests_section import marked

MAX_BYTES = 1024 * 1024
MAX_EVENTS = 50_000
MAX_DEPTH = 24
LONGEST_VALUE = 32_768
"""Characters of one text; what people read is far shorter."""
LONGEST_KEY = 256

_CONDITION_KEYS = ("when", "unless")
_QUOTE_CONDITION = (
    "put the condition on a line of its own, or quote it: inside { } commas, '!' and '? :' break it"
)
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?\Z")
_LONGEST_INT = 18
_LONG_SEARCH = 32
_MOST_NOTED = 1000
"""Errors, and warnings, that are noted of one file; far fewer are shown."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file read: its tree (None where it is empty or no YAML) and what is wrong in it."""

    path: str
    root: Node | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet."""

    mark: Mark
    is_mapping: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)
    key: Node | None = None


def load(path: str, text: str) -> Loaded:
    """The tree of the file with every problem of its text; never raises."""
    reader = _Reader(path, source_lines(text))
    size = len(text.encode(errors="surrogatepass"))
    if size > MAX_BYTES:
        reader.say("E010", Mark(1, 1), f"the file has {size} bytes, more than 1 MiB", _SPLIT)
        return Loaded(path, None, in_order(reader.found))
    try:
        for count, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
            if count > MAX_EVENTS:
                message = f"the file has more than {MAX_EVENTS} values"
                reader.give_up("E010", reader.mark(event), message, _SPLIT)
            if reader.failed:
                break
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        reader.syntax(error)
    except yaml.reader.ReaderError as error:
        reader.unreadable(text, error.position, "a control character is not allowed")
    except UnicodeEncodeError as error:
        reader.unreadable(text, error.start, "a byte here is no UTF-8 text")
    root = None if reader.failed else reader.root
    return Loaded(path, root, marked(root, in_order(reader.found)))


_SPLIT = "split it: one playbook a file, the roster over several files"


class _Reader:
    """Builds the tree from events, and notes what is wrong on the way."""

    def __init__(self, path: str, lines: list[str]) -> None:
        self.path = path
        self.lines = lines
        self.found: list[Diagnostic] = []
        self.noted: Counter[str] = Counter()
        self.root: Node | None = None
        self.failed = False
        self.documents = 0
        self.stack: list[_Open] = []

    def say(self, code: str, mark: Mark, message: str, help_text: str) -> None:
        """Notes one problem."""
        self.noted[code[0]] += 1
        if self.noted[code[0]] > _MOST_NOTED:
            return
        self.found.append(
            Diagnostic(
                path=self.path,
                line=mark.line,
                column=mark.column,
                code=code,
                message=message,
                help=help_text,
            )
        )

    def give_up(self, code: str, mark: Mark, message: str, help_text: str) -> None:
        """Notes a problem past which the file cannot be read."""
        self.failed = True
        self.say(code, mark, message, help_text)

    def mark(self, event: yaml.Event) -> Mark:
        """Where the event starts."""
        start = event.start_mark
        return Mark(start.line + 1, start.column + 1) if start else Mark(1, 1)

    def syntax(self, error: yaml.MarkedYAMLError) -> None:
        """Notes what the parser could not read, with the mend where a condition is the cause."""
        at = error.problem_mark or error.context_mark
        mark = self._inside(Mark(at.line + 1, at.column + 1)) if at else Mark(1, 1)
        near = self._line(mark.line)
        if not near.strip() and error.context_mark:
            near = self._line(error.context_mark.line + 1)
        if re.search(r"\b(when|unless)\s*:", near):
            help_text = f"quote the condition: {_QUOTE_CONDITION}"
        elif "\t" in near:
            help_text = "indent with spaces; YAML does not allow tabs there"
        elif re.search(r":\s*[@`%]", near):
            help_text = "quote a value that starts with @, ` or %"
        else:
            help_text = "check the indentation, the closing brackets and quotes before this place"
        context = f" {error.context}" if error.context else ""
        self.give_up("E001", mark, f"not YAML:{context}: {error.problem}", help_text)

    def unreadable(self, text: str, position: int, message: str) -> None:
        """Notes a character that no YAML file may hold."""
        before = source_lines(text[:position])
        mark = Mark(len(before), len(before[-1]) + 1)
        self.give_up("E001", mark, f"not YAML: {message}", "save the file as UTF-8 text")

    def take(self, event: yaml.Event) -> None:
        """Adds one event to the tree."""
        match event:
            case yaml.ScalarEvent():
                self._refuse_decoration(event)
                self._place(self._scalar(event))
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._refuse_decoration(event)
                self._open(event)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._close()
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self.give_up(
                        "E001", self.mark(event), "a second document starts here", _ONE_DOCUMENT
                    )
            case yaml.AliasEvent():
                self._no_alias(event)
            case _:
                pass

    def _inside(self, mark: Mark) -> Mark:
        """The place; the end of the last line where it stands behind the file."""
        if mark.line <= len(self.lines):
            return Mark(mark.line, min(mark.column, len(self.lines[mark.line - 1]) + 1))
        return Mark(len(self.lines), len(self.lines[-1]) + 1)

    def _line(self, number: int) -> str:
        """The line's text, empty past the end."""
        return self.lines[number - 1] if number <= len(self.lines) else ""

    def _open(self, event: yaml.Event) -> None:
        mark = self.mark(event)
        self.stack.append(_Open(mark, isinstance(event, yaml.MappingStartEvent)))
        if len(self.stack) > MAX_DEPTH:
            message = f"values are nested more than {MAX_DEPTH} deep"
            self.give_up("E010", mark, message, "a playbook needs far fewer levels; flatten it")

    def _close(self) -> None:
        done = self.stack.pop()
        if done.is_mapping:
            by_key = done.entries if len(done.entries) > _LONG_SEARCH else {}
            self._place(Mapping(done.mark, tuple(done.entries.values()), by_key))
        else:
            self._place(Listing(done.mark, tuple(done.items)))

    def _place(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if not parent.is_mapping:
            parent.items.append(node)
        elif parent.key is None:
            parent.key = node
        else:
            key, parent.key = parent.key, None
            self._enter(parent, key, node)

    def _enter(self, parent: _Open, key: Node, value: Node) -> None:
        if not isinstance(key, Scalar):
            message = "a key must be a plain word, not a list or a mapping"
            self.say("E001", key.mark, f"not YAML of ours: {message}", _BRACES)
            return
        if key.text == "<<" and not key.quoted:
            message = "merge keys ('<<') are not allowed"
            self.say("E004", key.mark, message, "write the fields out, or share them in house.yaml")
            return
        first = parent.entries.get(key.text)
        if first is not None:
            at = first[0].mark
            message = f"duplicate key '{key.text}', first at line {at.line}, column {at.column}"
            self.say("E003", key.mark, message, "keep one of the two")
            return
        parent.entries[key.text] = (key, value)

    def _no_alias(self, event: yaml.AliasEvent) -> None:
        mark = self.mark(event)
        message = f"aliases ('*{event.anchor}') are not allowed"
        if self._in_condition():
            help_text = f"quote the condition: {_QUOTE_CONDITION}"
        else:
            help_text = "write the value out, or quote it if the star is part of the text"
        self.say("E002", mark, message, help_text)
        self._place(Scalar(mark, None, "", lines=self.lines))

    def _refuse_decoration(self, event: yaml.NodeEvent | yaml.CollectionStartEvent) -> None:
        tag = getattr(event, "tag", None)
        anchor = getattr(event, "anchor", None)
        if tag is None and anchor is None:
            return
        mark = self.mark(event)
        if anchor is not None:
            message = f"anchors ('&{anchor}') are not allowed"
            self.say("E002", mark, message, "write the value out where it is needed")
        else:
            help_text = "quote a value that starts with '!'"
            if self._in_condition():
                help_text = f"quote the condition: {_QUOTE_CONDITION}"
            self.say("E005", mark, f"tags ('{tag}') are not allowed", help_text)

    def _in_condition(self) -> bool:
        key = self.stack[-1].key if self.stack else None
        return isinstance(key, Scalar) and key.text in _CONDITION_KEYS

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        mark = self.mark(event)
        text: str = event.value
        is_plain = not event.style  # the C parser gives an empty text for plain
        is_key = bool(self.stack) and self.stack[-1].is_mapping and self.stack[-1].key is None
        self._not_endless(text, mark, is_key=is_key)
        value: Plain = text
        if is_plain and is_key:
            self._odd_key(text, mark)
        elif is_plain:
            value = self._meaning(text, mark)
        block = event.style in ("|", ">")
        return Scalar(mark, value, text, not is_plain and not block, block, self.lines)

    def _not_endless(self, text: str, mark: Mark, *, is_key: bool) -> None:
        most = LONGEST_KEY if is_key else LONGEST_VALUE
        if len(text) > most:
            what = "this key" if is_key else "this text"
            message = f"{what} has {len(text)} characters, more than {most}"
            self.give_up("E010", mark, message, "is a quote or a bracket before it not closed?")

    def _meaning(self, text: str, mark: Mark) -> Plain:
        if text and text[0] not in STARTS_ODDLY:
            return text
        if text in ("true", "false"):
            return text == "true"
        if text in ("null", "~", ""):
            if not text:
                self._not_a_comment(mark)
            return None
        if _DECIMAL.match(text) and len(text) <= _LONGEST_INT:
            return int(text)
        if _FLOAT.match(text):
            return float(text)
        found = surprise_in(text)
        if found:
            self.say(found.code, mark, found.message, found.help)
        return text

    def _odd_key(self, text: str, mark: Mark) -> None:
        """W006 for a key that others read as true or false; `on` is a word of `announce`."""
        found = surprise_in_key(text) if text[:1] in STARTS_ODDLY else None
        if found and not (text == "on" and self._around() == "announce"):
            self.say(found.code, mark, found.message, found.help)

    def _around(self) -> str:
        """The key that what is open now stands under."""
        keys = (each.key for each in reversed(self.stack) if each.is_mapping)
        return next((each.text for each in keys if isinstance(each, Scalar)), "")

    def _not_a_comment(self, mark: Mark) -> None:
        rest = self._line(mark.line)[mark.column - 1 :].lstrip()
        if rest.startswith("#") and not rest.startswith("# "):
            message = f"the value is empty: '{rest.split()[0]}' is a comment"
            self.say("E009", mark, message, f'quote it: "{rest.split()[0]}"')


_ONE_DOCUMENT = "one file holds one document; remove the '---' and what follows it"
_BRACES = "quote a value that starts with '{' or '[', such as a template"
