"""A compiler that is there without the C library's headers, as on a fresh container: what it says, and what helps."""

from __future__ import annotations

import re

from engram.version import extra

__all__ = ["HELP_LIBC", "lacking_libc"]

_HEADERS = r"(?:std\w+|math|string|pthread|limits|features|errno|time|bits/\S+|sys/\S+|gnu/\S+)\.h"
_SAID = re.compile(
    rf"fatal error: {_HEADERS}: No such file"  # gcc
    rf"|'{_HEADERS}' file not found"  # clang
    r"|cannot find (?:S?crt[1in]\.o|-lm|-lc|-lpthread)\b"  # both, when they link
)
HELP_LIBC = (
    "install them: `apt install libc6-dev` (Debian, Ubuntu), `dnf install glibc-devel` (Fedora),\n"
    "  `apk add musl-dev` (Alpine), `xcode-select --install` (macOS); or take another compiler:\n"
    f"  `pip install {extra('compiler')}`, and CC='python -m ziglang cc'. Meanwhile compile(backend='numpy') works."
)


def lacking_libc(messages: str) -> str:
    """Return the line of a compiler's messages that says so; empty if none does."""
    return next((line.strip() for line in messages.splitlines() if _SAID.search(line)), "")
