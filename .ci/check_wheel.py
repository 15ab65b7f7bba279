"""Open the built wheel: the namespace has no __init__, nothing lies at the top level but ftcrm, and it runs."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path


def main() -> None:
    """Check the one wheel named on the command line."""
    (path,) = map(Path, sys.argv[1:])
    names = zipfile.ZipFile(path).namelist()
    tops = {name.split("/")[0] for name in names}
    assert "ftcrm/__init__.py" not in names, "ftcrm is a namespace package: no __init__"
    assert {top for top in tops if not top.endswith(".dist-info")} == {"ftcrm"}, tops
    for module in ("contracts", "mockserver", "client", "cli", "strategies"):
        assert f"ftcrm/{module}/__init__.py" in names, module
    for file in ("casino.schema.json", "bonus.schema.json", "openapi.json", "asyncapi.json"):
        assert f"ftcrm/contracts/specs/{file}" in names, file
    assert "ftcrm/contracts/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = Path(folder, "bin", "python")
        install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-c", "constraints.txt", path]
        subprocess.run(install, check=True)
        check = [Path(folder, "bin", "ftcrm"), "check", "examples/scenario-a.jsonl"]
        found = subprocess.run(check, check=True, capture_output=True, text=True)
        assert "settled" in found.stdout, found.stdout
    sys.stdout.write(f"{path.name}: {len(names)} files; installed alone, it checks scenario A\n")


if __name__ == "__main__":
    main()
