from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"sklearn", "scipy", "joblib", "nltk", "pandas", "dask", "matplotlib"}


def loaded_by(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("code", ["import magcheck", "from magcheck import MagcheckError"])
def test_the_door_brings_in_nothing(code: str) -> None:
    assert loaded_by(code) - loaded_by("import __future__, importlib, typing") <= {"magcheck"}


@pytest.mark.parametrize(
    "code",
    [
        "import magcheck; magcheck.check('Magnesium prevents ALS')",
        "import magcheck; magcheck.check('Magnesium prevents ALS', explain=True).to_dict()",
        "from click.testing import CliRunner; from magcheck.cli import cli; CliRunner().invoke(cli, ['mag cures als'])",
    ],
)
def test_an_answer_brings_in_nothing_heavy(code: str) -> None:
    assert not loaded_by(code) & HEAVY


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["--no-such-option"], ["check", "--help"]])
def test_help_and_usage_errors_do_not_even_bring_in_numpy(arguments: list[str]) -> None:
    code = f"from click.testing import CliRunner; from magcheck.cli import cli; CliRunner().invoke(cli, {arguments})"
    assert "numpy" not in loaded_by(code)
