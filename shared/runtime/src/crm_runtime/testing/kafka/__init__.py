"""Brokers for tests: the embedded one, Apache Kafka from its Java archives, or Apache Kafka in a container."""
