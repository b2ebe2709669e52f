"""From a folder of an LMS's download, or single notebooks, to submissions; called by the pipeline."""

from grader.intake.reading import read_submissions
from grader.intake.times import read_times

__all__ = ["read_submissions", "read_times"]
