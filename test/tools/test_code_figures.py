# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The figures of the code count what they say."""

from __future__ import annotations

from pathlib import Path
import subprocess
import sys

TOOL = Path(__file__).resolve().parents[2] / 'tools' / 'code_figures.py'
LONG = 'def long():\n    """\n    Two lines.\n    """\n' + '    x = 1\n' * 40
FILES = {
    '__init__.py': '', 'inner/__init__.py': '',
    'inner/a.py': 'from shop.inner import b\n\nA, B = 1, 2\nC = -1.5\nD = (1, 2 * 3)\n'
                  "E = 'text'\nF = True\n",
    'inner/b.py': 'from shop.inner.c import few\n\n' + LONG,
    'inner/c.py': 'class Shop:\n    def many(self, a, b, c, d, e, f, *, g):\n        pass\n\n\n'
                  'def few(a, b, c, d, e, f):\n    import shop.inner.a\n'}


def test_functions_constants_and_imports_are_counted(tmp_path: Path) -> None:
    for name, text in FILES.items():
        file = tmp_path / 'shop' / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    done = subprocess.run([sys.executable, str(TOOL), str(tmp_path / 'shop')],
                          capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        '5 modules, 1 folders at the top',
        '1 functions over 40 lines', '  shop.inner.b: long (41)',
        '1 functions over 6 parameters', '  shop.inner.c: many (7)',
        '3 constants in modules',
        'longest import chain: shop.inner.a > shop.inner.b > shop.inner.c (3)']
