"""A real Kafka and a real Elasticsearch as child processes, from pip packages alone. Imports nothing of ours.

stack starts and stops both. Files first: jars (with maven_repository), analysis_plugin, class_archive; then the
servers: kafka, and elasticsearch, whose child process runs elasticsearch_node; both are a child_process, which runs
under an orphan_reaper. archive_training runs both once, which makes the class archives.
ports finds free ports; every expected failure is an embedded_error.
"""
