"""What users read of a network: arrays, lists and numbers that say what to type where somebody would write into them.

What is read is a copy of the values of now. Where writing into it would reach nothing it is refused, in one place for
all ways in which arrays and lists can be written. One value alone, also in an array, is a number
where one is asked for.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from engram.callers import shortened
from engram.errors import InvalidArgument, NoSuchElement, UnknownAttribute, WrongCall

__all__ = [
    "COPY",
    "IN_PLACE",
    "OneOrMany",
    "ReadArray",
    "ReadFloat",
    "ReadInt",
    "ReadList",
    "as_plain",
    "number",
    "read_lists",
]

Array = npt.NDArray[Any]
COPY = "take a copy, .copy(), to change it."
IN_PLACE = "add sub mul truediv floordiv mod pow and or xor lshift rshift matmul".split()
OF_ARRAYS = "fill sort partition put itemset resize setfield setflags byteswap".split()
OF_LISTS = "append extend insert pop remove sort reverse clear __setitem__ __delitem__ __iadd__ __imul__".split()
HARMLESS: dict[str, Callable[..., bool]] = {
    "byteswap": lambda inplace=False: not inplace,
    "setflags": lambda write=None, align=None, uic=None: not write,
}
"""Methods that write for some arguments only -> whether they don't for these."""
FIRST_WRITTEN = {np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis}
"""Functions of NumPy that write into their first argument."""


# -- arrays ------------------------------------------------------------------------------------------------


class OneOrMany(np.ndarray[Any, np.dtype[Any]]):
    """An array which, where it has one element, is a number wherever Python asks for one: ``float(pop[0].v)``.

    What is computed from one is another; other results are plain arrays.
    """

    @property
    def _called(self) -> str:
        return f"an array of shape {self.shape}"

    def _one(self) -> Any:
        if self.size != 1:
            advice = "name one of them, values[0], or make one of them, values.mean(); np.round(values, 2) rounds all."
            raise WrongCall(f"{self._called} has {self.size} values, and is no number\n  help: {advice}")
        return self.item()

    @shortened
    def __float__(self) -> float:
        return float(self._one())

    @shortened
    def __int__(self) -> int:
        return int(self._one())

    @shortened
    def __complex__(self) -> complex:
        return complex(self._one())

    @shortened
    def __index__(self) -> int:
        return operator.index(self.item() if self.size == 1 else self.view(np.ndarray))

    @shortened
    def __trunc__(self) -> int:
        return int(self._one())

    @shortened
    def __hash__(self) -> int:  # type: ignore[override]  # arrays have none; it is equal to its number
        return hash(self._one())

    def __round__(self, digits: int | None = None) -> Any:
        return round(self.item(), digits) if self.size == 1 else np.round(self.view(np.ndarray), digits or 0)

    @shortened
    def __format__(self, spec: str) -> str:
        return format(self._one(), spec) if spec else str(self)

    def __str__(self) -> str:
        return str(self.item() if self.size == 1 else self.view(np.ndarray))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        out = kwargs.get("out", ())
        if method == "at":
            _check_written(inputs[0], f"np.{ufunc.__name__}.at()")
        for one in out:
            _check_written(one, "out=")
        plain = {name: tuple(map(_plain, value)) if name == "out" else _plain(value) for name, value in kwargs.items()}
        found = getattr(ufunc, method)(*map(_plain, inputs), **plain)
        if out:
            return out[0] if len(out) == 1 else tuple(b if a is None else a for a, b in zip(out, found, strict=True))
        return tuple(map(_as_one, found)) if isinstance(found, tuple) else _as_one(found)

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        if array is self:
            return array
        return array[()] if array.shape == () else _as_one(array.view(np.ndarray))

    def __repr__(self) -> str:
        return repr(self.item() if self.size == 1 else self.view(np.ndarray))

    def __reduce__(self) -> Any:
        return self.view(np.ndarray).__reduce__()


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, OneOrMany) else value


def _as_one(found: Any) -> Any:
    """Return a result, which is number and array, if it has one element."""
    return found.view(OneOrMany) if type(found) is np.ndarray and found.size == 1 else found


def _check_written(target: Any, how: str) -> None:
    if isinstance(target, ReadArray):
        target.check_writeable(how)


