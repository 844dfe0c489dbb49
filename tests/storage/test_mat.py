from __future__ import annotations

from engram.storage.mat import MAT
from tests.contracts.format_contract import FormatContract


class TestMat(FormatContract):
    format = MAT
