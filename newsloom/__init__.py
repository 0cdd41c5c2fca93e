"""The command `newsloom`. The only package that may import every other.

__main__ finds the subcommand; commands/ has a file for each group of them; server_setup prepares Kafka, Elasticsearch
and Kibana; local_run/ runs the whole pipeline on this machine; demo/ has the newspapers of `newsloom demo`; passwords
makes the .env file for Docker.
"""

__version__ = "0.1.0"
