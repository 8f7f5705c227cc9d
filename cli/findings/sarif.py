"""SARIF 2.1.0: problems as a code scanner takes them.

Decides what a rule and a result say. Columns count UTF-16 code units, as most scanners
assume; a result's fingerprint holds while its line moves, so that it is not reported anew.
"""

import hashlib
import re
from collections import Counter
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from cli.findings import Findings
from cli.findings.paths import uri_from
from compiler.diagnostics import Diagnostic, source_lines
from compiler.error_pages import codes, page_of

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_WORD = re.compile(r"\w+")


def sarif_log(findings: Findings) -> dict[str, Any]:
    """The whole document, one run in it."""
    rules = _rules()
    places = {rule["id"]: index for index, rule in enumerate(rules)}
    lines = {path: source_lines(text) for path, text in findings.texts.items()}
    seen: Counter[tuple[str, str]] = Counter()
    results = []
    for found in findings.found:
        line = _line(lines.get(found.path, []), found.line)
        result = _result(found, uri_from(findings.root, found.path), line)
        if found.code in places:
            result["ruleIndex"] = places[found.code]
        result["partialFingerprints"] = _fingerprints(found, line, seen)
        results.append(result)
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(rules)},
                "columnKind": "utf16CodeUnits",
                "invocations": [{"executionSuccessful": True}],
                "results": results,
            }
        ],
    }


def _driver(rules: list[dict[str, Any]]) -> dict[str, Any]:
    driver: dict[str, Any] = {"name": "watchbill", "rules": rules}
    with suppress(PackageNotFoundError):  # run from a folder of sources
        driver["version"] = version("watchbill")
    return driver


@cache
def _rules() -> list[dict[str, Any]]:
    """One rule for each code that has a page."""
    return [_rule(code, page_of(code) or code) for code in codes()]


def _rule(code: str, page: str) -> dict[str, Any]:
    heading, _, rest = page.partition("\n")
    title = heading.removeprefix("## ").removeprefix(code).strip()
    why = rest.strip().partition("\n\n")[0]
    return {
        "id": code,
        "shortDescription": {"text": title or code},
        "fullDescription": {"text": why or title or code},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _level(code)},
    }


def _level(code: str) -> str:
    return "warning" if code.startswith("W") else "error"


def _result(found: Diagnostic, uri: str, line: str) -> dict[str, Any]:
    said = f"{found.message}\nhelp: {found.help}" if found.help else found.message
    start = min(found.column - 1, len(line))
    word = _WORD.match(line, start)
    end = word.end() if word else min(start + 1, len(line))
    region = {
        "startLine": found.line,
        "startColumn": _units(line[:start]) + 1,
        "endLine": found.line,
        "endColumn": max(_units(line[:end]), _units(line[:start])) + 1,
    }
    location = {"artifactLocation": {"uri": uri}, "region": region}
    return {
        "ruleId": found.code,
        "level": _level(found.code),
        "message": {"text": said.encode(errors="replace").decode()},
        "locations": [{"physicalLocation": location}],
    }


def _units(text: str) -> int:
    """The text's length in UTF-16 code units."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1] if number <= len(lines) else ""


def _fingerprints(found: Diagnostic, line: str, seen: Counter[tuple[str, str]]) -> dict[str, str]:
    """The line's text and which of its like it is: the same after lines above it change."""
    told = f"{found.code}\n{found.message}\n{line.strip()}".encode(errors="replace")
    digest = hashlib.sha256(told).hexdigest()[:16]
    seen[found.path, digest] += 1
    return {"primaryLocationLineHash": f"{digest}:{seen[found.path, digest]}"}
