"""Kafka: reading and writing topics so that nothing is lost, and everything else that is asked of a broker.

A message passes broker and clients (connections, topics, and the lease under which an owner of partitions sends),
worker (the loop that runs a stage: poll, handle, publish, commit), stage (what a stage is), publisher (send and wait
for the acknowledgement), uncommitted (what is handled and to be committed), dead_letter (what could not be processed).
broker_contact tells a broker without news from a dead one; compacted_table shares a compacted topic between processes;
consumer_lag counts what waits; rights makes users and gives them access.
"""
