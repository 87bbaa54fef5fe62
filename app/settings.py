"""Where things stand and how the server is run: one class, environment prefix `GAOXIN_`."""

from pathlib import Path

from platformdirs import user_data_path
from pydantic import DirectoryPath, Field, FilePath
from pydantic_settings import BaseSettings, SettingsConfigDict

_ROOT = Path(__file__).resolve().parents[1]


def bundled(name: str) -> Path:
    """The folder `name` of the checkout or, in an installed wheel, its packaged copy."""
    checkout = _ROOT / name
    return checkout if checkout.is_dir() else _ROOT / "gaoxin_data" / name


def _data_dir() -> Path:
    return _ROOT / "data" if (_ROOT / "pyproject.toml").is_file() else user_data_path("gaoxin")


class Settings(BaseSettings):
    """The settings; each is also an environment variable, such as `GAOXIN_PORT`."""

    model_config = SettingsConfigDict(env_prefix="GAOXIN_", frozen=True)

    data_dir: Path = Field(default_factory=_data_dir, description="Holds `releases/`.")
    seed_dir: Path = Field(
        default_factory=lambda: bundled("seed_data"), description="The knowledge as text."
    )
    documents_dir: DirectoryPath | None = Field(
        None, description="The texts of the documents, to show the words around a phrase."
    )
    host: str = Field("127.0.0.1", description="Address that `gaoxin serve` listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that `gaoxin serve` listens on.")
    workers: int = Field(1, ge=1, le=64, description="Worker processes of `gaoxin serve`.")
    spool_dir: Path | None = Field(
        None, description="Where exports are kept; by default `spool` in the data folder."
    )
    spool_bytes: int = Field(
        512 * 1024**2, ge=0, description="Exports are removed, the oldest first, above this size."
    )
    kept_bytes: int = Field(
        24 * 1024**2, ge=0, description="Answers that are asked again are kept in so much memory."
    )
    query_seconds: float = Field(5, gt=0, description="The longest that one SELECT may run.")
    access_log: bool = Field(True, description="Whether `gaoxin serve` logs every request.")
    base_url: str = Field(
        "", description="Public base of links, such as https://example.org; empty: path-absolute."
    )
    outlines: FilePath | None = Field(
        None, description="A GeoJSON file whose outlines the explorer's maps show."
    )
