"""The soak: one long real run of the whole pipeline while everything around it breaks. `python -m tests.soak`.

__main__ reads the command line, soak_run is the run: newspapers on a local web (newspapers, loopback_web) bring
articles at a steady rate, each with a marker of its own; workers (crew) carry them to Elasticsearch, through a door
(faulty_door) that can misbehave; the faults are drawn from a seeded generator (faults/) and find what they break in
a world. search_watch looks meanwhile what has arrived; at the end everything is read (final_reading), judged (verdict)
and printed (report).
"""
