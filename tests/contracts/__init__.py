import pytest

pytest.register_assert_rewrite("tests.contracts.format_contract")
