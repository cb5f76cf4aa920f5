"""The promises of docs/guarantees.md about requests, versions, the audit trail, outages and restarts, tested."""
