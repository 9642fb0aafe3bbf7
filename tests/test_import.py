import subprocess
import sys


def test_what_only_training_needs_is_not_imported_before() -> None:
    """They take seconds, which everyone who only asks would wait for."""
    names = "gensim", "nltk", "scipy.linalg", "scipy.special", "sklearn", "sqlglot"
    found = f"import duckmark, sys; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", found], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
