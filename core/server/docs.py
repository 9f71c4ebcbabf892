"""The page at /docs: Swagger UI from files that are installed with us. Loads nothing from anywhere else."""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

# The package ships Swagger UI as files (MIT); its code is not imported.
ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon.png": "image/png"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trivium API</title>
<link rel="icon" href="docs/assets/favicon.png">
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript; the same description is at <a href="openapi.json">openapi.json</a>.</noscript>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/assets/start.js"></script>
</body>
</html>
"""

_START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""


def build_router() -> APIRouter:
    """The page and what it loads; none of it is part of the API's own description."""
    router = APIRouter(include_in_schema=False)
    folder = Path(str(files("fastapi_offline") / "static"))

    @router.get("/docs")
    async def page() -> Response:
        return HTMLResponse(_PAGE, headers=HEADERS)

    @router.get("/docs/assets/start.js")
    async def start() -> Response:
        return Response(_START, media_type="text/javascript")

    for name, media_type in ASSETS.items():
        _serve_file(router, folder / name, media_type)
    return router


def _serve_file(router: APIRouter, path: Path, media_type: str) -> None:
    @router.get(f"/docs/assets/{path.name}", name=path.name)
    async def asset() -> Response:
        return FileResponse(path, media_type=media_type, headers={"Cache-Control": "public, max-age=86400"})
