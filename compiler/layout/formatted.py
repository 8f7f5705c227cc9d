"""A file in the one layout, with the same meaning and every comment.

Decides whether a file can be laid out at all: what the compiler cannot read is left alone,
and so is what would read differently afterwards.
"""

from compiler.layout.order import in_order
from compiler.layout.reading import read
from compiler.layout.tree import Branch, UnformattableError
from compiler.layout.writing import write
from compiler.nodes import Listing, Mapping, Node, Scalar
from compiler.schema.documents import document_of
from compiler.source import load

_BOM = "\ufeff"


def formatted(path: str, text: str) -> str:
    """The text in the one layout; `path` inside the folder says which kind of file it is.

    Line breaks stay those of the first line; a byte order mark stays. Only for texts that
    the compiler can read.

    Raises:
        UnformattableError: where a layout of ours would change what the file says.
    """
    mark, body = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    line_break = "\r\n" if _is_crlf(body) else "\n"
    body = body.replace("\r\n", "\n")
    found = read(body)
    root = found.root
    if not isinstance(root, Branch) or not root.is_mapping or not root.entries:
        return text
    header = in_order(root, document_of(path))
    laid_out = write(root, header, found.rest)
    _must_say_the_same(body, laid_out)
    if read(laid_out).comments != found.comments:
        raise UnformattableError("a comment would be lost")
    return mark + laid_out.replace("\n", line_break)


def _is_crlf(text: str) -> bool:
    """Whether the first line ends as files from Windows do."""
    return text[: text.find("\n") + 1].endswith("\r\n")


def _must_say_the_same(before: str, after: str) -> None:
    """Refuse a layout that lost or changed anything.

    Raises:
        UnformattableError: with what would be different.
    """
    old, new = load("", before), load("", after)
    if new.root is None or old.root is None or _said(old.root) != _said(new.root, old.root):
        raise UnformattableError("its values would be read differently")


def _said(node: Node, like: Node | None = None) -> object:
    """The values with their types; top fields in the order of the other file."""
    if isinstance(node, Mapping) and isinstance(like, Mapping):
        ranks = {key.text: at for at, (key, _) in enumerate(like.entries)}
        entries = sorted(node.entries, key=lambda entry: ranks.get(entry[0].text, -1))
        return [(key.text, _said(value)) for key, value in entries]
    match node:
        case Mapping():
            return [(key.text, _said(value)) for key, value in node.entries]
        case Listing():
            return [_said(each) for each in node.items]
        case Scalar():
            return (type(node.value).__name__, node.value, node.text)
