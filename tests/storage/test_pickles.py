from __future__ import annotations

from engram.storage.pickles import PICKLE
from tests.contracts.format_contract import FormatContract


class TestPickle(FormatContract):
    format = PICKLE
