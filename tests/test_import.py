import subprocess
import sys


def test_what_only_training_needs_is_not_imported_before() -> None:
    """They take seconds, which everyone who only asks would wait for."""
    names = "gensim", "nltk", "scipy.linalg", "scipy.special", "sklearn", "sqlglot"
    found = f"import duckmark, sys; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", found], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_pyarrow_does_without_pandas_until_a_frame_is_asked_of_it() -> None:
    asked = """
import sys, pyarrow as pa
from duckmark.arrow import spare_pandas
spare_pandas()
table = pa.table({"a": pa.array([1.0, None])})
print("pandas" in sys.modules)
print(pa.array(table.to_pandas()["a"]).null_count)
"""
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "1"]
