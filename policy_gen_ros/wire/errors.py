"""The one error of the wire: its message is a line fit for a user."""


class WireError(RuntimeError):
    """The wire to the robot cannot be used, or a frame on it is not what it must be."""
