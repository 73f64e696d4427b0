"""Evidence bundles of a register in a test, signed and checked as offices do."""

from casework.log import note, tree, verify_bundle
from casework.proof import evidence
from casework.questions import audit_log, lookup
from casework.system.files import new_folder

NEVER = "a title nobody else may read"


def signing_key(shell, secret=bytes(range(32))):
    with shell.store().reading() as connection:
        return note.SigningKey(lookup.register(connection).origin, note.ED25519, secret)


def signed(shell, size=None, key=None):
    """Return a checkpoint of the log, or of its first events, signed with the real key."""
    key = key or signing_key(shell)
    with shell.store().reading() as connection:
        leaves = audit_log.leaves(connection)[:size]
    text = note.Checkpoint(key.name, len(leaves), tree.subtree_hash(leaves)).text
    return f"{text}\n{key.sign(text)}"


def exported(shell, folder, *refs, **more):
    more = {"checkpoint": signed(shell)} | more
    with new_folder(folder) as inside, shell.store().reading() as connection:
        return evidence.export(connection, refs, inside, **more)


def verdict(shell, folder, *words, key=None):
    """Return the exit code of the verifier, run on a bundle as an inspector runs it."""
    vkey = str((key or signing_key(shell)).verifier)
    return verify_bundle.main([str(folder), "--key", vkey, *map(str, words)])
