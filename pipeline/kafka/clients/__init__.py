"""kafka-python's clients as this project uses them.

`network` mends them: no socket stays open, no send unanswered, no consumer spins, nothing is sent that was given up.
`lease` says whether a member of a consumer group may still act as the owner of its partitions.
"""
