#!/usr/bin/env bash
# Guess: a message whose future fails because its delivery.timeout.ms is over does not come to the topic any more.
# Seen: where the process stood still meanwhile (SIGSTOP, a suspended machine) the future fails with KafkaTimeoutError
#   ("Expiring 1 record(s)"), and the message is on the topic all the same: it is expired and sent in one turn.
# Matters: who takes a failed send for one that did not happen, or relies on the time-out to end what it owned, is late.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install_kafka
bin/python - <<'PYTHON'
import os, signal, subprocess, sys, time
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition, __version__
from start_kafka import kafka
SENDER = """
import os, signal, sys
from kafka import KafkaProducer
producer = KafkaProducer(bootstrap_servers=sys.argv[1], linger_ms=1000, request_timeout_ms=500, delivery_timeout_ms=2000)
producer.partitions_for("news")
sent = producer.send("news", b"late")
os.kill(os.getpid(), signal.SIGSTOP)
producer.flush()
print(type(sent.exception).__name__, flush=True)
"""
with kafka() as (address, _):
    KafkaAdminClient(bootstrap_servers=address).create_topics({"news": {"num_partitions": 1, "replication_factor": 1}})
    sender = subprocess.Popen([sys.executable, "-c", SENDER, address], stdout=subprocess.PIPE, text=True)
    os.waitpid(sender.pid, os.WUNTRACED)
    time.sleep(3)
    os.kill(sender.pid, signal.SIGCONT)
    told = sender.communicate()[0].strip()
    consumer = KafkaConsumer(bootstrap_servers=address)
    [end] = consumer.end_offsets([TopicPartition("news", 0)]).values()
    print(f"kafka-python {__version__}, Kafka 4.1.1: told {told}; messages on the topic: {end}")
    assert (told, end) == ("KafkaTimeoutError", 1), "changed"
PYTHON
