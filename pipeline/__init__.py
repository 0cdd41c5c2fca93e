"""What lies between the stages: messages, the Kafka loop, dead letters, settings, logs, metrics. Imports no stage."""
