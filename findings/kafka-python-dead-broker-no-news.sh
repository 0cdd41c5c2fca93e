#!/usr/bin/env bash
# Guess: a consumer whose only broker has been dead for longer than its session says so when it is polled.
# Seen: a member of a group is handed nothing and told nothing, poll after poll, and still has its partitions: the answer
#   is that of a topic without news. A call that must be answered (end_offsets) does raise.
# Matters: a service that is healthy as long as it polls is healthy for ever on a dead broker.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install_kafka
bin/python - <<'PYTHON'
import logging, os, signal, time
from kafka import KafkaAdminClient, KafkaConsumer, __version__
from kafka.errors import KafkaError
from start_kafka import kafka
SESSION_SECONDS = 10
logging.disable()
with kafka() as (address, broker):
    KafkaAdminClient(bootstrap_servers=address).create_topics({"news": {"num_partitions": 1, "replication_factor": 1}})
    consumer = KafkaConsumer(
        "news", bootstrap_servers=address, group_id="readers", session_timeout_ms=SESSION_SECONDS * 1000
    )
    while not consumer.assignment():
        consumer.poll(100)
    os.kill(broker, signal.SIGKILL)
    since = time.monotonic()
    answers = []
    while time.monotonic() < since + 3 * SESSION_SECONDS:
        answers.append(consumer.poll(500))
    owned = len(consumer.assignment())
    try:
        consumer.end_offsets(consumer.assignment(), timeout_ms=3000)
        told = "nothing"
    except KafkaError as error:
        told = type(error).__name__
    print(
        f"kafka-python {__version__}: {len(answers)} polls in {3 * SESSION_SECONDS} s after the broker's death brought "
        f"{sum(map(len, answers))} records and no error, {owned} partition still assigned; end_offsets raised {told}"
    )
    assert not any(answers) and owned == 1 and told != "nothing", "changed"
PYTHON
