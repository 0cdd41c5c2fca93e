"""Alerts: tells operators what is wrong with the pipeline or with a source, once when it begins and once when it ends.

alerting is the path: it observes (observation), holds what it sees against the rules (rules, conditions), decides what
begins and ends (alert_state), and tells of it (notices). docs/decisions/0032 says why so.
"""
