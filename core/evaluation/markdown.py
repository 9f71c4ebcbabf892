"""A report as Markdown. Shows text of the data as text: what could be markup is escaped."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from core.evaluation.audit import Audit
from core.evaluation.compare import Comparison, Difference
from core.evaluation.findings import Findings, figure_name, named
from core.evaluation.intervals import Figure

SHOWN_LABELS = 40


def written(found: Findings) -> str:
    """The whole report; of many labels the worst 40."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Findings) -> Iterator[str]:
    yield f"# {cell(found.title)}"
    yield ""
    made = f", made {cell(found.made)}" if found.made else ""
    yield f"Model {cell(found.model)}, {found.n} rows, data `{found.data}`{made}. Intervals are 95 %."
    yield from table(
        "Figures",
        ["Figure", "Value", "Interval", "n"],
        ([figure_name(key), f"{f.value:.3f}", _interval(f), f.n] for key, f in found.figures.items()),
    )
    if found.comparison:
        yield from _comparison(found.comparison, found.baseline)
    kept = found.labels[:SHOWN_LABELS]
    yield from table(
        "Labels, worst first" + (f" ({len(kept)} of {len(found.labels)})" if len(kept) < len(found.labels) else ""),
        ["Label", "Precision", "Recall", "F1", "Predicted", "Rows"],
        ([named(s.label), *(f"{v:.3f}" for v in (s.precision, s.recall, s.f1)), s.predicted, s.support] for s in kept),
    )
    yield from table(
        "Most frequent confusions",
        ["True", "Taken for", "Rows", "Share of the true label"],
        ([named(c.label), named(c.predicted), c.n, f"{c.share:.1%}"] for c in found.confusions),
    )
    yield from table(
        "Reliability",
        ["Mean confidence", "Share right", "Interval", "n"],
        ([f"{b.confidence:.3f}", f"{b.right.value:.3f}", _interval(b.right), b.right.n] for b in found.reliability),
    )
    if found.audit:
        yield from _audit(found.audit)
    yield from table(
        "Surest mistakes",
        ["Text", "True", "Decided", "Confidence"],
        ([m.text, named(m.label), named(m.predicted), f"{m.confidence:.3f}"] for m in found.mistakes),
    )


def plain_figures(figures: Mapping[str, Figure]) -> Iterator[str]:
    """Figures of any scale."""
    yield from table(
        "Figures",
        ["Figure", "Value", "Interval", "n"],
        ([figure_name(key), f"{f.value:.4g}", f"{f.low:.4g} to {f.high:.4g}", f.n] for key, f in figures.items()),
    )


def compared(baseline: str, verdict: str, sentence: str) -> Iterator[str]:
    """A verdict and what it stands on."""
    yield from ("", f"## Compared with {cell(baseline)}: {verdict}", "", sentence)


def _comparison(c: Comparison, baseline: str) -> Iterator[str]:
    yield from compared(
        baseline,
        c.verdict,
        f"Both right {c.both_right}, only this model {c.only_candidate_right}, only the baseline "
        f"{c.only_baseline_right}, both wrong {c.both_wrong}; McNemar's exact p = {c.mcnemar_p:.3g}.",
    )
    yield from table(
        "",
        ["Figure", "This model", "Baseline", "Difference", "Interval", "p"],
        (
            [name, f"{d.candidate:.3f}", f"{d.baseline:.3f}", f"{d.value:+.3f}", _interval(d), f"{d.p:.3g}"]
            for name, d in (("Accuracy", c.accuracy), ("Macro F1", c.macro_f1))
            if d
        ),
    )


def _audit(audit: Audit) -> Iterator[str]:
    yield from table(
        "Changed texts",
        ["Change", "Texts", "Decisions flipped", "Interval", "Accuracy before", "Accuracy after"],
        (
            [
                p.kind,
                p.changed,
                f"{p.flipped.value:.1%}",
                _interval(p.flipped),
                f"{p.accuracy_before.value:.3f}",
                f"{p.accuracy_after.value:.3f}",
            ]
            for p in audit.probes
        ),
    )


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Nothing without rows."""
    lines = [f"| {' | '.join(cell(str(value)) for value in row)} |" for row in rows]
    if lines:
        yield from ("", f"## {title}") if title else ()
        yield from ("", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *lines)


def _interval(figure: Figure | Difference) -> str:
    return f"{figure.low:.3f} to {figure.high:.3f}"


def cell(text: str) -> str:
    """One line in which no character makes markup.

    >>> cell("a|b\\n<i> *c*")
    'a\\\\|b &lt;i&gt; \\\\*c\\\\*'
    """
    return re.sub(r"([\\`*_~\[\]|])", r"\\\1", escape(" ".join(text.split()), quote=False))
