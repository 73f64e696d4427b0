"""Questions made into papers: each report is data, its JSON and a paper in both languages.

No format of a file belongs here, and no statement: what is asked stands in `questions`.
"""
