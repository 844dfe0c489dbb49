import pytest

from engram.storage.zip.names import member_names


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("populations/exc/v", "populations/exc/v"),
        ("populations/späti/v", "populations/sp%C3%A4ti/v"),
        ("populations/../v", "populations/%2E./v"),
        ("populations/.x/v.w", "populations/%2Ex/v.w"),
        ("a b/%41/c:d*?\\", "a%20b/%2541/c%3Ad%2A%3F%5C"),
        ("A-Z_0.9", "A-Z_0.9"),
    ],
)
def test_member_name_is_safe_anywhere(key, name):
    assert member_names([key]) == [name]


def test_names_that_differ_in_case_alone_are_told_apart():
    keys = ["p/V", "p/v", "p/Vm", "p/vM", "P/x", "p/x", "q/Y", "%56", "p/%56"]
    names = member_names(keys)

    assert names == ["p/%56", "p/v", "p/%56m", "p/v%4D", "%50/x", "p/x", "q/Y", "%2556", "p/%2556"]
    assert len({name.lower() for name in names}) == len(keys)
