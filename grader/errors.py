"""The exceptions of `grade`; a student's fault is a verdict and never one of these.

GraderError
├── ConfigError             a setting, a flag or a path is unusable               exit 2
│   ├── CatalogError        an exercise or its reference cannot be read
│   │   └── RubricError     a rubric breaks its schema: file, key, expectation
│   └── IntakeError         the submissions folder cannot be read at all
├── SandboxError            the walls or the kernel failed, not the student
│   ├── SandboxUnavailableError  the tier asked for does not work on this machine       exit 2
│   ├── KernelStartError    one kernel did not start: that submission is `judge_error`
│   └── MachineFullError    the machine ran out of memory: that submission is `judge_error`
├── WorkerDiedError         the process of one job died: that submission is `judge_error`
├── ClusterError            the Dask cluster cannot be used, or is gone           exit 2
├── StoreError              the grade book cannot be used                         exit 2
│   └── StoreTooNewError    it was written by a newer version of `grade`
├── ReportError             a report cannot be written                            exit 2
└── ExportError             a file to fill in cannot be read, or written          exit 2
"""

from __future__ import annotations

from grader.model.text import Text, say


class GraderError(Exception):
    """Base of all: says what is wrong and what to do, in one or two sentences; `str(error)` says it in English."""

    def __init__(self, message: Text | str) -> None:
        """Take a `Text`; or a plain string for what is quoted from elsewhere, which stays as it is."""
        super().__init__(message)

    @property
    def text(self) -> Text:
        """What it says, for whoever renders it in the reader's language, or makes it part of another message."""
        message = self.args[0]
        return message if isinstance(message, Text) else say("{message}", message=message)


class ConfigError(GraderError):
    """A setting, a flag or a path is unusable."""


class CatalogError(ConfigError):
    """An exercise or its reference cannot be read."""


class RubricError(CatalogError):
    """A rubric breaks its schema; the message names file, key and what was expected."""


class IntakeError(ConfigError):
    """The submissions cannot be read at all."""


class SandboxError(GraderError):
    """The walls or the kernel failed, not the student."""


class SandboxUnavailableError(SandboxError):
    """The sandbox tier asked for does not work on this machine."""


class KernelStartError(SandboxError):
    """One kernel did not start; its submission becomes `judge_error`."""


class MachineFullError(SandboxError):
    """The machine ran out of memory, and a kernel had to be stopped; its submission becomes `judge_error`."""


class WorkerDiedError(GraderError):
    """The process that graded one submission died; the submission becomes `judge_error`."""


class ClusterError(GraderError):
    """The Dask cluster cannot be used, or is gone."""


class StoreError(GraderError):
    """The grade book cannot be used."""


class StoreTooNewError(StoreError):
    """The grade book was written by a newer version of `grade`."""


class ReportError(GraderError):
    """A report cannot be written."""


class ExportError(GraderError):
    """A file that is to be filled in cannot be read or understood, or not be written."""
