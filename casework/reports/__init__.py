"""Questions made into papers."""
