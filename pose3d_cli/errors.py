"""Everything that a user can cause, each with the exit code that a script sees.

Pose3DError (1)         processing failed
├── TrainingError (1)   a training run broke down
├── UsageError (2)      an option makes no sense
├── WeightsError (3)    weights are missing, damaged or cannot be fetched
├── InputError (4)      an input file cannot be read
├── NoPersonError (5)   nobody was found in the video
├── OutputError (6)     an output exists already or cannot be written
├── DeviceError (7)     the requested device is not available
├── QualityError (8)    a result is worse than was asked for
└── StreamLostError (9) a camera or stream broke off; what came before is in the outputs
"""


class Pose3DError(Exception):
    """A failure that one line can explain; ``hint`` says what to do about it."""

    exit_code = 1
    is_told = False
    """Whether a script has had its one object already, with what failed in it."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class TrainingError(Pose3DError):
    """A training run broke down; what it saved before is still good."""


class UsageError(Pose3DError):
    """An option, or a combination of options, makes no sense."""

    exit_code = 2


class WeightsError(Pose3DError):
    """Weights are missing, damaged, of another model, or cannot be fetched."""

    exit_code = 3


class InputError(Pose3DError):
    """An input is missing, is not what it claims to be, or is damaged."""

    exit_code = 4


class NoPersonError(Pose3DError):
    """The video was read, but nobody was found in it."""

    exit_code = 5


class OutputError(Pose3DError):
    """An output exists already, or its folder cannot be written to."""

    exit_code = 6


class DeviceError(Pose3DError):
    """The requested device or back end is not available on this machine."""

    exit_code = 7


class QualityError(Pose3DError):
    """A result is there, but worse than was asked for."""

    exit_code = 8


class StreamLostError(Pose3DError):
    """A camera or a stream broke off; what came before is in the outputs."""

    exit_code = 9
