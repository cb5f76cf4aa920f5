"""Records that a dry run would write: kept while it goes on, so that what comes later in it is compared with them."""
