"""What all stages share: messages, settings, failures, logs and metrics, and the Kafka loop. Imports no stage.

settings reads the configuration; messages (with feed_state) defines what is on the topics; failures names what can go
wrong; service and observability make a process observable; memory_tuning is for processes that hold much; the room
kafka/ reads and writes the topics.
"""
