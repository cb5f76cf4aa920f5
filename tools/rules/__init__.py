"""Rules of the house that no other tool knows: each one small, with an id, a reason, and a test that breaks it."""
