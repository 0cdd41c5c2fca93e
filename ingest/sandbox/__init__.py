"""The sandbox of parsers: processes of their own, with limits of time and memory, in which pages and feeds are read.

Begin with parser_processes.
"""
