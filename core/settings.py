"""The operator's settings, read once in `cli` from the environment and passed in from there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import SettingsError

DEFAULT_DATA_DIR = "var"
NO_CONTACT = "contact-not-set"
"""What stands in the place of a contact that is not set."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Where things are kept and how the crawler presents itself.

    `extra_sources` are folders of further source files (AMPARO_SOURCES, parted by `:`). `given` are
    all AMPARO_ variables that hold something: source files may need keys that only they know of.
    `public_url` is where readers reach the pages of `amparo subscriber serve`, without a slash at
    its end. `secret_file` holds what signs their links; None is `secret` in the data folder.
    """

    database_url: str
    data_dir: Path
    contact: str
    extra_sources: tuple[Path, ...] = ()
    extraction_processes: int = 2
    extraction_seconds: float = 20.0
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    public_url: str = ""
    secret_file: Path | None = None

    @property
    def user_agent(self) -> str:
        """The name under which robots.txt addresses us, with a way to reach the operator."""
        return f"Amparo/0.1 (rights monitoring; +{self.contact})"


def _number(environ: Mapping[str, str], name: str, default: float, least: float) -> float:
    written = environ.get(name, "").strip()
    if not written:
        return default
    try:
        value = float(written)
    except ValueError:
        raise SettingsError(f"{name}={written!r}: expected a number") from None
    if value < least:
        raise SettingsError(f"{name}={written}: expected {least:g} or more")
    return value


def _public_url(written: str) -> str:
    if not written:
        return ""
    here = ("http://127.0.0.1", "http://localhost", "http://[::1]")
    if not written.startswith(("https://", *here)) or any(c.isspace() or c in "<>?#" for c in written):
        raise SettingsError(
            f"AMPARO_PUBLIC_URL={written!r}: expected an address such as https://amparo.example.org"
        )
    return written.rstrip("/")


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from a mapping such as `os.environ`. Raises SettingsError naming the variable."""
    data_dir = Path(environ.get("AMPARO_DATA_DIR", "").strip() or DEFAULT_DATA_DIR).expanduser()
    data_dir = data_dir.absolute()
    url = environ.get("AMPARO_DATABASE_URL", "").strip() or f"sqlite:///{data_dir / 'amparo.db'}"
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            url = "postgresql+psycopg://" + url.removeprefix(plain)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError("AMPARO_DATABASE_URL: expected sqlite:///FILE or postgresql://…")
    folders = [Path(part) for part in environ.get("AMPARO_SOURCES", "").split(":") if part.strip()]
    for folder in folders:
        if not folder.is_dir():
            raise SettingsError(f"AMPARO_SOURCES: {folder} is not a folder")
    secret = environ.get("AMPARO_SECRET_FILE", "").strip()
    return Settings(
        database_url=url,
        data_dir=data_dir,
        contact=environ.get("AMPARO_CONTACT", "").strip() or NO_CONTACT,
        extra_sources=tuple(folder.absolute() for folder in folders),
        extraction_processes=int(_number(environ, "AMPARO_EXTRACTION_PROCESSES", 2, 1)),
        extraction_seconds=_number(environ, "AMPARO_EXTRACTION_SECONDS", 20.0, 0.1),
        given={
            name: value.strip()
            for name, value in environ.items()
            if name.startswith("AMPARO_") and value.strip()
        },
        smtp_url=environ.get("AMPARO_SMTP_URL", "").strip(),
        mail_from=environ.get("AMPARO_MAIL_FROM", "").strip(),
        public_url=_public_url(environ.get("AMPARO_PUBLIC_URL", "").strip()),
        secret_file=Path(secret).expanduser().absolute() if secret else None,
    )
