# SPDX-License-Identifier: LGPL-2.1-or-later
"""What strace(1) wrote, read: calls with -xx, where text has hexadecimal escapes only."""
import re


def split_arguments(text):
    """Arguments of a call; text in quotes has only hexadecimal escapes (-xx)."""
    parts, depth, start, quoted = [], 0, 0, False
    for i, c in enumerate(text):
        if c == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif c in "([{<":
            depth += 1
        elif c in ")]}>" and not (c == ">" and text[i - 1] in "-=>"):
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    parts.append(text[start:].strip())
    return [p for p in parts if p]


LINE = re.compile(r"^(\w+)\((.*)\)\s+= (\?|-?\w+)(<.*?>)?(?:\(deleted\))?(?: (E\w+))?.*$")


def numeral(text):
    """Decimal, 0x… or, with a leading 0, octal."""
    return int(text, 8 if re.match(r"^0\d", text) else 0)


def parse_trace(path):
    """The calls of one thread: (name, arguments, result or None)."""
    calls = []
    with open(path, encoding="ascii", errors="replace") as trace:
        for line in trace:
            match = LINE.match(line)
            if not match:
                continue
            name, arguments, result, _, error = match.groups()
            value = None if result == "?" else numeral(result)
            calls.append((name, split_arguments(arguments), value, error))
    return calls


def unquote(text):
    """Bytes of a string, and whether it was cut; None when it is none."""
    match = re.match(r'^"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?$', text)
    return (bytes.fromhex(match.group(1).replace("\\x", "")), bool(match.group(2))) if match else None


def descriptor(text):
    """Number and what it is, of "3<path>": bytes, or None."""
    match = re.match(r"^(-?\d+|AT_FDCWD)(?:<(.*?)>(\(deleted\))?)?$", text)
    if not match:
        return None, None
    place = match.group(2)
    if place is not None:
        place = re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes.fromhex(m.group(1).decode()), place.encode())
    return match.group(1), place


# --- values: dicts of structures, lists, bytes of texts; all else stays text ----------------------------------------

WRAPPED = re.compile(r"^(?:htons|htonl|inet_addr|makedev|minor)\((.*)\)$")
# inet_pton(AF_INET6, "…", &sin6_addr) stands for the member that it fills.
FILLED = re.compile(r"^inet_pton\(\w+, (.*), &(\w+)\)$")


def members(text):
    """Of {a=1, b=2}; of what the call changed (a=1 => 2), the latter."""
    found = {}
    for part in split_arguments(text):
        filled = FILLED.match(part)
        if filled:
            found[filled.group(2)] = parse_value(filled.group(1))
            continue
        name, equals, value = part.partition("=")
        if equals and re.match(r"^\w+$", name):
            found[name] = parse_value(value.rpartition(" => ")[2] if " => " in value else value)
    return found


def parse_value(text):
    """Of an argument or a member of one; without what strace explains in a comment."""
    text = re.sub(r" /\* [^*]* \*/", "", text)
    wrapped = WRAPPED.match(text)
    if wrapped:
        return parse_value(wrapped.group(1))
    if text.startswith("{") and text.endswith("}"):
        given = text.split("} => {")[0]
        return members(given[1:] if given != text else text[1:-1])
    if text.startswith("[") and text.endswith("]"):
        inner = text[1:-1]
        return [parse_value(part) for part in (inner.split() if re.match(r"^[A-Z0-9_ ]+$", inner) else split_arguments(inner))]
    abstract = text.startswith("@")
    quoted = unquote(text[1:] if abstract else text)
    if quoted is not None:
        return b"@" * abstract + quoted[0]
    return text
