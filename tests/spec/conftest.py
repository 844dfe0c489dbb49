"""Every rule holds on both backends."""

import pytest


@pytest.fixture(params=[pytest.param("c", marks=pytest.mark.cc), "numpy"])
def backend(request):
    return request.param
