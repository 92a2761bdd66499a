"""The sandbox is the outside world: it shares no code with what it judges.

Belongs here: what its modules import. Not here: what they do.
"""

import ast
from pathlib import Path

import pytest

SANDBOX = Path(__file__).resolve().parents[3] / "sandbox"
PRODUCT = {"ohx_pipelines", "oauth_portal"}
MODULES = sorted(SANDBOX.rglob("*.py"))


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # importlib.import_module("...") and `python -m ...` name modules in text.
            yield node.value.partition(".")[0]


@pytest.mark.parametrize("module", MODULES, ids=lambda one: str(one.relative_to(SANDBOX)))
def test_no_module_of_the_sandbox_imports_the_product(module):
    assert not PRODUCT & set(imported(ast.parse(module.read_text())))


def test_the_search_for_imports_sees_the_whole_sandbox_and_would_find_one():
    assert {SANDBOX / "reader" / "compare.py", SANDBOX / "ehr" / "app.py"} <= set(MODULES)
    for line in ("import ohx_pipelines.fhir", "from oauth_portal import app",
                 "import_module('ohx_pipelines.sync')"):  # fmt: skip
        assert PRODUCT & set(imported(ast.parse(line)))
