"""What a run tells about itself: a CSV file, and a picture of its curves."""

import csv
import logging
from pathlib import Path

from pose3d_cli.files import written_whole

logger = logging.getLogger(__name__)

Row = dict[str, int | float]
"""One line of the log; a column may be missing."""


def write_csv(log: list[Row], path: Path) -> None:
    """Write one line a row; a column that a row lacks stays empty."""
    columns = dict.fromkeys(key for row in log for key in row)
    with written_whole(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(columns))
        writer.writeheader()
        writer.writerows(log)


def draw_curves(log: list[Row], path: Path) -> None:
    """Draw loss, errors in millimetres and learning rate over the steps; nothing without a log."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        logger.warning("no %s: drawing it takes matplotlib", path)
        return
    errors = tuple(dict.fromkeys(key for row in log for key in row if key.endswith("_mm")))
    panels = [columns for columns in (("loss",), errors, ("learning_rate",)) if columns]
    figure = Figure(figsize=(9, 3 * len(panels)), layout="constrained")
    for axes, columns in zip(figure.subplots(len(panels), sharex=True), panels, strict=True):
        for column in columns:
            rows = [row for row in log if column in row]
            axes.plot([row["step"] for row in rows], [row[column] for row in rows], label=column)
        axes.set_yscale("log" if column != "learning_rate" else "linear")
        axes.grid(alpha=0.3)
        axes.legend()
    axes.set_xlabel("step")
    with written_whole(path) as part:
        figure.savefig(part, dpi=120)
