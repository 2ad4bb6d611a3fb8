# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Child processes of the demo: start, monitor, last words, orderly end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
import shutil
import subprocess
import sys

TAIL_LINES = 12
_ENDS_WITH_US = ('setpriv', '--pdeathsig', 'TERM') if shutil.which('setpriv') else ()
"""Even where we are killed, no twin walks on alone. Part of util-linux since 2.33."""
_STOP_TIMEOUT_S = 8.0


class DemoError(RuntimeError):
    """The demo cannot go on; the message says why, with a child's last lines where one died."""


class Child:
    """One Python module as a process whose output goes to a file."""

    def __init__(self, name: str, module: str, arguments: Sequence[str], folder: Path,
                 environment: dict[str, str]) -> None:
        self.name = name
        self._log = folder / f'{name}.log'
        with self._log.open('wb') as sink:
            self._process = subprocess.Popen(
                [*_ENDS_WITH_US, sys.executable, '-u', '-m', module, *arguments], stdout=sink,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment,
                start_new_session=True)  # Ctrl-C in the terminal reaches the demo, which ends them

    def check(self) -> None:
        """Raise :class:`DemoError` when the process has ended."""
        code = self._process.poll()
        if code is not None:
            raise DemoError(f'{self.name} ended with exit code {code}; its last lines:\n'
                            + self.tail())

    def tail(self) -> str:
        """Last lines of its output, indented."""
        lines = self._log.read_text(errors='replace').splitlines()[-TAIL_LINES:]
        return '\n'.join(f'    {line}' for line in lines) or '    (no output)'

    def says(self, text: str) -> bool:
        """Whether a text occurs in its output."""
        return text in self._log.read_text(errors='replace')

    def stop(self) -> int:
        """Ask it to end, insist after a while, and return its exit code."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
        return self._process.wait()
