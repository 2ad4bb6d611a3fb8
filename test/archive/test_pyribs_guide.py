# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""docs/pyribs.md: its commands and its Python run as they stand there, one after the other."""

from __future__ import annotations

from pathlib import Path
import re
import shlex

from policy_gen_ros.archive.store import Archive
from policy_gen_ros.commands.main import main
from policy_gen_ros.domains.go2.shipped import SHIPPED_INDEX
import pytest

GUIDE = Path(__file__).parents[2] / 'docs/pyribs.md'


def test_what_the_guide_says_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = GUIDE.read_text(encoding='utf-8')
    export, = re.findall(r'^\.venv/bin/policy_gen (archive export \S*archive_index .*)$', text,
                         re.MULTILINE)
    bring, = re.findall(r'^\.venv/bin/policy_gen (archive import [^#\n]*)', text, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    _, index, *options = shlex.split(export)[1:]
    assert index.endswith('archive_index')
    assert main(['archive', 'export', str(SHIPPED_INDEX), *options]) == 0
    for code in re.findall(r'```python\n(.*?)```', text, re.DOTALL):
        exec(compile(code, str(GUIDE), 'exec'), {})
    assert main(shlex.split(bring)) == 0
    archive = Archive(tmp_path / 'archives/elites')
    assert len(archive.qualified) >= 3 and archive.qualified[:, 0].all()
