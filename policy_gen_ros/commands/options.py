"""Types of options that several commands share."""

from __future__ import annotations

import argparse


def natural(text: str) -> int:
    """Whole number from 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f'{text!r} is not a whole number from 0')
    return int(text)


def positive(text: str) -> int:
    """Whole number from 1."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f'{text!r} is not a whole number from 1')
    return int(text)
