"""A paper as data, and the formats it is written in.

Nothing here knows what a report is about; a format decides only how values look. A paper's own time
is that of the log's last event, so the same register gives the same bytes.
"""
