#!/usr/bin/env python3
"""Rules of the house that no compiler knows: include direction, lengths, banned words.

Run from anywhere; prints one line for each breach and ends with status 1 if there is any.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70

# Which folders a folder may include from, next to itself (ARCHITECTURE.md). What those may see, it
# sees too. Tests and benches see everything.
LAYERS = {
    "base": [],
    "algebra": ["base"],
    "commitments": ["algebra"],
    "erasure": ["algebra"],
    "checkpoint": ["base"],
    "provenance": ["checkpoint"],
    "object": ["commitments"],
    "proto": [],
    "transport": ["object", "proto"],
    "da-node": ["checkpoint", "erasure", "transport"],
    "publisher": ["checkpoint", "erasure", "transport"],
    "retrieval": ["checkpoint", "erasure", "transport"],
    "chain": ["base"],
    "sampling-client": ["transport", "chain"],
    "rollup": ["retrieval", "chain"],
    "gateway": ["retrieval", "sampling-client", "chain"],
    "cli": [
        "publisher", "retrieval", "provenance", "sampling-client", "rollup", "gateway", "chain"],
}
OPEN_FOLDERS = {"tests", "bench"}

# Headers that one place alone may include.
RESERVED_HEADERS = [
    (re.compile(r"blst\w*\.h"), re.compile(r"algebra/")),
    (re.compile(r"rocksdb/"), re.compile(r"da-node/store/")),
    (re.compile(r"ashlar/v1/"), re.compile(r"da-node/rpc/|transport/grpc_|tests/")),
]

# Written apart, so that this file does not break its own rule.
BANNED_WORDS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")

CPP = {".cpp", ".hpp"}
TEXT = CPP | {".py", ".sh", ".mjs", ".cmake", ".txt", ".proto", ".S", ""}
INCLUDE = re.compile(r'\s*#\s*include\s+["<]([^">]+)[">]')
TYPE_OR_SCOPE = re.compile(
    r"(template\s*<.*>\s*)?(inline\s+)?(namespace|class|struct|union|enum|extern)\b|.*=\s*$")


def visible_from(folder):
    """All folders that `folder` may include from."""
    seen = set()
    waiting = [folder]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting.extend(LAYERS[one])
    return seen


def strip_comments_and_strings(line):
    line = re.sub(r'"(\\.|[^"\\])*"', '""', line)
    return re.sub(r"//.*", "", line)


def check_includes(path, lines):
    folder = path.parts[0]
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        header = match.group(1)
        for reserved, place in RESERVED_HEADERS:
            if reserved.match(header) and not place.match(path.as_posix()):
                yield number, f"{header} may be included in {place.pattern} alone"
        target = header.split("/")[0]
        if "/" not in header or target not in LAYERS.keys() | OPEN_FOLDERS:
            continue
        if folder in LAYERS and target not in visible_from(folder):
            yield number, f"{folder}/ may not include from {target}/"


def opens_function(lines, brace):
    """True if the block that opens at line `brace` has no type, namespace or list before it."""
    header = []
    for line in reversed(lines[:brace]):
        code = strip_comments_and_strings(line).strip()
        if not code or code[-1] in ";}{" or code.startswith("#"):
            break
        header.insert(0, code)
    return bool(header) and not TYPE_OR_SCOPE.match(" ".join(header))


def check_function_lengths(lines):
    open_blocks = []
    for index, line in enumerate(lines):
        match = re.match(r"( *)([{}])", line)
        if not match:
            continue
        indent = len(match.group(1))
        if line.strip() == "{":
            open_blocks.append((indent, index))
        elif match.group(2) == "}" and open_blocks and open_blocks[-1][0] == indent:
            begin = open_blocks.pop()[1]
            length = index - begin - 1
            if length > FUNCTION_LINES_MAX and opens_function(lines, begin):
                yield begin + 1, f"function of {length} lines; at most {FUNCTION_LINES_MAX}"


def check_lines(path, lines):
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            yield number, f"{len(line)} columns; at most {COLUMNS_MAX}"
        if line != line.rstrip():
            yield number, "white space at the end of the line"
        if "\t" in line:
            yield number, "tabulator"
        word = BANNED_WORDS.search(line)
        if word:
            yield number, f"{word.group(0)}: finish it, or say what the limit is"
        if path.suffix in CPP and re.search(r"\bthrow\b", strip_comments_and_strings(line)):
            yield number, "throw: return a Result"


def check_file(path):
    lines = (ROOT / path).read_text(encoding="utf-8").split("\n")
    yield from check_lines(path, lines)
    if path.suffix in CPP:
        yield from check_includes(path, lines)
        yield from check_function_lengths(lines)
    if path.suffix == ".hpp" and lines[0] != "#pragma once":
        yield 1, "a header begins with #pragma once"


def sources():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        path = Path(name)
        if "corpus" not in path.parts and path.suffix in TEXT and (ROOT / path).is_file():
            yield path


def main():
    breaches = 0
    files = 0
    for path in sources():
        files += 1
        for number, what in check_file(path):
            breaches += 1
            print(f"{path}:{number}: {what}")
    print(f"{files} files, {breaches} breaches")
    # No files at all would mean that nothing was looked at.
    return 1 if breaches or not files else 0


if __name__ == "__main__":
    sys.exit(main())
