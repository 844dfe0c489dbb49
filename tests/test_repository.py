"""What holds for every module of the package."""

from __future__ import annotations

import ast
import functools
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tomllib

from tests.cases import check_each

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "engram"
MODULES = sorted(PACKAGE.rglob("*.py"))

# what may run code that stands in data, and who offers it
FORBIDDEN_CALLS = {"eval", "exec", "sympify", "parse_expr", "lambdify", "loadmat", "Unpickler", "literal_eval"}
FORBIDDEN_MODULES = {"pickle", "_pickle", "cPickle", "shelve", "marshal", "dill", "cloudpickle", "joblib"}
MAY_USE = {
    "engram/studies/travel.py": {"pickle", "cloudpickle", "Unpickler"}
}  # between the processes of one study; no file of the user's
HEAVY = ("lark", "sympy", "scipy", "matplotlib", "rich", "tqdm", "h5py", "isal")


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def trees() -> dict[str, ast.Module]:
    """The trees of all modules by their name: ``engram/errors.py``."""
    return {str(path.relative_to(ROOT)): tree_of(path) for path in MODULES}


def test_there_are_modules():
    assert len(MODULES) > 50


def public_names(tree: ast.Module) -> set[str]:
    """Names that a module defines itself, or, if it is a package or re-exports, imports under ``__all__``."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
    return {name for name in names if not name.startswith("_")}


def listed_names(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            names: list[str] = ast.literal_eval(node.value)
            return names
    return None


def bound_names(tree: ast.Module) -> set[str]:
    """Everything that a module's top level binds, also under ``if TYPE_CHECKING``."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            names |= {*(listed_names(tree_of(ROOT / f"{str(node.module).replace('.', '/')}.py")) or ())}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def is_empty(tree: ast.Module) -> bool:
    return len(tree.body) <= 1


def test_every_module_has_a_docstring():
    texts = {name: ast.get_docstring(tree) for name, tree in trees().items()}

    assert [name for name, text in texts.items() if not text or "TODO" in text] == []


def test_all_lists_what_is_public():
    check_each(trees(), check_all)


def check_all(tree):
    listed = listed_names(tree)
    if listed is None:
        assert is_empty(tree), "a module with content needs __all__"
        return

    assert public_names(tree) - set(listed) == set()
    assert set(listed) - bound_names(tree) == set()
    assert [name for name in listed if name.startswith("_") and name != "__version__"] == []
    assert len(listed) == len(set(listed))


def test_no_module_runs_code_from_data():
    check_each({name: (tree, MAY_USE.get(name, set())) for name, tree in trees().items()}, check_calls)


def check_calls(tree, allowed):
    imported = {alias.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    sources = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    imported |= {(n.module or "").split(".")[0] for n in sources}
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    used |= {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    used |= {alias.name for n in sources for alias in n.names}

    assert imported & FORBIDDEN_MODULES | used & FORBIDDEN_CALLS == allowed


def test_forbidden_calls_would_be_found():
    tree = ast.parse("import numpy as np\nnp.f.eval\nfrom scipy.io import loadmat\n")
    used = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}

    assert used & FORBIDDEN_CALLS


def test_relative_order_of_imports_is_not_dodged_inside_functions():
    """An import of engram's own inside a function hides a cycle, or is lazy on purpose: then it points down."""
    check_each(MODULES, check_imports_inside)


def check_imports_inside(path):
    package = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for function in ast.walk(tree_of(path)):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("engram."):
                    other = (node.module or "").split(".")[1]
                    assert _level(other) >= _level(package), f"{path}: {node.module}"


MOST_IN_A_KNOT = 8
CONTRACT = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
LAYERS = [layer.split(" | ") for layer in CONTRACT["layers"]]


def _level(package: str) -> int:
    return next((k for k, names in enumerate(LAYERS) if package in names), -1)


def test_few_modules_need_each_other():
    """Annotations, and imports inside of functions, count: at most eight modules are understood together only."""
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in MODULES}
    needs = {name: set(_needed(path, names)) for name, path in names.items()}
    knots = [found for found in _knots(needs) if len(found) > MOST_IN_A_KNOT]

    assert knots == []


def _needed(path, names):
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names} & names.keys()
            yield from whole or {node.module} & names.keys()


def _knots(needs):
    """Return the sets of modules that need each other, perhaps through others."""
    reached = {}
    for name in needs:
        seen, ahead = set(), [name]
        while ahead:
            new = needs[ahead.pop()] - seen
            seen |= new
            ahead += new
        reached[name] = seen
    return {frozenset(b for b in reached[a] if a in reached[b]) for a in needs}


def test_import_linter_analyses_every_module_and_keeps_its_contracts():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    analysed = next(int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("Analyzed"))

    assert done.returncode == 0, done.stdout
    assert analysed == len(MODULES)
    assert "Contracts: 0 kept" not in done.stdout


def project() -> Any:
    """Return pyproject.toml."""
    tomllib = pytest.importorskip("tomllib", reason="new in Python 3.11")
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_mypy_checks_folders_that_exist():
    files = project()["tool"]["mypy"]["files"]

    assert "engram" in files
    assert [name for name in files if not list((ROOT / name).rglob("*.py"))] == []


def test_every_file_of_the_package_goes_into_the_wheel():
    patterns = project()["tool"]["setuptools"]["package-data"]["engram"]
    data = [path.relative_to(PACKAGE) for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".py"]
    data = [path for path in data if "__pycache__" not in path.parts]
    folders = {path.parent for path in MODULES}

    assert data
    assert [str(path) for path in data if not any(path.match(pattern) for pattern in patterns)] == []
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_import_engram_loads_nothing_heavy():
    code = "import sys, json, engram; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout)

    assert "engram" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_public_names_are_listed_and_exist():
    import engram

    assert [name for name in engram.__all__ if not hasattr(engram, name)] == []
    assert bound_names(tree_of(PACKAGE / "__init__.py")) >= {*engram.__all__}
    stars = [node for node in tree_of(PACKAGE / "__init__.py").body if isinstance(node, ast.ImportFrom)]
    brought = bound_names(ast.Module([node for node in stars if node.names[0].name == "*"], []))
    assert brought, "what modules offer is imported by a star"
    assert brought - {*engram.__all__} == set()


def test_every_exception_and_warning_that_users_meet_is_a_name_of_engram():
    import engram

    for path in MODULES:
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    found = _below(engram.EngramError) | _below(engram.EngramWarning)
    named = {cls for cls in found if getattr(engram, cls.__name__, None) is cls}

    assert len(named) > 50
    # the one of the language is below the one that users name; the others are always caught
    unnamed = {"engram.language.errors.NotAvailable"} | {
        f"engram.storage.contract.{name}" for name in ("NotOurs", "OtherVersion")
    }
    assert {f"{cls.__module__}.{cls.__name__}" for cls in found - named} == unnamed


def _below(cls: type) -> set[type]:
    ours = {one for one in cls.__subclasses__() if one.__module__.startswith("engram.")}
    return {cls} | {below for one in ours for below in _below(one)}
