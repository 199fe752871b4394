import inspect
import subprocess
import sys
import zipfile
from pathlib import Path

import zkperp
from zkperp import _native, errors

ROOT = Path(__file__).parents[2]


def test_version_is_that_of_the_workspace() -> None:
    assert zkperp.__version__ == _native.version()
    assert f'version = "{zkperp.__version__}"' in (ROOT / "Cargo.toml").read_text()


def test_all_names_what_is_there() -> None:
    for module in (zkperp, errors):
        assert module.__all__ == sorted(module.__all__)
        for name in module.__all__:
            assert hasattr(module, name)


def test_every_exception_is_exported_documented_and_in_the_tree() -> None:
    defined = {
        name: value
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, Exception)
    }
    assert sorted(defined) == errors.__all__
    for name, value in defined.items():
        assert issubclass(value, errors.ZkperpError)
        assert value.__doc__
        assert name in (errors.__doc__ or "")


def test_importing_the_package_needs_no_extra() -> None:
    code = "import sys, zkperp.cli.main; sys.exit('starkware' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_wheel_carries_types_licence_and_command(tmp_path: Path) -> None:
    maturin = Path(sys.executable).with_name("maturin")
    subprocess.run(
        [maturin, "build", "--release", "--out", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    assert "-cp311-abi3-" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (entry_points,) = (n for n in names if n.endswith("entry_points.txt"))
        assert "zkperp=zkperp.cli.main:main" in archive.read(entry_points).decode()
    assert {"zkperp/py.typed", "zkperp/_native.pyi", "zkperp/_native.abi3.so"} <= set(names)
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert not any(name.endswith((".pyc", ".rs")) for name in names)
