"""How often does a training succeed, for each known right and wrong solution? Thresholds and starts are chosen by that.

`cases` says which notebooks are looked at, `sitting` asks one kernel, `measuring` does so many times and keeps what
came, `chances` and `proposal` judge (pure), `table` and `page` show. Called by `grade exercise calibrate`.
"""
