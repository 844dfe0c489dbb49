"""What users of other simulators type, and what is written here: data, and the look-up of it for messages."""

from __future__ import annotations

__all__: list[str] = []
