"""Parts of `python -m bench.whole`, in the order of a turn.

What is read lies in web; workload says which of it in which phase. What is measured: builds has this build and an
earlier one, whole_run starts it, turn takes it through the phases; process_cost, stage_batches, stage_lag,
search_latency and disk_use look at it meanwhile. What stands beside it: bare_loop, peers (peer_reader). cost_table
prints.
"""
