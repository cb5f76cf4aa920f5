"""Why a caller may do something with a record, or may not."""
