"""The whole pipeline on this machine, as `newsloom run` runs it.

local_pipeline starts the servers and then the stages (stage_processes, in stage_order), starts again what dies
(server_processes, restarts), writes where everything is (run_addresses) and shows how it goes (pipeline_status,
status_thread, live_screen); single_round waits for the end of `--once`.
"""
