"""A real Kafka and a real Elasticsearch as child processes, from pip packages alone. Imports nothing of ours."""
