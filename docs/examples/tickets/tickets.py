"""A task of one's own: which team a ticket goes to, read from the columns of the help desk's export."""

from collections.abc import Mapping
from typing import Annotated, Any

from core.app import App, Services
from core.outcomes import Labelled, Prediction
from core.tasks import Task


def read(fields: Mapping[str, Any]) -> Labelled:
    """A ticket says its subject and its body; a ticket of no team is out of scope."""
    return Labelled(text=f"{fields['subject']}. {fields['body']}", label=fields.get("team"))


def build_router(services: Services) -> Any:
    """A ticket comes in, its team goes out."""
    from fastapi import APIRouter, Body, Depends

    from core.auth.access import require

    router = APIRouter(dependencies=[Depends(require("models:use"))])

    @router.post("/team")
    def team(subject: Annotated[str, Body()], body: Annotated[str, Body()]) -> Prediction:
        """Say which team a ticket goes to, and how sure that is."""
        with services.classifiers.get("tickets") as classifier:
            return classifier.predict([read({"subject": subject, "body": body})])[0]

    return router


task = Task("ticket", "Which team a ticket goes to.", labels=("card", "parcel", "refund"), reader=read)
app = App(
    name="tickets",
    title="Tickets",
    icon=":material/mail:",
    path="/v1/tickets",
    summary="Says which team a ticket goes to.",
    router=build_router,
    tasks=(task,),
)
