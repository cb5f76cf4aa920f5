"""An ERP system that takes part in the CRM's events, with a ledger of its own."""
