"""The reports: each has data, JSON, and a paper in both languages.

File formats and statements do not belong here; reports use `questions`.
"""
