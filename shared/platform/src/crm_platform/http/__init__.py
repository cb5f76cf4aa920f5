"""The API conventions: problems, versions, idempotency, lists, batches, deadlines, rate limits."""
