"""What is broken in a soak: schedule says what, when and for how long; the others do it and take it back.

A fault's injection is a function that is given the world, the planned fault and an event: it breaks something, waits
for the event or for the fault's length, and mends it again.
"""
