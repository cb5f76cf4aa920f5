"""Working calendars: when work is done, with public holidays and make-up days."""
