"""From a folder of an LMS's download, or single notebooks, to submissions; called by the pipeline."""

from grader.intake.reading import read_submissions

__all__ = ["read_submissions"]
