"""The students' road: the public criteria of one exercise, by the same engine as grading; no store, no secrets.

In: a notebook, or a live kernel, and what the student's kit says of the exercise (`grader.model.check_bundle`). Out: a
`CheckReport`, shown in a terminal, in a notebook, or as JSON. Nothing here is imported before it is needed, and
nothing needs Linux.
"""
