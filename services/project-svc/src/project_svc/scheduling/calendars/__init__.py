"""Working time: rules (:mod:`.rules`), public holidays (:mod:`.public`), arithmetic (:mod:`.worktime`).

A moment is a whole number of minutes since 1970-01-01T00:00Z; an amount of work is a number of minutes of working time.
"""
