"""The error of everything that reads or writes archives."""


class ArchiveError(ValueError):
    """Not an archive of this version, damaged, or without what was asked of it."""
