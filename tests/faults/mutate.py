"""Break a file in small ways, one at a time: some test must go red each time.

    python tests/faults/mutate.py casework/log/verify_signed.py tests/log/test_verifier.py ...

Operators, numbers, words and branches are exchanged and statements left out. Each mutant runs the
tests named, until one fails, in a process of its own. What survives is printed; look whether it
still does the same, or whether a test is missing.
"""

import argparse
import ast
import copy
import os
import sys
import types
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from multiprocessing import Pool, cpu_count
from pathlib import Path
from resource import RLIMIT_CPU, setrlimit

ROOT = Path(__file__).parents[2]
SECONDS = 60
"""Of the processor, after which a mutant that runs for ever has been seen."""
HEAVY = ("pytest", "sqlalchemy.dialects.sqlite", "alembic.command", "click.testing")
"""What the tests import besides the program: loaded once, before a process is made for each."""

SWAPS = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Pow: ast.Mult,
    ast.Mod: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitXor,
    ast.BitXor: ast.BitAnd,
}


def broken(node):  # noqa: C901 - a list of ways
    """Yield what a node may be exchanged for, each with a word that says how."""
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            other = copy.copy(node)
            other.ops = [*node.ops[:at], SWAPS[type(operator)](), *node.ops[at + 1 :]]
            yield "comparison", other
    if isinstance(node, ast.BinOp) and type(node.op) in SWAPS:
        yield "operator", ast.BinOp(node.left, SWAPS[type(node.op)](), node.right)
    if isinstance(node, ast.BoolOp):
        yield "and/or", ast.BoolOp(SWAPS[type(node.op)](), node.values)
        for at in range(len(node.values)):
            rest = node.values[:at] + node.values[at + 1 :]
            yield f"without part {at}", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not", node.operand
    if isinstance(node, ast.IfExp):
        yield "always so", node.body
        yield "never so", node.orelse
    if isinstance(node, ast.Constant):
        yield from ((f"constant {other!r}", ast.Constant(other)) for other in others(node.value))
    if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant | ast.Yield):
        yield "left out", ast.Pass()
    if isinstance(node, ast.Return) and ast.unparse(node) not in {"return", "return None"}:
        yield "returns nothing", ast.Return(ast.Constant(None))
    if isinstance(node, ast.If) and ast.unparse(node.test) != "TYPE_CHECKING":
        yield "never", ast.If(ast.Constant(False), node.body, node.orelse)
        yield "always", ast.If(ast.Constant(True), node.body, node.orelse)
    if isinstance(node, ast.Continue | ast.Break):
        yield "left out", ast.Pass()


def others(value):
    """Return other values in the place of a constant."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, str):
        return [value + "X"] if value else ["X"]
    if isinstance(value, bytes):
        return [value + b"X"]
    return []


def places(tree):
    """Yield every node that may be broken, with where it hangs; annotations and words are left."""
    for parent in ast.walk(tree):
        for field, held in ast.iter_fields(parent):
            if field in {"annotation", "returns"} or isinstance(parent, ast.JoinedStr):
                continue
            for at, node in enumerate(held if isinstance(held, list) else [held]):
                words = isinstance(parent, ast.Expr) and isinstance(node, ast.Constant)
                if isinstance(node, ast.AST) and not words:
                    yield parent, field, at if isinstance(held, list) else None, node


def mutants(source):
    """Yield a description and the code of every mutant of a source."""
    tree = ast.parse(source)
    for parent, field, at, node in list(places(tree)):
        for how, other in broken(node):
            ast.fix_missing_locations(ast.copy_location(other, node))
            if at is None:
                setattr(parent, field, other)
            else:
                getattr(parent, field)[at] = other
            code = ast.unparse(tree)
            if at is None:
                setattr(parent, field, node)
            else:
                getattr(parent, field)[at] = node
            line = getattr(node, "lineno", 0)
            yield f"line {line}, {how}: {ast.unparse(node)[:70]}", code


def survives(task):
    """Tell whether the tests pass with a file replaced by a mutant of it."""
    path, code, tests = task
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    setrlimit(RLIMIT_CPU, (SECONDS, SECONDS))
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        with redirect_stdout(nowhere), redirect_stderr(nowhere):
            os._exit(run(path, code, tests))


def run(path, code, tests):
    """Run tests with a mutant in the place of its file; return pytest's exit code."""
    name = ".".join(path.with_suffix("").parts)
    package, _, word = name.rpartition(".")
    module = types.ModuleType(name)
    module.__file__ = str(ROOT / path)
    sys.modules[name] = module
    try:
        setattr(__import__(package, fromlist=["_"]), word, module)
        exec(compile(code, str(path), "exec"), module.__dict__)
    except Exception:  # noqa: BLE001 - a mutant that cannot be imported is seen at once
        return 1
    return int(sys.modules["pytest"].main(["-x", "-q", "-n0", "-p", "no:cacheprovider", *tests]))


def main():
    """Break the file in every way, and print what no test saw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--processes", type=int, default=cpu_count(), metavar="N")
    parser.add_argument("tests", nargs=argparse.REMAINDER, help="the words pytest is given")
    asked = parser.parse_args()
    os.chdir(ROOT)
    for name in HEAVY:
        import_module(name)
    source = asked.file.read_text(encoding="utf-8")
    if not survives((asked.file, source, asked.tests)):
        sys.exit("the tests fail as it is")
    made = list(mutants(source))
    tasks = [(asked.file, code, asked.tests) for _, code in made]
    alive = 0
    with Pool(asked.processes) as pool:
        for (told, _), survived in zip(made, pool.imap(survives, tasks), strict=True):
            alive += survived
            if survived:
                sys.stdout.write(f"{told}\n")
                sys.stdout.flush()
    sys.stdout.write(f"{len(made)} mutants, {alive} survived\n")
    return bool(alive)


if __name__ == "__main__":
    sys.exit(main())
