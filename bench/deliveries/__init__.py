"""What is read of agencies' files: `python -m bench.deliveries.delivered_files FOLDER ...` (docs/decisions/0031)."""
