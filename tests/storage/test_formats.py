"""The table of formats: each row has its tests."""

from importlib import import_module
from pkgutil import walk_packages

import tests.storage
from engram.storage.formats import TABLE
from tests.contracts.format_contract import FormatContract


def test_every_format_keeps_the_contract():
    for module in walk_packages(tests.storage.__path__, "tests.storage."):
        import_module(module.name)

    kept = [one.format for one in FormatContract.__subclasses__()]
    assert [row for row in TABLE if getattr(import_module(row.module), row.instance) not in kept] == []
