"""Events: outbox, relay, consumers, and what keeps them right when processes and brokers fail."""
