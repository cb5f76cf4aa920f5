"""By which scale a company judges its risks."""
