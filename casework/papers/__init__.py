"""A paper as data, and the formats it is written in.

Nothing here depends on the subject of a report; a format only decides how values look. The time of
a paper is that of the log's last event, so the same register gives the same bytes.
"""
