"""Everything about wiring is tested twice: done by the C code, and in NumPy."""

import pytest


@pytest.fixture(params=[pytest.param("c", marks=pytest.mark.cc), "numpy"], autouse=True)
def executor(request, monkeypatch):
    if request.param == "numpy":
        monkeypatch.setattr("engram.wiring.native.library", lambda: None)
    return request.param
