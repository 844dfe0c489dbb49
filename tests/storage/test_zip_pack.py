from engram.storage.zip_pack import ENGRAM, NPZ
from tests.contracts.format_contract import FormatContract


class TestNpz(FormatContract):
    format = NPZ


class TestEngram(FormatContract):
    format = ENGRAM
