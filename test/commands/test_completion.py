# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The completion scripts, bash's in a real bash."""

from __future__ import annotations

from pathlib import Path
import subprocess
import sys

from policy_gen_ros.commands.completion import leaf_parsers, SHELLS
from policy_gen_ros.commands.main import build_parser, COMMANDS, main
import pytest

ASK = """
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_shtab_policy_gen
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope='module')
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = subprocess.run([sys.executable, '-m', 'policy_gen_ros.commands.main',
                           '--print-completion', 'bash'], capture_output=True, text=True,
                          check=True)
    path = tmp_path_factory.mktemp('completion') / 'policy_gen'
    path.write_text(made.stdout)
    return path


def completed(script: Path, folder: Path, *words: str) -> list[str]:
    """Return what bash offers for the last word."""
    asked = subprocess.run(['bash', '-c', ASK, 'bash', str(script), *words], cwd=folder,
                           capture_output=True, text=True, check=True)
    assert asked.stderr == ''
    return sorted(filter(None, asked.stdout.split('\n')))


def test_bash_completes_commands_options_and_choices(script: Path, tmp_path: Path) -> None:
    assert completed(script, tmp_path, 'policy_gen', '') == sorted(COMMANDS)
    assert completed(script, tmp_path, 'policy_gen', 'de') == ['demo']
    assert completed(script, tmp_path, 'policy_gen', 'archive', 'in') == ['info']
    assert completed(script, tmp_path, 'policy_gen', 'demo', '--vi') == ['--video']
    assert completed(script, tmp_path, 'policy_gen', 'archive', 'build', '--pr') == [
        '--print-config']
    assert completed(script, tmp_path, 'policy_gen', 'train', '--preset', 'de') == [
        'debug', 'default']


def test_bash_completes_files_where_an_option_is_one(script: Path, tmp_path: Path) -> None:
    (tmp_path / 'bundles').mkdir()
    (tmp_path / 'burst.npz').touch()
    for words in (('generate', '--trajectory'), ('train', '--output'), ('doctor', '--bundle'),
                  ('rollout',), ('demo', '--json')):
        assert completed(script, tmp_path, 'policy_gen', *words, 'bu') == ['bundles', 'burst.npz']
    assert completed(script, tmp_path, 'policy_gen', 'rollout', '--seconds', 'bu') == []


@pytest.mark.parametrize('shell', SHELLS)
def test_every_shell_gets_a_script_with_every_command(
        shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(['--print-completion', shell])
    assert left.value.code == 0
    script = capsys.readouterr().out
    assert all(name in script for name in COMMANDS)


def test_every_subcommand_can_be_quiet_and_writes_json() -> None:
    leaves = list(leaf_parsers(build_parser(COMMANDS)))
    assert len(leaves) > len(COMMANDS)
    for leaf in leaves:
        assert {'--quiet', '--json'} <= set(leaf._option_string_actions), leaf.prog
