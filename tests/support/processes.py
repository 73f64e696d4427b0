"""How many processes a piece of work is given, and whether it took them."""

from casework import beside


def counted(monkeypatch):
    """Return a function that says how many processes there are; it returns the work begun since."""
    running, started = beside.running, []

    def noted(work):
        started.append(work)
        return running(work)

    monkeypatch.setattr(beside, "running", noted)

    def use(number):
        started.clear()
        monkeypatch.setattr(beside, "possible", lambda: number == 2)
        return started

    return use
