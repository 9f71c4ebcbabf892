"""All settings, read once at the edge: environment `TRIVIUM_*`, then trivium.toml, then defaults."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from core.errors import Misconfigured

Precision = Literal["auto", "int8", "float", "bf16", "f32"]


class Settings(BaseSettings):
    """What an operator may choose. `apps` holds each app's own section, parsed by the app.

    >>> Settings(port=9000).port
    9000
    """

    model_config = SettingsConfigDict(
        env_prefix="TRIVIUM_", env_nested_delimiter="__", toml_file="trivium.toml", extra="forbid", frozen=True
    )

    home: Path = Field(default=Path("~/.trivium"), description="folder of all state")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite under `home`")
    host: str = Field(default="127.0.0.1", description="address the API listens on")
    port: int = Field(default=8000, ge=1, le=65535, description="port of the API")
    dashboard_port: int = Field(default=8501, ge=1, le=65535, description="port of the dashboards")
    api_url: str = Field(default="", description="where dashboards find the API; empty: http://host:port")

    model: str = Field(default="bundled", description="'bundled', a local encoder directory, or a hub id")
    runtime: Literal["auto", "openvino", "torch"] = Field(default="auto", description="what computes the model")
    precision: Precision = Field(default="auto", description="auto: int8 where it pays; float: bf16 or f32")
    threads: int = Field(default=0, ge=0, description="threads of the model runtime; 0: all cores")
    streams: int = Field(
        default=0, ge=0, description="batches computed side by side; 0: one a thread for files, one in all for serving"
    )
    queue_tokens: int = Field(default=262_144, gt=0, description="tokens that may wait before requests get 503")
    batch_tokens: int = Field(default=4_096, gt=0, description="most tokens in one batch, padding included")
    cache_texts: int = Field(default=10_000, ge=0, description="texts whose vectors are kept in memory")
    open_models: int = Field(default=4, ge=1, description="trained models that are kept open; the longest unused goes")

    decoder: str = Field(default="", description="directory of the causal language model that adapters were trained on")
    chat_model: str = Field(
        default="", description="name on `chat_url`; without that, a directory or NAME@VERSION; empty: none"
    )
    chat_url: str = Field(default="", description="OpenAI-compatible server, e.g. http://127.0.0.1:11434/v1")
    chat_key: SecretStr = Field(default=SecretStr(""), description="its API key, where it asks for one")
    chat_seconds: float = Field(
        default=20.0, gt=0, description="for a whole answer of the chat model; then ours is used"
    )
    chat_characters: int = Field(
        default=4_000, ge=100, description="an answer of the chat model that is longer is unused"
    )

    max_upload_bytes: int = Field(default=50_000_000, gt=0, description="largest file or request body")
    requests_per_minute: int = Field(default=6_000, gt=0, description="limit for a key that has none of its own")
    tokens_per_minute: int = Field(default=6_000_000, gt=0, description="limit for a key that has none of its own")
    limits_storage: str = Field(default="memory://", description="where limits are counted, e.g. redis://host:6379")
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    apps: dict[str, dict[str, Any]] = Field(default_factory=dict, description="sections of the apps")

    @field_validator("home")
    @classmethod
    def _expand(cls, home: Path) -> Path:
        return home.expanduser().absolute()

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.home / 'trivium.db'}"

    @property
    def api(self) -> str:
        """The address under which dashboards reach the API."""
        return self.api_url or f"http://{self.host}:{self.port}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over trivium.toml."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def read_settings(**overrides: Any) -> Settings:
    """Read the settings in force.

    raises: Misconfigured, naming each setting that does not fit
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))} {fault['msg'][:1].lower()}{fault['msg'][1:]}"
            for fault in error.errors()
        )
        raise Misconfigured(
            f"these settings do not fit: {faults}", remedy="correct the environment (TRIVIUM_…) or trivium.toml"
        ) from error