def _writing(name: str) -> Callable[..., Any]:
    """Return the method of that name, which is refused unless the array is one of its own."""
    is_harmless = HARMLESS.get(name, lambda *_, **__: False)

    def method(self: ReadArray, *args: Any, **kwargs: Any) -> Any:
        if not is_harmless(*args, **kwargs):
            self.check_writeable(f"{name}()")
        return getattr(np.ndarray, name)(self, *args, **kwargs)

    method.__name__ = name
    return shortened(method)


def _new(name: str) -> Callable[[Any, Any], Any]:
    """Return an operator that gives a new array, for one that would change its first operand."""
    compute: Callable[[Any, Any], Any] = getattr(np.ndarray, f"__{name}__")

    def method(self: Any, other: Any) -> Any:
        return compute(self.view(np.ndarray), other)

    return method


def _part(name: str) -> property:
    """Return an attribute of arrays that assigning to would write into the whole."""
    of_arrays = getattr(np.ndarray, name)

    def assign(self: ReadArray, value: Any) -> None:
        self.check_writeable(f".{name} =")
        of_arrays.__set__(self, value)

    return property(of_arrays.__get__, shortened(assign))


class ReadArray(OneOrMany):
    """A copy of values of now; whatever would write into it is refused with what to type instead.

    ``values.copy()``, and what is computed from it, is an array of its own.
    """

    _refusal: tuple[Any, str] = "", ""  # from which it is worded; views have that of the whole

    def __new__(cls, values: npt.ArrayLike, what: str, advice: str, shape: tuple[int, ...] | None = None) -> ReadArray:
        """Copy some values.

        Args:
            what, advice: what somebody is told who would write into them.
            shape: to which they are broadcast, which takes no memory.
        """
        copy: Array = np.array(values)
        copy = copy if shape is None else np.broadcast_to(copy, shape)
        copy.flags.writeable = False  # so that no view of it can be made writeable
        self: ReadArray = copy.view(cls)
        self._refusal = what, advice
        return self

    def __array_finalize__(self, source: Any) -> None:
        if isinstance(source, ReadArray):
            self._refusal = source._refusal

    def refusal(self) -> tuple[str, str]:
        """Return what somebody is told who would write into it: what it is, and what to type."""
        what, advice = self._refusal
        return str(what), advice

    def check_writeable(self, how: str) -> None:
        """Refuse to write unless this is an array of its own, such as a copy.

        Raises:
            InvalidArgument: saying what to type.
        """
        if not self.flags.writeable:
            what, advice = self.refusal()
            raise InvalidArgument(f"{f'{how}: ' if how else ''}{what}\n  help: {advice}")

    @shortened
    def __getitem__(self, key: Any) -> Any:
        try:
            return super().__getitem__(key)
        except IndexError as error:
            if self.shape != ():
                raise
            what = f"this array is one number for all, {self.item()!r}, and has no elements: {error}"
            raise NoSuchElement(
                f"{what}\n  help: float(values) is the number; np.full(n, values) has n of them."
            ) from None

    @shortened
    def __setitem__(self, key: Any, value: Any) -> None:
        self.check_writeable("")
        super().__setitem__(key, value)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        out = kwargs.get("out")
        for one in out if isinstance(out, tuple) else (out,):
            _check_written(one, "out=")
        if function in FIRST_WRITTEN:
            _check_written(args[0] if args else next(iter(kwargs.values())), f"np.{function.__name__}()")
        return super().__array_function__(function, types, args, kwargs)

    real = _part("real")  # type: ignore[assignment]  # in the stubs of NumPy they are no properties
    imag = _part("imag")  # type: ignore[assignment]  # as above

    @property
    def flat(self) -> Any:
        """The elements one after the other; iterators of NumPy could not say what to type."""
        return np.ndarray.flat.__get__(self) if self.flags.writeable else self.reshape(-1)

    @flat.setter
    @shortened
    def flat(self, values: Any) -> None:
        self.check_writeable(".flat =")
        self[...] = values

    for _name in OF_ARRAYS:
        locals()[_name] = _writing(_name)
    for _name in IN_PLACE:
        locals()[f"__i{_name}__"] = _new(_name)
    del _name


