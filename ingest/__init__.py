"""The web -> Article: feeds are polled, the pages of new entries fetched, read and published to `articles`.

poll is the path; imports point upstream along the data (poll > publish > article > extract > memory > parse > schedule
> fetch > feeds | hosts | urls).
"""
