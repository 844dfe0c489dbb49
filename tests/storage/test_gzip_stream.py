from __future__ import annotations

from engram.storage.pickles import GZIP
from tests.contracts.format_contract import FormatContract


class TestGzip(FormatContract):
    format = GZIP
