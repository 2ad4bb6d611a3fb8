# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""YAML files that users write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def read_yaml_file(path: Path) -> Any:
    """
    Return the plain data in a file.

    :raises ValueError: no text in UTF-8, or no YAML; one line that names the file
    """
    try:
        return yaml.safe_load(path.read_text(encoding='utf-8'))
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise ValueError(f'{path} is not YAML: {" ".join(str(error).split())}') from error
