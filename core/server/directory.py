"""Which apps run here, for the dashboards' shell. Opens none of them."""

from collections.abc import Sequence

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from core.app import App, BrokenApp
from core.auth.access import require


class AppInfo(BaseModel):
    """An app that answers."""

    name: str
    title: str
    icon: str
    path: str = Field(description="its HTTP prefix")
    summary: str
    scopes: dict[str, str] = Field(description="what a key may be allowed to do here, in plain words")


class BrokenAppInfo(BaseModel):
    """An installed app that could not be opened."""

    name: str
    reason: str


class Directory(BaseModel):
    """All installed apps."""

    apps: list[AppInfo]
    broken: list[BrokenAppInfo]


def build_router(apps: Sequence[App], broken: Sequence[BrokenApp]) -> APIRouter:
    """The list of apps, for anybody with a key."""
    router = APIRouter(tags=["Apps"], dependencies=[Depends(require())])

    @router.get("/v1/apps")
    async def list_apps() -> Directory:
        """List the apps that run here, and those that could not be opened, with the reason."""
        return Directory(
            apps=[
                AppInfo(
                    name=app.name,
                    title=app.title,
                    icon=app.icon,
                    path=app.path,
                    summary=app.summary,
                    scopes=dict(app.scopes),
                )
                for app in apps
            ],
            broken=[BrokenAppInfo(name=app.name, reason=app.reason) for app in broken],
        )

    return router
