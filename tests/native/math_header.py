"""A header of vector math as a library: for each of its functions a loop over arrays and a scalar function."""

import ctypes
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import mpmath
import numpy as np
import pytest

import engram.native

__all__ = ["MathHeader", "MathLibrary", "differing_cuts", "fixtures", "worst_ulp"]

FOLDER = Path(engram.native.__file__).parent / "c"
FLAGS = ["-std=c11", "-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off", "-fopenmp-simd"]
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
C_TYPES = {"float": ctypes.c_float, "double": ctypes.c_double}
NAMES = ("x", "y")  # of arguments


@dataclass(frozen=True)
class MathHeader:
    """A header, the C type of its functions, what their names end with, and how many arguments each has."""

    file: str
    real: str
    suffix: str
    functions: dict[str, int]

    def text(self):
        return (FOLDER / self.file).read_text()

    def stated_errors(self):
        """The errors in ulp that the comment at its top states, by the name of the function."""
        top, _, _ = self.text().partition("#ifndef")
        return {name: float(error) for name, error in re.findall(r"\b(\w+) +(\d\.\d)(?= |\n)", top)}

    def source(self):
        """One loop and one scalar function each, one a line."""
        lines = [f'#include "{self.file}"']
        for name, count in self.functions.items():
            used, function = NAMES[:count], f"eg_{name}{self.suffix}"
            pointers = "".join(f"const {self.real} *{x}, " for x in used)
            elements, given = ", ".join(f"{x}[i]" for x in used), ", ".join(f"{self.real} {x}" for x in used)
            body = f'_Pragma("omp simd") for (long i = 0; i < n; i++) o[i] = {function}({elements});'
            call = f"return {function}({', '.join(used)});"
            lines.append(f"void loop_{name}({pointers}{self.real} *o, long n) {{ {body} }}")
            lines.append(f"__attribute__((noinline)) {self.real} one_{name}({given}) {{ {call} }}")
        return "\n".join(lines) + "\n"

    def build(self, folder, *flags):
        (folder / "math.c").write_text(self.source())
        command = ["gcc", *FLAGS, *flags, *WARNINGS, f"-I{FOLDER}", "-shared", "-fPIC", "-fopt-info-vec-optimized"]
        done = subprocess.run(
            [*command, "math.c", "-o", "math.so"], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return MathLibrary(self, ctypes.CDLL(str(folder / "math.so")), done.stderr)


@dataclass(frozen=True)
class MathLibrary:
    """What became of a header, and what the compiler said."""

    header: MathHeader
    handle: ctypes.CDLL
    messages: str

    @property
    def dtype(self):
        return np.dtype(C_TYPES[self.header.real])

    def call(self, name, *arguments):
        """Return the values of a function, by its loop."""
        arrays = [np.ascontiguousarray(argument, self.dtype) for argument in arguments]
        out = np.empty_like(arrays[0])
        pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (*arrays, out)]
        getattr(self.handle, f"loop_{name}")(*pointers, ctypes.c_long(out.size))
        return out

    def scalar(self, name, *arguments):
        """Return the values of a function, one by one."""
        function = getattr(self.handle, f"one_{name}")
        function.restype = C_TYPES[self.header.real]
        function.argtypes = [function.restype] * len(arguments)
        rows = zip(*(argument.tolist() for argument in arguments), strict=True)
        return np.array([function(*row) for row in rows], self.dtype)

    def scalar_loops(self):
        """The loops that the compiler has not vectorised."""
        lines = self.header.source().splitlines()
        vectorised = re.findall(r"math\.c:(\d+):\d+: optimized: loop vectorized", self.messages)
        loops = {number: line for number, line in enumerate(lines, 1) if "omp simd" in line}
        return [line.split("(")[0] for number, line in loops.items() if str(number) not in vectorised]


def fixtures(header):
    """Return the fixtures ``native`` (with all that this processor has), ``plain``, and ``library``, which is both."""

    @pytest.fixture(scope="module")
    def native(tmp_path_factory):
        return header.build(tmp_path_factory.mktemp("native"), "-march=native")

    @pytest.fixture(scope="module")
    def plain(tmp_path_factory):
        return header.build(tmp_path_factory.mktemp("plain"))

    @pytest.fixture(params=["native", "plain"])
    def library(request):
        return request.getfixturevalue(request.param)

    return native, plain, library


def worst_ulp(values, truth, *arguments):
    """Return the largest error of ``values`` in units of the last place of their type."""
    worst = 0.0
    with mpmath.workprec(120):
        for value, *row in zip(values.tolist(), *(argument.tolist() for argument in arguments), strict=True):
            exact = truth(*map(mpmath.mpf, row))
            ulp = float(np.spacing(values.dtype.type(abs(float(exact)))))
            worst = max(worst, abs(float((mpmath.mpf(value) - exact) / mpmath.mpf(ulp))))
    return worst


def differing_cuts(library, name, arrays, offsets):
    """Return the stretches (first, how many) of the arguments in which the loop differs from the scalar function."""
    whole = library.scalar(name, *arrays)
    cuts = [(0, whole.size), *((offset, n) for offset in offsets for n in range(1, 71))]

    def differs(first, n):
        part = slice(first, first + n)
        return library.call(name, *(array[part] for array in arrays)).tobytes() != whole[part].tobytes()

    return [cut for cut in cuts if differs(*cut)]
