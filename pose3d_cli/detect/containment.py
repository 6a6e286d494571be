"""Ultralytics at arm's length: it may compute, but not talk, install, sync or change the process.

Importing it writes a settings file into the home folder, resolves host names to see whether it may
send usage statistics, sets environment variables, and turns OpenCV's threads off; choosing a device
sets PyTorch's. See https://docs.ultralytics.com/quickstart/#ultralytics-settings.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator

import numpy as np


@contextlib.contextmanager
def contained() -> Iterator[None]:
    """Import and set up Ultralytics inside this block; the process is as before when it ends."""
    # PyTorch reads its thread count on import, and Ultralytics would have it find 1.
    import cv2
    import torch

    threads = cv2.getNumThreads(), torch.get_num_threads()
    environment = dict(os.environ)
    with tempfile.TemporaryDirectory() as settings, np.printoptions():
        os.environ |= {
            "YOLO_AUTOINSTALL": "false",
            "YOLO_CONFIG_DIR": settings,
            "YOLO_OFFLINE": "true",
            "YOLO_VERBOSE": "false",
            # Checkpoints are pickles: newer versions can refuse all but known classes.
            "ULTRALYTICS_SAFE_LOAD": "true",
        }
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(environment)
            cv2.setNumThreads(threads[0])
            torch.set_num_threads(threads[1])
