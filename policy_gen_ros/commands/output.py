# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Results of commands as JSON."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
import json
import math
import os
from pathlib import Path
import re
import shlex
import sys
from typing import TextIO

from policy_gen_ros.utils.files import write_text


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--json PATH`` to a subcommand."""
    parser.add_argument('--json', metavar='PATH', help='write the result there; - for stdout')


def check_json_path(path: str | None) -> None:
    """
    Find out before the work whether its result can be written.

    :raises ValueError: there is no such folder, or it is one, or nothing may be written there
    """
    if path in (None, '-'):
        return
    file, folder = Path(path), Path(path).absolute().parent
    if not folder.is_dir():
        raise ValueError(f'--json: folder {folder} does not exist: create it first')
    if file.is_dir():
        raise ValueError(f'--json: {file} is a folder: add the name of a file')
    if not os.access(file if file.exists() and not file.is_file() else folder, os.W_OK):
        raise ValueError(f'--json: {file} cannot be written: choose another folder than {folder}')


def write_json(result: Mapping[str, object], path: str | None) -> None:
    """
    Write a result. NaN becomes null, because JSON knows no NaN.

    :param path: a file, ``-`` for stdout, or None for nowhere
    """
    if path is None:
        return
    text = json.dumps(_plain(result), indent=2, allow_nan=False)
    if path == '-':
        print(text)
    else:
        write_text(Path(path), text + '\n')


def command_line() -> str:
    """
    Return the command line, for archives and bundles to say where they come from.

    Of absolute paths the last part only: they are given away, and its folders are its maker's.
    """
    words = (re.sub(r'(^|=)/(?:[^/]*/)*', r'\1', word) for word in sys.argv[1:])
    return shlex.join(['policy_gen', *words])


def progress_stream(path: str | None) -> TextIO:
    """Stream for what people read: stderr when stdout carries the JSON."""
    return sys.stderr if path == '-' else sys.stdout


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, 'tolist'):  # NumPy's arrays and numbers; --help does not wait for NumPy
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Path):
        return str(value)
    return value
