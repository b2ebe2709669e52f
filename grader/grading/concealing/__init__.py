"""What a student may read of a failed question: nothing that code could have written the hidden inputs into."""

from grader.grading.concealing.observed import Concealing

__all__ = ["Concealing"]