# -- lists -------------------------------------------------------------------------------------------------


def _refused(name: str) -> Callable[..., Any]:
    def method(self: ReadList, *args: Any, **kwargs: Any) -> Any:
        how = "" if name[:1] == "_" else f"{name}(): "
        raise InvalidArgument(f"{how}{self.what}\n  help: {self.advice}")

    method.__name__ = name
    return shortened(method)


class ReadList(list[Any]):
    """A list that was read, whose elements stay. It is equal to, and pickled as, a plain one.

    Args:
        what, advice: what somebody is told who would change it.
    """

    __slots__ = ("advice", "what")

    def __init__(self, values: Iterable[Any], what: str, advice: str) -> None:
        super().__init__(values)
        self.what, self.advice = what, advice

    def __reduce_ex__(self, protocol: Any) -> Any:
        return list, ([*self],)

    @shortened
    def __getattr__(self, name: str) -> Any:
        if name[:1] == "_" or not hasattr(np.ndarray, name):
            raise AttributeError(f"a list of values has no attribute {name!r}")
        advice = "np.array(values) is an array of it, where all rows are equally long."
        raise UnknownAttribute(f"a list of values, and no array, was asked for .{name}\n  help: {advice}")

    for _name in OF_LISTS:
        locals()[_name] = _refused(_name)
    del _name


def read_lists(rows: Iterable[list[Any]], what: str, advice: str) -> ReadList:
    """Return a list of lists, none of which can be changed."""
    return ReadList((ReadList(row, what, advice) for row in rows), what, advice)


# -- numbers -----------------------------------------------------------------------------------------------


class _Number:
    """One value of several owners, or of one: a number, whose elements can be set only where it stands for many."""

    _what = _advice = ""
    _elements: Callable[[], Any] | None = None  # of what it stands for
    __iter__ = None  # a number is no sequence

    def _refuse(self) -> NoReturn:
        raise WrongCall(f"{self._what} is one number, {self!r}, and has no elements\n  help: {self._advice}")

    @shortened
    def __getattr__(self, name: str) -> Any:
        if name[:1] == "_" or not hasattr(np.ndarray, name):
            raise AttributeError(f"a number has no attribute {name!r}")
        advice = self._advice if self._elements else f"np.asarray(value).{name} is that of an array."
        what = self._what or "this"
        raise UnknownAttribute(f"{what} is one number, {self!r}, and has no .{name}\n  help: {advice}")

    @shortened
    def __getitem__(self, key: Any) -> Any:
        return self._refuse() if self._elements is None else self._elements()[key]

    @shortened
    def __setitem__(self, key: Any, value: Any) -> None:
        if self._elements is None:
            self._refuse()
        self._elements()[key] = value


class ReadFloat(_Number, float):
    """A float that was read, and that Python calls one in its messages."""

    def __reduce__(self) -> Any:
        return float, (float(self),)


class ReadInt(_Number, int):
    """A whole number that was read, and that Python calls one in its messages."""

    def __reduce__(self) -> Any:
        return int, (int(self),)


ReadFloat.__name__, ReadInt.__name__ = "float", "int"


def number(value: Any, what: str, advice: str, elements: Callable[[], Any] | None = None) -> Any:
    """Return a number that says what to type if it is taken for an array.

    Args:
        value: a plain one; a flag is returned as it is.
        what, advice: what it is, and what somebody is told who takes it for an array: who sets elements of it,
            or, where it stands for many, asks for what arrays have.
        elements: makes the lists that it stands for, where one value is that of many.
    """
    kind: type[ReadFloat | ReadInt] | None = {float: ReadFloat, int: ReadInt}.get(type(value))
    if kind is None:
        return value
    found = kind(value)
    found._what, found._advice, found._elements = what, advice, elements
    return found


def as_plain(value: Any) -> Any:
    """Return what was read as what NumPy and Python have of that kind; anything else as it is."""
    if isinstance(value, OneOrMany):
        return value.view(np.ndarray)
    if isinstance(value, ReadList):
        return [*value]
    return float(value) if isinstance(value, ReadFloat) else int(value) if isinstance(value, ReadInt) else value
