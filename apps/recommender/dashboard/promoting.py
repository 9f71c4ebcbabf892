"""Let another version answer, or go back to the one before: each is said once more before it is done."""

from __future__ import annotations

import streamlit as st

from apps.recommender.dashboard import going
from apps.recommender.dashboard.comparing import compared
from apps.recommender.dashboard.wire import Nothing
from apps.recommender.schemas.versions import Versions, VersionShown
from ui.client import ApiProblem, Client
from ui.holding import forget
from ui.text import label

NO_RESTART = "It holds from the next request on, without a restart; the other version stays here."


def show_steps(client: Client, found: Versions, active: VersionShown | None) -> None:
    """Draw what can be done with the versions."""
    others = [one for one in found.items if not one.active]
    if not others:
        st.caption("Train another, here or with `trivium recommend train`; it stands here beside this one.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        refs = {one.ref: one for one in others}
        picked = st.selectbox("Let another version answer", list(refs), key="recommend.promoted", width=260)
        with st.popover("Promote", icon=":material/upgrade:", key="recommend.promoting", type="primary"):
            _confirm_promotion(client, refs[picked], active)
        if found.before is not None and active is not None:
            with st.popover(f"Roll back to {label(found.before)}", icon=":material/undo:", key="recommend.rolling"):
                st.markdown(
                    f"**{label(found.before)}** answered before; it answers again instead of {label(active.ref)}."
                )
                st.caption(NO_RESTART)
                st.button(
                    f"Yes, go back to {label(found.before)}",
                    type="primary",
                    key="recommend.roll-back",
                    on_click=_step,
                    args=(client, "roll-back"),
                )


def _confirm_promotion(client: Client, one: VersionShown, active: VersionShown | None) -> None:
    if active is not None:
        _, headline, stands_on = compared(one, active)
        st.markdown(f"**{label(headline, most=200)}.** {label(stands_on, most=400)}")
    st.caption(NO_RESTART)
    st.button(
        f"Yes, let {label(one.ref)} answer",
        type="primary",
        key="recommend.promote",
        on_click=_step,
        args=(client, f"{one.version}/promote"),
    )


def _step(client: Client, step: str) -> None:
    try:
        client.post(f"{going.PATH}/versions/{step}", Nothing(), VersionShown)
    except ApiProblem as problem:
        going.note(problem)
    forget()
