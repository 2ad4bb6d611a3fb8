# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Print figures of how hard a Python package is to read: long functions, many parameters, and so on.

    python tools/code_figures.py [FOLDER OF THE PACKAGE]

``ruff check --select C901 --config lint.mccabe.max-complexity=15`` names functions that branch
too often.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

MAX_LINES, MAX_PARAMETERS = 40, 6
PACKAGE = Path(__file__).parent.parent / 'policy_gen_ros'


def long_functions(tree: ast.Module) -> Iterator[str]:
    """Functions of more than MAX_LINES lines, the docstring not counted."""
    for function in _functions(tree):
        text = function.body[0] if ast.get_docstring(function) else None
        lines = _lines(function) - (_lines(text) if text else 0)
        if lines > MAX_LINES:
            yield f'{function.name} ({lines})'


def functions_of_many_parameters(tree: ast.Module) -> Iterator[str]:
    """Functions of more than MAX_PARAMETERS parameters, ``self`` and ``cls`` not counted."""
    for function in _functions(tree):
        given = function.args
        names = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)
                 if each.arg not in ('self', 'cls')]
        if len(names) > MAX_PARAMETERS:
            yield f'{function.name} ({len(names)})'


def constants(tree: ast.Module) -> Iterator[str]:
    """Names of a module that stand for a number, or for several."""
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and _is_number(node.value):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            yield ast.unparse(target)


def longest_chain(trees: Mapping[str, ast.Module], package: str) -> tuple[str, ...]:
    """Modules of which each imports the next as it is imported itself."""
    imported = {name: _imports(tree, package, trees) - {name} for name, tree in trees.items()}

    @cache
    def below(name: str) -> tuple[str, ...]:
        return (name, *max(map(below, sorted(imported[name])), key=len, default=()))

    return max(map(below, sorted(trees)), key=len)


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _is_number(value: ast.expr | None) -> bool:
    if isinstance(value, (ast.Tuple, ast.List)):
        return bool(value.elts) and all(map(_is_number, value.elts))
    if isinstance(value, ast.BinOp):
        return _is_number(value.left) and _is_number(value.right)
    if isinstance(value, ast.UnaryOp):
        return _is_number(value.operand)
    return isinstance(value, ast.Constant) and type(value.value) in (int, float)


def _imports(tree: ast.Module, package: str, modules: Mapping[str, ast.Module]) -> set[str]:
    found: set[str | None] = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or '').split('.')[0] == package:
            inner = {f'{node.module}.{each.name}' for each in node.names}
            found |= (inner & modules.keys()) or ({node.module} & modules.keys())
    return {name for name in found if name}


def _module_name(file: Path, root: Path) -> str:
    parts = file.relative_to(root.parent).with_suffix('').parts
    return '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('package', type=Path, nargs='?', default=PACKAGE)
    root = parser.parse_args().package.resolve()
    trees = {_module_name(file, root): ast.parse(file.read_text(encoding='utf-8'))
             for file in sorted(root.rglob('*.py'))}
    folders = {name.split('.')[1] for name in trees if name.count('.') > 1}
    print(f'{len(trees)} modules, {len(folders)} folders at the top')
    for about, find in ((f'functions over {MAX_LINES} lines', long_functions),
                        (f'functions over {MAX_PARAMETERS} parameters',
                         functions_of_many_parameters), ('constants in modules', constants)):
        found = {name: list(find(tree)) for name, tree in trees.items()}
        print(f'{sum(map(len, found.values()))} {about}')
        if find is not constants:
            print(*(f'  {name}: {", ".join(those)}' for name, those in found.items() if those),
                  sep='\n')
    print('longest import chain:', ' > '.join(chain := longest_chain(trees, root.name)),
          f'({len(chain)})')


if __name__ == '__main__':
    main()
